//! The generalised Pareto distribution of what lies above a threshold.

use serde::{Deserialize, Serialize};

use super::histogram::Excesses;

/// Shapes nearer to zero are an exponential tail.
const FLAT: f64 = 1e-6;

/// Lightest shape. A lighter tail has an end, beyond which anything would be impossible; no past is long enough to show one.
const LIGHTEST: f64 = 0.0;

/// Least width of a tail, as a part of its threshold, and at all: readings that hardly ever differ must not make the
/// smallest difference rare beyond measure.
const LEAST_WIDTH: f64 = 0.05;
const LEAST_WIDTH_AT_ALL: f64 = 0.02;

/// What lies above a threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pareto {
    /// From here on.
    pub threshold: f64,
    /// Share of readings above the threshold.
    pub share: f64,
    /// Shape: 0 is exponential, above is heavier.
    pub shape: f64,
    /// Width of the excesses.
    pub width: f64,
}

impl Pareto {
    /// The tail of `excesses` by probability-weighted moments; exponential with their mean if there are fewer than `least`.
    pub(super) fn fit(excesses: Excesses<'_>, threshold: f64, heaviest: f64, least: f64) -> Self {
        let (mut count, mut sum) = (0.0, 0.0);
        for (excess, number) in excesses.iter() {
            count += number;
            sum += excess * number;
        }
        let mean = if count > 0.0 { sum / count } else { 0.0 };
        // The mean of excesses, each weighted with the share of larger ones.
        let (mut below, mut weighted) = (0.0, 0.0);
        for (excess, number) in excesses.iter() {
            weighted += excess * number * (1.0 - (below + 0.5 * number) / count);
            below += number;
        }
        let half = if count > 0.0 { weighted / count } else { 0.0 };
        let least_width = (LEAST_WIDTH * threshold).max(LEAST_WIDTH_AT_ALL);
        let gap = mean - 2.0 * half;
        let is_fit = count >= least && gap > 0.0;
        let (shape, width) = if is_fit { (2.0 - mean / gap, 2.0 * mean * half / gap) } else { (0.0, mean) };
        let held = shape.clamp(LIGHTEST, heaviest);
        // The mean of the excesses is kept when the shape is not.
        let width = if (held - shape).abs() > 0.0 { mean * (1.0 - held) } else { width };
        let above = count / excesses.total().max(1.0);
        Self { threshold, share: above.max(1e-6), shape: held, width: width.max(least_width) }
    }

    /// How often a reading is at least as large as `size`, which lies above the threshold.
    #[must_use]
    pub fn p(&self, size: f64) -> f64 {
        let steps = (size - self.threshold) / self.width;
        if self.shape.abs() < FLAT {
            return self.share * (-steps).exp();
        }
        self.share * (1.0 + self.shape * steps).max(0.0).powf(-1.0 / self.shape)
    }

    /// The size that is reached or exceeded with probability `p`.
    #[must_use]
    pub fn reach(&self, p: f64) -> f64 {
        let rarer = (self.share / p).max(1.0);
        let steps = if self.shape.abs() < FLAT { rarer.ln() } else { (rarer.powf(self.shape) - 1.0) / self.shape };
        self.threshold + self.width * steps
    }
}

#[cfg(test)]
mod tests {
    use super::super::histogram::Histogram;
    use super::*;

    #[test]
    fn the_parameters_of_a_known_tail_come_back() {
        // Sizes at which a generalised Pareto distribution of shape 0.2 and width 2 above 4 has equally spaced
        // probabilities, as scipy 1.17 gives them: genpareto(0.2, loc=4, scale=2).ppf(q). Its .9 and .999 quantiles are
        // 9.84893 and 33.81072.
        let mut seen = Histogram::new();
        for step in 0..20_000 {
            let q = (f64::from(step) + 0.5) / 20_000.0;
            seen.add(4.0 + 10.0 * ((1.0 - q).powf(-0.2) - 1.0));
        }
        let tail = Pareto::fit(seen.excesses(4.0, seen.bins()), 4.0, 0.5, 10.0);
        assert!((tail.shape - 0.2).abs() < 0.02 && (tail.width - 2.0).abs() < 0.05, "{tail:?}");
        assert!((tail.p(9.848_93) / 0.1 - 1.0).abs() < 0.03 && (tail.p(33.810_72) / 0.001 - 1.0).abs() < 0.1);
        assert!((tail.p(tail.reach(1e-6)) / 1e-6 - 1.0).abs() < 1e-6);
    }

    #[test]
    fn few_excesses_make_an_exponential_tail_and_none_the_narrowest() {
        let mut seen = Histogram::new();
        for _ in 0..1_000 {
            seen.add(0.0);
        }
        let none = Pareto::fit(seen.excesses(3.0, seen.bins()), 3.0, 0.5, 10.0);
        assert!(none.shape.abs() < FLAT && none.p(4.0) > 0.0 && none.p(4.0) < 1e-6, "{none:?}");
    }
}
