//! The line through the first and the last value, drawn on.

use serde::{Deserialize, Serialize};

use crate::forecast::history::{History, Observation};
use crate::forecast::model::{Fit, FitError, Predict};
use crate::forecast::saved::Saved;

/// The last value plus the average change per step since the first (Hyndman and Athanasopoulos, *Forecasting:
/// principles and practice*, section 5.2).
///
/// One known value gives a level line. Steps count through gaps, so a gap at the end lengthens the line.
#[derive(Debug, Clone, Copy, Default)]
pub struct DriftModel;

/// A fitted [`DriftModel`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    first: f64,
    last: f64,
    /// Steps from the first known value to the last one.
    span: f64,
    /// Steps that passed since the last known value.
    since: f64,
    /// Whether there was a known value yet.
    begun: bool,
}

impl Fit for DriftModel {
    fn name(&self) -> String {
        "drift".to_owned()
    }

    fn minimum(&self) -> usize {
        2
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        FitError::unless_enough("drift", self.minimum(), history)?;
        let mut drift = Drift { first: 0.0, last: 0.0, span: 0.0, since: 0.0, begun: false };
        for index in 0..history.len() {
            drift.update(history.observation(index));
        }
        Ok(Box::new(drift))
    }
}

impl Predict for Drift {
    fn update(&mut self, news: Observation) {
        self.since += 1.0;
        if !news.is_known() {
            return;
        }
        if self.begun {
            self.span += self.since;
        } else {
            self.first = news.value;
            self.begun = true;
        }
        self.last = news.value;
        self.since = 0.0;
    }

    fn predict(&self, path: &mut [f64]) {
        // Divided before they are subtracted: the difference of two finite values need not be finite.
        let slope = if self.span > 0.0 { self.last / self.span - self.first / self.span } else { 0.0 };
        let mut ahead = self.since;
        for step in path {
            ahead += 1.0;
            *step = (self.last + slope * ahead).clamp(f64::MIN, f64::MAX);
        }
    }

    fn save(&self) -> Saved {
        Saved::Drift(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::Grid;
    use proptest::prelude::*;

    fn path(values: &[f64]) -> Vec<f64> {
        let grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };
        let fitted = DriftModel.fit(&History::new(grid, values)).expect("long enough");
        let mut path = vec![0.0; 3];
        fitted.save().restore().predict(&mut path);
        path
    }

    #[test]
    fn the_line_goes_on_through_gaps() {
        // statsforecast 2.1.1: RandomWalkWithDrift().forecast(y=[1, 4, 2, 7], h=3)["mean"] -> 9, 11, 13
        assert_eq!(path(&[1.0, 4.0, 2.0, 7.0]), [9.0, 11.0, 13.0]);
        assert_eq!(path(&[f64::NAN, 1.0, f64::NAN, 3.0, f64::NAN]), [5.0, 6.0, 7.0]);
    }

    proptest! {
        /// However large the values are, the path is finite.
        #[test]
        fn paths_are_finite(values in prop::collection::vec(prop::num::f64::NORMAL, 2..6)) {
            prop_assert!(path(&values).iter().all(|step| step.is_finite()));
        }
    }
}
