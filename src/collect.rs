//! World to samples: sources parse bytes, the accumulator makes minutes, the schedule says when.
//!
//! A source never stores anything and never reads the clock: it turns what it was given into a
//! [`source::Harvest`], and the engine does the rest.

pub mod accumulate;
pub mod histogram;
pub mod import;
pub mod ledger;
pub mod pull;
pub mod schedule;
pub mod source;
pub mod sources;
