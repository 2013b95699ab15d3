//! Robust z-score: how many robust standard deviations a value lies from the median of the last ones.
//!
//! Mean and standard deviation are bent by the very outliers they should find: one value far out in a window widens its
//! own standard deviation until its score cannot exceed (n - 1) / sqrt(n) (Shiffler 1988). Median and median absolute
//! deviation (MAD) stand still until half of the window is odd. The score is the modified z-score of Iglewicz and Hoaglin
//! (*How to Detect and Handle Outliers*, 1993), 0.6745 (x - median) / MAD; as they advise, the mean absolute deviation
//! stands in where the MAD is zero because half of the values are equal (error counts, which are mostly zero).
//!
//! The window holds known values: gaps move nothing. It follows a level that shifts for good after half a window. A
//! season longer than the window shows as a wandering level, so take it off first. [`ewma`] does the same with
//! exponential weights in O(1).
//!
//! - Warm-up: [`Rolling::warm_up`] known values.
//! - Constant series: the spread is [`Rolling::floor`] times the median then, so that a change by that share is one
//!   deviation; around a constant zero every change is as odd as can be.
//! - A minute costs a bisection and a move of at most a window of numbers, and a sum over the window where the MAD is zero.

pub mod ewma;

use serde::{Deserialize, Serialize};

use crate::anomaly::bounds::{known, oddness};
use crate::anomaly::detector::{Band, Detector, Reading};
use crate::anomaly::rolling::Rolling;
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;
use crate::stats::window::SortedWindow;

/// Deviations to either side that are usual: 99.7 % of a normal distribution.
const USUAL: f64 = 3.0;

/// The detector; see the module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RobustZ {
    params: Rolling,
    window: SortedWindow,
}

impl RobustZ {
    /// Four hours of minutes, a quarter of an hour to warm up, spreads of a thousandth at least.
    pub const DEFAULT: Rolling = Rolling { window: 240, warm_up: 15, floor: 1e-3 };

    /// A detector that has seen nothing yet.
    ///
    /// # Errors
    /// If a parameter lies outside its range.
    pub fn new(params: Rolling) -> Result<Self, ParameterError> {
        Ok(Self { params, window: params.start()? })
    }
}

impl Detector for RobustZ {
    fn name(&self) -> &'static str {
        "zscore"
    }

    fn observe(&mut self, news: Observation) -> Option<Reading> {
        let value = known(news)?;
        let usual = self.params.usual(&self.window);
        self.window.push(value);
        let (middle, spread) = usual?;
        Some(Reading { oddness: oddness(value - middle, spread), expected: Band::around(middle, USUAL * spread) })
    }
}

#[cfg(test)]
mod tests;
