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
//!    because the errors are signed, a path that is biased is corrected too.
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
use tracked::{LEVELS, Tracked};

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
        for (at, tracked) in self.tracked.iter_mut().enumerate() {
            let Some((path, spread)) = self.pending.due(at) else { continue };
            if truth.is_finite() {
                let error = truth - path;
                if at == 0 {
                    self.spread.learn(error, news.count);
                }
                tracked.learn(error / spread);
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
        let spread = self.spread.now();
        for (at, &horizon) in self.horizons.as_slice().iter().enumerate() {
            if let Some(value) = path.get(horizon - 1).filter(|_| self.pending.is_wanted(at)) {
                self.pending.issue(at, self.scale.forward(Observation::of(*value)), spread);
            }
        }
    }

    /// Writes the quantiles at `levels` around `path` into `out`, row-major. They never cross and stay in the domain;
    /// those of counts are whole.
    pub fn quantiles(&self, path: &[f64], levels: &Levels, out: &mut Vec<f64>) {
        out.resize(path.len() * levels.len(), 0.0);
        for ((step, &value), row) in path.iter().enumerate().zip(out.chunks_exact_mut(levels.len())) {
            self.quantiles_at(step + 1, value, levels, row);
        }
    }

    /// Writes the quantiles at `levels` around `value`, forecast `horizon` steps ahead, into `row`.
    pub fn quantiles_at(&self, horizon: usize, value: f64, levels: &Levels, row: &mut [f64]) {
        let spread = self.spread.now();
        let mut offsets = [0.0; LEVELS.len()];
        self.offsets(horizon, &mut offsets);
        let centre = self.scale.forward(Observation::of(self.domain.clamp(value)));
        for (quantile, &level) in row.iter_mut().zip(levels.as_slice()) {
            let z = centre + spread * tracked::between(&offsets, level);
            *quantile = self.in_domain(self.scale.back(z), level);
        }
        row.sort_unstable_by(f64::total_cmp);
    }

    /// Standardised quantiles at `horizon`, between those of the neighbouring tracked horizons.
    fn offsets(&self, horizon: usize, out: &mut [f64; LEVELS.len()]) {
        let (before, after, share) = self.horizons.around(horizon);
        let (before, after) = (self.tracked[before].values(), self.tracked[after].values());
        for ((out, before), after) in out.iter_mut().zip(before).zip(after) {
            *out = before + (after - before) * share;
        }
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

#[cfg(test)]
mod tests;
