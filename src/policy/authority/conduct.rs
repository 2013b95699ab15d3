//! The engine's own error budget: decisions that did harm, and the right that they cost.
//!
//! Nobody knows what would have come without a decision, so only what is plain counts: calls were moved without need, and
//! where they went more of them were harmed than the class promises, and plainly more than were before the move. A move away
//! from a channel that was failing at that moment never counts, for it takes the least bad that is left.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::policy::decision::Urgency;

/// Calls below which a stretch says nothing.
const THIN: u64 = 50;
/// Standard errors by which the harm must be greater than before: one in a thousand comes by chance.
const PLAIN: f64 = 3.0;
/// Seconds over which harmful decisions are counted.
const WINDOW_S: f64 = 86_400.0;

/// Calls of a class while one plan held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stretch {
    /// Calls.
    pub calls: u64,
    /// Of these, calls that failed or were slow.
    pub harmed: u64,
}

impl Stretch {
    #[expect(clippy::cast_precision_loss, reason = "calls of hours")]
    fn share(self) -> f64 {
        self.harmed as f64 / self.calls.max(1) as f64
    }
}

/// What one route class has come to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Conduct {
    /// The plan that holds: how pressing it was, and its calls so far.
    present: Option<(Urgency, Stretch)>,
    /// The calls of the plan before it.
    before: Stretch,
    harmful: VecDeque<Timestamp>,
}

impl Conduct {
    /// Hears of calls since it was asked last.
    pub fn hear(&mut self, calls: u64, harmed: u64) {
        if let Some((_, stretch)) = &mut self.present {
            stretch.calls += calls;
            stretch.harmed += harmed;
        }
    }

    /// Hears that another plan, of the pressure `urgency`, took the place of the present one at `now`; `promise` is the share of
    /// calls that may be harmed. Whether the one that ended did harm.
    pub fn changed(&mut self, now: Timestamp, urgency: Urgency, promise: f64) -> bool {
        let ended = self.present.replace((urgency, Stretch::default()));
        let Some((pressed, stretch)) = ended else { return false };
        let is_harmful = pressed != Urgency::Emergency && is_worse(self.before, stretch, promise);
        if stretch.calls >= THIN {
            self.before = stretch;
        }
        if is_harmful {
            self.harmful.push_back(now);
        }
        is_harmful
    }

    /// How many harmful decisions there were in the day before `now`.
    pub fn harmful(&mut self, now: Timestamp) -> usize {
        while self.harmful.front().is_some_and(|at| now.seconds_since(*at) >= WINDOW_S) {
            self.harmful.pop_front();
        }
        self.harmful.len()
    }

    /// Forgets what was counted: a person has looked at it.
    pub fn forgive(&mut self) {
        self.harmful.clear();
    }
}

/// Whether `after` is beyond `promise`, and by more than chance worse than `before` (difference of two proportions).
#[expect(clippy::cast_precision_loss, reason = "calls of hours")]
fn is_worse(before: Stretch, after: Stretch, promise: f64) -> bool {
    if before.calls < THIN || after.calls < THIN || after.share() <= promise {
        return false;
    }
    let (m, n) = (before.calls as f64, after.calls as f64);
    let pooled = (before.harmed + after.harmed) as f64 / (m + n);
    let error = (pooled * (1.0 - pooled) * (1.0 / m + 1.0 / n)).sqrt();
    after.share() - before.share() > PLAIN * error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_seconds(1_795_000_000 + 3_600 * hour)
    }

    #[test]
    fn harm_counts_where_it_is_plain_and_was_not_forced() {
        let mut conduct = Conduct::default();
        let mut turn = |hour, urgency, calls, harmed| {
            conduct.hear(calls, harmed);
            conduct.changed(at(hour), urgency, 0.05)
        };
        assert!(!turn(0, Urgency::Economic, 0, 0), "the first plan");
        assert!(!turn(1, Urgency::Economic, 1_000, 10), "nothing to compare it with");
        assert!(turn(2, Urgency::Economic, 1_000, 200), "a cheaper mix that harms a fifth");
        assert!(!turn(3, Urgency::Emergency, 1_000, 210), "no worse than before");
        assert!(!turn(4, Urgency::Economic, 1_000, 500), "an emergency takes the least bad");
        assert!(!turn(5, Urgency::Economic, 40, 40), "too few calls");
        assert!(!turn(6, Urgency::Economic, 1_000, 30), "within the promise");
        assert_eq!((conduct.harmful(at(7)), conduct.harmful(at(27))), (1, 0));
    }
}
