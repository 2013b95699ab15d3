//! Tukey's fences: how far a value lies outside the middle half of the last ones.
//!
//! The reading is the distance from the nearer quartile in interquartile ranges, zero within the quartiles; Tukey's own
//! fence (*Exploratory Data Analysis*, 1977) is a reading of 1.5, and "far out" is one of 3. Unlike a z-score it knows
//! two sides: of a skewed series the long side is measured from its own quartile, so its usual values are not called odd
//! for being far from the median. A quarter of the window may be odd before a quartile moves.
//!
//! Quartiles are type 7 of Hyndman and Fan (1996), linear between order statistics: what `numpy.quantile` and
//! `scipy.stats.iqr` compute by default. The window holds known values; gaps move nothing.
//!
//! - Warm-up: [`Rolling::warm_up`] known values.
//! - Constant series: where both quartiles are equal, the mean absolute deviation stands in for the range, as it would be
//!   in a normal distribution; and [`Rolling::floor`] times the median if that is larger. Around a constant zero every
//!   change is as odd as can be.
//! - A minute costs a bisection and a move of at most a window of numbers, and a sum over the window where the quartiles are
//!   equal.

use serde::{Deserialize, Serialize};

use crate::anomaly::bounds::{known, oddness};
use crate::anomaly::detector::{Band, Detector, Reading};
use crate::anomaly::rolling::Rolling;
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;
use crate::stats::quantile::quantile_sorted;
use crate::stats::robust::{SIGMA_PER_MEAN_DEVIATION, mean_deviation, median_sorted};
use crate::stats::window::SortedWindow;

/// Interquartile ranges beyond a quartile that are usual: Tukey's inner fence.
const FENCE: f64 = 1.5;
/// The interquartile range of a normal distribution in standard deviations.
const RANGE_PER_SIGMA: f64 = 1.348_979_500_392_163_7;

/// The detector; see the module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Iqr {
    params: Rolling,
    window: SortedWindow,
}

/// Quartiles of a window and the range between them, which is above zero wherever something varies.
struct Quartiles {
    low: f64,
    middle: f64,
    high: f64,
    range: f64,
}

impl Iqr {
    /// A day of minutes, an hour to warm up, ranges of a thousandth at least.
    pub const DEFAULT: Rolling = Rolling { window: 1_440, warm_up: 60, floor: 1e-3 };

    /// A detector that has seen nothing yet.
    ///
    /// # Errors
    /// If a parameter lies outside its range.
    pub fn new(params: Rolling) -> Result<Self, ParameterError> {
        Ok(Self { params, window: params.start()? })
    }

    /// `None` while the window warms up.
    fn quartiles(&self) -> Option<Quartiles> {
        let sorted = self.window.sorted();
        if sorted.len() < self.params.warm_up {
            return None;
        }
        let (low, high) = (quantile_sorted(sorted, 0.25)?, quantile_sorted(sorted, 0.75)?);
        let middle = median_sorted(sorted)?;
        let range = if high > low {
            high - low
        } else {
            RANGE_PER_SIGMA * SIGMA_PER_MEAN_DEVIATION * mean_deviation(sorted, middle)?
        };
        Some(Quartiles { low, middle, high, range: range.max(self.params.floor * middle.abs()) })
    }
}

impl Detector for Iqr {
    fn name(&self) -> &'static str {
        "iqr"
    }

    fn observe(&mut self, news: Observation) -> Option<Reading> {
        let value = known(news)?;
        let quartiles = self.quartiles();
        self.window.push(value);
        let Quartiles { low, middle, high, range } = quartiles?;
        // Zero within, and the distance from the nearer quartile outside.
        let away = (value - high).max(0.0) + (value - low).min(0.0);
        let expected = Band { low: low - FENCE * range, middle, high: high + FENCE * range };
        Some(Reading { oddness: oddness(away, range), expected })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sixteen skewed values.
    const VALUES: [f64; 16] = [3.0, 9.0, 4.0, 4.5, 31.0, 5.0, 6.5, 4.2, 3.9, 8.1, 5.5, 12.0, 4.4, 3.7, 6.0, 17.0];

    fn detector(warm_up: usize) -> Iqr {
        Iqr::new(Rolling { window: 16, warm_up, floor: 1e-3 }).expect("valid")
    }

    #[test]
    fn agrees_with_numpy_and_scipy() {
        // numpy 2.4.6, scipy 1.17.1: np.quantile(VALUES, [.25, .5, .75]), scipy.stats.iqr(VALUES)
        let mut iqr = detector(16);
        for value in VALUES {
            assert_eq!(iqr.observe(Observation::of(value)), None, "warming up");
        }
        let quartiles = iqr.quartiles().expect("warm");
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        close(quartiles.low, 4.15);
        close(quartiles.middle, 5.25);
        close(quartiles.high, 8.325);
        close(quartiles.range, 4.175);
        let reading = iqr.observe(Observation::of(20.0)).expect("warm");
        close(reading.oddness, (20.0 - 8.325) / 4.175);
        close(reading.expected.high, 8.325 + 1.5 * 4.175);
    }

    #[test]
    fn usual_values_are_not_odd_at_all_and_low_ones_are_below_zero() {
        let mut iqr = detector(16);
        for value in VALUES {
            iqr.observe(Observation::of(value));
        }
        let odd = |value: f64| iqr.clone().observe(Observation::of(value)).expect("warm").oddness;
        assert!(odd(5.0).abs() < 1e-12 && odd(-10.0) < -3.0);
    }

    #[test]
    fn equal_quartiles_leave_the_mean_deviation() {
        let mut iqr = detector(16);
        let mostly_zero = (0..16).map(|at| if at % 8 == 0 { 4.0 } else { 0.0 });
        for value in mostly_zero {
            iqr.observe(Observation::of(value));
        }
        // The mean absolute deviation is 0.5.
        let odd = iqr.observe(Observation::of(4.0)).expect("warm").oddness;
        assert!((odd - 4.0 / (0.5 * 1.690_694_8)).abs() < 1e-6, "{odd}");
    }
}
