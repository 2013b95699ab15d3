//! Queries that ran out of time and are computed on all the same: polars cannot be stopped in the middle, so there may
//! only be so many of them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Most queries that may be computed without anybody waiting.
const MOST: usize = 4;

/// How many there are, of the whole process.
static OVERDUE: Overdue = Overdue(AtomicUsize::new(0));

#[derive(Debug, Default)]
struct Overdue(AtomicUsize);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Computing,
    Overdue,
    Done,
}

/// One query, shared by who computes it and who waits for it.
#[derive(Debug)]
pub(super) struct Ticket {
    all: &'static Overdue,
    state: Mutex<State>,
}

impl Ticket {
    /// A ticket for a new query; `None` while too many are overdue.
    pub fn draw() -> Option<Self> {
        Self::of(&OVERDUE)
    }

    fn of(all: &'static Overdue) -> Option<Self> {
        (all.0.load(Ordering::SeqCst) < MOST).then(|| Self { all, state: Mutex::new(State::Computing) })
    }

    /// Nobody waits any more.
    pub fn give_up(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if *state == State::Computing {
            *state = State::Overdue;
            self.all.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// The computation has ended, well or not.
    pub fn end(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut *state, State::Done) == State::Overdue {
            self.all.0.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_are_computed_for_nobody() {
        static ALL: Overdue = Overdue(AtomicUsize::new(0));
        let draw = || Ticket::of(&ALL);
        let overdue: Vec<Ticket> = (0..MOST).filter_map(|_| draw()).collect();
        overdue.iter().for_each(Ticket::give_up);
        assert!(draw().is_none());
        overdue[0].end();
        overdue[0].give_up();
        let in_time = draw().expect("one is done");
        in_time.end();
        in_time.give_up();
        assert_eq!(ALL.0.load(Ordering::SeqCst), MOST - 1, "each is counted once, and only while it is computed");
    }
}
