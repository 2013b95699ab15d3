//! Work in the running engine: jobs that clients tell of, shared out among models by what was learnt from them.
//!
//! | part | what it does |
//! |---|---|
//! | [`desk`] | the one thread that judges what is said, makes it durable in groups, and answers then |
//! | [`kept`] | the ledger over restarts: a document, and the log of events since |
//! | [`rounds`] | the allocation of each day, and jobs that were given up |
//! | [`row`] | what the table is told |
//!
//! Everything follows from events ([`Ledger`]). An event is in the log of jobs, synced, before anybody hears of it; all that
//! waits while one sync is under way shares the next. After a `kill -9` the document and the events since give the same ledger
//! again, so what was acknowledged is there, once.

mod desk;
mod kept;
mod rounds;
mod row;

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, oneshot};

use crate::domain::record::Record;
use crate::domain::time::Timestamp;
use crate::engine::{Engine, WorkSettings};
use crate::policy::work::Kind;
use crate::policy::work::ask::{Answer, Ask, Refusal};
use crate::policy::work::job::Part;
use crate::policy::work::ledger::{Count, Ledger};
use crate::policy::work::purse::Shut;
use crate::policy::work::report::Report;
use crate::policy::work::scores::Board;
use crate::store::Lsn;
use desk::Order;

pub(super) use desk::spawn;
pub use kept::check_jobs;
pub use rounds::rounds as work_rounds;

/// Orders that may wait for the disk.
pub(super) const QUEUE: usize = 4_096;

/// Why nothing came of what was said about work.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// It does not go with what is known.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// No class of work is configured.
    #[error("no work is shared out here; it takes a `[[work]]` in the configuration")]
    NoWork,
    /// More is said than the disk takes.
    #[error("more is said of jobs than the disk takes; try again in 1 s")]
    Busy,
    /// The engine is shutting down.
    #[error("the engine is stopping")]
    Stopping,
    /// It could not be made durable.
    #[error("it could not be made durable: {0}")]
    Storage(String),
}

/// What the engine knows of work.
#[derive(Debug)]
pub(super) struct Working {
    state: Mutex<State>,
    orders: mpsc::Sender<Order>,
}

/// The ledger, and how far it is kept.
#[derive(Debug, Default)]
struct State {
    ledger: Ledger,
    /// Number of the next event.
    next: Lsn,
    /// Number of the first event that the document does not know.
    kept: Lsn,
    /// Parts that are not surely in the table, each with its number.
    fresh: VecDeque<(u64, Part)>,
    /// Number of the next part.
    parts: u64,
    /// Number of the first part that is not on its way into the table.
    taken: u64,
    /// Whether the ledger may be ahead of the log, because a write failed.
    is_unsure: bool,
}

/// One model as it stands.
#[derive(Debug, Clone)]
pub struct ModelStanding {
    /// Its name.
    pub model: String,
    /// Tokens of today.
    pub tokens_today: u64,
    /// Tokens that it may take in a day.
    pub tokens_per_day: Option<u64>,
    /// Why it is passed over now; `None` if it is not.
    pub shut: Option<Shut>,
}

/// One class of work as it stands.
#[derive(Debug, Clone)]
pub struct ClassStanding {
    /// Its name.
    pub class: String,
    /// Its static choice.
    pub fixed: String,
    /// Its models, in the order of the configuration.
    pub models: Vec<ModelStanding>,
}

/// Work as it stands.
#[derive(Debug, Clone)]
pub struct WorkStanding {
    /// Today's allocation with its reasons.
    pub report: Option<Report>,
    /// When the next one is due.
    pub next: Option<Timestamp>,
    /// Jobs by how they stand.
    pub count: Count,
    /// The classes, in the order of the configuration.
    pub classes: Vec<ClassStanding>,
    /// What is known of each kind of work.
    pub boards: Vec<(Kind, Board)>,
}

impl Working {
    /// Nothing is known yet; and where orders will wait.
    pub(super) fn new() -> (Self, mpsc::Receiver<Order>) {
        let (orders, waiting) = mpsc::channel(QUEUE);
        (Self { state: Mutex::default(), orders }, waiting)
    }

    /// A poisoned lock still guards a ledger: events are applied one by one, and what is unsure is read again.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The records that wait for publication; they are kept until [`Inner::work_landed`](crate::engine::Inner) is told.
    pub(super) fn take_records(&self) -> Vec<Record> {
        let mut state = self.state();
        let records = state.records();
        state.taken = state.parts;
        records
    }

    /// The records that wait for publication.
    pub(super) fn fresh_records(&self) -> Vec<Record> {
        self.state().records()
    }
}

impl State {
    fn records(&self) -> Vec<Record> {
        let waiting = self.fresh.iter().filter(|(number, _)| *number >= self.taken);
        waiting.filter_map(|(_, part)| row::record(part).ok()).collect()
    }

    fn add(&mut self, part: Part) {
        self.fresh.push_back((self.parts, part));
        self.parts += 1;
    }
}

impl Engine {
    /// Judges what a client says of a job. When this returns `Ok`, it is on disk and counts once, whatever happens next.
    ///
    /// # Errors
    /// [`WorkError`]; then nothing came of it, except after [`WorkError::Storage`], where a crash may still find it in the log:
    /// say it again.
    pub async fn work(&self, ask: Ask) -> Result<Answer, WorkError> {
        let (reply, answer) = oneshot::channel();
        self.tell_desk(Order::Ask(Box::new(ask), reply), answer).await
    }

    /// Tells the shares of the coming day now.
    ///
    /// # Errors
    /// [`WorkError`]; then those of before hold.
    pub async fn allocate(&self) -> Result<Report, WorkError> {
        let (reply, answer) = oneshot::channel();
        self.tell_desk(Order::Allocate(reply), answer).await
    }

    async fn tell_desk<T>(
        &self,
        order: Order,
        answer: oneshot::Receiver<Result<T, WorkError>>,
    ) -> Result<T, WorkError> {
        if self.settings().work.is_none() {
            return Err(WorkError::NoWork);
        }
        self.0.working.orders.try_send(order).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => WorkError::Busy,
            mpsc::error::TrySendError::Closed(_) => WorkError::Stopping,
        })?;
        answer.await.unwrap_or(Err(WorkError::Stopping))
    }

    /// How work stands; `None` if none is shared out. May wait for the disk.
    #[must_use]
    pub fn work_standing(&self) -> Option<WorkStanding> {
        let WorkSettings { book, cron } = self.settings().work.as_ref()?;
        let now = self.clock().now();
        let state = self.0.working.state();
        let ledger = &state.ledger;
        let classes = book.classes.iter().map(|class| ClassStanding {
            class: class.name.clone(),
            fixed: class.fixed.clone(),
            models: class
                .models
                .iter()
                .map(|model| ModelStanding {
                    model: model.name.clone(),
                    tokens_today: ledger.tokens_today(&class.name, &model.name, now),
                    tokens_per_day: model.tokens_per_day,
                    shut: ledger.shut(book, &class.name, &model.name, now),
                })
                .collect(),
        });
        Some(WorkStanding {
            report: ledger.today.clone(),
            next: cron.next_after(now),
            count: ledger.count(),
            classes: classes.collect(),
            boards: ledger.scores.boards().filter(|(kind, _)| book.class(&kind.class).is_some()).cloned().collect(),
        })
    }
}
