//! Combinations: several models asked at once. They err in different ways, so that their middle errs less than most
//! of them (Bates and Granger 1969; the M competitions since).

mod pooled;
mod rule;

pub use pooled::{Combination, Combined};
pub use rule::Rule;
