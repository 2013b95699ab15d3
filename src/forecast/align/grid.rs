//! Which grid instants lie on.

use super::{AlignError, Raw};
use crate::domain::time::Timestamp;
use crate::forecast::history::Grid;

const MICROS_PER_SECOND: i64 = 1_000_000;

/// A grid, and how early an instant may be to count for a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spacing {
    /// Its step 0 contains the first instant.
    pub(super) grid: Grid,
    /// Microseconds before the beginning of a step that belong to it: half the spacing of the data, which rounds to
    /// the nearest step where the two are equal.
    pub(super) early_us: i64,
}

impl Spacing {
    /// The grid of `raw` (ascending instants, each once, at least one) with the step that is given or found.
    pub(super) fn of(raw: &[Raw], wanted_s: Option<u32>) -> Result<Self, AlignError> {
        let found = most_common_difference(raw);
        let step_s = match (wanted_s, found) {
            (Some(wanted_s), _) => wanted_s.max(1),
            (None, Some(0)) => return Err(AlignError::TooFine),
            (None, Some(found_s)) => found_s,
            (None, None) => {
                return Err(AlignError::OneInstant { at: raw.first().map_or_else(Timestamp::default, |raw| raw.0) });
            }
        };
        let length_us = i64::from(step_s) * MICROS_PER_SECOND;
        let spacing_s = found.unwrap_or(step_s).min(step_s);
        let early_us = i64::from(spacing_s) * MICROS_PER_SECOND / 2;
        let phase_us = if spacing_s < step_s { 0 } else { most_common_phase(raw, length_us) };
        let first_us = raw.first().map_or(0, |(at, _)| at.micros());
        let number = first_us.saturating_add(early_us).saturating_sub(phase_us).div_euclid(length_us);
        let start = Timestamp::from_micros(number.saturating_mul(length_us).saturating_add(phase_us));
        Ok(Self { grid: Grid { start, step_s }, early_us })
    }

    /// The step `at` belongs to; `None` before step 0.
    pub(super) fn step_of(&self, at: Timestamp) -> Option<usize> {
        let since_us = at.micros().saturating_sub(self.grid.start.micros()).saturating_add(self.early_us);
        usize::try_from(since_us.div_euclid(i64::from(self.grid.step_s) * MICROS_PER_SECOND)).ok()
    }
}

/// The most common difference of neighbours in seconds, rounded; of equally common ones the shortest.
fn most_common_difference(raw: &[Raw]) -> Option<u32> {
    let differences = raw.windows(2).filter_map(|pair| {
        let micros = pair.last()?.0.micros().saturating_sub(pair.first()?.0.micros());
        u32::try_from(micros.saturating_add(MICROS_PER_SECOND / 2) / MICROS_PER_SECOND).ok()
    });
    most_common(differences.map(i64::from).collect()).and_then(|difference| u32::try_from(difference).ok())
}

/// How far after a multiple of `step_us` most instants lie, to the microsecond; of equally common offsets the smallest.
fn most_common_phase(raw: &[Raw], step_us: i64) -> i64 {
    most_common(raw.iter().map(|(at, _)| at.micros().rem_euclid(step_us)).collect()).unwrap_or(0)
}

fn most_common(mut values: Vec<i64>) -> Option<i64> {
    values.sort_unstable();
    let runs = values.chunk_by(|one, other| one == other);
    // The first of the longest: `max_by_key` would take the last, so it is asked from behind.
    let longest = runs.rev().max_by_key(|run| run.len())?;
    longest.first().copied()
}
