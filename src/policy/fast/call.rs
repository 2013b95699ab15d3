//! What the end of one call says.

use serde::{Deserialize, Serialize};

use crate::domain::call::Outcome;
use crate::domain::time::Timestamp;
use crate::policy::fast::evidence::Weight;
use crate::policy::fast::window::Counts;

/// The end of a call. What is not known is `None`; numbers that are not finite, or below zero, count as not known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CallEnd {
    /// When it ended; not after now, which the caller sees to.
    pub at: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// Milliseconds from sending to the last byte.
    pub latency_ms: Option<f64>,
    /// Milliseconds that its route class promises.
    pub limit_ms: Option<f64>,
    /// Seconds that the channel asked to be left alone for.
    pub retry_after_s: Option<f64>,
    /// Whether it was sent only to find out how the channel is: it is evidence, but no traffic.
    pub probe: bool,
}

/// How the calls of a channel ended, all that were ever heard of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// All of them.
    pub calls: u64,
    /// Those that failed or were refused.
    pub failed: u64,
    /// Those that went well, but took longer than promised.
    pub slow: u64,
}

impl Answers {
    /// Those after `before`. Fewer than before means that counting began anew, as it does when the program starts.
    #[must_use]
    pub const fn since(self, before: Self) -> Self {
        if self.calls < before.calls {
            return self;
        }
        Self {
            calls: self.calls - before.calls,
            failed: self.failed.saturating_sub(before.failed),
            slow: self.slow.saturating_sub(before.slow),
        }
    }

    /// Counts `end`, unless it failed through its own fault.
    pub(super) fn add(&mut self, end: &CallEnd) {
        let Some(failing) = end.failing() else { return };
        self.calls += 1;
        self.failed += u64::from(failing != Weight::Good);
        self.slow += u64::from(matches!(end.slow(), Some(Weight::Half | Weight::Bad)));
    }
}

/// Times its limit beyond which a call is slow by far.
pub(super) const GROSS: f64 = 2.0;

fn known(value: Option<f64>) -> Option<f64> {
    value.filter(|value| value.is_finite() && *value >= 0.0)
}

impl CallEnd {
    /// Longest latency that tells when a call began: a day, in milliseconds.
    const LONGEST_MS: f64 = 86_400_000.0;

    /// When it began; its end if its latency is not known.
    pub(super) fn began(&self) -> Timestamp {
        let ms = known(self.latency_ms).unwrap_or(0.0).min(Self::LONGEST_MS);
        #[expect(clippy::cast_possible_truncation, reason = "at most a day")]
        self.at.plus_micros(-((ms * 1e3) as i64))
    }

    /// What it says of failing; `None` if it says nothing: the request itself was at fault.
    pub(super) const fn failing(&self) -> Option<Weight> {
        match self.outcome {
            Outcome::Ok => Some(Weight::Good),
            Outcome::Throttled => Some(Weight::Half),
            Outcome::Timeout | Outcome::ServerError | Outcome::NetworkError => Some(Weight::Bad),
            Outcome::ClientError => None,
        }
    }

    /// What it says of slowness: beyond its limit it is half a bad call, beyond [`GROSS`] times its limit a whole one, so
    /// that a busy minute in which many calls just miss their limit is left to the planner. `None` if it failed, or if
    /// its latency or its limit is not known. Failures are evidence of their own, and a quick one is no sign of speed.
    pub(super) fn slow(&self) -> Option<Weight> {
        let limit_ms = known(self.limit_ms)?;
        let ms = known(self.latency_ms)?;
        let weight = match ms {
            ms if ms > GROSS * limit_ms => Weight::Bad,
            ms if ms > limit_ms => Weight::Half,
            _ => Weight::Good,
        };
        (self.outcome == Outcome::Ok).then_some(weight)
    }

    /// How long the channel asks to be left alone, at most `longest_s`.
    pub(super) fn retry_after_s(&self, longest_s: f64) -> f64 {
        known(self.retry_after_s).unwrap_or(0.0).min(longest_s)
    }

    /// What it adds to the load: a failed call counts at least as long as its limit.
    pub(super) fn load_ms(&self) -> Option<f64> {
        let limit_ms = known(self.limit_ms).filter(|_| self.outcome.is_failure());
        match (known(self.latency_ms), limit_ms) {
            (Some(ms), Some(limit)) => Some(ms.max(limit)),
            (Some(ms), None) if self.outcome == Outcome::Ok => Some(ms),
            (_, limit) => limit,
        }
    }

    /// What it adds to the counts.
    pub(super) fn counts(&self) -> Counts {
        let (failing, slow) = (self.failing(), self.slow());
        let is = |holds: bool| if holds { 1.0 } else { 0.0 };
        let ms = known(self.latency_ms).filter(|_| self.outcome == Outcome::Ok);
        Counts {
            calls: is(failing.is_some()),
            failed: is(failing == Some(Weight::Bad)),
            throttled: is(failing == Some(Weight::Half)),
            limited: is(slow.is_some()),
            slow: is(matches!(slow, Some(Weight::Half | Weight::Bad))),
            gross: is(slow == Some(Weight::Bad)),
            timed: is(ms.is_some()),
            latency_ms: ms.unwrap_or(0.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_says_nothing() {
        let at = Timestamp::from_seconds(100);
        let ok = CallEnd {
            at,
            outcome: Outcome::Ok,
            latency_ms: Some(2_500.0),
            limit_ms: Some(1_000.0),
            retry_after_s: None,
            probe: false,
        };
        assert_eq!((ok.slow(), ok.began()), (Some(Weight::Bad), Timestamp::from_millis(97_500)));
        assert_eq!(CallEnd { latency_ms: Some(1_001.0), ..ok }.slow(), Some(Weight::Half));
        let odd = CallEnd { latency_ms: Some(f64::NAN), retry_after_s: Some(f64::INFINITY), ..ok };
        assert_eq!((odd.slow(), odd.began(), odd.load_ms()), (None, at, None));
        assert!(odd.retry_after_s(60.0).abs() < 1e-12);
        let failed = CallEnd { outcome: Outcome::ServerError, latency_ms: Some(5.0), ..ok };
        assert_eq!((failed.slow(), failed.load_ms()), (None, Some(1_000.0)));
        let mine = CallEnd { outcome: Outcome::ClientError, ..ok };
        assert_eq!((mine.failing(), mine.counts()), (None, Counts::default()));
    }
}
