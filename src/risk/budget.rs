//! What may still fail: the error budget of one promise over thirty days.
//!
//! Minutes are kept for six hours and hours for thirty days, as whole counts, so sums are exact and do not depend on their
//! order. A window up to six hours ends with the newest minute; a longer one is made of whole hours and the one that runs.
//! 8.6 KB for each promise; a minute costs O(1), a window at most 720 additions.
//!
//! A minute without events is neither good nor bad. Sums over windows weigh each event the same: a night of few calls
//! cannot use up what the day may need, which a mean of minute ratios would allow.

use serde::{Deserialize, Serialize};

use crate::domain::time::Minute;
use crate::risk::objective::Counts;

/// Minutes that are kept.
const MINUTES: usize = 360;
/// Hours that are kept: thirty days.
const HOURS: usize = 720;
/// The span that a budget is for, in minutes.
pub const PERIOD: u32 = 43_200;

/// Smallest share that may fail, so that rates are finite where nothing may.
const LEAST_SHARE: f64 = 1e-6;

/// Counts of one promise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Budget {
    /// Share of events that may be bad.
    allowed: f64,
    minutes: Ring,
    hours: Ring,
}

/// The newest counts by number of their minute or hour, oldest overwritten first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Ring {
    newest: Option<u32>,
    slots: Vec<Counts>,
}

impl Ring {
    fn new(len: usize) -> Self {
        Self { newest: None, slots: vec![Counts::default(); len] }
    }

    fn slot(&mut self, number: u32) -> Option<&mut Counts> {
        let len = self.slots.len();
        self.slots.get_mut(number as usize % len)
    }

    /// Adds `counts` to `number`; what is older than the ring is left out.
    fn add(&mut self, number: u32, counts: Counts) {
        let length = u32::try_from(self.slots.len()).unwrap_or(u32::MAX);
        let newest = self.newest.unwrap_or(number);
        if newest.saturating_sub(number) >= length {
            return;
        }
        for empty in (newest + 1).max(number.saturating_sub(length - 1))..=number {
            if let Some(slot) = self.slot(empty) {
                *slot = Counts::default();
            }
        }
        self.newest = Some(newest.max(number));
        if let Some(slot) = self.slot(number) {
            slot.bad = slot.bad.saturating_add(counts.bad);
            slot.total = slot.total.saturating_add(counts.total);
        }
    }

    /// Sum of the `length` numbers up to `last`.
    fn sum(&self, last: u32, length: u32) -> Counts {
        let Some(newest) = self.newest else { return Counts::default() };
        let length = length.min(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
        let known = u32::try_from(self.slots.len()).unwrap_or(u32::MAX).min(newest.saturating_add(1));
        let (from, to) = ((last + 1).saturating_sub(length), last.min(newest));
        let from = from.max(newest + 1 - known);
        let mut sum = Counts::default();
        for number in from..=to {
            if let Some(slot) = self.slots.get(number as usize % self.slots.len()) {
                sum.bad = sum.bad.saturating_add(slot.bad);
                sum.total = sum.total.saturating_add(slot.total);
            }
        }
        sum
    }
}

impl Budget {
    /// The budget of a promise by which the share `target` of events is good, 0 ..= 1.
    #[must_use]
    pub fn new(target: f64) -> Self {
        let allowed = (1.0 - target).clamp(LEAST_SHARE, 1.0);
        Self { allowed, minutes: Ring::new(MINUTES), hours: Ring::new(HOURS) }
    }

    /// Adds the events of `minute`. A piece that comes late counts in its own minute, as long as that is kept.
    pub fn add(&mut self, minute: Minute, counts: Counts) {
        self.minutes.add(minute.0, counts);
        self.hours.add(minute.hour().0, counts);
    }

    /// Events of the last `minutes` minutes up to `now`; windows beyond six hours are of whole hours, at most thirty days.
    #[must_use]
    pub fn window(&self, now: Minute, minutes: u32) -> Counts {
        if minutes as usize <= MINUTES {
            self.minutes.sum(now.0, minutes)
        } else {
            self.hours.sum(now.hour().0, minutes.div_ceil(60))
        }
    }

    /// How many times faster than allowed events failed in the last `minutes` minutes: 1 uses up the budget just at the
    /// end of its period. `None` without events; finite always.
    #[must_use]
    pub fn burn_rate(&self, now: Minute, minutes: u32) -> Option<f64> {
        share(self.window(now, minutes)).map(|bad| bad / self.allowed)
    }

    /// What is left of the budget of the last thirty days, 1 at most and below 0 if it is overdrawn.
    #[must_use]
    pub fn left(&self, now: Minute) -> f64 {
        1.0 - self.burn_rate(now, PERIOD).unwrap_or(0.0)
    }

    /// Minutes until nothing is left if events go on failing as in the last `minutes` minutes; `None` if none fails,
    /// 0 if nothing is left.
    #[must_use]
    pub fn minutes_left(&self, now: Minute, minutes: u32) -> Option<f64> {
        let rate = self.burn_rate(now, minutes).filter(|rate| *rate > 0.0)?;
        Some(self.left(now).max(0.0) * f64::from(PERIOD) / rate)
    }
}

/// The share of bad events.
fn share(counts: Counts) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "calls of a month are far below 2^52")]
    let share = counts.bad as f64 / counts.total as f64;
    (counts.total > 0).then_some(share)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_budget_is_used_up_by_its_rate() {
        let mut budget = Budget::new(0.999);
        for minute in 0..PERIOD {
            budget.add(Minute(minute), Counts { bad: u64::from(minute % 100 == 0), total: 10 });
        }
        let now = Minute(PERIOD - 1);
        let near = |value: Option<f64>, expected: f64| (value.expect("events") - expected).abs() < 1e-9;
        assert!(near(budget.burn_rate(now, PERIOD), 1.0), "one in a thousand, just as promised");
        assert!(budget.left(now).abs() < 1e-9);
        assert_eq!(budget.window(now, 100), Counts { bad: 1, total: 1_000 });
        assert!(near(budget.burn_rate(now, 100), 1.0) && near(budget.minutes_left(now, 100), 0.0));
        assert_eq!(budget.burn_rate(now.plus(400), 360), None, "nothing was seen since");
    }

    #[test]
    fn nothing_may_fail_and_nothing_seen_are_finite() {
        let mut budget = Budget::new(1.0);
        assert_eq!((budget.burn_rate(Minute(9), 60), budget.left(Minute(9))), (None, 1.0));
        budget.add(Minute(9), Counts { bad: 1, total: 1 });
        assert!(budget.burn_rate(Minute(9), 60).is_some_and(f64::is_finite));
        assert_eq!(budget.minutes_left(Minute(9), 60), Some(0.0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Every window up to six hours holds exactly the events of its minutes, whatever the order in which they came
        /// within the last hour; and one that was saved goes on as it was.
        #[test]
        fn windows_hold_their_minutes(minutes in prop::collection::vec((0u32..60, 0u64..5), 1..80), length in 1u32..=360, start in 0u32..2_000) {
            let mut budget = Budget::new(0.99);
            let mut events = Vec::new();
            for (at, (offset, bad)) in minutes.iter().enumerate() {
                let minute = start + u32::try_from(at).expect("few") * 9 + offset;
                budget.add(Minute(minute), Counts { bad: *bad, total: 5 });
                events.push((minute, *bad));
            }
            let now = events.iter().map(|(minute, _)| *minute).max().expect("some");
            let known = events.iter().filter(|(minute, _)| now - minute < length);
            let (bad, total) = known.fold((0, 0), |(bad, total), (_, more)| (bad + more, total + 5));
            prop_assert_eq!(budget.window(Minute(now), length), Counts { bad, total });
            let bytes = postcard::to_stdvec(&budget).expect("it can be written");
            prop_assert_eq!(postcard::from_bytes::<Budget>(&bytes).expect("it can be read"), budget);
        }
    }
}
