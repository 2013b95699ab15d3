//! One route class over time: what was decided, what came of it, and what was spent.

use std::collections::BTreeMap;

use chrono::Datelike;

use crate::domain::ids::ChannelId;
use crate::domain::time::{MINUTES_PER_DAY, Minute, Timestamp};
use crate::engine::machine::pilot::book::Purse;
use crate::policy::authority::proposal::Proposal;
use crate::policy::decision::Decision;
use crate::policy::plan::Plan;
use crate::policy::steering::Steering;

/// A change of a channel's share of the calls that its traffic shows.
const SHOWS: f64 = 0.05;
/// Seconds for which a channel's traffic is taken to follow from a decision.
const FOLLOWS_S: f64 = 3_600.0;

/// What came of a decision while it held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Calls that were heard of on the channels of the class.
    pub calls: u64,
    /// Of these, calls that failed.
    pub failed: u64,
    /// Calls that took longer than promised.
    pub slow: u64,
}

/// A decision, and what came of the one before.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The new decision.
    pub decision: Decision,
    /// Generation of the one before, and what came of it; `None` for the first.
    pub before: Option<(u64, Tally)>,
}

/// Whether the trouble that a channel was left for came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Came {
    /// The route class.
    pub class: String,
    /// Generation of the decision.
    pub generation: u64,
    /// The channel.
    pub channel: ChannelId,
    /// Whether it broke what is promised within the quarter of an hour.
    pub came: bool,
}

/// One route class.
#[derive(Debug, Clone, Default)]
pub(super) struct Course {
    pub(super) steering: Steering,
    pub(super) tally: Tally,
    /// Channels that were left because of what was foreseen, with the minute and the generation.
    pub(super) foreseen: Vec<(Minute, u64, ChannelId)>,
    /// When a decision last changed the share of a channel so that its traffic shows it.
    moved: BTreeMap<ChannelId, Timestamp>,
    spent: Spent,
    /// The change that waits for people.
    pub(super) waiting: Option<Proposal>,
    /// The change that people did not want, and when they said so.
    pub(super) rejected: Option<(Timestamp, Proposal)>,
}

/// USD spent in the period that runs.
#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    period: Option<(i32, u32, u32)>,
    usd: f64,
}

impl Course {
    /// Goes on from `before`, with what it has learnt itself of what was spent.
    pub(super) fn succeed(&mut self, before: Self) {
        *self = Self { spent: self.spent, ..before };
    }

    /// Counts what was spent in `minute`.
    pub(super) fn spend(&mut self, purse: Purse, minute: Minute, usd: f64) {
        let period = Some(period(purse, minute));
        if self.spent.period != period {
            self.spent = Spent { period, usd: 0.0 };
        }
        self.spent.usd += usd;
    }

    /// USD that a call may cost on average so that `purse` lasts to the end of its period with `demand_per_min` calls.
    pub(super) fn budget_per_call(&self, purse: Purse, now: Timestamp, demand_per_min: f64) -> f64 {
        let minute = now.minute();
        let spent = if self.spent.period == Some(period(purse, minute)) { self.spent.usd } else { 0.0 };
        let calls = demand_per_min.max(1.0 / 60.0) * minutes_left(purse, minute);
        ((purse.usd - spent) / calls).max(0.0)
    }

    /// Adopts `decision`: what came of the one before is closed.
    pub(super) fn adopt(&mut self, before: Option<&Plan>, decision: Decision) -> Decided {
        for (channel, share) in &decision.plan.shares {
            if before.is_some_and(|before| (before.share(channel) - share).abs() > SHOWS) {
                self.moved.insert(channel.clone(), decision.issued);
            }
        }
        let tally = std::mem::take(&mut self.tally);
        let before = (decision.parent > 0).then_some((decision.parent, tally));
        Decided { decision, before }
    }

    /// Whether decisions are why `channel` had more or fewer calls at `now`.
    pub(super) fn has_moved(&self, channel: &ChannelId, now: Timestamp) -> bool {
        self.moved.get(channel).is_some_and(|at| now.seconds_since(*at) < FOLLOWS_S)
    }
}

/// Year, month and, of a daily purse, day.
fn period(purse: Purse, minute: Minute) -> (i32, u32, u32) {
    let date = date(minute);
    (date.year(), date.month(), if purse.monthly { 0 } else { date.day() })
}

/// Minutes from `minute` to the end of its period, at least one.
fn minutes_left(purse: Purse, minute: Minute) -> f64 {
    let to_midnight = minute.day().first_minute().plus(MINUTES_PER_DAY).0 - minute.0;
    let days = if purse.monthly { u32::from(date(minute).num_days_in_month()) - date(minute).day() } else { 0 };
    f64::from(to_midnight + days * MINUTES_PER_DAY).max(1.0)
}

fn date(minute: Minute) -> chrono::NaiveDate {
    let seconds = minute.start().seconds();
    chrono::DateTime::from_timestamp(seconds, 0).map(|at| at.date_naive()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_purse_lasts_to_the_end_of_its_period() {
        // 2026-02-10T12:00:00Z
        let noon = Timestamp::from_seconds(1_770_724_800);
        let (daily, monthly) = (Purse { usd: 72.0, monthly: false }, Purse { usd: 72.0, monthly: true });
        let mut course = Course::default();
        assert!((course.budget_per_call(daily, noon, 10.0) - 72.0 / 7_200.0).abs() < 1e-12);
        // Half of the tenth and eighteen days after it.
        assert!((course.budget_per_call(monthly, noon, 10.0) - 72.0 / (18.5 * 14_400.0)).abs() < 1e-12);
        course.spend(daily, noon.minute(), 36.0);
        assert!((course.budget_per_call(daily, noon, 10.0) - 36.0 / 7_200.0).abs() < 1e-12);
        course.spend(daily, noon.minute(), 99.0);
        assert!(course.budget_per_call(daily, noon, 10.0).abs() < 1e-12, "nothing is left");
        let tomorrow = noon.plus_seconds(86_400);
        assert!((course.budget_per_call(daily, tomorrow, 10.0) - 72.0 / 7_200.0).abs() < 1e-12);
    }
}
