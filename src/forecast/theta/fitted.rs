//! A fitted theta model.

use serde::{Deserialize, Serialize};

use super::course::{Course, Weights};
use super::season::Adjustment;
use crate::forecast::history::Observation;
use crate::forecast::model::{Predict, all_the_way};
use crate::forecast::saved::Saved;

/// A fitted [`super::ThetaModel`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Theta {
    /// Its weights; they stay when the states are updated.
    pub(super) weights: Weights,
    /// Where the seasonally adjusted series stands.
    pub(super) course: Course,
    /// The season, which stays too.
    pub(super) season: Adjustment,
    /// Mean squared one-step error over the history but for the first steps, seasonally adjusted.
    pub(super) error: f64,
}

impl Theta {
    /// The weights found.
    #[must_use]
    pub const fn weights(&self) -> Weights {
        self.weights
    }

    /// Mean squared one-step error of the seasonally adjusted history, without its first three steps.
    #[must_use]
    pub const fn error(&self) -> f64 {
        self.error
    }

    /// Whether the history had a season by the test.
    #[must_use]
    pub const fn is_seasonal(&self) -> bool {
        self.season.is_seasonal()
    }
}

impl Predict for Theta {
    fn update(&mut self, news: Observation) {
        let expected = self.course.expected(&self.weights);
        let value = if news.is_known() { self.season.remove(0, news.value) } else { expected };
        let mut course = self.course;
        course.update(&self.weights, value);
        if !course.is_finite() {
            // News that leave the range of numbers are a gap.
            course = self.course;
            course.update(&self.weights, expected);
        }
        if course.is_finite() {
            self.course = course;
        }
        self.season.advance(1);
    }

    fn predict(&self, path: &mut [f64]) {
        let mut course = self.course;
        for (ahead, mean) in path.iter_mut().enumerate() {
            let expected = course.expected(&self.weights).clamp(f64::MIN, f64::MAX);
            *mean = self.season.apply(ahead, expected).clamp(f64::MIN, f64::MAX);
            course.update(&self.weights, expected);
            if !course.is_finite() {
                course = self.course;
            }
        }
    }

    fn predict_at(&self, horizons: &[usize], values: &mut [f64]) {
        for (value, &horizon) in values.iter_mut().zip(horizons) {
            #[expect(clippy::cast_precision_loss, reason = "horizons are small")]
            let expected = self.course.expected_at(&self.weights, horizon as f64);
            let Some(expected) = expected.filter(|expected| expected.is_finite()) else {
                return all_the_way(|path| self.predict(path), horizons, values);
            };
            *value = self.season.apply(horizon - 1, expected).clamp(f64::MIN, f64::MAX);
        }
    }

    fn save(&self) -> Saved {
        Saved::Theta(self.clone())
    }
}
