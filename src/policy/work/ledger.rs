//! All jobs, and what was learnt from them: what is said is judged here, and what follows from it.
//!
//! | part | what it does |
//! |---|---|
//! | [`judge`] | what a client says becomes an [`Event`], or is refused; changes nothing |
//! | [`apply`] | what follows from an event; the same events give the same ledger |
//!
//! So it is enough to keep the events: whoever applies them again, in their order, has the ledger again.

mod apply;
mod judge;

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::policy::work::allocation::Allocation;
use crate::policy::work::ask::Answer;
use crate::policy::work::book::Book;
use crate::policy::work::event::Event;
use crate::policy::work::job::{Job, State};
use crate::policy::work::purse::{Purse, Shut};
use crate::policy::work::report::Report;
use crate::policy::work::scores::Scores;

pub use judge::Judged;

/// Jobs that may be open at once.
const MOST_OPEN: usize = 100_000;
/// Jobs that are over and still known, so that what is said twice counts once.
const MOST_OVER: usize = 100_000;
/// Steps of one job.
const MOST_STEPS: usize = 1_000;

/// All jobs, and what was learnt from them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// What is known of every model.
    pub scores: Scores,
    /// Today's allocation, with its reasons.
    pub today: Option<Report>,
    /// Jobs that were ever started.
    started: u64,
    /// Jobs that are open, or over and still known.
    jobs: BTreeMap<String, Job>,
    /// Jobs that are over, the oldest first.
    over: VecDeque<(Timestamp, String)>,
    /// What each model gave today, by class.
    purses: BTreeMap<String, BTreeMap<String, Purse>>,
}

/// Jobs by how they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// Jobs that were ever started.
    pub started: u64,
    /// Jobs that are open.
    pub open: usize,
}

impl Ledger {
    /// How many jobs there are.
    #[must_use]
    pub fn count(&self) -> Count {
        Count { started: self.started, open: self.jobs.len() - self.over.len() }
    }

    /// How the job called `job` stands, as of the answer to whoever speaks of it; `None` if nobody knows it.
    #[must_use]
    pub fn answer(&self, job: &str, repeated: bool) -> Option<Answer> {
        let found = self.jobs.get(job)?;
        let is_open = found.state == State::Open;
        let rest = found.at.filter(|_| is_open).and_then(|at| found.chain.get(at + 1..)).unwrap_or_default();
        Some(Answer {
            job: job.to_owned(),
            state: found.state.name(),
            model: found.model().filter(|_| is_open).map(str::to_owned),
            chain: rest.to_vec(),
            why: found.why.clone(),
            repeated,
        })
    }

    /// Why `model` does no new work of `class` at `now`; `None` if it does.
    #[must_use]
    pub fn shut(&self, book: &Book, class: &str, model: &str, now: Timestamp) -> Option<Shut> {
        let offered = book.class(class)?.model(model)?;
        self.purses.get(class)?.get(model)?.shuts(offered, now)
    }

    /// Tokens that `model` gave on the day of `now` to jobs of `class`.
    #[must_use]
    pub fn tokens_today(&self, class: &str, model: &str, now: Timestamp) -> u64 {
        self.purses.get(class).and_then(|of| of.get(model)).map_or(0, |purse| purse.today(now))
    }

    /// The jobs of which nothing was heard for too long.
    #[must_use]
    pub fn expired(&self, book: &Book, now: Timestamp) -> Vec<Event> {
        let is_old = |job: &Job| job.state == State::Open && now.seconds_since(job.heard) >= book.expire_s;
        let old = self.jobs.iter().filter(|(_, job)| is_old(job));
        old.map(|(name, _)| Event::Abandoned { job: name.clone(), at: now }).collect()
    }

    /// The shares of the coming day by what is known at `now`.
    #[must_use]
    pub fn allocate(&self, book: &Book, now: Timestamp) -> Report {
        let seed = book.seed.child("day").nth(u64::from(now.minute().day().0));
        let allocation = Allocation::of(&self.scores, book, now, seed);
        let before = self.today.as_ref().map(|report| &report.allocation);
        Report::of(allocation, before, &self.scores, book)
    }
}

#[cfg(test)]
mod tests;
