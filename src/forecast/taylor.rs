//! Exponential smoothing with one or two additive seasons and an autoregressive error.
//!
//! Level, first season and second season each take a share of every one-step error, and what is left of the error
//! fades by a factor a step: Taylor, *Short-term electricity demand forecasting using double seasonal exponential
//! smoothing*, 2003, in the error form of *Triple seasonal methods for short-term electricity demand forecasting*, 2010.
//! The shares come from a small grid by the absolute error over several horizons up to the one that is wanted, because
//! the best shares for one step ahead make a level that chases noise at forty-eight; the path is the mean of the three
//! best sets.
//!
//! Why not Holt-Winters with a season of a week: its 168 phases see one value a week each, while here the day is learnt
//! seven times as fast and the week only says how days differ. There is no trend: at these horizons it costs more than
//! it brings. Values are best on the scale on which their noise is even.
//!
//! Minimum: two of the second season and one of the first, or four of the only one. Gaps move time on only; a constant
//! stays what it is. Paths are cut a quarter of the range beyond what was seen.

mod grid;
mod search;
mod start;
mod state;

use serde::{Deserialize, Serialize};

use crate::forecast::history::{History, Observation};
use crate::forecast::model::{Fit, FitError, ParameterError, Predict};
use crate::forecast::saved::Saved;
use search::{Judged, Search};
use start::Start;
use state::State;

/// Sets whose mean is the path.
const BEST: usize = 3;

/// Distances at which sets are judged beside the first step.
const JUDGED: usize = 8;

/// Share of the range that a path may leave it by.
const ROOM: f64 = 0.25;

/// Lengths of the seasons in steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seasons {
    first: usize,
    second: Option<usize>,
}

/// Smoothing with one or two seasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaylorModel {
    seasons: Seasons,
    horizon: usize,
}

/// A fitted [`TaylorModel`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Taylor {
    /// Best first, at least one.
    states: Vec<State>,
    /// Phases of the next step.
    first: usize,
    second: usize,
    /// The range that was seen.
    low: f64,
    high: f64,
}

impl TaylorModel {
    /// The model with one season of `season` steps, to forecast up to `horizon` steps.
    ///
    /// # Errors
    /// If the season is below 2 or the horizon is 0.
    pub fn single(season: usize, horizon: usize) -> Result<Self, ParameterError> {
        if season < 2 {
            return Err(ParameterError { parameter: "season", needed: "at least 2", found: season.to_string() });
        }
        if horizon == 0 {
            return Err(ParameterError { parameter: "horizon", needed: "at least 1", found: "0".to_owned() });
        }
        Ok(Self { seasons: Seasons { first: season, second: None }, horizon })
    }

    /// The model with seasons of `first` and `second` steps, to forecast up to `horizon` steps.
    ///
    /// # Errors
    /// If the second season is not longer than the first, that is below 2, or the horizon is 0.
    pub fn double(first: usize, second: usize, horizon: usize) -> Result<Self, ParameterError> {
        let single = Self::single(first, horizon)?;
        if second <= first {
            let found = second.to_string();
            return Err(ParameterError { parameter: "second season", needed: "longer than the first", found });
        }
        Ok(Self { seasons: Seasons { first, second: Some(second) }, ..single })
    }

    /// The first step at which sets are judged: after what the start was made of, and where there is enough, after a
    /// week of days, when the start is forgotten.
    fn judged_from(&self, len: usize) -> usize {
        let start = self.start();
        let settled = 7 * self.seasons.first;
        match self.seasons.second {
            Some(_) => start,
            None if len >= 2 * settled => settled,
            None => start.max(len / 2),
        }
    }

    /// Steps that the start is made of.
    fn start(&self) -> usize {
        self.seasons.second.map_or(3 * self.seasons.first, |second| 2 * second)
    }

    /// The first step and others evenly spread up to the horizon.
    fn horizons(&self) -> Vec<usize> {
        let mut horizons: Vec<usize> = (1..=JUDGED).map(|part| (part * self.horizon).div_ceil(JUDGED)).collect();
        horizons.insert(0, 1);
        horizons.dedup();
        horizons
    }
}

impl Fit for TaylorModel {
    fn name(&self) -> String {
        if self.seasons.second.is_some() { "double-seasonal" } else { "single-seasonal" }.to_owned()
    }

    fn minimum(&self) -> usize {
        self.start() + self.seasons.first
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        FitError::unless_enough(&self.name(), self.minimum(), history)?;
        let values = history.values;
        let start = Start::of(&values[..self.start()], self.seasons);
        let grid = if self.seasons.second.is_some() { grid::double() } else { grid::single() };
        let horizons = self.horizons();
        let judged = Judged { horizons: &horizons, from: self.judged_from(values.len()) };
        let states = Search::new(&grid, &start).run(values, &judged, BEST);
        let known = values.iter().copied().filter(|value| value.is_finite());
        let (low, high) = known.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let second = self.seasons.second.map_or(0, |second| values.len() % second);
        Ok(Box::new(Taylor { states, first: values.len() % self.seasons.first, second, low, high }))
    }
}

impl Taylor {
    /// Lengths of the two seasons; 1 where there is no second one.
    fn seasons(&self) -> (usize, usize) {
        self.states.first().map_or((1, 1), |state| (state.first.len(), state.second.len()))
    }
}

impl Taylor {
    /// Makes the sums over all states in `values` means within bounds.
    fn settle(&self, values: &mut [f64]) {
        #[expect(clippy::cast_precision_loss, reason = "three states")]
        let count = self.states.len() as f64;
        let (low, high) = (self.low.max(f64::MIN / 2.0), self.high.min(f64::MAX / 2.0));
        let room = ROOM * (high - low);
        for value in values {
            let mean = *value / count;
            // Sums of values near the largest floats may be lost.
            *value = if mean.is_finite() { mean.clamp(low - room, high + room) } else { f64::midpoint(low, high) };
        }
    }
}

impl Predict for Taylor {
    fn update(&mut self, news: Observation) {
        let (first, second) = self.seasons();
        for state in &mut self.states {
            state.learn(news.value, self.first, self.second);
        }
        if news.is_known() {
            self.low = self.low.min(news.value);
            self.high = self.high.max(news.value);
        }
        self.first = if self.first + 1 < first { self.first + 1 } else { 0 };
        self.second = if self.second + 1 < second { self.second + 1 } else { 0 };
    }

    fn predict(&self, path: &mut [f64]) {
        path.fill(0.0);
        for state in &self.states {
            state.add_path(path, self.first, self.second);
        }
        self.settle(path);
    }

    fn predict_at(&self, horizons: &[usize], values: &mut [f64]) {
        values.fill(0.0);
        for state in &self.states {
            state.add_at(horizons, values, self.first, self.second);
        }
        self.settle(values);
    }

    fn save(&self) -> Saved {
        Saved::Taylor(self.clone())
    }
}

#[cfg(test)]
mod tests;
