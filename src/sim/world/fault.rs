//! Faults: what goes wrong on a channel, from when to when.
//!
//! A fault changes replies and nothing else, so what the collector sees of it is what it would see of a real one. Several
//! may hold at once; they are applied in their order. Luck is drawn per request, so a run can be repeated.

use rand::RngExt;

use crate::domain::time::Timestamp;
use crate::sim::world::{Refusal, Reply};
use crate::stats::seed::Seed;

/// Something that goes wrong on a channel.
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

/// What goes wrong, and when, wherever it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spell {
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
    /// This share of requests is never answered: the caller waits until it gives up.
    TimeOuts(f64),
    /// Everything is slower around one hour of each day, up to this many times in the middle.
    DailyPeak {
        /// UTC hour of the middle, 0 ..< 24.
        hour: f64,
        /// How many times as long everything takes then.
        times: f64,
        /// Hours from the beginning to the end.
        hours: f64,
    },
    /// Everything costs this many times as much; answers are as ever.
    Price(f64),
}

/// Milliseconds after which a request that is never answered ends by itself: longer than any caller waits.
const NEVER_MS: f64 = 600_000.0;
const HOURS_PER_DAY: f64 = 24.0;

impl FaultKind {
    /// Whether callers are harmed by it from a set instant on; daily peaks come and go, and prices harm nobody.
    #[must_use]
    pub const fn harms_from_its_start(self) -> bool {
        !matches!(self, Self::Price(_) | Self::DailyPeak { .. })
    }

    /// In a few words, for people.
    #[must_use]
    pub fn about(&self) -> String {
        match self {
            Self::Step(times) => format!("{times} times slower"),
            Self::Ramp(times) => format!("slower and slower, up to {times} times"),
            Self::Failing(share) => format!("{:.0} % of calls fail", share * 100.0),
            Self::Throttling(share) => format!("{:.0} % of calls are throttled", share * 100.0),
            Self::TimeOuts(share) => format!("{:.0} % of calls are never answered", share * 100.0),
            Self::DailyPeak { hour, times, .. } => format!("{times} times slower around {hour:.1} h each day"),
            Self::Price(times) => format!("{times} times the price"),
        }
    }
}

impl Fault {
    /// Whether it holds at `at`.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.spell().holds(at)
    }

    /// The fault without its channel.
    #[must_use]
    pub const fn spell(&self) -> Spell {
        Spell { from: self.from, to: self.to, kind: self.kind }
    }
}

impl Spell {
    /// Whether it holds at `at`.
    #[must_use]
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.to
    }

    /// The same up to `end`, at which it was ended before its time; until then it is what it was.
    #[must_use]
    pub fn cut(self, end: Timestamp) -> Self {
        if end >= self.to {
            return self;
        }
        let kind = match self.kind {
            // It grows over its length: a shorter one must not grow faster.
            FaultKind::Ramp(_) => FaultKind::Ramp(self.times(end.max(self.from), 0.0)),
            kind => kind,
        };
        Self { to: end.max(self.from), kind, ..self }
    }

    /// How many times the usual price is asked at `at` because of it.
    #[must_use]
    pub fn price_times(&self, at: Timestamp) -> f64 {
        match self.kind {
            FaultKind::Price(times) if self.holds(at) => times,
            _ => 1.0,
        }
    }

    /// How many times as long everything takes at `at`, which is `hour` of the day.
    fn times(&self, at: Timestamp, hour: f64) -> f64 {
        match self.kind {
            FaultKind::Step(times) => times,
            FaultKind::Ramp(times) => {
                let passed = at.seconds_since(self.from) / self.to.seconds_since(self.from).max(1.0);
                1.0 + (times - 1.0) * passed
            }
            FaultKind::DailyPeak { hour: middle, times, hours } => {
                let apart = (hour - middle + HOURS_PER_DAY / 2.0).rem_euclid(HOURS_PER_DAY) - HOURS_PER_DAY / 2.0;
                // A hill without corners: one period of a cosine.
                let inside = apart.abs() < hours / 2.0;
                let hill = f64::midpoint(1.0, (apart / hours.max(1e-9) * std::f64::consts::TAU).cos());
                if inside { 1.0 + (times - 1.0) * hill } else { 1.0 }
            }
            _ => 1.0,
        }
    }

    /// What becomes of `reply` to a request that arrives at `at`, which is `hour` of the day.
    pub(super) fn change(&self, reply: Reply, luck: Seed, at: Timestamp, hour: f64) -> Reply {
        let is_hit = |share: f64| luck.rng().random::<f64>() < share;
        match self.kind {
            FaultKind::Step(_) | FaultKind::Ramp(_) | FaultKind::DailyPeak { .. } => {
                slower(reply, self.times(at, hour))
            }
            FaultKind::Failing(share) if is_hit(share) => {
                Reply::Refusal(Refusal { status: 500, after_ms: 50.0, retry_after_s: None })
            }
            FaultKind::Throttling(share) if is_hit(share) => {
                Reply::Refusal(Refusal { status: 429, after_ms: 5.0, retry_after_s: Some(1) })
            }
            FaultKind::TimeOuts(share) if is_hit(share) => {
                Reply::Refusal(Refusal { status: 504, after_ms: NEVER_MS, retry_after_s: None })
            }
            _ => reply,
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
        let at = Timestamp::from_seconds(second);
        let reply = fault(kind).spell().change(Reply::Answer(ANSWER), Seed::new(1), at, 12.0);
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
    fn what_is_ended_early_was_no_other_before() {
        let ramp = fault(FaultKind::Ramp(3.0)).spell();
        let cut = ramp.cut(Timestamp::from_seconds(40));
        assert!(cut.holds(Timestamp::from_seconds(39)) && !cut.holds(Timestamp::from_seconds(40)));
        let at = Timestamp::from_seconds(30);
        assert!((cut.times(at, 0.0) - ramp.times(at, 0.0)).abs() < 1e-9);
        assert_eq!(ramp.cut(Timestamp::from_seconds(200)), ramp);
        assert!(!ramp.cut(Timestamp::from_seconds(-5)).holds(Timestamp::from_seconds(0)), "before it began");
    }

    #[test]
    fn a_daily_peak_is_a_hill_around_its_hour_and_over_midnight() {
        let spell = |hour| fault(FaultKind::DailyPeak { hour, times: 5.0, hours: 4.0 }).spell();
        let at = Timestamp::from_seconds(0);
        let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
        assert!(near(spell(14.0).times(at, 14.0), 5.0) && near(spell(14.0).times(at, 13.0), 3.0));
        assert!(near(spell(14.0).times(at, 16.5), 1.0) && near(spell(23.5).times(at, 0.5), 3.0));
        let price = Spell { kind: FaultKind::Price(2.0), ..spell(1.0) };
        assert!(near(price.price_times(at), 2.0) && near(price.price_times(Timestamp::from_seconds(100)), 1.0));
        assert_eq!(price.change(Reply::Answer(ANSWER), Seed::new(1), at, 0.0), Reply::Answer(ANSWER));
    }

    #[test]
    fn a_share_of_requests_fails() {
        let failed = |kind, status| {
            let at = Timestamp::from_seconds(1);
            let reply = |n| fault(kind).spell().change(Reply::Answer(ANSWER), Seed::new(n), at, 12.0);
            (0..1_000).filter(|n| matches!(reply(*n), Reply::Refusal(refusal) if refusal.status == status)).count()
        };
        assert!((250..350).contains(&failed(FaultKind::Failing(0.3), 500)));
        assert_eq!(failed(FaultKind::Failing(1.0), 500), 1_000);
        assert!((450..550).contains(&failed(FaultKind::Throttling(0.5), 429)));
        assert!((450..550).contains(&failed(FaultKind::TimeOuts(0.5), 504)));
    }
}
