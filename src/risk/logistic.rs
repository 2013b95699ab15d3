//! What the forecast's probability is worth beside the surprise and the present state: a sigmoid over them.
//!
//! Platt's method (*Probabilistic outputs for support vector machines*, 1999) with three more inputs. It starts where the
//! probability is what the forecast says and the rest is worth nothing, and learns from what comes true by one step of
//! an extended Kalman filter for each outcome (Penny and Roberts, *Dynamic logistic regression*, 1999): nearly the batch
//! solution at O(1), with a forgetting that lets it follow. Gradient descent would need a step size; a batch fit the past.
//!
//! Inputs are bounded before they enter, so weights cannot run away; what is not known counts as nothing. A step on NaN is
//! left out. Outputs are strictly between 0 and 1.

use serde::{Deserialize, Serialize};

/// Inputs: one, the log odds of the forecast's probability, the surprise, the logs of the pressure and of the load.
const INPUTS: usize = 5;

/// How sure the first weights are, as variances.
const PRIOR: [f64; INPUTS] = [0.5, 0.1, 0.1, 0.2, 0.2];
/// How much less sure an independent outcome in the past makes.
const KEEP: f64 = 0.999;

/// What is known when a probability is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// Probability by the forecast alone.
    pub chance: f64,
    /// Normal score of the newest value under its forecast, above zero where it is worse than expected; NaN if unknown.
    pub surprise: f64,
    /// The newest value over its limit; NaN if unknown.
    pub pressure: f64,
    /// Calls of the newest minute over those that were expected of it; NaN if unknown.
    pub load: f64,
}

impl Inputs {
    fn vector(&self) -> [f64; INPUTS] {
        let known = |value: f64| if value.is_finite() { value } else { 0.0 };
        let chance = if self.chance.is_finite() { self.chance.clamp(0.000_5, 0.999_5) } else { 0.05 };
        let log = |ratio: f64| if ratio.is_nan() { 0.0 } else { ratio.clamp(0.05, 20.0).ln() };
        let odds = (chance / (1.0 - chance)).ln();
        [1.0, odds, known(self.surprise).clamp(-5.0, 5.0), log(self.pressure), log(self.load)]
    }
}

/// The weights and how sure they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Logistic {
    weights: [f64; INPUTS],
    covariance: [[f64; INPUTS]; INPUTS],
}

impl Default for Logistic {
    /// The forecast's probability as it is.
    fn default() -> Self {
        let mut covariance = [[0.0; INPUTS]; INPUTS];
        for (at, row) in covariance.iter_mut().enumerate() {
            row[at] = PRIOR[at];
        }
        Self { weights: [0.0, 1.0, 0.0, 0.0, 0.0], covariance }
    }
}

impl Logistic {
    /// The probability given `inputs`.
    #[must_use]
    pub fn probability(&self, inputs: &Inputs) -> f64 {
        sigmoid(dot(&self.weights, &inputs.vector()))
    }

    /// Learns what came true, with `weight`, at most 1: outcomes of overlapping windows are not news each.
    pub fn learn(&mut self, inputs: &Inputs, came: bool, weight: f64) {
        if !(weight > 0.0 && weight <= 1.0) {
            return;
        }
        let x = inputs.vector();
        self.forget(weight);
        let gain: [f64; INPUTS] = std::array::from_fn(|at| dot(&self.covariance[at], &x));
        let p = sigmoid(dot(&self.weights, &x));
        let information = weight * p * (1.0 - p);
        let denominator = 1.0 + information * dot(&gain, &x);
        let miss = weight * (f64::from(u8::from(came)) - p);
        for (own, gain) in self.weights.iter_mut().zip(gain) {
            *own += gain * miss / denominator;
        }
        for (row, one) in self.covariance.iter_mut().zip(gain) {
            for (cell, other) in row.iter_mut().zip(gain) {
                *cell -= information / denominator * one * other;
            }
        }
    }

    /// Grows the covariance, as long as no weight becomes less sure than it was at first.
    fn forget(&mut self, weight: f64) {
        let growth = KEEP.powf(-weight);
        let is_bounded = (0..INPUTS).all(|at| self.covariance[at][at] * growth <= PRIOR[at]);
        if is_bounded {
            for cell in self.covariance.iter_mut().flatten() {
                *cell *= growth;
            }
        }
    }
}

fn dot(one: &[f64; INPUTS], other: &[f64; INPUTS]) -> f64 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

/// Log odds as a probability, strictly between 0 and 1.
fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x.clamp(-30.0, 30.0)).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::seed::Seed;
    use proptest::prelude::*;
    use rand::Rng;

    #[test]
    fn at_first_the_forecast_is_believed() {
        let fresh = Logistic::default();
        for chance in [0.01, 0.3, 0.9] {
            let p = fresh.probability(&Inputs { chance, surprise: 3.0, pressure: 0.2, load: 4.0 });
            assert!((p - chance).abs() < 1e-12);
        }
    }

    #[test]
    fn it_learns_what_surprise_is_worth() {
        let mut model = Logistic::default();
        let mut rng = Seed::new(4).rng();
        #[expect(clippy::cast_precision_loss, reason = "53 bits")]
        let mut uniform = || (rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        // The truth: log odds = -1 + 0.5 log odds of the forecast + 0.8 surprise.
        let truth = |inputs: &Inputs| {
            sigmoid(-1.0 + 0.5 * (inputs.chance / (1.0 - inputs.chance)).ln() + 0.8 * inputs.surprise)
        };
        for _ in 0..20_000 {
            let inputs =
                Inputs { chance: 0.02 + 0.96 * uniform(), surprise: 4.0 * uniform() - 2.0, pressure: 1.0, load: 1.0 };
            model.learn(&inputs, uniform() < truth(&inputs), 1.0);
        }
        for (chance, surprise) in [(0.2, -1.0), (0.2, 1.0), (0.7, 0.0), (0.7, 2.0)] {
            let inputs = Inputs { chance, surprise, pressure: 1.0, load: 1.0 };
            let (found, wanted) = (model.probability(&inputs), truth(&inputs));
            assert!((found - wanted).abs() < 0.06, "{chance} {surprise}: {found} {wanted}");
        }
    }

    proptest! {
        /// Whatever is learnt from whatever inputs, the state stays finite and probabilities stay strictly in 0 .. 1.
        #[test]
        fn it_never_breaks(outcomes in prop::collection::vec((any::<f64>(), any::<f64>(), any::<f64>(), any::<f64>(), any::<bool>()), 0..60)) {
            let mut model = Logistic::default();
            for (chance, surprise, pressure, load, came) in outcomes {
                let inputs = Inputs { chance, surprise, pressure, load };
                model.learn(&inputs, came, 1.0);
                let p = model.probability(&inputs);
                prop_assert!(p > 0.0 && p < 1.0, "{p}");
            }
            prop_assert!(model.weights.iter().chain(model.covariance.iter().flatten()).all(|cell| cell.is_finite()));
        }
    }
}
