//! Autoregression on a sparse set of lags, estimated by ridge regression.
//!
//! Each value, less the mean c of the last season, is regressed on earlier values, less the same c:
//! z(t) - c = sum of b(lag) (z(t - lag) - c), without an intercept. Taking c away makes the model follow the level
//! wherever it goes, as differencing would, but without doubling the noise; the lags of one and two days and of a week
//! carry the seasons. The penalty (5e-4 of the mean diagonal of X'X) is that of Hoerl and Kennard, *Ridge regression:
//! biased estimation for nonorthogonal problems*, 1970: it only keeps the solution steady where neighbouring lags say
//! the same. Paths are made recursively and cut a quarter of the range beyond what was seen, so that a root outside
//! the unit circle cannot run away; those that are cut nowhere are kept up to date instead (`course.rs`).
//!
//! Why not ARIMA: with two seasons its state has hundreds of dimensions and its likelihood is found in minutes, while
//! this is one linear system. Of all single models tried on the M4 hourly series it is the most accurate; it wants the
//! scale on which noise is even, a logarithm for what is positive.
//!
//! Minimum: 12 steps; with less than the longest lag and as many rows as lags, shorter lags are taken.
//! Rows with a gap in any used value take no part; in the state a gap becomes the model's own forecast. A
//! constant series has only zeros to regress on and stays what it is.

mod course;
mod lags;
mod line;
mod normal;

use serde::{Deserialize, Serialize};

use crate::forecast::history::{History, Observation};
use crate::forecast::model::{Fit, FitError, ParameterError, Predict, all_the_way};
use crate::forecast::saved::Saved;
use crate::stats::cholesky;
use course::{Course, Response};
use line::Line;
use normal::Normal;

const NAME: &str = "lag-ridge";

/// Penalty as a share of the mean diagonal element, and what keeps the system solvable if that is zero.
const PENALTY: f64 = 5e-4;
const LEAST_PENALTY: f64 = 1e-12;

/// The level is the mean of one season, but of no more values than this, so that it follows within the hour at
/// minute steps; and of that many where there is no season.
const LONGEST_LEVEL: usize = 60;
const USUAL_LEVEL: usize = 24;

/// Share of the range that a path may leave it by.
const ROOM: f64 = 0.25;

/// Steps after which a kept path is computed anew, and after which one that was cut somewhere is tried again.
const RENEWAL: usize = 1_440;
const RETRY: usize = 60;

/// Rounding of a path, as a share of its size.
const ROUNDING: f64 = 1e-12;

/// Autoregression on lags chosen by the seasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LagRidgeModel {
    seasons: Vec<usize>,
}

/// A fitted [`LagRidgeModel`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LagRidge {
    line: Line,
    /// The values up to the longest lag, and the path as long as it is kept.
    course: Course,
    /// Steps since the whole path was computed.
    age: usize,
    /// The range that was seen.
    low: f64,
    high: f64,
    /// It follows from the line and is computed when it is first needed.
    #[serde(skip)]
    response: Response,
}

impl LagRidgeModel {
    /// The model for up to two seasons, in steps, the shorter first; none at all is possible.
    ///
    /// # Errors
    /// If there are more than two, one is below 2, or they do not ascend.
    pub fn new(seasons: &[usize]) -> Result<Self, ParameterError> {
        let valid = seasons.len() <= 2 && seasons.is_sorted_by(|a, b| a < b) && seasons.iter().all(|&m| m >= 2);
        if valid {
            return Ok(Self { seasons: seasons.to_vec() });
        }
        let needed = "at most two numbers of steps from 2 on, ascending";
        Err(ParameterError { parameter: "seasons", needed, found: format!("{seasons:?}") })
    }
}

impl Fit for LagRidgeModel {
    fn name(&self) -> String {
        NAME.to_owned()
    }

    fn minimum(&self) -> usize {
        12
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        FitError::unless_enough(NAME, self.minimum(), history)?;
        let (low, high) = range(history.values);
        let lags = lags::choose(&self.seasons, history.len());
        let longest = lags.last().copied().unwrap_or(1);
        let level = self.seasons.first().copied().unwrap_or(USUAL_LEVEL).min(LONGEST_LEVEL).min(longest);
        let coefficients = regress(history.values, &lags, level, high / 2.0 - low / 2.0)?;
        let first = history.values.iter().copied().find(|value| value.is_finite()).unwrap_or(low);
        let (course, response) = (Course::new(longest, first), Response::default());
        let line = Line::new(lags, coefficients, level);
        // The path is not kept before there is a step to follow: many fits are asked just once.
        let mut fitted = LagRidge { line, course, age: RETRY, low, high, response };
        for index in 0..history.len() {
            let value = history.observation(index).value;
            fitted.course.push(if value.is_finite() { value } else { fitted.after(fitted.course.past()) });
        }
        Ok(Box::new(fitted))
    }
}

/// The smallest and the largest known value.
fn range(values: &[f64]) -> (f64, f64) {
    let known = values.iter().copied().filter(|value| value.is_finite());
    known.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

/// The coefficients of `lags`. They do not depend on the unit, so the sums are made in half the range.
fn regress(values: &[f64], lags: &[usize], level: usize, unit: f64) -> Result<Vec<f64>, FitError> {
    let unsolved = |reason: String| FitError::NoSolution { model: NAME.to_owned(), reason };
    let unit = if unit.is_normal() { unit } else { 1.0 };
    let Normal { mut gram, mut right, rows } = Normal::of(values, lags, level, unit);
    if rows < lags.len() {
        return Err(unsolved(format!("{rows} steps have no gap in their {} lags", lags.len())));
    }
    let diagonal = || (0..lags.len()).map(|row| row * lags.len() + row);
    #[expect(clippy::cast_precision_loss, reason = "lags are few")]
    let penalty = PENALTY * diagonal().map(|at| gram[at]).sum::<f64>() / lags.len() as f64 + LEAST_PENALTY;
    diagonal().for_each(|at| gram[at] += penalty);
    cholesky::solve(&mut gram, &mut right).map_err(|error| unsolved(error.to_string()))?;
    Ok(right)
}

impl LagRidge {
    /// The model as it was before it was saved: what was not written is computed again.
    #[must_use]
    pub(crate) fn resumed(mut self) -> Self {
        if self.course.kept() > 0 && self.response.is_empty() {
            self.response = Response::of(&self.line);
        }
        self
    }

    /// Between which values a path stays.
    fn bounds(&self) -> (f64, f64) {
        let room = ROOM * (self.high - self.low);
        (self.low - room, self.high + room)
    }

    /// The value after `past`, whose last element is the newest.
    fn after(&self, past: &[f64]) -> f64 {
        let value = self.line.after(past);
        let (low, high) = self.bounds();
        if value.is_finite() && low.is_finite() && high.is_finite() {
            value.clamp(low, high)
        } else {
            past.last().copied().unwrap_or(self.low)
        }
    }

    /// The bounds with room for rounding, within which a path counts as not cut.
    fn bounds_of_course(&self) -> (f64, f64) {
        let (low, high) = self.bounds();
        let rounding = ROUNDING * low.abs().max(high.abs());
        (low - rounding, high + rounding)
    }
}

impl Predict for LagRidge {
    fn update(&mut self, news: Observation) {
        if news.is_known() {
            self.low = self.low.min(news.value);
            self.high = self.high.max(news.value);
        }
        if self.response.is_empty() {
            self.response = Response::of(&self.line);
        }
        let is_kept = self.course.kept() > 0;
        let value = match (news.is_known(), is_kept) {
            (true, _) => news.value,
            (false, true) => self.course.ahead(&self.response, 0),
            (false, false) => self.after(self.course.past()),
        };
        let bounds = self.bounds_of_course();
        if is_kept {
            self.course.follow(&self.line, &self.response, value, bounds);
        } else {
            self.course.push(value);
        }
        self.age += 1;
        // A kept path gathers the rounding of its steps, and one that was cut may be whole again.
        if self.age >= if self.course.kept() > 0 { RENEWAL } else { RETRY } {
            self.age = 0;
            self.course.renew(&self.line, &self.response, bounds);
        }
    }

    fn predict(&self, path: &mut [f64]) {
        let (low, high) = self.bounds();
        let (near, far) = path.split_at_mut(self.course.kept().min(path.len()));
        for (at, step) in near.iter_mut().enumerate() {
            *step = self.course.ahead(&self.response, at).clamp(low, high);
        }
        if far.is_empty() {
            return;
        }
        let past = self.course.past();
        let mut values = Vec::with_capacity(past.len() + near.len() + far.len());
        values.extend_from_slice(past);
        values.extend_from_slice(near);
        for step in far {
            *step = self.after(&values);
            values.push(*step);
        }
    }

    fn predict_at(&self, horizons: &[usize], values: &mut [f64]) {
        if horizons.last().is_some_and(|farthest| *farthest > self.course.kept()) {
            return all_the_way(|path| self.predict(path), horizons, values);
        }
        let (low, high) = self.bounds();
        for (value, horizon) in values.iter_mut().zip(horizons) {
            *value = self.course.ahead(&self.response, horizon - 1).clamp(low, high);
        }
    }

    fn save(&self) -> Saved {
        let Self { age, low, high, .. } = *self;
        let (line, course) = (self.line.clone(), self.course.trimmed());
        // A copy in memory need not compute it, and a path that is not kept does not need it.
        let response = if course.kept() > 0 { self.response.clone() } else { Response::default() };
        Saved::LagRidge(Self { line, course, age, low, high, response })
    }
}

#[cfg(test)]
mod tests;
