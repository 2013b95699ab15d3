//! The median of the last values: the best constant on thin noisy series, and deaf to outliers.

use serde::{Deserialize, Serialize};

use crate::forecast::history::{History, Observation};
use crate::forecast::model::{Fit, FitError, ParameterError, Predict};
use crate::forecast::saved::Saved;
use crate::stats::robust::median_sorted;
use crate::stats::window::SortedWindow;

/// Longest window: a week of minutes. "All of history" is the window of its length.
pub const LONGEST_WINDOW: usize = 10_080;

/// The median of the last `window` known values, gaps not counted; of an even number the mean of the middle two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MedianModel {
    window: usize,
}

/// A fitted [`MedianModel`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MovingMedian(SortedWindow);

impl MedianModel {
    /// The model with a window of `window` known values.
    ///
    /// # Errors
    /// If `window` is 0 or above [`LONGEST_WINDOW`].
    pub fn new(window: usize) -> Result<Self, ParameterError> {
        if (1..=LONGEST_WINDOW).contains(&window) {
            return Ok(Self { window });
        }
        Err(ParameterError { parameter: "window", needed: "from 1 to 10080", found: window.to_string() })
    }
}

impl Fit for MedianModel {
    fn name(&self) -> String {
        format!("median-{}", self.window)
    }

    fn minimum(&self) -> usize {
        1
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        FitError::unless_enough(&self.name(), self.minimum(), history)?;
        let mut window = SortedWindow::new(self.window);
        let known = history.values.iter().copied().filter(|value| value.is_finite());
        known.skip(history.observed().saturating_sub(self.window)).for_each(|value| window.push(value));
        Ok(Box::new(MovingMedian(window)))
    }
}

impl Predict for MovingMedian {
    fn update(&mut self, news: Observation) {
        if news.is_known() {
            self.0.push(news.value);
        }
    }

    fn predict(&self, path: &mut [f64]) {
        path.fill(median_sorted(self.0.sorted()).unwrap_or(0.0));
    }

    fn predict_at(&self, _horizons: &[usize], values: &mut [f64]) {
        self.predict(values);
    }

    fn save(&self) -> Saved {
        Saved::MovingMedian(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::Grid;
    use crate::stats::quantile::quantile_select;
    use proptest::prelude::*;

    fn fit(window: usize, values: &[f64]) -> Box<dyn Predict> {
        let grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };
        MedianModel::new(window).expect("a window").fit(&History::new(grid, values)).expect("long enough")
    }

    fn median(fitted: &dyn Predict) -> f64 {
        let mut path = [0.0; 2];
        fitted.predict(&mut path);
        assert_eq!(path[0].to_bits(), path[1].to_bits());
        path[0]
    }

    #[test]
    fn an_outlier_and_a_gap_do_not_move_it() {
        let fitted = fit(3, &[100.0, 1.0, 2.0, f64::NAN, 1e300]);
        assert!((median(&*fitted) - 2.0).abs() < 1e-12);
        assert!(MedianModel::new(0).is_err() && MedianModel::new(LONGEST_WINDOW + 1).is_err());
    }

    proptest! {
        /// Updated one by one it is the median of the window by its definition, and so it is after saving.
        #[test]
        fn equals_the_definition(values in prop::collection::vec(-3i32..4, 1..60), window in 1usize..9) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let mut fitted = fit(window, &values[..1]);
            for end in 2..=values.len() {
                fitted.update(Observation::of(values[end - 1]));
                let mut last = values[end.saturating_sub(window)..end].to_vec();
                let expected = quantile_select(&mut last, 0.5).expect("not empty");
                prop_assert!((median(&*fitted) - expected).abs() < 1e-12);
            }
            let json = serde_json::to_string(&fitted.save()).expect("serialisable");
            let restored: Saved = serde_json::from_str(&json).expect("readable");
            prop_assert_eq!(&restored, &fitted.save());
        }
    }
}
