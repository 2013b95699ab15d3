//! What goes wrong while a world runs: faults that were planned, faults by hand, and how they ended.
//!
//! A fault ends by itself, because whoever made it takes it back, or because somebody repairs the channel. What a world
//! without repairs would have met is remembered as well: it is what repairs are worth.

use crate::domain::time::Timestamp;
use crate::sim::world::fault::{Fault, FaultKind, Spell};

/// Faults by hand that may hold at once.
pub const MOST_BY_HAND: usize = 100;

/// Who made a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It was planned.
    Schedule,
    /// Somebody asked for it while the world ran.
    Hand,
}

impl Origin {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Schedule => "schedule",
            Self::Hand => "hand",
        }
    }
}

/// A fault, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Case {
    /// The fault, as long as it lasts where nobody repairs anything.
    pub fault: Fault,
    /// Who made it.
    pub origin: Origin,
    /// When the channel was repaired.
    pub repaired: Option<Timestamp>,
}

impl Case {
    /// What callers meet of it.
    #[must_use]
    pub fn spell(&self) -> Spell {
        self.repaired.map_or(self.fault.spell(), |at| self.fault.spell().cut(at))
    }
}

/// Everything that goes wrong. Its order is that in which it was made, and never changes: luck goes by it.
#[derive(Debug, Clone, Default)]
pub struct Casebook(Vec<Case>);

impl Casebook {
    /// A book in which `faults` are planned.
    #[must_use]
    pub fn planned(faults: Vec<Fault>) -> Self {
        let case = |fault| Case { fault, origin: Origin::Schedule, repaired: None };
        Self(faults.into_iter().map(case).collect())
    }

    /// Every case.
    #[must_use]
    pub fn cases(&self) -> &[Case] {
        &self.0
    }

    /// The cases that hold at `now`.
    pub fn current(&self, now: Timestamp) -> impl Iterator<Item = &Case> {
        self.0.iter().filter(move |case| case.spell().holds(now))
    }

    /// Makes something go wrong on `channel` from `now` to `to`, unless too much by hand goes wrong already.
    pub fn add(&mut self, channel: &'static str, kind: FaultKind, (now, to): (Timestamp, Timestamp)) -> Option<Case> {
        let by_hand = self.current(now).filter(|case| case.origin == Origin::Hand).count();
        let fault = Fault { channel, from: now, to, kind };
        let case = Case { fault, origin: Origin::Hand, repaired: None };
        (by_hand < MOST_BY_HAND).then(|| self.0.push(case)).map(|()| case)
    }

    /// Ends what holds on `channel` at `now`, as if it had never been meant to last longer; what that was.
    pub fn take_back(&mut self, channel: &str, now: Timestamp) -> Vec<Case> {
        self.end(channel, now, |case| {
            let Spell { from, to, kind } = case.fault.spell().cut(now);
            case.fault = Fault { from, to, kind, ..case.fault };
        })
    }

    /// Ends what holds on `channel` at `now` because somebody repaired it; what that was.
    pub fn repair(&mut self, channel: &str, now: Timestamp) -> Vec<Case> {
        self.end(channel, now, |case| case.repaired = Some(now))
    }

    fn end(&mut self, channel: &str, now: Timestamp, how: impl Fn(&mut Case)) -> Vec<Case> {
        let holds = |case: &&mut Case| case.fault.channel == channel && case.spell().holds(now);
        let ended = self.0.iter_mut().filter(holds).map(|case| {
            how(case);
            *case
        });
        ended.collect()
    }

    /// The faults as they would have been where nobody repairs anything.
    #[must_use]
    pub fn unrepaired(&self) -> Vec<Fault> {
        self.0.iter().map(|case| case.fault).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    fn book() -> Casebook {
        let fault = Fault { channel: "a", from: at(0), to: at(100), kind: FaultKind::Failing(1.0) };
        Casebook::planned(vec![fault])
    }

    #[test]
    fn a_repair_ends_what_callers_meet_and_is_remembered() {
        let mut book = book();
        assert!(book.repair("b", at(40)).is_empty() && book.repair("a", at(100)).is_empty(), "nothing to repair");
        assert_eq!(book.repair("a", at(40)).len(), 1);
        assert_eq!((book.current(at(39)).count(), book.current(at(40)).count()), (1, 0));
        assert_eq!(book.unrepaired()[0].to, at(100), "what would have been");
        assert!(book.take_back("a", at(50)).is_empty(), "it is over");
    }

    #[test]
    fn what_is_taken_back_was_never_meant_to_last() {
        let mut book = book();
        let added = book.add("a", FaultKind::Step(3.0), (at(10), at(60))).expect("there is room");
        assert_eq!((added.origin, book.current(at(20)).count()), (Origin::Hand, 2));
        assert_eq!(book.take_back("a", at(30)).len(), 2);
        assert!(book.current(at(30)).next().is_none());
        assert!(book.unrepaired().iter().all(|fault| fault.to == at(30)));
    }

    #[test]
    fn nobody_fills_the_book_without_end() {
        let mut book = Casebook::default();
        let mut add = |second| book.add("a", FaultKind::Step(2.0), (at(second), at(second + 10))).is_some();
        assert!((0..MOST_BY_HAND).all(|_| add(0)) && !add(5), "a hundred and no more");
        assert!(add(10), "the others are over");
    }
}
