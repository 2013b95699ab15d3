//! How much the probes of one UTC day may cost. Pure.

use crate::domain::time::{Day, Timestamp};
use crate::domain::units::MicroUsd;

/// A ceiling per UTC day and what was spent of it.
///
/// Before a probe its worst price must fit under the ceiling; afterwards its true price is booked, or the worst one
/// if the server did not say. So the ceiling holds even if every probe is as dear as it can be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    ceiling: Option<MicroUsd>,
    day: Day,
    spent: MicroUsd,
}

/// Why no probe was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The next probe could cross the ceiling.
    #[error("the probes of the day have cost {spent}; another one could cross the ceiling of {ceiling}")]
    CeilingReached {
        /// Spent so far.
        spent: MicroUsd,
        /// The ceiling.
        ceiling: MicroUsd,
    },
    /// There is a ceiling but no price, so it could not be kept.
    #[error("the channel has no price, so the daily ceiling could not be kept")]
    NoPrice,
}

impl Refusal {
    /// The reason as a label.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::CeilingReached { .. } => "budget",
            Self::NoPrice => "no_price",
        }
    }
}

impl Budget {
    /// A budget with nothing spent; `None` is no ceiling.
    #[must_use]
    pub fn new(ceiling: Option<MicroUsd>) -> Self {
        Self { ceiling, day: Day(0), spent: MicroUsd(0) }
    }

    /// Asks to spend up to `worst` at `now`.
    ///
    /// # Errors
    /// [`Refusal`] if that is not possible.
    pub fn ask(&mut self, now: Timestamp, worst: Option<MicroUsd>) -> Result<(), Refusal> {
        self.turn_to(now);
        let Some(ceiling) = self.ceiling else { return Ok(()) };
        let worst = worst.ok_or(Refusal::NoPrice)?;
        if self.spent.0.saturating_add(worst.0) > ceiling.0 {
            return Err(Refusal::CeilingReached { spent: self.spent, ceiling });
        }
        Ok(())
    }

    /// Books what a probe cost at `now`.
    pub fn book(&mut self, now: Timestamp, cost: MicroUsd) {
        self.turn_to(now);
        self.spent += cost;
    }

    /// As a cursor: `b1 day micro-USD`.
    #[must_use]
    pub fn encode(&self) -> String {
        format!("b1 {} {}", self.day.0, self.spent.0)
    }

    /// Continues from what [`Budget::encode`] wrote; whether it could be read.
    pub fn resume(&mut self, cursor: &str) -> bool {
        let fields: Vec<&str> = cursor.split(' ').collect();
        let ["b1", day, spent] = fields[..] else { return false };
        match (day.parse(), spent.parse::<i64>()) {
            (Ok(day), Ok(spent @ 0..)) => {
                (self.day, self.spent) = (Day(day), MicroUsd(spent));
                true
            }
            _ => false,
        }
    }

    /// A new day begins at zero. A clock that steps back into yesterday does not give yesterday's money again.
    fn turn_to(&mut self, now: Timestamp) {
        let day = now.minute().day();
        if day > self.day {
            (self.day, self.spent) = (day, MicroUsd(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Timestamp = Timestamp::from_seconds(1_800_014_400);

    #[test]
    fn the_ceiling_holds_until_the_next_day() {
        let mut budget = Budget::new(Some(MicroUsd(10)));
        assert_eq!(budget.ask(NOON, Some(MicroUsd(6))), Ok(()));
        budget.book(NOON, MicroUsd(5));
        let refusal = Refusal::CeilingReached { spent: MicroUsd(5), ceiling: MicroUsd(10) };
        assert_eq!(budget.ask(NOON, Some(MicroUsd(6))), Err(refusal));
        let tomorrow = NOON.plus_seconds(86_400);
        assert_eq!(budget.ask(tomorrow, Some(MicroUsd(6))), Ok(()));
        budget.book(tomorrow, MicroUsd(10));
        assert!(budget.ask(NOON, Some(MicroUsd(6))).is_err(), "yesterday is not paid twice");
    }

    #[test]
    fn a_ceiling_without_a_price_cannot_be_kept() {
        assert_eq!(Budget::new(Some(MicroUsd(10))).ask(NOON, None), Err(Refusal::NoPrice));
        assert_eq!(Budget::new(None).ask(NOON, None), Ok(()));
    }

    #[test]
    fn a_restart_remembers_the_day() {
        let mut budget = Budget::new(Some(MicroUsd(10)));
        budget.book(NOON, MicroUsd(9));
        let mut restarted = Budget::new(Some(MicroUsd(10)));
        assert!(restarted.resume(&budget.encode()));
        assert_eq!(restarted, budget);
        assert!(!restarted.resume("b1 1 -5") && !restarted.resume("p1"));
    }
}
