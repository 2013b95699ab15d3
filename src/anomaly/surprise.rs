//! Surprise: how far into the tails of its own forecast a value fell.
//!
//! The probability integral transform of a value is the probability that its forecast gave to anything up to it; of
//! honest forecasts it is uniform (Dawid 1984; Diebold, Gunther and Tay 1998). Its normal score Φ⁻¹ is therefore a z-score
//! in which the season, the trend, the skew and the noise of the hour are already accounted for, as far as the forecast
//! knows them. That is what a residual divided by one standard deviation lacks.
//!
//! Between two quantiles the score is linear in the value. Beyond the outermost one it goes on along the flatter of two
//! lines: the last piece, which knows how the tail bends, and the line from the median, because two neighbouring
//! quantiles of a count are often equal and would make the next count infinitely odd. The transform itself, which is 1 to
//! the last digit from eight deviations on, is never formed.
//!
//! Values that equal several quantiles (a count that is mostly zero) score as the one nearest to the median: where
//! probability sits, nothing is odd. If all quantiles are equal, one deviation is [`Surprise::new`]'s `floor`, and
//! without one any other value is as odd as can be. There is no state and no warm-up but the forecast's own. A judgement
//! costs a bisection.

use crate::anomaly::bounds::{known, oddness};
use crate::anomaly::detector::{Band, Reading};
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;
use crate::forecast::output::Levels;
use crate::stats::normal;

/// Judges values by the quantiles that were forecast of them at fixed levels.
#[derive(Debug, Clone, PartialEq)]
pub struct Surprise {
    /// Normal scores of the levels, ascending.
    scores: Vec<f64>,
    floor: f64,
}

impl Surprise {
    /// For quantiles at `levels`; a deviation is never smaller than `floor`, in the unit of the series (1 for counts, 0
    /// for none).
    ///
    /// # Errors
    /// If there are fewer than two levels, or they do not lie around the median, or `floor` is negative or not finite.
    pub fn new(levels: &Levels, floor: f64) -> Result<Self, ParameterError> {
        let scores: Vec<f64> = levels.as_slice().iter().map(|level| normal::quantile(*level)).collect();
        let around =
            scores.first().is_some_and(|score| *score < 0.0) && scores.last().is_some_and(|score| *score > 0.0);
        if !around {
            let found = format!("{:?}", levels.as_slice());
            return Err(ParameterError { parameter: "levels", needed: "below and above 0.5", found });
        }
        if !(floor.is_finite() && floor >= 0.0) {
            return Err(ParameterError { parameter: "floor", needed: "0 or above", found: floor.to_string() });
        }
        Ok(Self { scores, floor })
    }

    /// Judges `news` by the `quantiles` that were forecast of it, ascending, one for each level. The oddness is the
    /// normal score, the expected band the outermost quantiles. `None` for a gap and without a forecast: if the number
    /// of quantiles is another one or any is not finite.
    #[must_use]
    pub fn judge(&self, quantiles: &[f64], news: Observation) -> Option<Reading> {
        let value = known(news)?;
        if quantiles.len() != self.scores.len() || quantiles.iter().any(|quantile| !quantile.is_finite()) {
            return None;
        }
        let (low, high) = (*quantiles.first()?, *quantiles.last()?);
        let middle = self.median(quantiles);
        let score = if value > high {
            let last = self.scores.len() - 1;
            self.scores[last] + oddness(value - high, self.tail(quantiles, middle, last, last - 1))
        } else if value < low {
            self.scores[0] - oddness(low - value, self.tail(quantiles, middle, 0, 1))
        } else {
            self.within(quantiles, value)
        };
        Some(Reading { oddness: oddness(score, 1.0), expected: Band { low, middle, high } })
    }

    /// The value at the score 0, which lies between two levels.
    fn median(&self, quantiles: &[f64]) -> f64 {
        let above = self.scores.partition_point(|score| *score < 0.0).clamp(1, self.scores.len() - 1);
        let (from, to) = (self.scores[above - 1], self.scores[above]);
        let share = -from / (to - from);
        quantiles[above - 1] + share * (quantiles[above] - quantiles[above - 1])
    }

    /// Values for each score beyond the outermost quantile `outer`, whose neighbour is `inner`.
    fn tail(&self, quantiles: &[f64], middle: f64, outer: usize, inner: usize) -> f64 {
        let piece = (quantiles[outer] - quantiles[inner]) / (self.scores[outer] - self.scores[inner]);
        let half = (quantiles[outer] - middle) / self.scores[outer];
        piece.max(half).max(self.floor)
    }

    /// The score of a `value` between the outermost quantiles.
    fn within(&self, quantiles: &[f64], value: f64) -> f64 {
        let first = quantiles.partition_point(|quantile| *quantile < value).min(self.scores.len() - 1);
        let behind = quantiles.partition_point(|quantile| *quantile <= value);
        if first < behind {
            return 0f64.clamp(self.scores[first], self.scores[behind - 1]);
        }
        let before = first.saturating_sub(1);
        let share = (value - quantiles[before]) / (quantiles[first] - quantiles[before]);
        self.scores[before] + share * (self.scores[first] - self.scores[before])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anomaly::bounds::ODDEST;
    use proptest::prelude::*;

    fn surprise(levels: &[f64], floor: f64) -> Surprise {
        Surprise::new(&Levels::new(levels.to_vec()).expect("valid"), floor).expect("valid")
    }

    fn odd(surprise: &Surprise, quantiles: &[f64], value: f64) -> f64 {
        surprise.judge(quantiles, Observation::of(value)).expect("a forecast").oddness
    }

    #[test]
    fn the_score_of_a_normal_forecast_is_its_z_score() {
        // scipy 1.17.1: scipy.stats.norm.ppf([.05, .1, .25, .5, .75, .9, .95], 10, 2)
        let quantiles = [
            6.710_292_746_097_054,
            7.436_896_868_910_799,
            8.651_020_499_607_837,
            10.0,
            11.348_979_500_392_163,
            12.563_103_131_089_2,
            13.289_707_253_902_945,
        ];
        let surprise = Surprise::new(&Levels::default(), 0.0).expect("valid");
        for (value, expected) in [(10.0, 0.0), (12.0, 1.0), (17.0, 3.5), (-20.0, -15.0), (7.0, -1.5)] {
            assert!((odd(&surprise, &quantiles, value) - expected).abs() < 1e-9, "{value}");
        }
        let band = surprise.judge(&quantiles, Observation::of(0.0)).expect("a forecast").expected;
        assert_eq!((band.low, band.middle, band.high), (quantiles[0], 10.0, quantiles[6]));
    }

    #[test]
    fn scores_of_a_skewed_forecast_lie_on_lines_between_its_levels() {
        // numpy 2.4.6, scipy 1.17.1: np.interp([1.5, 2.5, 6.0], [1, 2, 3, 9], norm.ppf([.1, .4, .6, .95]))
        let surprise = surprise(&[0.1, 0.4, 0.6, 0.95], 0.0);
        let quantiles = [1.0, 2.0, 3.0, 9.0];
        for (value, expected) in [(1.5, -0.767_449_334_340_200_1), (2.5, 0.0), (6.0, 0.949_100_365_043_636)] {
            assert!((odd(&surprise, &quantiles, value) - expected).abs() < 1e-9, "{value}");
        }
        // The last piece is flatter than the line from the median 2.5.
        let slope = (9.0 - 3.0) / (1.644_853_626_951_472_2 - 0.253_347_103_135_799_7);
        assert!((odd(&surprise, &quantiles, 19.0) - (1.644_853_626_951_472_2 + 10.0 / slope)).abs() < 1e-9);
    }

    #[test]
    fn where_probability_sits_nothing_is_odd() {
        let surprise = surprise(&[0.05, 0.25, 0.5, 0.75, 0.95], 1.0);
        let mostly_zero = [0.0, 0.0, 0.0, 0.0, 2.0];
        assert!(odd(&surprise, &mostly_zero, 0.0).abs() < 1e-12 && odd(&surprise, &mostly_zero, 3.0) > 1.6);
        let never = [0.0; 5];
        assert!((odd(&surprise, &never, 3.0) - (normal::quantile(0.95) + 3.0)).abs() < 1e-9, "counts by the floor");
        let constant = Surprise { floor: 0.0, ..surprise };
        assert_eq!((odd(&constant, &never, -1e-300), odd(&constant, &never, f64::MAX)), (-ODDEST, ODDEST));
    }

    #[test]
    fn gaps_and_missing_forecasts_are_not_judged() {
        let surprise = surprise(&[0.1, 0.9], 0.0);
        assert_eq!(surprise.judge(&[1.0, 2.0], Observation::of(f64::NAN)), None);
        assert_eq!(surprise.judge(&[1.0, f64::NAN], Observation::of(1.0)), None);
        assert_eq!(surprise.judge(&[1.0], Observation::of(1.0)), None);
        let refused = |levels: &[f64], floor| {
            let levels = Levels::new(levels.to_vec()).expect("valid");
            Surprise::new(&levels, floor).expect_err("refused").parameter
        };
        assert_eq!((refused(&[0.6, 0.9], 0.0), refused(&[0.1, 0.9], f64::NAN)), ("levels", "floor"));
    }

    proptest! {
        /// Scores never fall while values rise, and are finite for every forecast and value.
        #[test]
        fn scores_rise_with_values(
            mut quantiles in prop::array::uniform5(-3i32..4),
            values in (-1e9f64..1e9, -1e9f64..1e9),
            near in (-5i32..6, -5i32..6),
        ) {
            quantiles.sort_unstable();
            let (quantiles, surprise) = (quantiles.map(f64::from), surprise(&[0.05, 0.25, 0.5, 0.75, 0.95], 0.0));
            for (a, b) in [values, (f64::from(near.0), f64::from(near.1) / 2.0)] {
                let (low, high) = (odd(&surprise, &quantiles, a.min(b)), odd(&surprise, &quantiles, a.max(b)));
                prop_assert!(low.is_finite() && high.is_finite() && low <= high + 1e-12);
            }
        }
    }
}
