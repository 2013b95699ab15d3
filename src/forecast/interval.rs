//! Intervals one can trust: quantiles around a path, calibrated by what came true.
//!
//! The spread that a model claims for itself is mostly wrong on operations data, and quantiles of past residuals are
//! right only until the noise changes. So the residuals are made comparable first and then followed online:
//!
//! 1. Errors are taken on the variance-stabilising [`Scale`] of the series and divided by its current [`Spread`],
//!    which knows how noisy the last minutes were, which times of the day are noisy, and that a minute with few calls
//!    is noisier than one with many.
//! 2. For each of a few horizons, each quantile of these standardised *signed* errors is tracked: it moves up a
//!    little whenever the truth lies above it and down whenever it lies below, in the proportion that holds it at its
//!    level (Gibbs and Candes, *Adaptive conformal inference under distribution shift*, 2021; Angelopoulos, Candes
//!    and Tibshirani, *Conformal PID control*, 2023). Its long-run coverage is right whatever the data does, and
//!    because the errors are signed, a path that is biased has a lopsided interval. The median stays the path itself.
//!
//! A step costs O(1): two averages, and for each horizon one error and a fixed number of levels.

mod grid;
mod pending;
mod persistence;
mod spread;
mod tracked;

use serde::{Deserialize, Serialize};

use crate::forecast::history::Observation;
use crate::forecast::output::Levels;
use crate::forecast::scale::{Domain, Scale};

pub use grid::Horizons;
use pending::Pending;
use persistence::Persistence;
pub use spread::Spread;
use tracked::{LEVELS, MEDIAN, Place, Tracked};

/// Steps of a rehearsal at most: two days of minutes.
const REHEARSAL: usize = 2_880;

/// Calibrated quantiles around the paths of one model for one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Intervals {
    domain: Domain,
    scale: Scale,
    horizons: Horizons,
    spread: Spread,
    tracked: Vec<Tracked>,
    pending: Pending,
    persistence: Persistence,
}

/// Levels at which quantiles are asked for again and again, looked up once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Places(Vec<Place>);

impl From<&Levels> for Places {
    fn from(levels: &Levels) -> Self {
        Self(levels.as_slice().iter().copied().map(Place::of).collect())
    }
}

/// The intervals around every forecast that is made at one moment.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    intervals: &'a Intervals,
    spread: f64,
}

impl Intervals {
    /// Intervals that have seen nothing yet: those of a normal distribution. `season` is the number of steps after
    /// which noise repeats, if it does.
    #[must_use]
    pub fn new(domain: Domain, scale: Scale, horizons: Horizons, season: Option<usize>) -> Self {
        let tracked = vec![Tracked::default(); horizons.as_slice().len()];
        let pending = Pending::new(&horizons);
        Self {
            domain,
            scale,
            horizons,
            spread: Spread::new(season),
            tracked,
            pending,
            persistence: Persistence::default(),
        }
    }

    /// The horizons at which errors are followed.
    #[must_use]
    pub const fn horizons(&self) -> &Horizons {
        &self.horizons
    }

    /// How many of the last steps of a history of `steps` are walked through one by one with models that were fitted to
    /// what lies before them, so that intervals have seen forecasts and outcomes before the first forecast that counts:
    /// a third, and two days of minutes at most.
    #[must_use]
    pub fn rehearsal(steps: usize) -> usize {
        (steps / 3).min(REHEARSAL)
    }

    /// Makes the intervals `factor` times as wide on the working scale, until what comes true says otherwise.
    pub fn widen(&mut self, factor: f64) {
        self.spread.widen(factor);
    }

    /// Correlation of the errors of neighbouring steps of one forecast, 0 to just below 1: what whole paths are drawn
    /// with.
    #[must_use]
    pub fn persistence(&self) -> f64 {
        self.persistence.get()
    }

    /// Learns from the news of a step: compares it with what was forecast of it.
    pub fn observe(&mut self, news: Observation) {
        let truth = self.scale.forward(news);
        let mut errors = [f64::NAN; 3];
        for (at, (tracked, &horizon)) in self.tracked.iter_mut().zip(self.horizons.as_slice()).enumerate() {
            let Some((path, spread)) = self.pending.due(at) else { continue };
            if truth.is_finite() {
                let error = truth - path;
                if at == 0 {
                    self.spread.learn(error, news.count);
                }
                tracked.learn(error / spread, horizon);
                if let Some(place) = errors.get_mut(at) {
                    *place = error / spread;
                }
            }
        }
        self.persistence.learn(errors[1], errors[2]);
        self.spread.advance(news.count);
        self.pending.advance();
    }

    /// How many steps of the path that is forecast from here are wanted by [`Intervals::issue`]: far horizons are
    /// followed now and then only.
    #[must_use]
    pub fn wanted(&self) -> usize {
        let horizons = self.horizons.as_slice().iter().enumerate();
        horizons.rev().find(|(at, _)| self.pending.is_wanted(*at)).map_or(1, |(_, horizon)| *horizon)
    }

    /// Notes the path that is forecast from here; only its values at the horizons count.
    pub fn issue(&mut self, path: &[f64]) {
        self.note(|horizon| path.get(horizon - 1).copied());
    }

    /// Notes what is forecast from here at `horizons`, ascending: `values` has one for each. Those up to
    /// [`Intervals::wanted`] are enough.
    pub fn issue_at(&mut self, horizons: &[usize], values: &[f64]) {
        let mut known = horizons.iter().zip(values);
        self.note(|wanted| known.by_ref().find(|(horizon, _)| **horizon == wanted).map(|(_, value)| *value));
    }

    fn note(&mut self, mut ahead: impl FnMut(usize) -> Option<f64>) {
        let spread = self.spread.now();
        for (at, &horizon) in self.horizons.as_slice().iter().enumerate() {
            if let Some(value) = ahead(horizon).filter(|_| self.pending.is_wanted(at)) {
                self.pending.issue(at, self.scale.forward(Observation::of(value)), spread);
            }
        }
    }

    /// Writes the quantiles at `levels` around `path` into `out`, row-major. They never cross and stay in the domain;
    /// those of counts are whole.
    pub fn quantiles(&self, path: &[f64], levels: &Levels, out: &mut Vec<f64>) {
        out.resize(path.len() * levels.len(), 0.0);
        let (places, moment) = (Places::from(levels), self.now());
        for ((step, &value), row) in path.iter().enumerate().zip(out.chunks_exact_mut(levels.len())) {
            moment.quantiles(step + 1, value, &places, row);
        }
    }

    /// The intervals around what is forecast from here.
    #[must_use]
    pub fn now(&self) -> Moment<'_> {
        Moment { intervals: self, spread: self.spread.now() }
    }

    /// Standardised quantiles at `horizon`, between those of the neighbouring tracked horizons.
    fn offsets(&self, horizon: usize, out: &mut [f64; LEVELS.len()]) {
        let (before, after, share) = self.horizons.around(horizon);
        let (before, after) = (self.tracked[before].values(), self.tracked[after].values());
        for ((out, before), after) in out.iter_mut().zip(before).zip(after) {
            *out = before + (after - before) * share;
        }
        // A median that follows the errors is noisier than the path, which is meant as a median.
        out[MEDIAN] = 0.0;
    }

    fn in_domain(&self, value: f64, level: f64) -> f64 {
        let value = self.domain.clamp(value);
        match self.domain {
            Domain::Count if level < 0.5 => value.floor(),
            Domain::Count if level > 0.5 => value.ceil(),
            Domain::Count => value.round(),
            _ => value,
        }
    }
}

impl Moment<'_> {
    /// Writes the quantiles at `places` around `value`, forecast `horizon` steps ahead, into `row`.
    pub fn quantiles(&self, horizon: usize, value: f64, places: &Places, row: &mut [f64]) {
        let Intervals { domain, scale, .. } = *self.intervals;
        let mut offsets = [0.0; LEVELS.len()];
        self.intervals.offsets(horizon, &mut offsets);
        let centre = scale.forward(Observation::of(domain.clamp(value)));
        for (quantile, place) in row.iter_mut().zip(&places.0) {
            let z = centre + self.spread * place.read(&offsets);
            *quantile = self.intervals.in_domain(scale.back(z), place.level);
        }
        // Tracked quantiles hardly ever cross, so there is hardly ever anything to sort.
        if !row.is_sorted() {
            row.sort_unstable_by(f64::total_cmp);
        }
    }
}

#[cfg(test)]
mod tests;
