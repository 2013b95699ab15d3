//! The robust seasonal profile, and the level that moves over it.
//!
//! On minute data the season matters more than the family of the model, and what matters about the season is that
//! past incidents leave no trace in it: the median over the days instead of their mean took a fifth off the error of
//! the same model. [`robust`] is that profile, from which Holt-Winters starts too; [`level`] is the cheapest model
//! that uses it, and the best of the cheap ones on busy services.

pub mod level;
pub mod robust;

pub use level::{LevelOverProfile, ProfileModel, ProfileParams};
