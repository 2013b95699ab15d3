//! What one more call on a channel costs in time: latency, times the calls that wait already.
//!
//! Peak-EWMA, as in Finagle, tower and linkerd (`tower::load::PeakEwma`, `linkerd/ewma`): a slow call counts at once, quick
//! ones wear it off within seconds, and silence wears off all of it, so that a channel which was slow once is tried
//! again. A mean would react later, and a mean of successes alone would call a channel quick that refuses quickly:
//! a failed call therefore counts as long as its limit.
//!
//! Calls of which only the end is heard wait for nothing. Latencies that are not finite or below zero are not counted; a
//! call that ended before the newest one counts if it is a peak.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// Seconds after which a latency counts 1/e: linkerd's default.
const DECAY_S: f64 = 10.0;

/// Load of a channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Load {
    pending: u32,
    peak: Option<Peak>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Peak {
    ms: f64,
    at: Timestamp,
}

impl Peak {
    /// The part of it that is left at `now`.
    fn kept(&self, now: Timestamp) -> f64 {
        (-now.seconds_since(self.at).max(0.0) / DECAY_S).exp()
    }
}

impl Load {
    /// Hears that a call began.
    pub fn begin(&mut self) {
        self.pending = self.pending.saturating_add(1);
    }

    /// Hears that a call ended at `at` after `latency_ms`.
    pub fn end(&mut self, at: Timestamp, latency_ms: Option<f64>) {
        self.pending = self.pending.saturating_sub(1);
        let Some(ms) = latency_ms.filter(|ms| ms.is_finite() && *ms >= 0.0) else { return };
        let Some(peak) = self.peak else {
            self.peak = Some(Peak { ms, at });
            return;
        };
        let kept = peak.kept(at);
        if ms >= peak.ms * kept {
            self.peak = Some(Peak { ms, at });
        } else if at > peak.at {
            self.peak = Some(Peak { ms: peak.ms * kept + ms * (1.0 - kept), at });
        }
    }

    /// Forgets calls whose end nobody told.
    pub fn forget_pending(&mut self) {
        self.pending = 0;
    }

    /// Calls that wait.
    #[must_use]
    pub const fn pending(&self) -> u32 {
        self.pending
    }

    /// Milliseconds, times the calls that would wait with one more; `None` if no latency was heard.
    #[must_use]
    pub fn cost(&self, now: Timestamp) -> Option<f64> {
        self.peak.map(|peak| peak.ms * peak.kept(now) * (f64::from(self.pending) + 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    #[test]
    fn a_peak_counts_at_once_and_wears_off() {
        let mut load = Load::default();
        assert_eq!(load.cost(at(0)), None);
        load.end(at(0), Some(60.0));
        load.end(at(1), Some(1_500.0));
        assert_eq!(load.cost(at(1)), Some(1_500.0));
        load.end(at(11), Some(60.0));
        let kept = (-1.0_f64).exp();
        let expected = 1_500.0 * kept + 60.0 * (1.0 - kept);
        assert!((load.cost(at(11)).unwrap_or(0.0) - expected).abs() < 1e-9);
        assert!(load.cost(at(1_000)).unwrap_or(1.0) < 1e-3);
        load.end(at(12), Some(f64::NAN));
        load.end(at(10), Some(10.0));
        assert!((load.cost(at(11)).unwrap_or(0.0) - expected).abs() < 1e-9);
    }

    #[test]
    fn calls_that_wait_multiply_the_cost() {
        let mut load = Load::default();
        load.end(at(0), Some(100.0));
        load.begin();
        load.begin();
        assert_eq!((load.pending(), load.cost(at(0))), (2, Some(300.0)));
        load.end(at(0), None);
        load.forget_pending();
        load.end(at(0), None);
        assert_eq!(load.pending(), 0);
    }
}
