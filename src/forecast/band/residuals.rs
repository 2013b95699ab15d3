//! What a path has missed by at rolling origins within its history, with the sign, for each step ahead.
//!
//! The model is fitted once to the older part of the history and then told of the rest step by step, so that every
//! residual is out of sample. Signed quantiles rather than one symmetric width: latencies miss upwards further than
//! downwards. The median stays the path itself, because a shift of it learnt from some dozens of origins would mostly
//! be noise; lower quantiles never rise above the path nor upper ones fall below it.
//!
//! Where the older part is too short for the model, the residuals of repeating the last value stand in, which every
//! history of two values has. With less than that there is no spread: all quantiles are the path.

use crate::forecast::history::History;
use crate::forecast::model::{Fit, Predict};
use crate::stats::quantile::quantile_sorted;

/// Origins at which the path is compared with what came: enough for a 5 % quantile to rest on several residuals of
/// neighbouring steps, and few enough to cost less than a fit.
const ORIGINS: usize = 64;

/// Residuals that a quantile should rest on; where one step has fewer, those of its neighbours join.
const ENOUGH: usize = 60;

/// Signed residuals for each step ahead.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Residuals {
    /// Per step ahead, ascending.
    by_step: Vec<Vec<f64>>,
}

impl Residuals {
    /// Learns from `history` what `model` misses by, up to `horizon` steps ahead.
    pub(super) fn learn(model: &dyn Fit, history: &History<'_>, horizon: usize) -> Self {
        let len = history.len();
        // A third of the history, but never less than two horizons unless the model would starve.
        let judged = (len / 3).max(horizon.saturating_mul(2)).min(len.saturating_sub(model.minimum()));
        let start = len - judged;
        let older = (judged > 0).then(|| model.fit(&history.until(start)).ok()).flatten();
        let raw = match older {
            Some(mut fitted) => roll(fitted.as_mut(), history, start, horizon),
            None => repeat(history, horizon),
        };
        Self { by_step: pool(&raw) }
    }

    /// Writes the quantiles at `levels` around `centre`, `step` steps ahead of the first; beyond the horizon they
    /// are those of the last step.
    pub(super) fn write(&self, step: usize, centre: f64, levels: &[f64], out: &mut [f64]) {
        let known = self.by_step.get(step).or(self.by_step.last()).map_or(&[][..], Vec::as_slice);
        for (quantile, &level) in out.iter_mut().zip(levels) {
            let miss = quantile_sorted(known, level).unwrap_or(0.0);
            *quantile = centre
                + match level {
                    lower if lower < 0.5 => miss.min(0.0),
                    upper if upper > 0.5 => miss.max(0.0),
                    _ => 0.0,
                };
        }
    }
}

/// Residuals of a model that was fitted to the steps before `start` and is told of the rest.
fn roll(fitted: &mut dyn Predict, history: &History<'_>, start: usize, horizon: usize) -> Vec<Vec<f64>> {
    let mut raw = vec![Vec::new(); horizon];
    let mut path = vec![0.0; horizon];
    let stride = (history.len() - start).div_ceil(ORIGINS);
    for origin in start..history.len() {
        if (origin - start).is_multiple_of(stride) {
            fitted.predict(&mut path);
            for ((residuals, &expected), &truth) in raw.iter_mut().zip(&path).zip(&history.values[origin..]) {
                push(residuals, truth - expected);
            }
        }
        fitted.update(history.observation(origin));
    }
    raw
}

/// Residuals of repeating the last value.
fn repeat(history: &History<'_>, horizon: usize) -> Vec<Vec<f64>> {
    let reach = horizon.min(history.len().saturating_sub(1));
    let stride = history.len().div_ceil(ORIGINS).max(1);
    let mut raw = vec![Vec::new(); reach];
    for origin in (0..history.len()).step_by(stride) {
        let last = history.values[origin];
        for (residuals, &truth) in raw.iter_mut().zip(&history.values[origin + 1..]) {
            push(residuals, truth - last);
        }
    }
    raw
}

fn push(residuals: &mut Vec<f64>, residual: f64) {
    if residual.is_finite() {
        residuals.push(residual);
    }
}

/// Lends each step the residuals of its neighbours until there are enough, sorted. Steps far ahead have fewer of their
/// own because the history ends; a step without any neighbour in reach takes those of the step before.
fn pool(raw: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut pooled: Vec<Vec<f64>> = Vec::with_capacity(raw.len());
    for step in 0..raw.len() {
        // Errors grow with the distance, so neighbours count only up to half of it.
        let mut reach = 0;
        let near = |reach: usize| &raw[step.saturating_sub(reach)..(step + reach + 1).min(raw.len())];
        while near(reach).iter().map(Vec::len).sum::<usize>() < ENOUGH && reach < step.div_ceil(2) {
            reach += 1;
        }
        let mut residuals = near(reach).concat();
        if residuals.is_empty() {
            residuals = pooled.last().cloned().unwrap_or_default();
        }
        residuals.sort_by(f64::total_cmp);
        pooled.push(residuals);
    }
    pooled
}
