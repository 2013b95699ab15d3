//! How many calls of a channel are bad on an ordinary day.
//!
//! A share with a Beta prior, whose calls count half after six hours. Only calls are learnt that left the window of the
//! last minute while the channel was in and nothing much spoke for a fault, so a fault is not learnt as usual. The long
//! half-life has the same reason: a fault too small to trip, ten minutes long, moves the share by 2 % of its size.

use serde::{Deserialize, Serialize};

/// Seconds after which a call counts half.
const HALF_LIFE_S: f64 = 6.0 * 3_600.0;
/// The share of bad calls that a channel is thought to have before it was seen.
pub const PRIOR_SHARE: f64 = 0.02;
/// How many calls that thought is worth.
const PRIOR_CALLS: f64 = 20.0;
/// Calls after which a share counts as seen.
const SEEN: f64 = 30.0;
/// Largest share of bad calls beside which more of them would tell something.
const MOST_TELLING: f64 = 0.5;

/// A share of calls, learnt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Usual {
    calls: f64,
    bad: f64,
}

impl Usual {
    /// Learns `bad` of `calls` that were seen within `seconds`.
    pub fn learn(&mut self, calls: f64, bad: f64, seconds: f64) {
        let keep = (-seconds / HALF_LIFE_S).exp2();
        self.calls = self.calls * keep + calls;
        self.bad = self.bad * keep + bad;
    }

    /// The share, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        (self.bad + PRIOR_CALLS * PRIOR_SHARE) / (self.calls + PRIOR_CALLS)
    }

    /// Whether enough calls were seen, and enough of them were good, for bad ones to tell something.
    #[must_use]
    pub fn is_telling(&self) -> bool {
        self.calls >= SEEN && self.share() <= MOST_TELLING
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_learnt_and_a_short_fault_hardly_moves_it() {
        let mut usual = Usual::default();
        assert!((usual.share() - PRIOR_SHARE).abs() < 1e-12 && !usual.is_telling());
        for _ in 0..14_400 {
            usual.learn(60.0, 3.0, 6.0);
        }
        assert!((usual.share() - 0.05).abs() < 1e-3 && usual.is_telling());
        for _ in 0..100 {
            usual.learn(60.0, 12.0, 6.0);
        }
        assert!(usual.share() < 0.054, "{}", usual.share());
    }
}
