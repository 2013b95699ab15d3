//! Faults: what goes wrong on a channel, from when to when.
//!
//! A fault changes replies and nothing else, so what the collector sees of it is what it would see of a real one. Several
//! may hold at once; they are applied in their order. Luck is drawn per request, so a run can be repeated.

use rand::RngExt;

use crate::domain::time::Timestamp;
use crate::sim::world::{Refusal, Reply};
use crate::stats::seed::Seed;

/// Something that goes wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fault {
    /// The channel's name.
    pub channel: &'static str,
    /// First instant.
    pub from: Timestamp,
    /// First instant behind it.
    pub to: Timestamp,
    /// What.
    pub kind: FaultKind,
}

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FaultKind {
    /// Everything takes this many times as long, at once.
    Step(f64),
    /// The same, growing evenly from once to this many times over the whole fault.
    Ramp(f64),
    /// This share of requests fails with a status of 500, which retries do not help: 1 is a dead channel.
    Failing(f64),
    /// This share of requests is refused for load with a status of 429.
    Throttling(f64),
}

impl FaultKind {
    /// In a few words, for people.
    #[must_use]
    pub fn about(&self) -> String {
        match self {
            Self::Step(times) => format!("{times} times slower"),
            Self::Ramp(times) => format!("slower and slower, up to {times} times"),
            Self::Failing(share) => format!("{:.0} % of calls fail", share * 100.0),
            Self::Throttling(share) => format!("{:.0} % of calls are throttled", share * 100.0),
        }
    }
}

impl Fault {
    /// Whether it holds at `at`.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// What becomes of `reply` to a request that arrives at `at`.
    pub(super) fn change(&self, reply: Reply, luck: Seed, at: Timestamp) -> Reply {
        let is_hit = |share: f64| luck.rng().random::<f64>() < share;
        match (self.kind, reply) {
            (FaultKind::Step(times), reply) => slower(reply, times),
            (FaultKind::Ramp(times), reply) => {
                let passed = at.seconds_since(self.from) / self.to.seconds_since(self.from).max(1.0);
                slower(reply, 1.0 + (times - 1.0) * passed)
            }
            (FaultKind::Failing(share), _) if is_hit(share) => {
                Reply::Refusal(Refusal { status: 500, after_ms: 50.0, retry_after_s: None })
            }
            (FaultKind::Throttling(share), _) if is_hit(share) => {
                Reply::Refusal(Refusal { status: 429, after_ms: 5.0, retry_after_s: Some(1) })
            }
            (FaultKind::Failing(_) | FaultKind::Throttling(_), reply) => reply,
        }
    }
}

fn slower(reply: Reply, times: f64) -> Reply {
    match reply {
        Reply::Answer(mut answer) => {
            answer.first_token_ms *= times;
            answer.per_token_ms *= times;
            Reply::Answer(answer)
        }
        Reply::Refusal(refusal) => Reply::Refusal(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::world::service::Answer;

    const ANSWER: Answer =
        Answer { completion_tokens: 11, cached_tokens: 0, first_token_ms: 100.0, per_token_ms: 10.0 };

    fn fault(kind: FaultKind) -> Fault {
        Fault { channel: "a", from: Timestamp::from_seconds(0), to: Timestamp::from_seconds(100), kind }
    }

    fn total_ms(kind: FaultKind, second: i64) -> f64 {
        let reply = fault(kind).change(Reply::Answer(ANSWER), Seed::new(1), Timestamp::from_seconds(second));
        // A refusal is no time at all.
        if let Reply::Answer(answer) = reply { answer.total_ms() } else { f64::NAN }
    }

    #[test]
    fn a_step_is_at_once_and_a_ramp_grows() {
        assert!((total_ms(FaultKind::Step(3.0), 0) - 600.0).abs() < 1e-9);
        assert!((total_ms(FaultKind::Ramp(3.0), 0) - 200.0).abs() < 1e-9);
        assert!((total_ms(FaultKind::Ramp(3.0), 50) - 400.0).abs() < 1e-9);
        assert!(fault(FaultKind::Step(3.0)).holds(Timestamp::from_seconds(99)));
        assert!(!fault(FaultKind::Step(3.0)).holds(Timestamp::from_seconds(100)), "it is over");
    }

    #[test]
    fn a_share_of_requests_fails() {
        let failed = |kind, status| {
            let reply = |n| fault(kind).change(Reply::Answer(ANSWER), Seed::new(n), Timestamp::from_seconds(1));
            (0..1_000).filter(|n| matches!(reply(*n), Reply::Refusal(refusal) if refusal.status == status)).count()
        };
        assert!((250..350).contains(&failed(FaultKind::Failing(0.3), 500)));
        assert_eq!(failed(FaultKind::Failing(1.0), 500), 1_000);
        assert!((450..550).contains(&failed(FaultKind::Throttling(0.5), 429)));
    }
}
