//! The end of a history that a model is learnt from, in units of its own.

use serde::{Deserialize, Serialize};

use crate::forecast::history::History;
use crate::stats::quantile::quantile_select;

/// Most seasons that are looked at.
pub(super) const SEASONS: usize = 7;
/// Values farther than this many typical changes from the middle count as this far away, so that nothing overflows.
const FARTHEST: f64 = 1e6;

/// Where zero lies and what one is. With them the same model serves values of any size, and season-long arrays in
/// single precision hold them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Unit {
    /// The median.
    middle: f64,
    /// The mean absolute change from step to step.
    change: f64,
}

impl Unit {
    /// Of `values`; gaps are skipped.
    fn of(values: &[f64]) -> Self {
        let mut known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        let (mut sum, mut count) = (0.0, 0.0);
        for pair in known.windows(2) {
            // Halves, because the distance of two huge values is infinite.
            sum += (pair[1] / 2.0 - pair[0] / 2.0).abs() * 1e-6;
            count += 1.0;
        }
        let change = sum / f64::max(count, 1.0) * 2e6;
        let middle = quantile_select(&mut known, 0.5).unwrap_or(0.0);
        Self { middle, change: if change.is_normal() { change } else { 1.0 } }
    }

    /// `value` in these units; NaN for a gap.
    pub(super) fn inside(self, value: f64) -> f64 {
        if value.is_finite() {
            (value / self.change - self.middle / self.change).clamp(-FARTHEST, FARTHEST)
        } else {
            f64::NAN
        }
    }

    /// What is `value` in these units.
    pub(super) fn outside(self, value: f64) -> f64 {
        self.middle + value * self.change
    }
}

/// The last whole seasons of a history.
pub(super) struct Window {
    pub(super) unit: Unit,
    /// In units; NaN for gaps.
    pub(super) values: Vec<f64>,
    pub(super) season: usize,
    pub(super) hour: usize,
}

impl Window {
    /// The last seven seasons of `history`, or as many whole ones as it has; `None` with less than two.
    pub(super) fn of(history: &History<'_>, season: usize, hour: usize) -> Option<Self> {
        let seasons = (history.len() / season).min(SEASONS);
        if seasons < 2 {
            return None;
        }
        let values = history.tail(seasons * season).values;
        let unit = Unit::of(values);
        Some(Self { unit, values: values.iter().map(|value| unit.inside(*value)).collect(), season, hour })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_any_size_are_brought_near_one() {
        for size in [1e-300, 1.0, 1e300] {
            let unit = Unit::of(&[size, f64::NAN, 2.0 * size, size]);
            assert!((unit.inside(3.0 * size) - 2.0).abs() < 1e-9, "{size}");
            assert!((unit.outside(2.0) / size - 3.0).abs() < 1e-9);
        }
        assert!(Unit::of(&[5.0; 4]).inside(1e300) <= FARTHEST);
        assert!(Unit::of(&[-1.7e308, 1.7e308]).inside(1.7e308).is_finite());
    }
}
