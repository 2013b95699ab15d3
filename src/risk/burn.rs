//! Whether a budget is used up too fast, by several windows at once.
//!
//! A single window has to choose: a short one alarms at every blip, a long one hours too late and goes on for hours after
//! the end. The pairs of the *Site Reliability Workbook* (Beyer et al., 2018, chapter 5, "Multiwindow, Multi-Burn-Rate
//! Alerts", table 5-8) ask that a long window has used up a stated part of the thirty days' budget, and that a short one,
//! a twelfth of it, is still doing so:
//!
//! | what | long | short | burn rate | of the budget by then |
//! |---|---|---|---|---|
//! | page | 1 h | 5 min | 14.4 | 2 % |
//! | page | 6 h | 30 min | 6 | 5 % |
//! | ticket | 3 d | 6 h | 1 | 10 % |

use serde::{Deserialize, Serialize};

use crate::domain::time::Minute;
use crate::risk::budget::Budget;

/// Whom it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Somebody must look now.
    Page,
    /// Somebody must look within days.
    Ticket,
}

/// A pair of windows and the burn rate that both must reach.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    /// Whom it is for.
    pub urgency: Urgency,
    /// The long window, in minutes.
    pub long: u32,
    /// The short window, in minutes.
    pub short: u32,
    /// The burn rate.
    pub rate: f64,
}

/// The pairs of the workbook, the most urgent first.
pub const WORKBOOK: [Pair; 3] = [
    Pair { urgency: Urgency::Page, long: 60, short: 5, rate: 14.4 },
    Pair { urgency: Urgency::Page, long: 360, short: 30, rate: 6.0 },
    Pair { urgency: Urgency::Ticket, long: 4_320, short: 360, rate: 1.0 },
];

/// A pair that is reached.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Burning {
    /// The pair.
    pub pair: Pair,
    /// Burn rate of its long window.
    pub long: f64,
    /// Burn rate of its short window.
    pub short: f64,
}

/// Rates are as exact as `1 - 0.999` is: one that is reached exactly must not miss by the last digit.
const ROUNDING: f64 = 1.0 - 1e-9;

/// The first of `pairs` that `budget` reaches at `now`. Windows with fewer than `least` events in the long one do not
/// count: of three calls at night one failure is no rate.
#[must_use]
pub fn burning(budget: &Budget, now: Minute, pairs: &[Pair], least: u64) -> Option<Burning> {
    pairs.iter().find_map(|pair| {
        let long = budget.burn_rate(now, pair.long)?;
        let short = budget.burn_rate(now, pair.short)?;
        let is_enough = budget.window(now, pair.long).total >= least;
        let rate = pair.rate * ROUNDING;
        (is_enough && long >= rate && short >= rate).then_some(Burning { pair: *pair, long, short })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::risk::objective::Counts;

    /// Minute of the first page, and of its end, when `share` per mille of calls fail for `minutes` from minute 5,000 on.
    fn paged(share: u64, minutes: u32) -> (Option<u32>, Option<u32>) {
        let mut budget = Budget::new(0.999);
        let (mut first, mut end) = (None, None);
        for minute in 0..7_000u32 {
            let is_bad = (5_000..5_000 + minutes).contains(&minute);
            budget.add(Minute(minute), Counts { bad: if is_bad { share } else { 0 }, total: 1_000 });
            let page = burning(&budget, Minute(minute), &WORKBOOK, 10).filter(|b| b.pair.urgency == Urgency::Page);
            match page {
                Some(_) => first = first.or(Some(minute)),
                None if first.is_some() => end = end.or(Some(minute)),
                None => {}
            }
        }
        (first, end)
    }

    #[test]
    fn pages_come_and_go_as_in_the_workbook() {
        // All calls fail: an hour of 14.4 times one in a thousand is 0.864 minutes of that, so one minute is enough.
        assert_eq!(paged(1_000, 30).0, Some(5_000));
        // 5 % fail, a rate of 50: 14.4 over an hour is reached after 17.28 minutes, and 6 over six hours after 43.2.
        assert_eq!(paged(50, 60).0, Some(5_017));
        assert!(paged(50, 60).1.is_some_and(|end| (5_060..5_090).contains(&end)), "the short window ends it soon");
        assert_eq!(paged(50, 10).0, None, "a blip");
        // A rate of 8 never pages by the hour, but by six of them: after 270 minutes.
        assert_eq!(paged(8, 1_000).0, Some(5_269));
    }

    #[test]
    fn parts_of_the_budget_are_those_of_the_table() {
        let used: Vec<f64> = WORKBOOK.iter().map(|pair| pair.rate * f64::from(pair.long) / 43_200.0).collect();
        assert!(used.iter().zip([0.02, 0.05, 0.1]).all(|(used, table)| (used - table).abs() < 1e-12), "{used:?}");
        let mut few = Budget::new(0.999);
        few.add(Minute(0), Counts { bad: 1, total: 3 });
        assert_eq!(burning(&few, Minute(0), &WORKBOOK, 10), None);
    }
}
