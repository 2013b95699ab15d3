//! The recursion of exponential smoothing: one step, and a pass over a history.
//!
//! Additive and multiplicative errors give the same recursion of the states; they differ in the likelihood only. So
//! there is one step for all forms, in the error-correction form of Hyndman, Koehler, Ord and Snyder (2008), table
//! 2.2 and 2.3, as in `etscalc.c` of R's forecast package.

use serde::{Deserialize, Serialize};

use super::form::{ErrorKind, Form, Season, Trend};

/// Factors of a season stay above this, as in R's start values: a step without any traffic must not bring the factor
/// to zero, by which later values would be divided.
pub const LEAST_FACTOR: f64 = 1e-2;

/// The smoothing weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Weights {
    /// How much of a surprise goes into the level.
    pub alpha: f64,
    /// How much of it goes into the trend; 0 without one. At most `alpha`.
    pub beta: f64,
    /// How much of it goes into the season; 0 without one. At most `1 - alpha`.
    pub gamma: f64,
    /// What is left of the trend after a step; 1 if it is not damped.
    pub phi: f64,
}

/// What the recursion remembers between steps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct States {
    /// The level.
    pub level: f64,
    /// Growth of the level per step, before damping.
    pub trend: f64,
    /// Effects or factors of the steps of a season; empty without one.
    pub season: Vec<f64>,
    /// Which of them belongs to the next step.
    pub next: usize,
}

/// One step: what was expected, and the states after the news.
#[derive(Debug, Clone, Copy)]
struct Step {
    expected: f64,
    level: f64,
    trend: f64,
    slot: f64,
}

/// The kind of season as a constant, so that each form gets its own loop.
const NONE: u8 = 0;
const ADDITIVE: u8 = 1;
const MULTIPLICATIVE: u8 = 2;

#[inline]
fn step<const TREND: bool, const SEASON: u8>(weights: &Weights, states: (f64, f64), slot: f64, value: f64) -> Step {
    let (level, trend) = states;
    let drift = if TREND { weights.phi * trend } else { 0.0 };
    let base = if TREND { level + drift } else { level };
    let (expected, seen) = match SEASON {
        ADDITIVE => (base + slot, value - slot),
        MULTIPLICATIVE => (base * slot, value / slot),
        _ => (base, value),
    };
    if value.is_nan() {
        return Step { expected, level: base, trend: drift, slot };
    }
    let surprise = seen - base;
    Step {
        expected,
        level: base + weights.alpha * surprise,
        trend: if TREND { drift + weights.beta * surprise } else { 0.0 },
        slot: match SEASON {
            ADDITIVE => slot + weights.gamma * surprise,
            MULTIPLICATIVE if base > 0.0 => (slot + weights.gamma * (value / base - slot)).max(LEAST_FACTOR),
            _ => slot,
        },
    }
}

impl States {
    /// Moves on by one step; `value` is NaN for a gap. News that would leave the range of numbers are a gap too.
    pub fn update(&mut self, form: Form, weights: &Weights, value: f64) {
        let after = self.after(form, weights, value);
        let after = match after {
            Step { level, trend, slot, .. } if level.is_finite() && trend.is_finite() && slot.is_finite() => after,
            _ => self.after(form, weights, f64::NAN),
        };
        (self.level, self.trend) = (after.level, after.trend);
        if let Some(slot) = self.season.get_mut(self.next) {
            *slot = after.slot;
            self.next = if self.next + 1 == self.season.len() { 0 } else { self.next + 1 };
        }
    }

    fn after(&self, form: Form, weights: &Weights, value: f64) -> Step {
        let states = (self.level, self.trend);
        let slot = self.season.get(self.next).copied().unwrap_or(0.0);
        match form.season {
            Season::None => step::<true, NONE>(weights, states, slot, value),
            Season::Additive => step::<true, ADDITIVE>(weights, states, slot, value),
            Season::Multiplicative => step::<true, MULTIPLICATIVE>(weights, states, slot, value),
        }
    }

    /// Passes over `values` and writes the residuals whose sum of squares C is the likelihood of `form`: with n
    /// known values, -2 ln L = n ln C up to a constant. Under a multiplicative error those are the relative errors
    /// times the geometric mean of the expected values, which is returned; 1 otherwise. `None` if an expected value
    /// is not above zero although the form needs that.
    pub fn residuals(&mut self, form: Form, weights: &Weights, values: &[f64], out: &mut [f64]) -> Option<f64> {
        let trend = form.trend != Trend::None;
        let relative = form.error == ErrorKind::Multiplicative;
        match (relative, trend, form.season) {
            (false, false, Season::None) => self.pass::<false, false, NONE>(weights, values, out),
            (false, true, Season::None) => self.pass::<false, true, NONE>(weights, values, out),
            (true, false, Season::None) => self.pass::<true, false, NONE>(weights, values, out),
            (true, true, Season::None) => self.pass::<true, true, NONE>(weights, values, out),
            (false, false, Season::Additive) => self.pass::<false, false, ADDITIVE>(weights, values, out),
            (false, true, Season::Additive) => self.pass::<false, true, ADDITIVE>(weights, values, out),
            (true, false, Season::Additive) => self.pass::<true, false, ADDITIVE>(weights, values, out),
            (true, true, Season::Additive) => self.pass::<true, true, ADDITIVE>(weights, values, out),
            (false, false, Season::Multiplicative) => self.pass::<false, false, MULTIPLICATIVE>(weights, values, out),
            (false, true, Season::Multiplicative) => self.pass::<false, true, MULTIPLICATIVE>(weights, values, out),
            (true, false, Season::Multiplicative) => self.pass::<true, false, MULTIPLICATIVE>(weights, values, out),
            (true, true, Season::Multiplicative) => self.pass::<true, true, MULTIPLICATIVE>(weights, values, out),
        }
    }

    fn pass<const RELATIVE: bool, const TREND: bool, const SEASON: u8>(
        &mut self,
        weights: &Weights,
        values: &[f64],
        out: &mut [f64],
    ) -> Option<f64> {
        let (mut level, mut trend, mut next) = (self.level, self.trend, self.next);
        let season = self.season.as_mut_slice();
        let mut mean = LogMean::default();
        for (&value, residual) in values.iter().zip(out.iter_mut()) {
            let slot = if SEASON == NONE { 0.0 } else { season[next] };
            let after = step::<TREND, SEASON>(weights, (level, trend), slot, value);
            (level, trend) = (after.level, after.trend);
            if SEASON != NONE {
                season[next] = after.slot;
                next = if next + 1 == season.len() { 0 } else { next + 1 };
            }
            if value.is_nan() {
                *residual = 0.0;
            } else if RELATIVE {
                *residual = (value - after.expected) / after.expected;
                mean.add(after.expected);
            } else {
                *residual = value - after.expected;
            }
        }
        (self.level, self.trend, self.next) = (level, trend, next);
        if RELATIVE {
            let size = mean.geometric();
            for residual in out.iter_mut() {
                *residual *= size;
            }
            return (mean.least > 0.0 && size.is_finite()).then_some(size);
        }
        Some(1.0)
    }
}

/// The geometric mean of values above zero, with one logarithm for many of them.
struct LogMean {
    product: f64,
    pending: u32,
    logarithms: f64,
    count: f64,
    least: f64,
}

impl Default for LogMean {
    fn default() -> Self {
        Self { product: 1.0, pending: 0, logarithms: 0.0, count: 0.0, least: f64::INFINITY }
    }
}

impl LogMean {
    #[inline]
    fn add(&mut self, value: f64) {
        self.product *= value;
        self.least = self.least.min(value);
        self.count += 1.0;
        self.pending += 1;
        if self.pending == 16 {
            self.logarithms += self.product.ln();
            (self.product, self.pending) = (1.0, 0);
        }
    }

    fn geometric(&self) -> f64 {
        ((self.logarithms + self.product.ln()) / self.count.max(1.0)).exp()
    }
}
