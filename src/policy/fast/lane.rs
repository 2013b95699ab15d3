//! The fast lane of one channel: every call is heard, and what it shows is said at once.
//!
//! Time is that of the calls. Whoever holds a lane tells it of calls as they end, and of time when nothing ends
//! ([`Lane::on_time`], by [`Lane::next_wakeup`]); no order is asked for. A call costs O(1) and allocates nothing.
//!
//! Degenerate cases: numbers that are not finite are not known; a call without latency or limit says nothing of slowness;
//! one that failed through its own fault (an outcome of [`Outcome::ClientError`]) says nothing at all. A lane that heard of
//! nothing is closed, and stale some minutes later.

use serde::{Deserialize, Serialize};

use crate::domain::call::Outcome;
use crate::domain::time::Timestamp;
use crate::policy::fast::breaker::{Answer, Breaker};
use crate::policy::fast::call::Answers;
use crate::policy::fast::evidence::{Evidence, Finding, Weight};
use crate::policy::fast::load::Load;
use crate::policy::fast::sense::Sense;
use crate::policy::fast::stall::Stall;
use crate::policy::fast::window::{Counts, Left, Window};
use crate::policy::input::{Standing, TripReason};
use crate::stats::seed::Seed;

pub use crate::policy::fast::breaker::Shift;
pub use crate::policy::fast::call::CallEnd;
pub use crate::policy::fast::setting::{LaneSetting, Suspect};

/// Calls of a minute that what is usual is worth where the last minute is told: with as many calls of its own the minute
/// weighs half.
const PRIOR_CALLS: f64 = 20.0;

/// What the last minute of a channel was like, the newest calls weighing most.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Present {
    /// Calls that ended within it, those aside that failed through their own fault.
    pub calls: u64,
    /// Share of them that failed or were refused, drawn towards what is usual where calls are few; NaN without calls.
    pub failing: f64,
    /// Share of calls that took longer than promised, drawn likewise; NaN without calls that were promised something.
    pub slow: f64,
    /// Mean milliseconds of those that went well; NaN without any.
    pub latency_ms: f64,
    /// Calls that wait for an answer, as far as their beginnings are told.
    pub pending: u32,
}

impl Default for Present {
    /// Nothing known.
    fn default() -> Self {
        Self { calls: 0, failing: f64::NAN, slow: f64::NAN, latency_ms: f64::NAN, pending: 0 }
    }
}

/// The fast lane of one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Lane {
    breaker: Breaker,
    window: Window,
    answers: Answers,
    load: Load,
    stall: Stall,
    failing: Sense,
    slow: Sense,
    /// The newest instant it was told of.
    newest: Option<Timestamp>,
    /// When the last call ended; before the first one, when it was first told of anything.
    heard: Option<Timestamp>,
    /// When silence makes it stale.
    stale_at: Option<Timestamp>,
}

impl Lane {
    /// A lane that knows nothing; `seed` is of its jitter.
    #[must_use]
    pub fn new(seed: Seed) -> Self {
        Self {
            breaker: Breaker::new(seed),
            window: Window::default(),
            answers: Answers::default(),
            load: Load::default(),
            stall: Stall::default(),
            failing: Sense::default(),
            slow: Sense::default(),
            newest: None,
            heard: None,
            stale_at: None,
        }
    }

    /// Hears that a call began; only to be told where ends are told as promptly, because calls that do not end are a sign.
    pub fn begin(&mut self, now: Timestamp) {
        self.newest = self.newest.max(Some(now));
        self.load.begin();
        self.stall.begin(now);
    }

    /// Hears how a call ended. A call that ended long before the newest is counted, but trips nothing and brings nothing
    /// back.
    pub fn hear(&mut self, setting: &LaneSetting, end: &CallEnd) -> Option<Shift> {
        let due = self.move_on(setting, end.at);
        self.load.end(end.at, end.load_ms());
        self.stall.end(end.limit_ms);
        self.answers.add(end);
        if !end.probe {
            self.window.record(end.at, &end.counts());
        }
        self.touch(setting, end.at);
        let lag_s = self.newest.map_or(0.0, |newest| newest.seconds_since(end.at));
        let is_news = lag_s <= setting.late_s && self.breaker.concerns(end.began());
        let shift = if is_news { self.judge(setting, end) } else { None };
        if shift == Some(Shift::Recovered) {
            self.start_afresh(setting);
        }
        shift.or(due)
    }

    /// Does what is due at `now`.
    pub fn on_time(&mut self, setting: &LaneSetting, now: Timestamp) -> Option<Shift> {
        self.move_on(setting, now)
    }

    /// Takes the channel out until `until` because the forecast says so; nothing changes if it is out, or if that is past.
    pub fn open_by_forecast(&mut self, now: Timestamp, until: Timestamp) -> Option<Shift> {
        self.newest = self.newest.max(Some(now));
        self.breaker.open_by_forecast(now, until)
    }

    /// When [`Lane::on_time`] has something to do, if nothing is heard until then.
    #[must_use]
    pub fn next_wakeup(&self) -> Option<Timestamp> {
        let (due, can_go_stale) = self.breaker.wakeup();
        let stale_at = self.stale_at.filter(|_| can_go_stale);
        due.into_iter().chain(stale_at).chain(self.stalls_at()).min()
    }

    /// How the channel stands at `now`.
    #[must_use]
    pub fn standing(&self, setting: &LaneSetting, now: Timestamp) -> Standing {
        let mut breaker = self.breaker;
        breaker.on_time(now);
        if let Some(heard) = self.heard.filter(|heard| now.seconds_since(*heard) >= setting.stale_s) {
            breaker.go_stale(heard);
        }
        breaker.standing()
    }

    /// How all calls ended that it heard of, probes included.
    #[must_use]
    pub const fn answers(&self) -> Answers {
        self.answers
    }

    /// What the last minute is like at `now`.
    #[must_use]
    pub fn present(&self, now: Timestamp) -> Present {
        let recent = self.window.recent(now);
        let share = |bad: f64, calls: f64, sense: &Sense| {
            let drawn = (bad + PRIOR_CALLS * sense.usual().share()) / (calls + PRIOR_CALLS);
            if calls > 0.0 { drawn } else { f64::NAN }
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let calls = self.window.over(now, u32::MAX).calls as u64;
        Present {
            calls,
            failing: share(recent.failed + recent.throttled, recent.calls, &self.failing),
            slow: share(recent.slow, recent.limited, &self.slow),
            latency_ms: if recent.timed > 0.0 { recent.latency_ms / recent.timed } else { f64::NAN },
            pending: self.load.pending(),
        }
    }

    /// What one more call costs in milliseconds: the latency of late, times the calls that would wait; `None` before the
    /// first latency. See [`crate::policy::fast::load`].
    #[must_use]
    pub fn cost(&self, now: Timestamp) -> Option<f64> {
        self.load.cost(now)
    }

    /// Moves on to `now`, unless something newer was told.
    fn move_on(&mut self, setting: &LaneSetting, now: Timestamp) -> Option<Shift> {
        let now = self.newest.map_or(now, |newest| newest.max(now));
        self.newest = Some(now);
        if self.heard.is_none() {
            self.touch(setting, now);
        }
        if let Some(left) = self.window.advance(now) {
            self.learn(setting, &left);
        }
        let due = self.breaker.on_time(now);
        let stalled = self.stalls_at().filter(|at| now >= *at).map(|_| self.trip_for_stall(setting, now));
        stalled.or_else(|| self.fall_silent(now)).or(due)
    }

    /// When calls that wait trip it, if none ends until then.
    fn stalls_at(&self) -> Option<Timestamp> {
        let can_tell = self.breaker.is_in() && self.slow.usual().is_telling();
        self.stall.due().filter(|_| can_tell)
    }

    fn trip_for_stall(&mut self, setting: &LaneSetting, now: Timestamp) -> Shift {
        self.stall.clear();
        self.breaker.trip(setting, now, (TripReason::Slow, &Finding::of_stall(&setting.slow)), 0.0)
    }

    /// Learns what left the window of the last minute, if it was a minute of ordinary traffic.
    fn learn(&mut self, setting: &LaneSetting, left: &Left) {
        let counts = if self.breaker.is_in() { left.counts } else { Counts::default() };
        let failing = (counts.calls, counts.failed + counts.throttled / 2.0, left.seconds);
        self.failing.learn(&setting.failing, setting.line, failing);
        self.slow.learn(
            &setting.slow,
            setting.line,
            (counts.limited, f64::midpoint(counts.slow, counts.gross), left.seconds),
        );
    }

    fn fall_silent(&mut self, now: Timestamp) -> Option<Shift> {
        let heard = self.heard.filter(|_| self.stale_at.is_some_and(|at| now >= at))?;
        let shift = self.breaker.go_stale(heard)?;
        self.load.forget_pending();
        self.stall = Stall::default();
        self.failing.begin_with(Evidence::default());
        self.slow.begin_with(Evidence::default());
        Some(shift)
    }

    fn touch(&mut self, setting: &LaneSetting, at: Timestamp) {
        if self.heard.is_none_or(|heard| heard < at) {
            self.heard = Some(at);
            #[expect(clippy::cast_possible_truncation, reason = "a checked setting is at most a day")]
            let stale_at = at.plus_micros((setting.stale_s * 1e6) as i64);
            self.stale_at = Some(stale_at);
        }
    }

    fn judge(&mut self, setting: &LaneSetting, end: &CallEnd) -> Option<Shift> {
        let retry_after_s = end.retry_after_s(setting.longest_retry_after_s);
        if self.breaker.is_in()
            && let Some((reason, finding)) = self.find(setting, end)
        {
            return Some(self.breaker.trip(setting, end.at, (reason, &finding), retry_after_s));
        }
        let answer = self.answer(end)?;
        if answer == Answer::Badly && self.is_new_usual(setting, end.at) {
            self.slow.forget();
            return Some(self.breaker.adopt(setting, end.at));
        }
        self.breaker.answer(setting, end.at, answer, retry_after_s)
    }

    /// What a call adds to the evidence, and whether that is enough.
    fn find(&mut self, setting: &LaneSetting, end: &CallEnd) -> Option<(TripReason, Finding)> {
        let failing = end.failing().and_then(|weight| self.failing.hear(&setting.failing, setting.line, weight));
        if let Some(finding) = failing {
            let reason = match (finding.is_mild, finding.in_a_row) {
                (true, _) => TripReason::Throttled,
                (false, true) => TripReason::Consecutive,
                (false, false) => TripReason::FailureRate,
            };
            return Some((reason, finding));
        }
        // What has been slow ever since it was first seen does not fail: its promise does, which is for the planner.
        let weight = end.slow().filter(|_| self.slow.usual().is_telling())?;
        self.slow.hear(&setting.slow, setting.line, weight).map(|finding| (TripReason::Slow, finding))
    }

    /// What a call says of a channel that is out; `None` if it says nothing.
    fn answer(&self, end: &CallEnd) -> Option<Answer> {
        let minds_slowness =
            self.breaker.out().is_some_and(|(reason, _)| matches!(reason, TripReason::Slow | TripReason::Forecast));
        match (end.outcome, end.slow()) {
            (Outcome::ClientError, _) => None,
            (Outcome::Ok, Some(Weight::Half | Weight::Bad)) => minds_slowness.then_some(Answer::Badly),
            (Outcome::Ok, _) => Some(Answer::Well),
            _ => Some(Answer::Badly),
        }
    }

    /// Whether the channel has been out for slowness for so long that it is not going to be as it was.
    fn is_new_usual(&self, setting: &LaneSetting, at: Timestamp) -> bool {
        let out = self.breaker.out();
        out.is_some_and(|(reason, since)| reason == TripReason::Slow && at.seconds_since(since) >= setting.adopt_s)
    }

    /// The channel is back: what it did before is history.
    fn start_afresh(&mut self, setting: &LaneSetting) {
        self.window.clear();
        self.failing.begin_with(Evidence::halfway(setting.line));
        self.slow.begin_with(Evidence::halfway(setting.line));
    }
}

#[cfg(test)]
mod tests;
