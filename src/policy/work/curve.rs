//! How a model came along: one point for each day on which it did work.

use serde::{Deserialize, Serialize};

use crate::domain::time::{Day, Timestamp};
use crate::policy::work::Done;

/// Days that are kept.
const DAYS: usize = 366;

/// One day of one model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The day, in UTC.
    pub day: Day,
    /// Jobs that ended.
    pub jobs: u64,
    /// Jobs that succeeded.
    pub successes: u64,
    /// Sum of what they were worth.
    pub worth: f64,
    /// USD that they cost.
    pub usd: f64,
    /// Tokens that they took.
    pub tokens: u64,
}

/// The days of one model, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve(pub Vec<Point>);

impl Curve {
    /// Hears of a job that ended at `now`.
    pub fn hear(&mut self, now: Timestamp, done: &Done) {
        let day = now.minute().day();
        if self.0.last().is_none_or(|point| point.day < day) {
            self.0.push(Point { day, jobs: 0, successes: 0, worth: 0.0, usd: 0.0, tokens: 0 });
            if self.0.len() > DAYS {
                self.0.remove(0);
            }
        }
        // A clock that steps back counts for the newest day.
        let Some(point) = self.0.last_mut() else { return };
        point.jobs += 1;
        point.successes += u64::from(done.success);
        point.worth += done.worth();
        point.usd += done.cost_usd;
        point.tokens = point.tokens.saturating_add(done.tokens);
    }
}
