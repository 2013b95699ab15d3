//! One parameter set and where it stands.

use serde::{Deserialize, Serialize};

use super::grid::Weights;

/// Level, seasons and last error of one parameter set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct State {
    pub weights: Weights,
    pub level: f64,
    /// What the last value missed level and seasons by.
    pub error: f64,
    pub first: Vec<f64>,
    /// One zero where there is no second season.
    pub second: Vec<f64>,
}

impl State {
    /// Moves on by a step at these phases; a NaN moves time on only.
    pub(super) fn learn(&mut self, value: f64, first: usize, second: usize) {
        let Weights { level: a, first: g, second: o, error: phi } = self.weights;
        if !value.is_finite() {
            self.error *= phi;
            return;
        }
        let base = self.level + self.first[first] + self.second[second];
        let surprise = value - base - phi * self.error;
        self.level += a * surprise;
        self.first[first] += g * surprise;
        self.second[second] += o * surprise;
        self.error = value - base;
    }

    /// Adds the values of the path that begins at these phases to `values`, one for each of `horizons`.
    pub(super) fn add_at(&self, horizons: &[usize], values: &mut [f64], first: usize, second: usize) {
        let (mut error, mut passed) = (self.error, 0);
        for (value, &horizon) in values.iter_mut().zip(horizons) {
            error *= self.weights.error.powi(i32::try_from(horizon - passed).unwrap_or(i32::MAX));
            passed = horizon;
            let phases = phase(&self.first, first + horizon - 1) + phase(&self.second, second + horizon - 1);
            *value += self.level + phases + error;
        }
    }

    /// Adds the path that begins at these phases to `path`.
    pub(super) fn add_path(&self, path: &mut [f64], first: usize, second: usize) {
        let firsts = self.first.iter().cycle().skip(first);
        let seconds = self.second.iter().cycle().skip(second);
        let mut error = self.error;
        for ((step, first), second) in path.iter_mut().zip(firsts).zip(seconds) {
            error *= self.weights.error;
            *step += self.level + first + second + error;
        }
    }
}

/// The value of `season` at a phase that may lie some rounds on. Most do not, and a division is slow.
fn phase(season: &[f64], at: usize) -> f64 {
    match season {
        [only] => *only,
        _ if at < season.len() => season[at],
        _ => season[at % season.len()],
    }
}
