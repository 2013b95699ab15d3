//! What every detector of one series has in common.

use std::fmt::Debug;

use serde::{Deserialize, Serialize};

use crate::forecast::history::Observation;

/// A detector of one series, which stands before the next step.
///
/// Equal parameters and equal steps give bit-equal readings; there is no chance in here. A value is judged by the past
/// alone and learnt afterwards, in O(1) or at a cost that the detector states.
pub trait Detector: Debug + Send + Sync {
    /// The name in tables and on the command line: `zscore`, `iqr`, ...
    fn name(&self) -> &'static str;

    /// Judges the value of the next step and then learns it. `None` while the detector warms up and for a gap, which
    /// moves time on only.
    fn observe(&mut self, news: Observation) -> Option<Reading>;
}

/// What a detector says of one value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// How far the value is from what was expected, in typical deviations of the detector's own making: above zero
    /// where the value is too high, below where it is too low, finite always. Readings of different detectors cannot be
    /// compared, only those of one detector of one series.
    pub oddness: f64,
    /// What was expected, in the unit of the series.
    pub expected: Band,
}

/// Where a value was expected. All three are NaN if the detector has no opinion.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// Lower edge of what is usual.
    pub low: f64,
    /// The middle.
    pub middle: f64,
    /// Upper edge.
    pub high: f64,
}

impl Band {
    /// No opinion.
    pub const UNKNOWN: Self = Self { low: f64::NAN, middle: f64::NAN, high: f64::NAN };

    /// The band of `width` around `middle` on both sides.
    #[must_use]
    pub fn around(middle: f64, width: f64) -> Self {
        Self { low: middle - width, middle, high: middle + width }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_lies_around_its_middle() {
        let band = Band::around(10.0, 4.0);
        assert_eq!((band.low, band.middle, band.high), (6.0, 10.0, 14.0));
        assert!(Band::UNKNOWN.middle.is_nan());
    }
}
