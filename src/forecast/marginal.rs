//! The distribution of one step, as far as its quantiles tell it.
//!
//! Between two known quantiles, and beyond the outermost ones, the value is taken as linear in the normal score of
//! the probability: exact for a normal distribution, close for what resembles one, and without the cut tails that a
//! linear interpolation in probability would have.

use crate::stats::normal;

/// Quantiles of one step. Values are finite and do not fall from level to level.
#[derive(Debug, Clone, Copy)]
pub struct Marginal<'a> {
    levels: &'a [f64],
    /// Normal scores of the levels, if they are at hand.
    scores: Option<&'a [f64]>,
    values: &'a [f64],
}

/// Where a value lies.
enum Found {
    /// At this normal score.
    Score(f64),
    /// On the quantile of this level.
    Level(usize),
}

impl<'a> Marginal<'a> {
    /// The distribution with these quantiles; `levels` ascend strictly between 0 and 1 and there is one value for each.
    #[must_use]
    pub fn new(levels: &'a [f64], values: &'a [f64]) -> Self {
        let len = levels.len().min(values.len());
        Self { levels: &levels[..len], scores: None, values: &values[..len] }
    }

    /// The same with `scores`, those of [`Marginal::scores`], at hand: who asks of many steps looks them up once.
    #[must_use]
    pub fn scored(levels: &'a [f64], scores: &'a [f64], values: &'a [f64]) -> Self {
        let known = (scores.len() >= levels.len()).then_some(scores);
        Self { scores: known, ..Self::new(levels, values) }
    }

    /// The normal scores of `levels`.
    #[must_use]
    pub fn scores(levels: &[f64]) -> Vec<f64> {
        levels.iter().map(|level| normal::quantile(*level)).collect()
    }

    /// Offset and slope in the normal score between the levels `at` and `at + 1`.
    fn line(&self, at: usize) -> (f64, f64) {
        let (low, high) = (self.score_of(at), self.score_of(at + 1));
        let slope = (self.values[at + 1] - self.values[at]) / (high - low);
        (self.values[at] - slope * low, slope)
    }

    /// The value that is not exceeded with probability `p`, 0 < p < 1; NaN without any level.
    #[must_use]
    pub fn quantile(&self, p: f64) -> f64 {
        let last = match self.levels.len() {
            0 => return f64::NAN,
            1 => return self.values[0],
            len => len - 2,
        };
        let at = self.levels.partition_point(|level| *level < p).saturating_sub(1).min(last);
        let (offset, slope) = self.line(at);
        offset + slope * normal::quantile(p)
    }

    /// Probability of a value up to `x`.
    #[must_use]
    pub fn probability(&self, x: f64) -> f64 {
        match self.find(x) {
            Found::Score(score) => normal::probability(score),
            Found::Level(at) => self.levels[at],
        }
    }

    /// The normal score of that probability, without the way there and back.
    #[must_use]
    pub fn score(&self, x: f64) -> f64 {
        match self.find(x) {
            Found::Score(score) => score,
            Found::Level(at) => self.score_of(at),
        }
    }

    fn find(&self, x: f64) -> Found {
        let last = match self.levels.len() {
            0 => return Found::Score(f64::NAN),
            1 => return Found::Score(if x >= self.values[0] { f64::INFINITY } else { f64::NEG_INFINITY }),
            len => len - 2,
        };
        let at = self.values.partition_point(|value| *value <= x).saturating_sub(1).min(last);
        let (offset, slope) = self.line(at);
        if slope > 0.0 {
            return Found::Score((x - offset) / slope);
        }
        // Equal quantiles: all of the probability between them sits on one value.
        Found::Level(if x >= self.values[at] { at + 1 } else { at })
    }

    /// The normal score of the level `at`.
    fn score_of(&self, at: usize) -> f64 {
        self.scores.map_or_else(|| normal::quantile(self.levels[at]), |scores| scores[at])
    }

    /// The expected value.
    #[must_use]
    pub fn mean(&self) -> f64 {
        let weights = Self::mean_weights(self.levels);
        self.values.iter().zip(&weights).map(|(value, weight)| value * weight).sum()
    }

    /// What each of the quantiles at `levels` contributes to the expected value. Each piece is a line in the normal
    /// score z, whose integral is known because that of z times its density is minus the density.
    #[must_use]
    pub fn mean_weights(levels: &[f64]) -> Vec<f64> {
        let mut weights = vec![0.0; levels.len()];
        if let [only] = weights.as_mut_slice() {
            *only = 1.0;
        }
        let pieces = levels.len().saturating_sub(1);
        let scores = Self::scores(levels);
        for at in 0..pieces {
            let (low, high) = (scores[at], scores[at + 1]);
            // The outermost pieces go on to the ends, where there is no density.
            let (from, begin) = if at == 0 { (0.0, 0.0) } else { (levels[at], normal::density(low)) };
            let (to, end) = if at + 1 == pieces { (1.0, 0.0) } else { (levels[at + 1], normal::density(high)) };
            // A line through (low, 1) and (high, 0), and one through (low, 0) and (high, 1).
            let rise = (begin - end - low * (to - from)) / (high - low);
            weights[at + 1] += rise;
            weights[at] += to - from - rise;
        }
        weights
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LEVELS: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

    #[test]
    fn a_normal_distribution_is_met_exactly() {
        let values = LEVELS.map(|level| 10.0 + 2.0 * normal::quantile(level));
        let marginal = Marginal::new(&LEVELS, &values);
        assert!((marginal.mean() - 10.0).abs() < 1e-9);
        assert!((marginal.quantile(0.99) - (10.0 + 2.0 * normal::quantile(0.99))).abs() < 1e-9);
        assert!((marginal.probability(12.0) - normal::probability(1.0)).abs() < 1e-9);
    }

    #[test]
    fn a_skewed_distribution_has_its_mean_above_its_median() {
        let values = LEVELS.map(|level| (0.5 * normal::quantile(level)).exp());
        let mean = Marginal::new(&LEVELS, &values).mean();
        // The mean of this log-normal distribution is exp(0.125) = 1.133.
        assert!((1.08..1.16).contains(&mean), "{mean}");
    }

    #[test]
    fn one_value_and_equal_values_are_distributions_too() {
        let point = Marginal::new(&[0.5], &[3.0]);
        assert_eq!((point.quantile(0.9), point.probability(2.0), point.probability(3.0)), (3.0, 0.0, 1.0));
        let constant = Marginal::new(&LEVELS, &[3.0; 5]);
        assert!((constant.mean() - 3.0).abs() < 1e-12);
        assert!(constant.probability(2.9) <= 0.05 && constant.probability(3.0) >= 0.95);
    }

    proptest! {
        /// Probability undoes quantile to one part in 10^6 wherever the quantiles rise.
        #[test]
        fn probability_undoes_quantile(p in 0.001f64..0.999, steps in prop::array::uniform5(0.01f64..10.0)) {
            let mut sum = 0.0;
            let values = steps.map(|step| { sum += step; sum });
            let marginal = Marginal::new(&LEVELS, &values);
            let value = marginal.quantile(p);
            prop_assert!((marginal.probability(value) - p).abs() < 1e-6);
            prop_assert!((normal::probability(marginal.score(value)) - p).abs() < 1e-6);
        }
    }
}
