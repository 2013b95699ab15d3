//! The median of the last values: the best constant on thin noisy series, and deaf to outliers.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::forecast::history::{History, Observation};
use crate::forecast::model::{Fit, FitError, ParameterError, Predict};
use crate::forecast::saved::Saved;

/// Longest window: a week of minutes. "All of history" is the window of its length.
pub const LONGEST_WINDOW: usize = 10_080;

/// The median of the last `window` known values, gaps not counted; of an even number the mean of the middle two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MedianModel {
    window: usize,
}

/// A fitted [`MedianModel`]: an update finds its places by bisection and moves at most `window` numbers in one
/// sorted slice, which for windows of this length is faster than any tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Window", into = "Window")]
pub struct MovingMedian {
    window: Window,
    /// The values of the window, ascending.
    sorted: Vec<f64>,
}

/// What there is to keep of a [`MovingMedian`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Window {
    longest: usize,
    /// Known values, oldest first.
    values: VecDeque<f64>,
}

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
        let mut values: VecDeque<f64> = VecDeque::with_capacity(self.window);
        let known = history.values.iter().rev().copied().filter(|value| value.is_finite());
        known.take(self.window).for_each(|value| values.push_front(value));
        Ok(Box::new(MovingMedian::from(Window { longest: self.window, values })))
    }
}

impl From<Window> for MovingMedian {
    fn from(window: Window) -> Self {
        let mut sorted: Vec<f64> = Vec::with_capacity(window.longest);
        sorted.extend(&window.values);
        sorted.sort_unstable_by(f64::total_cmp);
        Self { window, sorted }
    }
}

impl From<MovingMedian> for Window {
    fn from(median: MovingMedian) -> Self {
        median.window
    }
}

impl MovingMedian {
    /// Puts `new` into the sorted window in the place of `old`, moving what lies between the two places by one.
    fn exchange(&mut self, old: f64, new: f64) {
        let from = self.sorted.partition_point(|value| value.total_cmp(&old).is_lt());
        let to = self.sorted.partition_point(|value| value.total_cmp(&new).is_lt());
        if from < to {
            self.sorted.copy_within(from + 1..to, from);
            self.sorted[to - 1] = new;
        } else {
            self.sorted.copy_within(to..from, to + 1);
            self.sorted[to] = new;
        }
    }
}

impl Predict for MovingMedian {
    fn update(&mut self, news: Observation) {
        if !news.is_known() {
            return;
        }
        let full = self.window.values.len() >= self.window.longest;
        let oldest = if full { self.window.values.pop_front() } else { None };
        if let Some(oldest) = oldest {
            self.exchange(oldest, news.value);
        } else {
            let at = self.sorted.partition_point(|value| value.total_cmp(&news.value).is_lt());
            self.sorted.insert(at, news.value);
        }
        self.window.values.push_back(news.value);
    }

    fn predict(&self, path: &mut [f64]) {
        let middle = self.sorted.len() / 2;
        let upper = self.sorted.get(middle).copied().unwrap_or(0.0);
        let lower = if self.sorted.len().is_multiple_of(2) { middle.saturating_sub(1) } else { middle };
        let lower = self.sorted.get(lower).copied().unwrap_or(upper);
        path.fill(f64::midpoint(lower, upper));
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
