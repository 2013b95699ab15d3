//! One side of a cumulative sum.

use serde::{Deserialize, Serialize};

/// A sum that never falls below zero.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Cusum {
    pub(super) sum: f64,
    /// Steps since it left zero, gaps included, and the values among them.
    pub(super) steps: u32,
    pub(super) known: usize,
}

impl Cusum {
    /// A step passes, if the sum is above zero.
    pub(super) fn pass(&mut self) {
        if self.known > 0 {
            self.steps = self.steps.saturating_add(1);
        }
    }

    /// Adds `part`, up to `most`.
    pub(super) fn add(&mut self, part: f64, most: f64) {
        self.sum = (self.sum + part).min(most);
        if self.sum <= 0.0 {
            *self = Self::default();
            return;
        }
        if self.known == 0 {
            self.steps = 1;
        }
        self.known += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Montgomery, *Introduction to Statistical Quality Control*, table 9.1: twenty values around 10, then ten around 11,
    /// with a standard deviation of 1.
    const VALUES: [f64; 30] = [
        9.45, 7.99, 9.29, 11.66, 12.16, 10.18, 8.04, 11.46, 9.2, 10.34, 9.03, 11.47, 10.51, 9.4, 10.08, 9.37, 10.62,
        10.31, 8.52, 10.84, 10.9, 9.33, 12.29, 11.5, 10.6, 11.08, 10.38, 11.62, 11.31, 10.52,
    ];

    #[test]
    fn agrees_with_the_textbook() {
        // Table 9.2 there, target 10, slack 0.5: upper sums, lower sums, and the counters of the upper ones.
        let upper = [
            0.0, 0.0, 0.0, 1.16, 2.82, 2.5, 0.04, 1.0, 0.0, 0.0, 0.0, 0.97, 0.98, 0.0, 0.0, 0.0, 0.12, 0.0, 0.0, 0.34,
            0.74, 0.0, 1.79, 2.79, 2.89, 3.47, 3.35, 4.47, 5.28, 5.3,
        ];
        let lower = [
            0.05, 1.56, 1.77, 0.0, 0.0, 0.0, 1.46, 0.0, 0.3, 0.0, 0.47, 0.0, 0.0, 0.1, 0.0, 0.13, 0.0, 0.0, 0.98, 0.0,
            0.0, 0.17, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
        ];
        let (mut high, mut low) = (Cusum::default(), Cusum::default());
        for (at, value) in VALUES.iter().enumerate() {
            high.pass();
            high.add(value - 10.0 - 0.5, f64::INFINITY);
            low.add(10.0 - value - 0.5, f64::INFINITY);
            assert!((high.sum - upper[at]).abs() < 1e-9, "{at}: {high:?}");
            assert!((low.sum - lower[at]).abs() < 1e-9, "{at}: {low:?}");
            // Out of control in period 29 with a counter of 7: the shift came between periods 22 and 23.
            assert!(at != 28 || (high.sum > 5.0 && high.steps == 7 && high.known == 7));
        }
    }
}
