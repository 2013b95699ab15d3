//! Evidence, minute after minute, that more calls are bad than usual.

use serde::{Deserialize, Serialize};

use crate::stats::beta_binomial::BetaBinomial;

/// Most evidence that is kept, in nats: thirty powers of ten.
const MOST: f64 = 70.0;
/// A rise is over once so much of its evidence has gone again, in nats: by then the end is fifty times as likely.
const OVER: f64 = 4.0;
/// What is left of the evidence after a minute of which nothing is known.
const KEPT: f64 = 0.8;

/// Page's cumulative sum of log likelihood ratios.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Rise {
    sum: f64,
    /// The largest sum since it last was zero.
    peak: f64,
}

impl Rise {
    /// The evidence after a minute with `bad` of `calls`, in nats, for `risen` against `usual`.
    pub(super) fn with(&mut self, bad: f64, calls: f64, usual: &BetaBinomial, risen: &BetaBinomial) -> f64 {
        let ratio = risen.ln_probability(bad, calls) - usual.ln_probability(bad, calls);
        self.sum = (self.sum + ratio).clamp(0.0, MOST);
        self.peak = self.peak.max(self.sum);
        if self.sum < self.peak - OVER || self.sum <= 0.0 {
            *self = Self::default();
        }
        self.sum
    }

    /// A minute of which nothing is known.
    pub(super) fn skip(&mut self) {
        (self.sum, self.peak) = (KEPT * self.sum, KEPT * self.peak);
    }
}
