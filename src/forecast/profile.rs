//! The robust seasonal profile, and the level that moves over it.
//!
//! On minute data the season matters more than the family of the model, and what matters about the season is that
//! past incidents leave no trace in it, hence the median over the days and not their mean. [`robust`] is that profile,
//! from which Holt-Winters starts too; [`level`] is the cheapest model that uses it.

pub mod level;
pub mod robust;

pub use level::{LevelOverProfile, ProfileModel, ProfileParams};
