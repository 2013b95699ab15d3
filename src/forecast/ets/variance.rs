//! How far each step of a path may miss, from the error of one step.
//!
//! Reference: Hyndman et al. (2008), chapter 6. Additive errors (their class 1) and multiplicative errors without
//! factors (class 2) are exact, from c_j, the weight of an error j steps earlier. With factors (class 3) the same sum
//! is taken over the path without the factors, with gamma in c_j: exact to first order in the variance of the error
//! while the level changes little over the horizon. The approximation of their section 6.4.3 leaves out that level
//! and factor learn from the same errors, and is a seventh too small after one season in the test beside this file.
//! No simulation.

use super::Ets;
use super::form::{ErrorKind, Season, Trend};

/// The variance of each step of `mean`, the path ahead. Never negative, never NaN.
#[must_use]
pub fn of_path(model: &Ets, mean: &[f64]) -> Vec<f64> {
    let variance = match model.form.error {
        ErrorKind::Additive => additive(model, mean.len()),
        ErrorKind::Multiplicative => multiplicative(model, mean),
    };
    variance.into_iter().map(|value| if value.is_nan() { f64::MAX } else { value.clamp(0.0, f64::MAX) }).collect()
}

/// c_j for j = 1 .. `steps`: what an error does to the value j steps later.
fn reach(model: &Ets, steps: usize) -> Vec<f64> {
    let weights = model.weights;
    let (mut damping, mut damped) = (1.0, 0.0);
    let period = model.states.season.len();
    (1..=steps)
        .map(|ahead| {
            damping *= weights.phi;
            damped += damping;
            let trend = if model.form.trend == Trend::None { 0.0 } else { weights.beta * damped };
            let season = if period > 0 && ahead % period == 0 { weights.gamma } else { 0.0 };
            weights.alpha + trend + season
        })
        .collect()
}

/// Table 6.1: the variance of an error times one plus the squares of all c_j before.
fn additive(model: &Ets, steps: usize) -> Vec<f64> {
    let mut sum = 1.0;
    let reach = reach(model, steps);
    reach
        .iter()
        .map(|weight| {
            let here = model.error_variance * sum;
            sum += weight * weight;
            here
        })
        .collect()
}

/// Equations 6.2 and 6.3: theta_h = mu_h^2 + s^2 sum c_j^2 theta_(h-j), and a variance of (1 + s^2) theta_h - mu_h^2.
/// With factors, mu is the path without them, and the result is times their squares.
fn multiplicative(model: &Ets, mean: &[f64]) -> Vec<f64> {
    let share = model.error_variance;
    let factors = model.form.season == Season::Multiplicative;
    let squares: Vec<f64> = reach(model, mean.len()).iter().map(|weight| weight * weight).collect();
    let period = model.states.season.len().max(1);
    let mut thetas: Vec<f64> = Vec::with_capacity(mean.len());
    let mut variance = Vec::with_capacity(mean.len());
    for (ahead, &mean) in mean.iter().enumerate() {
        let slot = if factors { model.states.season[(model.states.next + ahead) % period] } else { 1.0 };
        let square = (mean / slot) * (mean / slot);
        let earlier: f64 = thetas.iter().rev().zip(&squares).map(|(theta, square)| theta * square).sum();
        let theta = square + share * earlier;
        thetas.push(theta);
        variance.push(slot * slot * ((1.0 + share) * theta - square));
    }
    variance
}
