//! Quantiles of standardised errors at one horizon, followed online.

use serde::{Deserialize, Serialize};

use crate::stats::normal;

/// Levels that are tracked.
pub(super) const LEVELS: [f64; 11] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99];
/// Place of the median among them.
pub(super) const MEDIAN: usize = 5;

/// Quantiles of the standard normal distribution at [`LEVELS`].
const NORMAL: [f64; 11] = [
    -2.326_348, -1.959_964, -1.644_854, -1.281_552, -0.674_490, 0.0, 0.674_490, 1.281_552, 1.644_854, 1.959_964,
    2.326_348,
];

/// Mean absolute value of the standard normal distribution: what a spread of mean absolute errors measures.
const MEAN_ABSOLUTE: f64 = 0.797_885;

/// Step of the tracking in the long run, as a share of the size of the errors.
const STEP: f64 = 0.012;
/// Its first step, and the number of errors after which it is half as large. Short histories and sparse series, whose
/// noise is uneven, thereby keep a quick pace for a thousand errors.
const FIRST_STEP: f64 = 0.5;
const SETTLING: f64 = 100.0;
/// Errors beyond this many spreads count as this many.
const CLIP: f64 = 10.0;
/// Weight of the newest error in the running size of errors.
const SIZE_WEIGHT: f64 = 0.001;

/// Tracked quantiles, ascending but for the instant between a move and the sort that follows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Tracked {
    values: [f64; LEVELS.len()],
    /// Mean absolute standardised error.
    size: f64,
    seen: u32,
}

impl Default for Tracked {
    /// A normal distribution whose mean absolute value is 1.
    fn default() -> Self {
        Self { values: NORMAL.map(|z| z / MEAN_ABSOLUTE), size: 1.0, seen: 0 }
    }
}

impl Tracked {
    pub(super) const fn values(&self) -> &[f64; LEVELS.len()] {
        &self.values
    }

    /// Moves every quantile by the gradient of its pinball loss, for an error `horizon` steps ahead. The first steps
    /// are large, so that a short history is enough. Far ahead they are smaller: forecasts that overlap miss alike, and
    /// a quantile that runs after the errors of one afternoon is wrong in the next.
    pub(super) fn learn(&mut self, error: f64, horizon: usize) {
        let error = error.clamp(-50.0, 50.0);
        self.seen = self.seen.saturating_add(1);
        let seen = f64::from(self.seen);
        self.size += SIZE_WEIGHT.max(1.0 / (seen + 10.0)) * (error.abs().min(CLIP) - self.size);
        #[expect(clippy::cast_precision_loss, reason = "horizons are small")]
        let overlap = (horizon as f64).sqrt().sqrt();
        let step = STEP.max(FIRST_STEP / (1.0 + seen / SETTLING)) * self.size / overlap;
        for (value, level) in self.values.iter_mut().zip(LEVELS) {
            *value += if error < *value { step * (level - 1.0) } else { step * level };
        }
        for at in 1..LEVELS.len() {
            if self.values[at] < self.values[at - 1] {
                let middle = f64::midpoint(self.values[at], self.values[at - 1]);
                self.values[at - 1] = middle;
                self.values[at] = middle;
            }
        }
    }
}

/// Where a level lies among [`LEVELS`]: found once for all steps, because it takes an inverse normal distribution.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The level itself.
    pub(super) level: f64,
    before: usize,
    share: f64,
}

impl Place {
    /// Between two tracked levels linear in the normal score; beyond the outermost ones along the outermost line.
    pub(super) fn of(level: f64) -> Self {
        if let Some(at) = LEVELS.iter().position(|known| (known - level).abs() < 1e-12) {
            let before = at.min(LEVELS.len() - 2);
            return Self { level, before, share: if before == at { 0.0 } else { 1.0 } };
        }
        let after = LEVELS.partition_point(|known| *known < level).clamp(1, LEVELS.len() - 1);
        let before = after - 1;
        let share = (normal::quantile(level) - NORMAL[before]) / (NORMAL[after] - NORMAL[before]);
        Self { level, before, share }
    }

    /// The value here, `values` being those at [`LEVELS`].
    pub(super) fn read(&self, values: &[f64; LEVELS.len()]) -> f64 {
        let low = values[self.before];
        low + (values[self.before + 1] - low) * self.share
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::seed::Seed;
    use rand_distr::{Distribution, Exp1};

    #[test]
    fn quantiles_of_a_skewed_distribution_are_found() {
        let mut rng = Seed::new(3).rng();
        let mut tracked = Tracked::default();
        let mut inside = 0;
        for at in 0..20_000 {
            let error: f64 = Exp1.sample(&mut rng);
            inside += u32::from(at >= 10_000 && (tracked.values()[2]..=tracked.values()[8]).contains(&error));
            tracked.learn(error, 1);
        }
        let coverage = f64::from(inside) / 10_000.0;
        assert!((0.89..0.91).contains(&coverage), "{coverage}");
        assert!((tracked.values()[5] - std::f64::consts::LN_2).abs() < 0.1);
    }

    #[test]
    fn levels_between_and_beyond_are_read_from_the_normal_score() {
        let values = NORMAL.map(|z| 3.0 * z + 1.0);
        for level in [0.001, 0.01, 0.2, 0.5, 0.95, 0.999] {
            assert!((Place::of(level).read(&values) - (3.0 * normal::quantile(level) + 1.0)).abs() < 1e-4, "{level}");
        }
    }
}
