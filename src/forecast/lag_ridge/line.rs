//! The regression as it is applied: the next value, from those before it.

use serde::{Deserialize, Serialize};

/// Sums are made in this many parts at once, since a single one would wait for each addition.
const LANES: usize = 4;

/// Lags and their coefficients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Line {
    /// Ascending, with the coefficient of each.
    lags: Vec<usize>,
    coefficients: Vec<f64>,
    /// Values whose mean is the level; no more than the longest lag.
    level: usize,
}

impl Line {
    pub(super) const fn new(lags: Vec<usize>, coefficients: Vec<f64>, level: usize) -> Self {
        Self { lags, coefficients, level }
    }

    /// Values that the next one depends on.
    pub(super) fn longest(&self) -> usize {
        self.lags.last().copied().unwrap_or(1)
    }

    /// The value after `past`, whose last element is the newest; at least [`Line::longest`] are needed.
    pub(super) fn after(&self, past: &[f64]) -> f64 {
        let newest = past.len();
        #[expect(clippy::cast_precision_loss, reason = "at most 60 values")]
        let size = self.level as f64;
        let (parts, rest) = past[newest - self.level..].as_chunks::<LANES>();
        let mut sums = [0.0; LANES];
        for part in parts {
            for (sum, value) in sums.iter_mut().zip(part) {
                *sum += value;
            }
        }
        let level = sums.iter().chain(rest).sum::<f64>() / size;
        let (lags, last_lags) = self.lags.as_chunks::<LANES>();
        let (coefficients, last_coefficients) = self.coefficients.as_chunks::<LANES>();
        let mut sums = [0.0; LANES];
        for (lags, coefficients) in lags.iter().zip(coefficients) {
            for ((sum, lag), coefficient) in sums.iter_mut().zip(lags).zip(coefficients) {
                *sum += coefficient * (past[newest - lag] - level);
            }
        }
        let last = last_lags.iter().zip(last_coefficients);
        let last = last.map(|(lag, coefficient)| coefficient * (past[newest - lag] - level));
        level + (sums.iter().sum::<f64>() + last.sum::<f64>())
    }

    /// What one more in a value adds to itself and to the `steps - 1` values after it, if none of them is cut.
    pub(super) fn response(&self, steps: usize) -> Vec<f64> {
        let longest = self.longest();
        let mut values = Vec::with_capacity(longest + steps);
        values.resize(longest, 0.0);
        values[longest - 1] = 1.0;
        for _ in 1..steps {
            values.push(self.after(&values));
        }
        // Without the memory of the zeros in front.
        values[longest - 1..].to_vec()
    }
}
