//! From raw observations in any order to the regular, gap-aware stretch that models see.
//!
//! Recorded times are late, early, doubled and missing; interpolation would hide that and invent values. So each
//! observation goes to the step of the grid it is nearest to, and steps without one stay gaps.
//!
//! - **Step**: given, or the most common difference between neighbouring instants, to the second; of equally common
//!   ones the shortest.
//! - **Phase**: that of most instants, so that one early straggler does not shift all others. Where the given step is
//!   longer than the spacing of the data, steps begin at multiples of the step since 1970.
//! - **Same instant twice**: the later row wins, as a correction would; a missing value never replaces a known one.
//! - **Several instants in one step**: their mean, which makes a longer step the way to coarser data.
//!
//! Calendar steps such as months have no length in seconds and are not supported.

mod grid;

use thiserror::Error;

use crate::domain::time::Timestamp;
use crate::forecast::history::{Grid, History};
use grid::Spacing;

/// Longest stretch that is laid out, in steps: nineteen years of minutes. Beyond it a time is more likely wrong than
/// the series that long.
pub const MAX_STEPS: u64 = 10_000_000;

/// One raw observation. A value that is not finite is a missing one.
pub type Raw = (Timestamp, f64);

/// A regular stretch and what it took to make it.
#[derive(Debug, Clone, PartialEq)]
pub struct Aligned {
    /// Where the steps lie.
    pub grid: Grid,
    /// One value a step, NaN for a gap.
    pub values: Vec<f64>,
    /// Steps without a value.
    pub gaps: usize,
    /// Observations that another one of the same instant replaced.
    pub replaced: usize,
    /// Observations that shared their step with others and were averaged with them.
    pub averaged: usize,
    /// Observations whose instant is not the beginning of their step.
    pub off_grid: usize,
    /// Microseconds before the beginning of a step that still belong to it.
    pub early_us: i64,
}

impl Aligned {
    /// The stretch as models see it.
    #[must_use]
    pub fn history(&self) -> History<'_> {
        History::new(self.grid, &self.values)
    }

    /// The step that an observation at `at` went to; `None` before the first.
    #[must_use]
    pub fn step_of(&self, at: Timestamp) -> Option<usize> {
        Spacing { grid: self.grid, early_us: self.early_us }.step_of(at)
    }
}

/// Why observations make no regular stretch.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AlignError {
    /// There is no observation.
    #[error("there are no values")]
    Empty,
    /// A single instant has no spacing.
    #[error("there is one instant only, {at}, which tells no step: give the step")]
    OneInstant {
        /// The instant.
        at: Timestamp,
    },
    /// The spacing cannot be expressed in whole seconds.
    #[error(
        "most instants lie less than a second apart: give a step of a second or more, values within it are averaged"
    )]
    TooFine,
    /// The stretch would not fit.
    #[error(
        "from {first} to {last} there are {steps} steps of {step_s} s, more than {MAX_STEPS}: is an instant wrong, or the step too short?"
    )]
    TooLong {
        /// Earliest instant.
        first: Timestamp,
        /// Latest instant.
        last: Timestamp,
        /// The step in seconds.
        step_s: u32,
        /// Steps between them.
        steps: u64,
    },
}

/// Lays `raw` out on a grid of `every_s` seconds, or of the step that its instants suggest.
///
/// # Errors
/// [`AlignError`] if there is nothing to lay out, no step to be found, or the stretch is too long.
pub fn align(mut raw: Vec<Raw>, every_s: Option<u32>) -> Result<Aligned, AlignError> {
    let rows = raw.len();
    // The sort is stable, so of equal instants the last row stays last.
    raw.sort_by_key(|(at, _)| *at);
    raw.dedup_by(|later, kept| {
        let is_same = later.0 == kept.0;
        if is_same && later.1.is_finite() {
            kept.1 = later.1;
        }
        is_same
    });
    let replaced = rows - raw.len();
    let (Some(&(first, _)), Some(&(last, _))) = (raw.first(), raw.last()) else { return Err(AlignError::Empty) };
    let spacing = Spacing::of(&raw, every_s)?;
    let steps = spacing.step_of(last).map_or(u64::MAX, |step| step as u64 + 1);
    if steps > MAX_STEPS {
        return Err(AlignError::TooLong { first, last, step_s: spacing.grid.step_s, steps });
    }
    Ok(Aligned { replaced, ..lay_out(&raw, &spacing) })
}

/// Means of what falls into each step; `raw` ascends.
fn lay_out(raw: &[Raw], spacing: &Spacing) -> Aligned {
    let (grid, early_us) = (spacing.grid, spacing.early_us);
    let mut aligned = Aligned { grid, values: Vec::new(), gaps: 0, replaced: 0, averaged: 0, off_grid: 0, early_us };
    let mut rest = raw;
    while let Some(step) = rest.first().and_then(|(at, _)| spacing.step_of(*at)) {
        let count = rest.partition_point(|(at, _)| spacing.step_of(*at) == Some(step));
        let (here, later) = rest.split_at(count.max(1));
        rest = later;
        aligned.off_grid += here.iter().filter(|(at, _)| *at != spacing.grid.at(step)).count();
        let (mut sum, mut known) = (0.0, 0u32);
        for value in here.iter().map(|(_, value)| *value).filter(|value| value.is_finite()) {
            sum += value;
            known += 1;
        }
        aligned.averaged += if known > 1 { known as usize } else { 0 };
        aligned.values.resize(step, f64::NAN);
        // A sum beyond all floats is a gap like any other value that is not finite.
        let mean = sum / f64::from(known);
        aligned.values.push(if mean.is_finite() { mean } else { f64::NAN });
    }
    aligned.gaps = aligned.values.iter().filter(|value| value.is_nan()).count();
    aligned
}

#[cfg(test)]
mod tests;
