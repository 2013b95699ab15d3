//! What detectors over a rolling window have in common: its parameters, and its robust middle and spread.

use serde::{Deserialize, Serialize};

use crate::forecast::model::ParameterError;
use crate::stats::robust::{SIGMA_PER_MAD, SIGMA_PER_MEAN_DEVIATION, deviation_sorted, mean_deviation, median_sorted};
use crate::stats::window::SortedWindow;

/// Longest window: a week of minutes.
const LONGEST: usize = 10_080;

/// A window of known values.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rolling {
    /// Known values in it, 8 to 10,080.
    pub window: usize,
    /// Known values before the first reading, 4 to the window.
    pub warm_up: usize,
    /// The smallest spread as a share of the median, 0 to 1: a series that hardly moves is not odd for moving a little.
    pub floor: f64,
}

impl Rolling {
    /// The window, still empty.
    ///
    /// # Errors
    /// If a parameter lies outside its range.
    pub fn start(&self) -> Result<SortedWindow, ParameterError> {
        let wrong = |parameter, needed, found: String| Err(ParameterError { parameter, needed, found });
        if !(8..=LONGEST).contains(&self.window) {
            return wrong("window", "from 8 to 10080", self.window.to_string());
        }
        if !(4..=self.window).contains(&self.warm_up) {
            return wrong("warm_up", "from 4 to the window", self.warm_up.to_string());
        }
        if !(0.0..=1.0).contains(&self.floor) {
            return wrong("floor", "from 0 to 1", self.floor.to_string());
        }
        Ok(SortedWindow::new(self.window))
    }

    /// Median and robust standard deviation of `window`: the median absolute deviation, or the mean one where that is zero,
    /// and the floor at least. `None` while it warms up.
    #[must_use]
    pub fn usual(&self, window: &SortedWindow) -> Option<(f64, f64)> {
        let sorted = window.sorted();
        if sorted.len() < self.warm_up {
            return None;
        }
        let middle = median_sorted(sorted)?;
        let robust = SIGMA_PER_MAD * deviation_sorted(sorted, middle)?;
        let spread = if robust > 0.0 { robust } else { SIGMA_PER_MEAN_DEVIATION * mean_deviation(sorted, middle)? };
        Some((middle, spread.max(self.floor * middle.abs())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_checked() {
        let fine = Rolling { window: 60, warm_up: 10, floor: 0.0 };
        let wrong = |params: Rolling| params.start().expect_err("refused").parameter;
        assert!(fine.start().expect("valid").is_empty());
        assert_eq!(wrong(Rolling { window: 7, ..fine }), "window");
        assert_eq!(wrong(Rolling { warm_up: 61, ..fine }), "warm_up");
        assert_eq!(wrong(Rolling { floor: f64::NAN, ..fine }), "floor");
    }
}
