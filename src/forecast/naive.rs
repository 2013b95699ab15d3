//! The last value repeated: what every other model has to beat on minute data; beside it its three relatives.
//!
//! None of them has anything to estimate, so they are the yardsticks and, where a series is thin and noisy, the
//! right answer: nothing beat a constant [`median`] on noisy gateway latencies.

pub mod drift;
pub mod median;
pub mod seasonal;

use serde::{Deserialize, Serialize};

use crate::forecast::history::{History, Observation};
use crate::forecast::model::{Fit, FitError, Predict};
use crate::forecast::saved::Saved;

/// The last value stays (Hyndman and Athanasopoulos, *Forecasting: principles and practice*, section 5.2).
#[derive(Debug, Clone, Copy, Default)]
pub struct NaiveModel;

/// A fitted [`NaiveModel`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Naive {
    last: f64,
}

impl Fit for NaiveModel {
    fn name(&self) -> String {
        "naive".to_owned()
    }

    fn minimum(&self) -> usize {
        1
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        FitError::unless_enough("naive", self.minimum(), history)?;
        let mut naive = Naive { last: 0.0 };
        for index in 0..history.len() {
            naive.update(history.observation(index));
        }
        Ok(Box::new(naive))
    }
}

impl Predict for Naive {
    fn update(&mut self, news: Observation) {
        if news.is_known() {
            self.last = news.value;
        }
    }

    fn predict(&self, path: &mut [f64]) {
        path.fill(self.last);
    }

    fn predict_at(&self, _horizons: &[usize], values: &mut [f64]) {
        values.fill(self.last);
    }

    fn save(&self) -> Saved {
        Saved::Naive(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::Grid;

    #[test]
    fn the_last_known_value_stays_and_survives_saving() {
        let grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };
        let mut fitted = NaiveModel.fit(&History::new(grid, &[1.0, 2.0, f64::NAN])).expect("long enough");
        fitted.update(Observation::of(f64::NAN));
        let (mut path, mut again) = ([0.0; 3], [0.0; 3]);
        fitted.predict(&mut path);
        fitted.save().restore().predict(&mut again);
        assert_eq!((path, again), ([2.0; 3], [2.0; 3]));
        assert!(NaiveModel.fit(&History::new(grid, &[f64::NAN])).is_err());
    }
}
