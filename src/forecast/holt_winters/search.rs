//! The search for smoothing parameters.

use crate::forecast::holt_winters::params::{HoltWintersParams, Trend};
use crate::forecast::holt_winters::recursion::{Gains, States};
use crate::forecast::holt_winters::start::Start;
use crate::stats::optimise::{Options, nelder_mead};

/// Histories up to this length are searched in one go and thoroughly.
const SHORT: usize = 500;

/// Gains of the level, and shares of the season in what they leave, at which the search looks first.
const FIRST: [(f64, f64); 5] = [(0.25, 0.05), (0.05, 0.05), (0.7, 0.05), (0.05, 0.5), (0.25, 0.8)];

/// Range of the damping: below, a trend would be gone within an hour; above, it would not be damped.
const PHI: (f64, f64) = (0.8, 0.998);

/// Range of every other share: a gain of exactly 0 or 1 is the edge of the logistic map.
const SHARE: (f64, f64) = (1e-4, 0.9999);

/// The states after `values` and the parameters that led there.
pub(super) fn fit(params: &HoltWintersParams, values: &[f64]) -> (States, Gains) {
    let (mut states, gains) = begin(params, values);
    states.run(params.form, &gains, params.robust, values);
    (states, gains)
}

/// The states before `values` and the parameters.
fn begin(params: &HoltWintersParams, values: &[f64]) -> (States, Gains) {
    let start = Start::of(params, values);
    let first = start.before(0);
    if let Some(gains) = params.gains {
        return (first, gains);
    }
    let gains = seek(params, values, &start, &first);
    if values.len() > SHORT {
        return (first, gains);
    }
    // Over a short history the season changes faster than a median over all of it tells: look back in time with the
    // parameters found (the backcast of Box and Jenkins), and keep what explains the values better.
    let earlier = start.backcast(&gains);
    let from_there = seek(params, values, &start, &earlier);
    let loss = |states: &States, gains| states.clone().run(params.form, gains, params.robust, values);
    if loss(&earlier, &from_there) < loss(&first, &gains) { (earlier, from_there) } else { (first, gains) }
}

/// The sum of squared one-step errors of the fit.
#[cfg(test)]
pub(super) fn squares(params: &HoltWintersParams, values: &[f64]) -> f64 {
    let (mut states, gains) = begin(params, values);
    states.run(params.form, &gains, params.robust, values)
}

fn seek(params: &HoltWintersParams, values: &[f64], start: &Start<'_>, first: &States) -> Gains {
    let map = Map { trend: params.trend, seasons: params.seasons.len() };
    if values.len() <= SHORT {
        let thorough = Options { evaluations: 400, value_tolerance: 1e-7, at_tolerance: 1e-3 };
        return map.gains(&descend(params, &map, first, values, None, &thorough));
    }
    let quick = Options { evaluations: 60, value_tolerance: 1e-3, at_tolerance: 0.1 };
    let longest = params.seasons.last().copied().unwrap_or(0);
    let recent = (2 * longest).max(values.len() / 4).max(SHORT).min(values.len());
    let from = values.len() - recent;
    let found = descend(params, &map, &start.before(from), &values[from..], None, &quick);
    let polish = Options { evaluations: 10, ..quick };
    map.gains(&descend(params, &map, first, values, Some(found), &polish))
}

/// The best point for `values` from `states` on, sought from `near` or, if nothing is known, from a usual point.
fn descend(
    params: &HoltWintersParams,
    map: &Map,
    states: &States,
    values: &[f64],
    near: Option<Vec<f64>>,
    options: &Options,
) -> Vec<f64> {
    let mut trial = states.clone();
    let mut loss = |point: &[f64]| {
        trial.clone_from(states);
        trial.run(params.form, &map.gains(point), params.robust, values)
    };
    let length = if near.is_some() { 0.3 } else { 1.0 };
    let begin = near.unwrap_or_else(|| {
        let mut best = (f64::INFINITY, map.usual(FIRST[0]));
        for shares in FIRST {
            let point = map.usual(shares);
            let value = loss(&point);
            if value < best.0 {
                best = (value, point);
            }
        }
        best.1
    });
    nelder_mead(&mut loss, &begin, &vec![length; begin.len()], options).at
}

/// Between the unbounded variables of the search and the parameters: alpha, then beta / alpha if there is a trend,
/// phi if it is damped, then for each season gamma as a share of what the gains before it leave of 1.
struct Map {
    trend: Trend,
    seasons: usize,
}

impl Map {
    fn gains(&self, point: &[f64]) -> Gains {
        let mut shares = point.iter().map(|v| 1.0 / (1.0 + (-v).exp()));
        let mut next = |(low, high): (f64, f64)| low + (high - low) * shares.next().unwrap_or(0.0);
        let alpha = next(SHARE);
        let beta = if self.trend == Trend::None { 0.0 } else { alpha * next(SHARE) };
        let phi = match self.trend {
            Trend::Damped => next(PHI),
            Trend::Linear => 1.0,
            Trend::None => 0.0,
        };
        let mut gamma = [0.0; 2];
        let mut left = 1.0 - alpha;
        for gamma in gamma.iter_mut().take(self.seasons) {
            *gamma = left * next(SHARE);
            left -= *gamma;
        }
        Gains { alpha, beta, gamma, phi }
    }

    /// The point with these gains of level and season and a slow trend.
    fn usual(&self, (alpha, gamma): (f64, f64)) -> Vec<f64> {
        let logit = |share: f64| (share / (1.0 - share)).ln();
        let mut point = vec![logit(alpha)];
        if self.trend != Trend::None {
            point.push(logit(0.05));
        }
        if self.trend == Trend::Damped {
            point.push(logit(0.75));
        }
        point.resize(point.len() + self.seasons, logit(gamma));
        point
    }
}
