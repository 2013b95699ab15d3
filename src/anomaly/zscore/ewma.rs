//! Z-score on exponential averages: the newest value against a moving mean, in moving standard deviations.
//!
//! The control chart of Roberts (*Control Chart Tests Based on Geometric Moving Averages*, 1959), with a moving variance
//! beside the mean because operations data has no fixed one. The variance is that of the one-step errors, the value less
//! the mean of all before it, which is what the next value is held against; that of the values around their own mean
//! would be smaller. Weights are those of a finite past (pandas' `ewm(adjust=True)`), so a young average is the plain one
//! and not chained to the first value.
//!
//! Means are bent by outliers, so learning is clipped: an error counts as [`Params::clip`] deviations at most. An outlier
//! then barely moves anything, while a shift for good is followed within about a span, the variance widening on the way.
//!
//! - Warm-up: [`Params::warm_up`] known values.
//! - Gaps move nothing: spans count known values.
//! - Constant series: the spread is [`Params::floor`] times the mean then; around a constant zero every change is as odd
//!   as can be.
//! - A minute costs O(1) and a few dozen bytes are kept.

use serde::{Deserialize, Serialize};

use crate::anomaly::bounds::{known, oddness};
use crate::anomaly::detector::{Band, Detector, Reading};
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;

/// Deviations to either side that are usual.
const USUAL: f64 = 3.0;

/// Parameters of an [`EwmaZ`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Params {
    /// Span of the mean in known values, at least 1: the newest has a weight of 2 / (span + 1).
    pub span: f64,
    /// Span of the variance, at least 1.
    pub spread_span: f64,
    /// Known values before the first reading, at least 3.
    pub warm_up: u32,
    /// An error counts as so many deviations at most when it is learnt, at least 1.
    pub clip: f64,
    /// The smallest spread as a share of the mean, 0 to 1.
    pub floor: f64,
}

impl Default for Params {
    /// An hour of minutes for the mean and four for the variance, a quarter of an hour to warm up, outliers learnt as four
    /// deviations, spreads of a thousandth at least.
    fn default() -> Self {
        Self { span: 60.0, spread_span: 240.0, warm_up: 15, clip: 4.0, floor: 1e-3 }
    }
}

impl Params {
    fn check(&self) -> Result<(), ParameterError> {
        let wrong = |parameter, needed, found: String| Err(ParameterError { parameter, needed, found });
        for (parameter, value) in [("span", self.span), ("spread_span", self.spread_span), ("clip", self.clip)] {
            if !(1.0..1e9).contains(&value) {
                return wrong(parameter, "from 1 to 10^9", value.to_string());
            }
        }
        if self.warm_up < 3 {
            return wrong("warm_up", "at least 3", self.warm_up.to_string());
        }
        if !(0.0..=1.0).contains(&self.floor) {
            return wrong("floor", "from 0 to 1", self.floor.to_string());
        }
        Ok(())
    }
}

/// An average with exponential weights over a finite past.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
struct Average {
    value: f64,
    /// Sum of all weights, that of the newest value being 1.
    weight: f64,
}

impl Average {
    fn learn(&mut self, value: f64, span: f64) {
        self.weight = 1.0 + self.weight * (1.0 - 2.0 / (span + 1.0));
        self.value += (value - self.value) / self.weight;
    }
}

/// The detector; see the module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EwmaZ {
    params: Params,
    /// Values learnt, as far as the warm-up needs to know.
    seen: u32,
    mean: Average,
    variance: Average,
}

impl EwmaZ {
    /// A detector that has seen nothing yet.
    ///
    /// # Errors
    /// If a parameter lies outside its range.
    pub fn new(params: Params) -> Result<Self, ParameterError> {
        params.check()?;
        Ok(Self { params, seen: 0, mean: Average::default(), variance: Average::default() })
    }

    fn learn(&mut self, error: f64, spread: f64) {
        let Params { span, spread_span, warm_up, clip, .. } = self.params;
        // A spread of a few errors says too little to clip by.
        let bound = if self.seen >= warm_up { clip * spread } else { f64::INFINITY };
        let error = error.clamp(-bound, bound);
        if self.seen > 0 {
            self.variance.learn(error * error, spread_span);
        }
        self.mean.learn(self.mean.value + error, span);
        self.seen = self.seen.saturating_add(1);
    }
}

impl Detector for EwmaZ {
    fn name(&self) -> &'static str {
        "ewma"
    }

    fn observe(&mut self, news: Observation) -> Option<Reading> {
        let value = known(news)?;
        let middle = self.mean.value;
        let spread = self.variance.value.sqrt().max(self.params.floor * middle.abs());
        let warm = self.seen >= self.params.warm_up;
        // Nothing is learnt from a spread of zero that is clipped to zero: the first change of a constant sets it.
        let clipped_by = if spread > 0.0 { spread } else { f64::INFINITY };
        self.learn(value - middle, clipped_by);
        let reading =
            Reading { oddness: oddness(value - middle, spread), expected: Band::around(middle, USUAL * spread) };
        warm.then_some(reading)
    }
}

#[cfg(test)]
mod tests;
