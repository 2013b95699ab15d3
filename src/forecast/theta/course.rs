//! The recursion of the theta models: a smoothed level, pulled along a line through the data.
//!
//! Reference: Fiorucci, Pellegrini, Louzada, Petropoulos and Koehler, *Models for optimising the theta method and their
//! relationship to state space models* (2016), equations 11 to 16 and 19 to 22.

use serde::{Deserialize, Serialize};

/// What is estimated, but for the first level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// How much of a surprise goes into the level.
    pub alpha: f64,
    /// How far the line pulls: 1 - 1 / theta, a half in the standard method.
    pub pull: f64,
    /// Whether the line is refitted with each value, in O(1), or stays that of the history.
    pub dynamic: bool,
}

/// What the recursion remembers between steps.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Course {
    /// The smoothed level.
    pub level: f64,
    /// The line: its height at step 0 (the first value is step 1), and its growth per step.
    pub intercept: f64,
    /// See `intercept`.
    pub slope: f64,
    /// Mean of all values so far; only a moving line needs it.
    pub mean: f64,
    /// (1 - alpha) to the power of the steps so far.
    pub decay: f64,
    /// Steps so far.
    pub steps: f64,
}

impl Course {
    /// Before the first value, with the line of the history; a moving line begins anew.
    #[must_use]
    pub const fn start(level: f64, intercept: f64, slope: f64) -> Self {
        Self { level, intercept, slope, mean: 0.0, decay: 1.0, steps: 0.0 }
    }

    /// The expected value of the next step.
    #[inline]
    #[must_use]
    pub fn expected(&self, weights: &Weights) -> f64 {
        let passed = (1.0 - self.decay * (1.0 - weights.alpha)) / weights.alpha;
        self.level + weights.pull * (self.intercept * self.decay + self.slope * passed)
    }

    /// The expected value `ahead` steps on, 1 for the next: what [`Course::expected`] says after `ahead - 1` updates with
    /// just that. `None` for a moving line, which such updates turn.
    #[must_use]
    pub fn expected_at(&self, weights: &Weights, ahead: f64) -> Option<f64> {
        let Weights { alpha, pull, dynamic } = *weights;
        if dynamic {
            return None;
        }
        let (steps, kept) = (ahead - 1.0, 1.0 - alpha);
        let decay = if self.decay > 0.0 { self.decay * kept.powf(steps) } else { 0.0 };
        // The decays of the steps between, added up.
        let decays = (self.decay - decay) / alpha;
        let level = self.level + pull * (alpha * self.intercept * decays + self.slope * (steps - kept * decays));
        Some(Self { level, decay, ..*self }.expected(weights))
    }

    /// Moves on by one step with `value`; to move on without news, give what was expected.
    #[inline]
    pub fn update(&mut self, weights: &Weights, value: f64) {
        self.level += weights.alpha * (value - self.level);
        if weights.dynamic {
            self.refit(value);
        }
        // To zero before it would become a subnormal number, with which processors are slow.
        let decay = self.decay * (1.0 - weights.alpha);
        self.decay = if decay < 1e-290 { 0.0 } else { decay };
        self.steps += 1.0;
    }

    /// The least squares line through all values, from that through all but the last.
    #[inline]
    fn refit(&mut self, value: f64) {
        let before = self.steps;
        if before < 1.0 {
            (self.mean, self.slope, self.intercept) = (value, 0.0, value);
            return;
        }
        self.slope = ((before - 1.0) * self.slope + 6.0 * (value - self.mean) / (before + 1.0)) / (before + 2.0);
        self.mean += (value - self.mean) / (before + 1.0);
        self.intercept = self.mean - self.slope * (before + 2.0) / 2.0;
    }

    /// Whether all of it can be reckoned with.
    #[must_use]
    pub const fn is_finite(&self) -> bool {
        self.level.is_finite() && self.intercept.is_finite() && self.slope.is_finite() && self.mean.is_finite()
    }
}
