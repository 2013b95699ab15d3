//! Calls that wait too long already: a channel that hangs is found before its calls run into their time limits.
//!
//! A call that never ends says nothing until its caller gives up, which takes tens of seconds and as many more calls. Where
//! beginnings are told, several calls that all wait, while none at all ended, are as good as so many slow ones in a row.
//! One call that ends begins the count anew, so a channel that hangs in part is found by the calls that end.
//!
//! Limits of several route classes may meet on one channel; the longest one counts. Without a limit, or where only ends are
//! told, nothing is ever found. A call costs O(1).

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::policy::fast::call::GROSS;

/// Calls that must wait.
const CALLS: u32 = 5;
/// Milliseconds that they wait at least: shorter pauses pass.
const LEAST_MS: f64 = 1_000.0;
/// Longest limit that is minded, in milliseconds: an hour.
const LONGEST_MS: f64 = 3_600_000.0;

/// Calls that wait.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Stall {
    /// Calls that began since the last one ended.
    waiting: u32,
    /// When there were enough of them.
    enough_at: Option<Timestamp>,
    /// The longest limit heard, in milliseconds; 0 without any.
    limit_ms: f64,
}

impl Stall {
    /// Hears that a call began.
    pub(super) fn begin(&mut self, now: Timestamp) {
        self.waiting = self.waiting.saturating_add(1);
        if self.waiting == CALLS {
            self.enough_at = Some(now);
        }
    }

    /// Hears that a call ended; `limit_ms` was its limit.
    pub(super) fn end(&mut self, limit_ms: Option<f64>) {
        self.limit_ms = self.limit_ms.max(limit_ms.filter(|ms| ms.is_finite()).unwrap_or(0.0)).min(LONGEST_MS);
        self.clear();
    }

    /// When the calls that wait have waited too long, if none ends until then.
    pub(super) fn due(&self) -> Option<Timestamp> {
        let ms = (GROSS * self.limit_ms).max(LEAST_MS);
        #[expect(clippy::cast_possible_truncation, reason = "hours at most")]
        let wait = (ms * 1e3) as i64;
        self.enough_at.filter(|_| self.limit_ms > 0.0).map(|at| at.plus_micros(wait))
    }

    /// Forgets the calls that wait.
    pub(super) fn clear(&mut self) {
        (self.waiting, self.enough_at) = (0, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_calls_that_wait_are_enough_and_one_that_ends_begins_anew() {
        let at = Timestamp::from_millis;
        let mut stall = Stall::default();
        let begin = |stall: &mut Stall| (0..7).for_each(|call| stall.begin(at(100 * call)));
        begin(&mut stall);
        assert_eq!(stall.due(), None, "no limit");
        stall.end(Some(2_000.0));
        stall.end(Some(f64::NAN));
        assert_eq!(stall.due(), None);
        begin(&mut stall);
        assert_eq!(stall.due(), Some(at(4_400)));
        stall.end(None);
        assert_eq!(stall.due(), None);
    }
}
