//! Holt-Winters: exponential smoothing of level, trend and one or two seasons.
//!
//! The textbook start from the first season makes a season of 1,440 phases worse than no season at all: one day's
//! noise and incidents are all there is to know of each phase for the following week. Here the seasons start from the
//! [robust profile](crate::forecast::profile::robust) of the whole history, level and trend from medians, so only
//! the smoothing parameters are left to seek: by the Nelder-Mead method on the sum of squared one-step errors, first
//! over the last two seasons and then over all. Bounded errors ([`recursion`]) keep spikes out of the states.
//!
//! References: Holt (1957), Winters (1960); Gardner and McKenzie (1985) for damping; Taylor (2003) for two seasons;
//! Gelper, Fried and Croux (2010) for bounded errors. For the logarithmic scale put the additive form
//! [on a scale](crate::forecast::scale::OnScale).
//!
//! Needs two seasons of known steps (8 without a season). Constants and zeros give flat paths; the multiplicative
//! form refuses values at or below zero when it is fitted and reads them as gaps later; a gap moves level and
//! trend on as expected and keeps the season. Values beyond 1e140 are refused, later read as gaps.

pub mod fitted;
pub mod params;
pub mod recursion;
mod search;
pub(in crate::forecast) mod start;
#[cfg(test)]
mod tests;

pub use fitted::HoltWinters;
pub use params::{HoltWintersModel, HoltWintersParams, Trend};
pub use recursion::{Form, Gains};
