//! How errors of neighbouring steps of one forecast hang together.

use serde::{Deserialize, Serialize};

/// Weight of the newest pair.
const WEIGHT: f64 = 1.0 / 720.0;

/// The correlation of the standardised errors two and three steps ahead of the same origin, followed online.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Persistence {
    /// Error at two steps of the step just passed; NaN if there was none.
    waiting: f64,
    seen: u32,
    product: f64,
    squares: [f64; 2],
}

impl Default for Persistence {
    fn default() -> Self {
        Self { waiting: f64::NAN, seen: 0, product: 0.0, squares: [0.0; 2] }
    }
}

impl Persistence {
    /// Learns the errors that the coming step brings for the forecasts made two and three steps before it; NaN where
    /// there is none.
    pub(super) fn learn(&mut self, two_ahead: f64, three_ahead: f64) {
        let (first, second) = (self.waiting.clamp(-10.0, 10.0), three_ahead.clamp(-10.0, 10.0));
        if first.is_finite() && second.is_finite() {
            self.seen = self.seen.saturating_add(1);
            let weight = WEIGHT.max(1.0 / f64::from(self.seen));
            self.product += weight * (first * second - self.product);
            self.squares[0] += weight * (first * first - self.squares[0]);
            self.squares[1] += weight * (second * second - self.squares[1]);
        }
        self.waiting = two_ahead;
    }

    /// The correlation, 0 to just below 1; a half until enough is known.
    pub(super) fn get(&self) -> f64 {
        let size = (self.squares[0] * self.squares[1]).sqrt();
        if self.seen < 30 || size <= 0.0 { 0.5 } else { (self.product / size).clamp(0.0, 0.999) }
    }
}
