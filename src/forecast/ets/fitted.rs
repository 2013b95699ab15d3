//! A fitted exponential smoothing model: states, weights, and the error it expects.

use serde::{Deserialize, Serialize};

use super::filter::{States, Weights};
use super::form::{Form, Season};
use super::variance;
use crate::forecast::history::Observation;
use crate::forecast::model::Predict;
use crate::forecast::saved::Saved;
use crate::stats::normal;

/// A fitted [`super::EtsModel`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ets {
    /// The form that was chosen.
    pub(super) form: Form,
    /// Its weights; they stay when the states are updated.
    pub(super) weights: Weights,
    /// States after the last step.
    pub(super) states: States,
    /// Variance of the one-step error in the history; of the relative one under a multiplicative error.
    pub(super) error_variance: f64,
    /// Criterion by which the form was chosen.
    pub(super) aicc: f64,
    /// -2 ln L at the fit.
    pub(super) deviance: f64,
}

impl Ets {
    /// The form that was chosen.
    #[must_use]
    pub const fn form(&self) -> Form {
        self.form
    }

    /// The smoothing weights.
    #[must_use]
    pub const fn weights(&self) -> Weights {
        self.weights
    }

    /// The criterion of Akaike, corrected for short series, at the fit; comparable with that of R's `forecast::ets`.
    #[must_use]
    pub const fn aicc(&self) -> f64 {
        self.aicc
    }

    /// -2 ln L up to a constant, as R's `forecast::ets` gives it (its `-2 * loglik`).
    #[must_use]
    pub const fn deviance(&self) -> f64 {
        self.deviance
    }

    /// The level, and the factor or effect of the season, `ahead` steps from now (from 0), given the sum of the
    /// damping so far.
    fn parts(&self, ahead: usize, damped: f64) -> (f64, f64) {
        let base = self.states.level + damped * self.states.trend;
        let period = self.states.season.len();
        let slot = if period == 0 { 0.0 } else { self.states.season[(self.states.next + ahead) % period] };
        (base, slot)
    }
}

impl Predict for Ets {
    fn update(&mut self, news: Observation) {
        let value = match self.form.season {
            // A factor can say nothing about a value below zero.
            Season::Multiplicative => news.value.max(0.0),
            _ => news.value,
        };
        // `max` has made zero of a gap.
        let value = if news.is_known() { value } else { f64::NAN };
        self.states.update(self.form, &self.weights, value);
    }

    fn predict(&self, path: &mut [f64]) {
        let (mut damping, mut damped) = (1.0, 0.0);
        for (ahead, mean) in path.iter_mut().enumerate() {
            damping *= self.weights.phi;
            damped += damping;
            let (base, slot) = self.parts(ahead, damped);
            let value = if self.form.season == Season::Multiplicative { base * slot } else { base + slot };
            *mean = value.clamp(f64::MIN, f64::MAX);
        }
    }

    /// Gaussian, from the variance of each horizon ([`variance`]). On operations data they are usually too wide: a
    /// large alpha makes them grow with the square root of the horizon although the series returns to its level, and
    /// incidents in the history widen all of them. They are a start for calibration, not its result.
    fn quantiles(&self, levels: &[f64], out: &mut [f64]) -> bool {
        if levels.is_empty() {
            return true;
        }
        let mut mean = vec![0.0; out.len() / levels.len()];
        self.predict(&mut mean);
        let variance = variance::of_path(self, &mean);
        for ((row, mean), variance) in out.chunks_exact_mut(levels.len()).zip(mean).zip(variance) {
            for (quantile, &level) in row.iter_mut().zip(levels) {
                *quantile = (mean + normal::quantile(level) * variance.sqrt()).clamp(f64::MIN, f64::MAX);
            }
        }
        true
    }

    fn save(&self) -> Saved {
        Saved::Ets(self.clone())
    }
}
