//! When a collection pass is due: cron expressions, missed ticks, and never two passes at once.
//!
//! The state machine is pure: it is told the time, says what is due, and says when it next wants waking. Only
//! [`Schedule::next_tick`] waits.
//!
//! # Clock steps
//! Forwards, or a late wake: the newest tick is due, the older ones are counted as missed; catching up on them would
//! only scrape the same counters again. Backwards: a tick that has fired does not fire again; the schedule waits until
//! the clock has passed it. A step back of three hours or more is a clock being put right, and the schedule plans anew
//! from the new time at once. Both rules, and the three hours, are those of Vixie cron.

use crate::clock::Clock;
use crate::domain::time::Timestamp;

pub mod cron;

pub use cron::{CronError, CronExpr};

/// A clock that steps back at least this far was wrong before, so waiting for it to catch up would be a silent outage.
const REPLAN_AFTER_S: i64 = 3 * 3_600;

/// Missed ticks are counted one by one up to this number; a longer absence (70 days of minutes) counts as this many.
const MAX_COUNTED: u64 = 100_000;

/// What is due at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tick {
    /// The planned instant that is due now; the caller starts one pass and calls [`Schedule::finished`] at its end.
    pub due: Option<Timestamp>,
    /// Ticks that passed without a pass of their own since the last call.
    pub missed: u64,
    /// Whether ticks were missed because the previous pass was still running.
    pub overlap: bool,
}

/// The plan of one source.
#[derive(Debug, Clone)]
pub struct Schedule {
    expr: CronExpr,
    next: Option<Timestamp>,
    /// The latest instant this schedule was told.
    seen: Timestamp,
    running: bool,
}

impl Schedule {
    /// A schedule whose first tick is the first one after `now`.
    #[must_use]
    pub fn new(expr: CronExpr, now: Timestamp) -> Self {
        let next = expr.next_after(now);
        Self { expr, next, seen: now, running: false }
    }

    /// When [`Schedule::on_time`] should next be called; `None` if the expression has no further tick.
    #[must_use]
    pub const fn next_wakeup(&self) -> Option<Timestamp> {
        self.next
    }

    /// Tells the schedule the time. If the answer holds a due tick, a pass is running until [`Schedule::finished`].
    #[must_use = "a due tick that is not carried out blocks the schedule"]
    pub fn on_time(&mut self, now: Timestamp) -> Tick {
        if now.plus_seconds(REPLAN_AFTER_S) <= self.seen {
            self.next = self.expr.next_after(now);
            self.seen = now;
        }
        self.seen = self.seen.max(now);
        let Some((newest, passed)) = self.take_passed(now) else { return Tick::default() };
        if self.running {
            return Tick { due: None, missed: passed, overlap: true };
        }
        self.running = true;
        Tick { due: Some(newest), missed: passed - 1, overlap: false }
    }

    /// Says that the running pass has ended, well or badly.
    pub const fn finished(&mut self) {
        self.running = false;
    }

    /// Waits on `clock` for the next due tick; `None` once the expression has no further one.
    ///
    /// The caller carries the pass out and calls [`Schedule::finished`]. Ticks that fall into the pass are reported
    /// as missed with the next one.
    pub async fn next_tick(&mut self, clock: &Clock) -> Option<Tick> {
        loop {
            clock.sleep_until(self.next?).await;
            let tick = self.on_time(clock.now());
            if tick.due.is_some() {
                return Some(tick);
            }
        }
    }

    /// The newest tick at or before `now` and how many there are; plans the one after.
    fn take_passed(&mut self, now: Timestamp) -> Option<(Timestamp, u64)> {
        let mut newest = self.next.filter(|&next| next <= now)?;
        let mut passed = 1;
        loop {
            self.next = self.expr.next_after(newest);
            match self.next {
                Some(next) if next <= now && passed < MAX_COUNTED => {
                    newest = next;
                    passed += 1;
                }
                Some(next) if next <= now => {
                    self.next = self.expr.next_after(now);
                    return Some((newest, passed));
                }
                _ => return Some((newest, passed)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).expect("valid RFC 3339")
    }

    fn every_minute(now: Timestamp) -> Schedule {
        Schedule::new(CronExpr::every_minute(), now)
    }

    #[test]
    fn a_late_wake_runs_the_newest_tick_and_counts_the_others() {
        let mut schedule = every_minute(at("2026-11-20T12:00:10Z"));
        assert_eq!(schedule.next_wakeup(), Some(at("2026-11-20T12:01:00Z")));
        assert_eq!(schedule.on_time(at("2026-11-20T12:00:59Z")), Tick::default());
        let tick = schedule.on_time(at("2026-11-20T12:04:02Z"));
        assert_eq!(tick, Tick { due: Some(at("2026-11-20T12:04:00Z")), missed: 3, overlap: false });
    }

    #[test]
    fn a_slow_pass_never_has_a_second_one_on_top() {
        let mut schedule = every_minute(at("2026-11-20T12:00:10Z"));
        assert!(schedule.on_time(at("2026-11-20T12:01:00Z")).due.is_some());
        let tick = schedule.on_time(at("2026-11-20T12:02:00Z"));
        assert_eq!(tick, Tick { due: None, missed: 1, overlap: true });
        schedule.finished();
        assert_eq!(schedule.on_time(at("2026-11-20T12:02:30Z")), Tick::default());
        assert_eq!(schedule.on_time(at("2026-11-20T12:03:00Z")).due, Some(at("2026-11-20T12:03:00Z")));
    }

    #[test]
    fn a_clock_that_steps_back_does_not_fire_a_tick_twice() {
        let mut schedule = every_minute(at("2026-11-20T12:00:10Z"));
        assert!(schedule.on_time(at("2026-11-20T12:01:00Z")).due.is_some());
        schedule.finished();
        for again in ["2026-11-20T12:00:30Z", "2026-11-20T12:01:00Z", "2026-11-20T12:01:59Z"] {
            assert_eq!(schedule.on_time(at(again)), Tick::default());
        }
        assert_eq!(schedule.on_time(at("2026-11-20T12:02:00Z")).due, Some(at("2026-11-20T12:02:00Z")));
    }

    #[test]
    fn a_clock_put_right_by_hours_is_followed_at_once() {
        let mut schedule = every_minute(at("2026-11-20T12:00:10Z"));
        assert_eq!(schedule.on_time(at("2026-11-20T08:00:10Z")), Tick::default());
        assert_eq!(schedule.next_wakeup(), Some(at("2026-11-20T08:01:00Z")));
    }

    #[test]
    fn years_of_absence_cost_a_bounded_count() {
        let mut schedule = every_minute(at("2020-01-01T00:00:00Z"));
        let tick = schedule.on_time(at("2026-11-20T12:00:00Z"));
        assert_eq!(tick.missed, MAX_COUNTED - 1);
        assert_eq!(schedule.next_wakeup(), Some(at("2026-11-20T12:01:00Z")));
    }

    #[tokio::test]
    async fn waiting_follows_a_manual_clock() {
        let clock = Clock::manual(at("2026-11-20T12:00:10Z"));
        let mut schedule = every_minute(clock.now());
        let hands = clock.clone();
        let moving = tokio::spawn(async move { hands.set(at("2026-11-20T12:02:00Z")) });
        let tick = schedule.next_tick(&clock).await.expect("minutes never end");
        moving.await.expect("the clock moves");
        assert_eq!(tick, Tick { due: Some(at("2026-11-20T12:02:00Z")), missed: 1, overlap: false });
    }

    proptest! {
        /// For any steps of the clock below three hours, no tick fires twice, and while the clock only moves forward
        /// every tick either fires or is counted.
        #[test]
        fn ticks_fire_at_most_once(steps in prop::collection::vec(-900_i64..900, 1..60)) {
            let start = at("2026-11-20T12:00:10Z");
            let mut schedule = every_minute(start);
            let (mut now, mut latest, mut fired, mut missed) = (start, start, Vec::new(), 0);
            for step in steps {
                now = now.plus_seconds(step).max(latest.plus_seconds(-3_600));
                latest = latest.max(now);
                let tick = schedule.on_time(now);
                fired.extend(tick.due);
                missed += tick.missed;
                schedule.finished();
            }
            prop_assert!(fired.windows(2).all(|pair| pair[0] < pair[1]));
            let minutes = latest.minute().0 - start.minute().0;
            prop_assert_eq!(fired.len() as u64 + missed, u64::from(minutes));
        }
    }
}
