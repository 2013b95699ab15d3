//! One channel's one minute as callers feel it: how many calls, how many of them were harmed, and what they cost.

use crate::domain::sample::Sample;
use crate::domain::units::MicroUsd;

/// Which calls are slow: those beyond a promise such as "95 % of calls take at most 2 s".
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slow {
    /// The share that is promised, as a quantile between 0 and 1.
    pub quantile: f64,
    /// Milliseconds.
    pub limit_ms: f64,
}

/// What happened to the calls of a minute. Probes are not counted, but what they cost is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Calls.
    pub calls: u64,
    /// Calls that failed.
    pub failed: u64,
    /// Successful calls that took longer than promised.
    pub slow: u64,
    /// Money spent; `None` if nobody knows.
    pub cost: Option<MicroUsd>,
}

impl Slow {
    /// Slow ones among the successful calls of `sample`.
    #[must_use]
    pub fn count(&self, sample: &Sample) -> u64 {
        let successes = sample.counts.requests.saturating_sub(sample.counts.errors);
        match sample.latency.sketch() {
            Some(sketch) => sketch.count_above(self.limit_ms).min(successes),
            None => self.stated(sample.latency.quantile(self.quantile), successes),
        }
    }

    /// Slow ones among `successes` calls of which only the latency at the promised quantile was stated: if that one is slow,
    /// so is the share beyond it.
    #[must_use]
    pub fn stated(&self, latency_ms: Option<f64>, successes: u64) -> u64 {
        if latency_ms.is_none_or(|latency_ms| latency_ms <= self.limit_ms) {
            return 0;
        }
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of the calls of a minute"
        )]
        let beyond = ((1.0 - self.quantile) * successes as f64).ceil() as u64;
        (beyond + 1).min(successes)
    }
}

impl Tally {
    /// What `sample` tells, with calls that are `slow`, where that is promised.
    #[must_use]
    pub fn of(sample: &Sample, slow: Option<&Slow>) -> Self {
        let counts = &sample.counts;
        Self {
            calls: counts.requests,
            failed: counts.errors.min(counts.requests),
            slow: slow.map_or(0, |slow| slow.count(sample)),
            cost: sample.cost,
        }
    }

    /// Calls that failed or were slow.
    #[must_use]
    pub const fn harmed(&self) -> u64 {
        self.failed.saturating_add(self.slow)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ChannelId;
    use crate::domain::sample::{Distribution, Summary};
    use crate::domain::time::Minute;

    #[test]
    fn failed_and_slow_calls_are_harmed() {
        let mut sample = Sample::new(ChannelId::new("eu").expect("a name"), Minute(0));
        (sample.counts.requests, sample.counts.errors, sample.cost) = (5, 2, Some(MicroUsd(7)));
        for ms in [100.0, 900.0, 2_500.0] {
            sample.latency.insert(ms);
        }
        let slow = Slow { quantile: 0.95, limit_ms: 2_000.0 };
        let tally = Tally::of(&sample, Some(&slow));
        assert_eq!(tally, Tally { calls: 5, failed: 2, slow: 1, cost: Some(MicroUsd(7)) });
        assert_eq!((tally.harmed(), Tally::of(&sample, None).harmed()), (3, 2));
    }

    #[test]
    fn of_a_stated_minute_the_share_beyond_the_promise_is_slow() {
        let mut sample = Sample::new(ChannelId::new("eu").expect("a name"), Minute(0));
        sample.counts.requests = 100;
        let summary = Summary { p95: Some(2_100.0), ..Summary::default() };
        sample.latency = Distribution::Stated(Box::new(summary));
        let slow = |limit_ms| Slow { quantile: 0.95, limit_ms }.count(&sample);
        assert_eq!((slow(2_000.0), slow(2_200.0)), (7, 0));
        assert_eq!(Slow { quantile: 0.9, limit_ms: 1.0 }.count(&sample), 0, "that percentile was not stated");
    }
}
