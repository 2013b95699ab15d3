//! Whether a series has a season, and the series without it.
//!
//! The test is that of R's `forecast::thetaf` and of statsforecast: the autocorrelation one season back against the
//! 90 % bound of Bartlett's formula. Adjustment is multiplicative where all values are above zero, else additive.

use serde::{Deserialize, Serialize};

use crate::forecast::decompose::{self, Centre, Joined};

/// 95th percentile of the standard normal distribution, the bound of the (one-sided) test.
const BOUND: f64 = 1.644_853_626_951_472_7;

/// Seasons up to this length are means, as in the reference; longer ones are robust, as minute data has incidents and
/// few seasons.
const LONGEST_MEAN: usize = 24;

/// A factor below this would blow up the adjusted series; the season is additive then, as in statsforecast.
const LEAST_FACTOR: f64 = 0.01;

/// A season that does not change, or none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Whether effects are factors.
    factors: bool,
    /// One effect per step of a season; empty without one.
    effects: Vec<f64>,
    /// The effect of the next step.
    next: usize,
}

impl Adjustment {
    /// No season.
    #[must_use]
    pub const fn none() -> Self {
        Self { factors: false, effects: Vec::new(), next: 0 }
    }

    /// The season of `values` if there is one of `period` steps.
    #[must_use]
    pub fn of(values: &[f64], period: usize) -> Self {
        if period < 4 || values.len() < 2 * period || !is_seasonal(values, period) {
            return Self::none();
        }
        let profile = |joined| {
            if period > LONGEST_MEAN {
                decompose::robust_profile(values, period, joined)
            } else {
                decompose::profile(values, period, joined, Centre::Mean)
            }
        };
        if values.iter().all(|value| value.is_nan() || *value > 0.0) {
            let factors = profile(Joined::Product);
            if let Some(effects) = factors.filter(|factors| factors.iter().all(|factor| *factor >= LEAST_FACTOR)) {
                return Self { factors: true, effects, next: 0 };
            }
        }
        match profile(Joined::Sum) {
            Some(effects) => Self { factors: false, effects, next: 0 },
            None => Self::none(),
        }
    }

    /// `value` of the step `ahead` of the next one without its effect.
    #[must_use]
    pub fn remove(&self, ahead: usize, value: f64) -> f64 {
        let effect = self.effect(ahead);
        if self.factors { value / effect } else { value - effect }
    }

    /// `value` of the step `ahead` of the next one with its effect.
    #[must_use]
    pub fn apply(&self, ahead: usize, value: f64) -> f64 {
        let effect = self.effect(ahead);
        if self.factors { value * effect } else { value + effect }
    }

    fn effect(&self, ahead: usize) -> f64 {
        if self.effects.is_empty() { 0.0 } else { self.effects[(self.next + ahead) % self.effects.len()] }
    }

    /// Moves on by `steps` steps.
    pub fn advance(&mut self, steps: usize) {
        self.next = if self.effects.is_empty() { 0 } else { (self.next + steps) % self.effects.len() };
    }

    /// The same season for a series `unit` times as large.
    #[must_use]
    pub fn scaled(mut self, unit: f64) -> Self {
        if !self.factors {
            for effect in &mut self.effects {
                *effect *= unit;
            }
        }
        self
    }

    /// Whether a season was found.
    #[must_use]
    pub const fn is_seasonal(&self) -> bool {
        !self.effects.is_empty()
    }
}

/// Whether the autocorrelation at `period` stands out. A gap counts as the mean.
fn is_seasonal(values: &[f64], period: usize) -> bool {
    let known = || values.iter().filter(|value| !value.is_nan());
    let count = known().fold(0.0, |count, _| count + 1.0);
    let mean = known().sum::<f64>() / count;
    let centred: Vec<f64> = values.iter().map(|value| if value.is_nan() { 0.0 } else { value - mean }).collect();
    let at = |lag: usize| -> f64 { centred.iter().zip(&centred[lag..]).map(|(early, late)| early * late).sum() };
    let variance = at(0);
    let squares: f64 = (1..period).map(|lag| (at(lag) / variance).powi(2)).sum();
    (at(period) / variance).abs() > BOUND * ((1.0 + 2.0 * squares) / count).sqrt()
}
