//! Decisions in the running engine: the [`Pilot`] fed with calls, minutes and time, and what it decides made known.
//!
//! A decision is seen by whoever asks or waits ([`Engine::held`], [`Engine::next_decision`]) the moment it is made, in the thread
//! that heard the call behind it, once the journal knows it. Files and the table follow within moments ([`publish`]); after a
//! restart the newest one on disk or in the journal is gone on with, a thousand generations further on: renewals that were
//! told and not yet written when the process was killed are lost, and their generations are given to no other.
//!
//! | part | what it does |
//! |---|---|
//! | [`hear`] | calls, minutes and time to the pilot |
//! | [`publish`] | decisions to files, to the table and over restarts |

mod hear;
mod publish;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use bytes::Bytes;
use tokio::sync::{Notify, watch};

use crate::engine::machine::pilot::{Decided, Pilot};
use crate::engine::{Engine, Inner};
use crate::policy::decision::Decision;
use crate::policy::report::Report;
use crate::stats::seed::Seed;

pub use hear::timers;
pub use publish::{publishing, read_decisions};

/// What the engine decides.
#[derive(Debug, Default)]
pub(super) struct Deciding {
    pilot: Mutex<Pilot>,
    /// The newest decision of each route class, for those who wait.
    boards: RwLock<BTreeMap<String, watch::Sender<Option<Arc<Announced>>>>>,
    /// Wakes the timers when the pilot wants another time.
    nudge: Notify,
    /// Wakes the publication.
    news: Notify,
    /// By route class, the generation after which this run began.
    told: Mutex<BTreeMap<String, u64>>,
}

/// A decision as it is told: written once, read by everybody.
#[derive(Debug, Clone, PartialEq)]
pub struct Announced {
    /// The decision.
    pub decision: Arc<Decision>,
    /// The same as consumers get it, in JSON.
    pub json: Bytes,
}

impl From<Decision> for Announced {
    fn from(decision: Decision) -> Self {
        // A map of texts and numbers can always be written.
        let json = serde_json::to_vec(&decision.told()).unwrap_or_default().into();
        Self { decision: Arc::new(decision), json }
    }
}

/// The decision of a route class that holds, and why the last plan was as it was.
#[derive(Debug, Clone)]
pub struct Held {
    /// The decision; `None` before the first.
    pub decision: Option<Arc<Announced>>,
    /// Of the last plan, also where nothing was changed.
    pub last_report: Option<Report>,
}

impl Deciding {
    /// A poisoned lock still guards a pilot that goes on: what a panic interrupted is planned anew within a minute.
    pub(super) fn pilot(&self) -> MutexGuard<'_, Pilot> {
        self.pilot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn told(&self) -> MutexGuard<'_, BTreeMap<String, u64>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn board(&self, class: &str) -> watch::Sender<Option<Arc<Announced>>> {
        if let Some(board) = self.boards.read().unwrap_or_else(PoisonError::into_inner).get(class) {
            return board.clone();
        }
        let mut boards = self.boards.write().unwrap_or_else(PoisonError::into_inner);
        boards.entry(class.to_owned()).or_insert_with(|| watch::channel(None).0).clone()
    }

    /// The newest decision of every class.
    fn newest(&self) -> Vec<Arc<Announced>> {
        let boards = self.boards.read().unwrap_or_else(PoisonError::into_inner);
        boards.values().filter_map(|board| board.borrow().clone()).collect()
    }
}

impl Engine {
    /// The decision of `class` that holds; `None` if there is no such class, or nothing is decided about it.
    #[must_use]
    pub fn held(&self, class: &str) -> Option<Held> {
        self.settings().decide.as_ref()?.book.place(class)?;
        let decision = self.0.deciding.board(class).borrow().clone();
        let last_report = self.0.deciding.pilot().last_report(class).cloned();
        Some(Held { decision, last_report })
    }

    /// The newest decision of `class`, without anything that takes a lock of the pilot.
    #[must_use]
    pub fn decision(&self, class: &str) -> Option<Arc<Announced>> {
        let boards = self.0.deciding.boards.read().unwrap_or_else(PoisonError::into_inner);
        boards.get(class).and_then(|board| board.borrow().clone())
    }

    /// Tells of every decision of `class` from now on.
    #[must_use]
    pub fn decisions_of(&self, class: &str) -> watch::Receiver<Option<Arc<Announced>>> {
        self.0.deciding.board(class).subscribe()
    }

    /// Asks the planner what it would do about `class` now, without doing it: the question and its answer.
    #[must_use]
    pub fn what_if(&self, class: &str) -> Option<crate::policy::input::PolicyInput> {
        let decide = self.settings().decide.as_ref()?;
        self.0.deciding.pilot().question(&decide.book, class, self.clock().now())
    }

    /// A pilot that has learnt nothing yet.
    fn fresh_pilot() -> Pilot {
        Pilot::new(Seed::new(0).child("pilot"))
    }
}

impl Inner {
    /// Makes decisions known.
    pub(super) fn make_known(&self, decided: Vec<Decided>) {
        if decided.is_empty() {
            return;
        }
        for decided in decided {
            self.account(&decided);
            let Decided { decision, before } = decided;
            self.record(&decision, before);
            if let Some(mode) = self.mode_of(&decision.plan.class) {
                self.delivering.hear(&decision, mode);
            }
            let announced = Arc::new(Announced::from(decision));
            let decision = Arc::clone(&announced.decision);
            tracing::info!(
                class = decision.plan.class,
                generation = decision.generation,
                trigger = decision.trigger.name(),
                "decision: {}",
                decision.report
            );
            self.deciding.board(&decision.plan.class).send_replace(Some(announced));
            self.watching.bus.tell(crate::engine::bus::Happening::Decision(decision));
        }
        self.healing.wake();
        self.deciding.news.notify_one();
        self.deciding.nudge.notify_one();
    }
}

#[cfg(test)]
mod tests;
