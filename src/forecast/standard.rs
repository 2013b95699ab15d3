//! The unit a linear model computes in: robust deviations from the middle, bounded, so that nothing overflows.

use serde::{Deserialize, Serialize};

use crate::stats::quantile::quantile_select;

/// No value is further from the middle than this many deviations.
const FARTHEST: f64 = 1e9;

/// A linear map between values and standardised values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Standard {
    /// What becomes 0.
    centre: f64,
    /// What becomes 1 away from the centre; above zero and finite.
    spread: f64,
}

impl Standard {
    /// Of the known ones among `values`: median, and half the interquartile range (the largest distance from the
    /// median if most values are equal, 1 if all are).
    #[must_use]
    pub fn of(values: &[f64]) -> Self {
        let mut known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        let mut at = |q| quantile_select(&mut known, q).unwrap_or(0.0);
        let (low, centre, high) = (at(0.25), at(0.5), at(0.75));
        let farthest = known.iter().fold(0.0f64, |most, value| most.max((value - centre).abs()));
        let usable = |spread: &f64| *spread > 1e-12 * centre.abs() && *spread > f64::MIN_POSITIVE && spread.is_finite();
        let spread = [high / 2.0 - low / 2.0, farthest].into_iter().find(usable).unwrap_or(1.0);
        Self { centre: if centre.is_finite() { centre } else { 0.0 }, spread }
    }

    /// The same unit around zero, for models to which zero is special.
    #[must_use]
    pub const fn around_zero(self) -> Self {
        Self { centre: 0.0, spread: self.spread }
    }

    /// `value` in standard units, bounded; a gap stays a gap.
    #[must_use]
    pub fn to(&self, value: f64) -> f64 {
        ((value - self.centre) / self.spread).clamp(-FARTHEST, FARTHEST)
    }

    /// Back from standard units, always finite.
    #[must_use]
    pub fn back(&self, standard: f64) -> f64 {
        let value = self.centre + standard * self.spread;
        if value.is_nan() { self.centre } else { value.clamp(f64::MIN, f64::MAX) }
    }
}
