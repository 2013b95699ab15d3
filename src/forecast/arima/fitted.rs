//! A fitted ARIMA model as one regression on past levels and past surprises.
//!
//! Differences are multiplied into the autoregressive polynomial, so that state and forecast know levels only.

use serde::{Deserialize, Serialize};

use crate::forecast::arima::css::{Estimate, minimise};
use crate::forecast::arima::order::Order;
use crate::forecast::arima::polynomial;
use crate::forecast::history::{History, Observation};
use crate::forecast::model::Predict;
use crate::forecast::saved::Saved;
use crate::forecast::standard::Standard;
use crate::stats::normal;

/// A fitted ARIMA model: value = constant + sum of ar x past values + sum of ma x past surprises + surprise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Arima {
    order: Order,
    /// Of past levels in standard units, differences included, lag 1 first.
    ar: Vec<f64>,
    /// Of past surprises, lag 1 first.
    ma: Vec<f64>,
    /// In standard units.
    constant: f64,
    /// Of a surprise, in squared standard units.
    variance: f64,
    standard: Standard,
    /// Newest first, in standard units, as many as `ar`.
    past: Vec<f64>,
    /// Newest first, as many as `ma`.
    surprises: Vec<f64>,
}

impl Arima {
    /// Fits `order` to the known part of `history`, which is long enough.
    pub(super) fn estimate(order: Order, history: &History<'_>) -> Self {
        let (standard, values) = standardised(order, history);
        let estimate = minimise(order, &difference(order, &values));
        Self::from_estimate(order, &estimate, standard, &values)
    }

    /// The model after `values` (standardised), the first of which is known.
    pub(super) fn from_estimate(order: Order, estimate: &Estimate, standard: Standard, values: &[f64]) -> Self {
        let coefficients = &estimate.coefficients;
        let constant = coefficients.mean * (1.0 - coefficients.ar.iter().sum::<f64>());
        let ar = polynomial::differenced(coefficients.ar.clone(), order.d, 1);
        let ar = polynomial::differenced(ar, order.seasonal.d, order.seasonal.period);
        let ma = coefficients.ma.clone();
        let (past, surprises) = (vec![0.0; ar.len()], vec![0.0; ma.len()]);
        let variance = estimate.variance;
        let mut model = Self { order, ar, ma, constant, variance, standard, past, surprises };
        let mut last = 0.0;
        for (t, value) in values.iter().enumerate() {
            if t < model.ar.len() {
                // The first levels are given; a gap among them is the level before it.
                last = if value.is_finite() { *value } else { last };
                push(&mut model.past, last);
            } else {
                model.follow(*value);
            }
        }
        model
    }

    /// The order.
    #[must_use]
    pub const fn order(&self) -> Order {
        self.order
    }

    /// Moves on by one step in standard units; NaN is a gap.
    fn follow(&mut self, value: f64) {
        let expected = self.ahead(&[], 0);
        let value = if value.is_finite() { value } else { expected };
        push(&mut self.past, value);
        push(&mut self.surprises, (value - expected).clamp(-1e9, 1e9));
    }

    /// The expected value of step `step` (0 is the next one) in standard units, the ones before it being `path`.
    fn ahead(&self, path: &[f64], step: usize) -> f64 {
        let mut value = self.constant;
        for (lag, phi) in self.ar.iter().enumerate() {
            let level = if lag < step { path[step - 1 - lag] } else { self.past[lag - step] };
            value += phi * level;
        }
        for (lag, theta) in self.ma.iter().enumerate().skip(step) {
            value += theta * self.surprises[lag - step];
        }
        value.clamp(-1e12, 1e12)
    }

    fn standard_path(&self, path: &mut [f64]) {
        for step in 0..path.len() {
            path[step] = self.ahead(path, step);
        }
    }

    /// Weights of the surprises of the steps before in the value `0, 1, ..` steps after them (psi weights).
    fn response(&self, steps: usize) -> Vec<f64> {
        let mut weights = Vec::with_capacity(steps);
        for step in 0..steps {
            let direct = if step == 0 { 1.0 } else { self.ma.get(step - 1).copied().unwrap_or(0.0) };
            let through = self.ar.iter().take(step).enumerate();
            weights.push(direct + through.map(|(lag, phi)| phi * weights[step - 1 - lag]).sum::<f64>());
        }
        weights
    }
}

impl Predict for Arima {
    fn update(&mut self, news: Observation) {
        self.follow(if news.is_known() { self.standard.to(news.value) } else { f64::NAN });
    }

    fn predict(&self, path: &mut [f64]) {
        self.standard_path(path);
        for value in path {
            *value = self.standard.back(*value);
        }
    }

    /// Those of the normal distribution; the uncertainty of the coefficients is left out, as is usual.
    fn quantiles(&self, levels: &[f64], out: &mut [f64]) -> bool {
        if levels.is_empty() {
            return true;
        }
        let mut path = vec![0.0; out.len() / levels.len()];
        self.standard_path(&mut path);
        let mut variance = 0.0;
        let response = self.response(path.len());
        for ((row, middle), weight) in out.chunks_exact_mut(levels.len()).zip(path).zip(response) {
            variance += self.variance * weight * weight;
            for (value, level) in row.iter_mut().zip(levels) {
                *value = self.standard.back(middle + normal::quantile(*level) * variance.sqrt());
            }
        }
        true
    }

    fn save(&self) -> Saved {
        Saved::Arima(self.clone())
    }
}

/// Puts `value` first and drops the last.
fn push(newest_first: &mut [f64], value: f64) {
    let last = newest_first.len().saturating_sub(1);
    newest_first.copy_within(..last, 1.min(newest_first.len()));
    if let Some(first) = newest_first.first_mut() {
        *first = value;
    }
}

/// The values of `history` from its first known one in standard units. Without constant and differences zero is
/// where the series returns to, so it stays zero.
pub(super) fn standardised(order: Order, history: &History<'_>) -> (Standard, Vec<f64>) {
    let first = history.values.iter().position(|value| value.is_finite()).unwrap_or(0);
    let known = &history.values[first..];
    let standard = Standard::of(known);
    let standard = if order.constant || order.differenced() > 0 { standard } else { standard.around_zero() };
    let values = known.iter().map(|value| if value.is_finite() { standard.to(*value) } else { f64::NAN });
    (standard, values.collect())
}

/// `values` after the differences of `order`; NaN where a value it needs is a gap.
pub(super) fn difference(order: Order, values: &[f64]) -> Vec<f64> {
    let mut out = values.to_vec();
    let seasonal = std::iter::repeat_n(order.seasonal.period, order.seasonal.d);
    for lag in std::iter::repeat_n(1, order.d).chain(seasonal) {
        out = out.iter().zip(out.iter().skip(lag)).map(|(before, now)| now - before).collect();
    }
    out
}
