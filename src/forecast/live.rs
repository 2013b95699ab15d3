//! One series followed online: its champion, its intervals, and how right it has been.
//!
//! A [`Tracker`] is fitted to a history and then told of one step at a time, in O(1): the champion's states move, the
//! intervals learn from what came true, the forecasts made here are scored at a few horizons and compared with the
//! naive and the seasonal naive forecast. Parameters are fitted again by somebody else, off this path. A tracker is
//! plain data to its last bit: saved and restored it makes bit-equal forecasts.

mod score;
mod shape;
mod standby;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::forecast::global::Pool;
use crate::forecast::history::{Grid, History, Observation};
use crate::forecast::interval::{Horizons, Intervals, Places};
use crate::forecast::marginal::Marginal;
use crate::forecast::model::{Fit, FitError, Predict};
use crate::forecast::output::{Forecast, Levels};
use crate::forecast::paths::Draw;
use crate::forecast::saved::{FORMAT, Saved};
use crate::forecast::scale::Domain;

use score::Scores;
pub use score::{Role, WINDOW_S, WindowScore};
pub use shape::Shape;
pub use standby::Baseline;
use standby::Standby;

/// How much wider the intervals of a borrowed tracker begin.
const LENT_SPREAD: f64 = 2.0;

/// One series followed online.
#[derive(Debug)]
pub struct Tracker {
    /// Where the next step lies.
    next: Grid,
    shape: Shape,
    model: String,
    champion: Box<dyn Predict>,
    intervals: Intervals,
    standby: Standby,
    scores: Scores,
    /// Steps ahead of which a value is wanted: those of the intervals and of the scores.
    horizons: Vec<usize>,
    /// Scratch for the values there, so that a step allocates nothing.
    values: Vec<f64>,
}

/// A [`Tracker`] as data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SavedTracker {
    format: u32,
    next: Grid,
    shape: Shape,
    model: String,
    champion: Saved,
    intervals: Intervals,
    standby: Standby,
    scores: Scores,
}

impl Tracker {
    /// Fits `model` to `history` and rehearses on its end: a fit of the first part walks through the rest, which
    /// teaches the intervals; then everything is fitted again.
    ///
    /// # Errors
    /// As the model's own fit.
    pub fn start(model: &dyn Fit, shape: Shape, history: &History<'_>) -> Result<Self, FitError> {
        let cut = history.len() - Intervals::rehearsal(history.len());
        let scale = shape.scale(history);
        let known = history.until(cut);
        let (cut, first) = match model.fit(&known) {
            Ok(fitted) => (cut, fitted),
            Err(_) => (history.len(), model.fit(history)?),
        };
        let (intervals, scores) = (
            Intervals::new(shape.domain, scale, Horizons::up_to(shape.horizon), shape.season),
            Scores::new(shape.horizon),
        );
        let mut tracker = Self {
            next: history.grid.advanced(cut),
            model: model.name(),
            champion: first,
            standby: Standby::new(shape.season, shape.horizon),
            horizons: horizons(&intervals, &scores),
            intervals,
            scores,
            values: Vec::new(),
            shape,
        };
        for index in cut.saturating_sub(tracker.standby.memory())..cut {
            tracker.standby.remember(history.observation(index).value);
        }
        tracker.issue();
        for index in cut..history.len() {
            tracker.update(history.observation(index));
        }
        if cut < history.len() {
            tracker.champion = model.fit(history)?;
        }
        // A rehearsal is no performance.
        tracker.scores = Scores::new(tracker.shape.horizon);
        tracker.issue();
        Ok(tracker)
    }

    /// The champion's name.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Where the next step lies.
    #[must_use]
    pub const fn next(&self) -> Grid {
        self.next
    }

    /// Moves on by one step in O(1).
    pub fn update(&mut self, news: Observation) {
        self.scores.observe(self.next, news.value, &self.model, &self.standby);
        self.intervals.observe(news);
        self.standby.compare(news.value, &self.scores);
        self.standby.remember(news.value);
        self.champion.update(news);
        self.next = self.next.advanced(1);
        self.scores.advance();
        self.issue();
    }

    /// Forecasts from here and notes what is to be scored.
    fn issue(&mut self) {
        let wanted = self.intervals.wanted().max(self.scores.horizons().last().unwrap_or(1));
        let horizons = &self.horizons[..self.horizons.partition_point(|horizon| *horizon <= wanted)];
        self.values.resize(horizons.len(), 0.0);
        self.champion.predict_at(horizons, &mut self.values);
        self.intervals.issue_at(horizons, &self.values);
        self.scores.issue(horizons, &self.values, &self.intervals);
    }

    /// The next `steps` steps, with quantiles at `levels`.
    #[must_use]
    pub fn forecast(&self, steps: usize, levels: &Levels) -> Forecast {
        let mut path = vec![0.0; steps];
        self.champion.predict(&mut path);
        let mut quantiles = Vec::with_capacity(steps * levels.len());
        self.intervals.quantiles(&path, levels, &mut quantiles);
        let width = levels.len();
        // Scores keep the weights of the usual levels, which take a dozen normal quantiles.
        let known = self.scores.mean_weights(levels).map(Cow::Borrowed);
        let weights = known.unwrap_or_else(|| Cow::Owned(Marginal::mean_weights(levels.as_slice())));
        let mean = |row: &[f64]| row.iter().zip(&*weights).map(|(value, weight)| value * weight).sum();
        let mean = quantiles.chunks(width).map(mean).map(|mean| self.shape.domain.clamp(mean)).collect();
        Forecast { grid: self.next, model: self.model.clone(), mean, levels: levels.clone(), quantiles }
    }

    /// Writes the quantiles at `places` of the single step `steps` ahead, from 1, into `row`, which has one entry for each:
    /// what its value is held against once it is there. Much cheaper than a whole forecast, and the same to the last bit but
    /// for models whose step alone differs from that of their path by rounding.
    pub fn ahead(&self, steps: usize, places: &Places, row: &mut [f64]) {
        let mut value = [0.0];
        self.champion.predict_at(&[steps.max(1)], &mut value);
        self.intervals.now().quantiles(steps.max(1), value[0], places, row);
    }

    /// How whole paths are drawn from this series' forecasts.
    #[must_use]
    pub fn draw(&self) -> Draw {
        let floor = if self.shape.domain == Domain::Real { f64::NEG_INFINITY } else { 0.0 };
        Draw { paths: Draw::PATHS, persistence: self.intervals.persistence(), floor }
    }

    /// The baseline that the champion has fallen behind, if it has: it should be replaced.
    #[must_use]
    pub fn better_baseline(&self) -> Option<Baseline> {
        self.standby.better()
    }

    /// Puts the baseline in the champion's place, from the values it remembers, until the next fit. Nothing happens
    /// if it remembers none.
    pub fn fall_back(&mut self, baseline: Baseline) {
        if let Some((name, fitted)) = self.standby.fit(baseline, self.next) {
            self.model = name;
            self.champion = fitted;
            self.standby.forgive();
            self.issue();
        }
    }

    /// A tracker for a sibling series that is too young for a fit of its own: the same model with twice the spread,
    /// which then learns from the sibling's values. `None` if the state cannot be copied.
    #[must_use]
    pub fn lend(&self) -> Option<Self> {
        let mut lent = self.save().restore()?;
        lent.intervals.widen(LENT_SPREAD);
        lent.standby = Standby::new(self.shape.season, self.shape.horizon);
        lent.scores = Scores::new(self.shape.horizon);
        lent.model = format!("{} of a sibling", self.model);
        Some(lent)
    }

    /// Takes out the scores of windows that are over.
    pub fn take_scores(&mut self) -> Vec<WindowScore> {
        self.scores.take_finished()
    }

    /// Everything there is to keep.
    #[must_use]
    pub fn save(&self) -> SavedTracker {
        SavedTracker {
            format: FORMAT,
            next: self.next,
            shape: self.shape,
            model: self.model.clone(),
            champion: self.champion.save(),
            intervals: self.intervals.clone(),
            standby: self.standby.clone(),
            scores: self.scores.clone(),
        }
    }
}

impl SavedTracker {
    /// As [`Saved::join`].
    pub fn join(&mut self, pool: &Arc<Pool>) {
        self.champion.join(pool);
    }

    /// The tracker as it was; `None` if it was saved in another format.
    #[must_use]
    pub fn restore(self) -> Option<Tracker> {
        (self.format == FORMAT).then(|| Tracker {
            next: self.next,
            shape: self.shape,
            model: self.model,
            champion: self.champion.restore(),
            horizons: horizons(&self.intervals, &self.scores),
            intervals: self.intervals,
            standby: self.standby,
            scores: self.scores,
            values: Vec::new(),
        })
    }
}

/// Steps ahead at which either wants a value.
fn horizons(intervals: &Intervals, scores: &Scores) -> Vec<usize> {
    let all: BTreeSet<usize> = intervals.horizons().as_slice().iter().copied().chain(scores.horizons()).collect();
    all.into_iter().collect()
}

#[cfg(test)]
mod tests;
