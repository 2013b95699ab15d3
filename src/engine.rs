//! Wires everything: owns the accumulator and the log while the program runs.
//!
//! One ingest thread linearises every batch: it appends all waiting batches to the log, syncs once, applies each to
//! the minute accumulator in log order and only then lets their senders know. Publication to Parquet happens beside
//! it, from a state captured between two batches, so a restart that begins with that state and replays the log after
//! it ends where the running engine would have been.

mod alerting;
mod authority;
pub mod bus;
pub mod chronicle;
mod deciding;
mod delivering;
mod error;
mod flush;
mod forecasting;
mod healing;
pub mod heat;
pub mod import;
mod ingest;
mod knowledge;
pub mod machine;
pub mod pulls;
mod queue;
mod reporting;
mod settings;
mod spending;
mod status;
mod summary;
pub mod tasks;
mod view;
mod watching;
mod work;
mod worth;

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tokio::sync::{Notify, Semaphore, mpsc, oneshot};

use crate::clock::Clock;
use crate::collect::accumulate::Accumulator;
use crate::collect::source::{Admission, NewChannels};
use crate::domain::batch::Batch;
use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::store::query;
use crate::store::{Lsn, RecoveryReport, Store, StoreOptions};

pub use alerting::{AlertStanding, AlertState, SilencingError};
pub use authority::{AuthorityError, ClassMode, SetMode, read_modes};
pub use deciding::{Announced, Held, read_decisions};
pub use delivering::{ClassDelivery, DeliveryStanding};
pub use error::EngineError;
pub use flush::FlushReport;
pub use forecasting::{Expectations, ForecastRefusal, Foreseen, Outlook, Per, Resource, Standing};
pub use healing::{ActionRow, PlaybookState, RunState};
pub use ingest::{AcceptError, Receipt};
pub use knowledge::{LibraryError, read_knowledge};
pub use reporting::{Material, gather, read_worth};
pub use settings::{
    AlertSettings, DecideSettings, DetectSettings, ForecastSettings, HealSettings, ReportSettings, RulesFile, Settings,
    WatchedRule, WorkSettings, store_options,
};
pub use status::Status;
pub use summary::{Summary, kept};
pub use view::View;
pub use watching::{ChannelSituation, ClassSituation, OrderError, Situation, read_situation};
pub use work::{ClassStanding, ModelStanding, WorkError, WorkStanding, check_jobs};

/// The running engine. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

struct Inner {
    store: Store,
    clock: Clock,
    settings: Settings,
    state: RwLock<State>,
    /// Channels that input may name without an allocation; replaced as a whole when one is added.
    known: RwLock<Arc<HashSet<ChannelId>>>,
    queue: mpsc::Sender<ingest::Job>,
    /// Permits for bytes waiting to be logged, one per kibibyte.
    queued_kib: Arc<Semaphore>,
    /// Held during publication and maintenance: one at a time.
    publishing: Mutex<()>,
    /// Rows in memory after the newest batch or publication: the measure of memory pressure.
    open_rows: AtomicUsize,
    /// Wakes housekeeping when there are too many of them.
    crowded: Notify,
    stopping: AtomicBool,
    forecasting: forecasting::Forecasting,
    alerting: alerting::Alerting,
    watching: watching::Watching,
    deciding: deciding::Deciding,
    authority: authority::Authority,
    delivering: delivering::Delivering,
    healing: healing::Healing,
    working: work::Working,
    library: knowledge::Library,
    measured: worth::Measured,
    reporting: reporting::Reporting,
    spending: spending::Spending,
    /// What all of these say for the tables.
    records: queue::RecordQueue,
    started_at: Timestamp,
}

/// What the ingest thread and publication share.
struct State {
    minutes: Accumulator,
    /// The log position up to which `minutes` is complete.
    applied: Lsn,
    /// The log position of the newest published checkpoint.
    checkpointed: Lsn,
    /// Rows handed to the store but not yet in its catalog.
    in_flight: Option<flush::InFlight>,
    counters: status::Counters,
}

impl Engine {
    /// Opens the store below `data`, replays what its log holds beyond the last checkpoint, and starts the ingest
    /// thread.
    ///
    /// # Errors
    /// [`EngineError`] if another process owns the store or a file cannot be used; the message names the file and
    /// the command that repairs it.
    pub fn open(
        data: &Path,
        options: StoreOptions,
        settings: Settings,
        clock: Clock,
    ) -> Result<(Self, RecoveryReport), EngineError> {
        let now = clock.now();
        let (store, recovery) = Store::open(data, options, now)?;
        let mut minutes = Accumulator::restore(recovery.checkpoint, settings.late_window_s);
        for batch in recovery.replay {
            minutes.apply(&batch?);
        }
        let applied = store.end_of_log();
        let mut known: HashSet<ChannelId> = query::channels(&store.snapshot())?.into_iter().collect();
        known.extend(settings.channels.iter().chain(minutes.channels().map(|(channel, _)| channel)).cloned());
        let (queue, waiting) = mpsc::channel(settings.queue_batches);
        let alerting = alerting::Alerting::new(&settings.alerts, &clock)?;
        let delivering = delivering::Delivering::new(&settings, &clock)?;
        let forecasting = forecasting::Forecasting::new(settings.late_window_s, settings.flush_every_s);
        let (working, orders) = work::Working::new();
        let engine = Self(Arc::new(Inner {
            store,
            clock,
            queued_kib: Arc::new(Semaphore::new(settings.queue_kib)),
            settings,
            state: RwLock::new(State {
                minutes,
                applied,
                checkpointed: recovery.report.replay_from,
                in_flight: None,
                counters: status::Counters::default(),
            }),
            known: RwLock::new(Arc::new(known)),
            queue,
            publishing: Mutex::new(()),
            open_rows: AtomicUsize::new(0),
            crowded: Notify::new(),
            stopping: AtomicBool::new(false),
            alerting,
            forecasting,
            watching: watching::Watching::default(),
            deciding: deciding::Deciding::default(),
            authority: authority::Authority::default(),
            delivering,
            healing: healing::Healing::default(),
            working,
            records: queue::RecordQueue::default(),
            library: knowledge::Library::default(),
            measured: worth::Measured::default(),
            reporting: reporting::Reporting::default(),
            spending: spending::Spending::default(),
            started_at: now,
        }));
        ingest::spawn(&engine.0, waiting)?;
        engine.load_knowledge();
        if engine.settings().forecast.enabled {
            engine.load_models();
        }
        engine.load_alerts();
        engine.load_authority();
        engine.load_decisions();
        engine.load_deliveries();
        engine.load_healing();
        engine.load_reports();
        engine.load_work()?;
        work::spawn(&engine.0, orders)?;
        Ok((engine, recovery.report))
    }

    /// What input is let in at this moment.
    #[must_use]
    pub fn admission(&self) -> Admission {
        let known = Arc::clone(&self.0.known.read().unwrap_or_else(PoisonError::into_inner));
        let settings = &self.0.settings;
        let new_channels = if !settings.accept_new_channels {
            NewChannels::Refuse
        } else if known.len() >= settings.max_channels {
            NewChannels::Full
        } else {
            NewChannels::Accept
        };
        Admission { at: self.0.clock.now(), max_ahead_s: settings.max_ahead_s, known, new_channels }
    }

    /// Makes `batch` durable and counts it. When this returns `Ok`, the batch is on disk and will be counted exactly
    /// once, whatever happens next.
    ///
    /// # Errors
    /// [`AcceptError::Busy`] if the log cannot keep up (nothing was accepted), [`AcceptError::Stopping`] during
    /// shutdown, [`AcceptError::Storage`] if the disk failed; the batch is then not acknowledged.
    pub async fn accept(&self, batch: Batch) -> Result<Receipt, AcceptError> {
        ingest::accept(&self.0, batch).await
    }

    /// Channels that are configured or were ever seen, by name.
    #[must_use]
    pub fn channels(&self) -> Vec<ChannelId> {
        let known = self.0.known.read().unwrap_or_else(PoisonError::into_inner);
        let mut channels: Vec<ChannelId> = known.iter().cloned().collect();
        channels.sort_unstable();
        channels
    }

    /// Where the source called `name` had read to in the newest batch applied.
    #[must_use]
    pub fn cursor(&self, name: &str) -> Option<String> {
        self.0.state().minutes.cursor(name).map(str::to_owned)
    }

    /// Where every source had read to in the newest batches applied.
    #[must_use]
    pub fn cursors(&self) -> BTreeMap<String, String> {
        self.0.state().minutes.cursors().clone()
    }

    /// The clock that this engine lives by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The settings that this engine was opened with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// Stops accepting, waits for everything accepted to be logged and applied, and publishes what is complete.
    /// The rest is in the checkpoint and in the log.
    ///
    /// # Errors
    /// [`EngineError`] if the last publication fails; nothing acknowledged is lost by that.
    pub async fn shutdown(self) -> Result<(), EngineError> {
        self.0.stopping.store(true, Ordering::SeqCst);
        let (done, finished) = oneshot::channel();
        if self.0.queue.send(ingest::Job::Stop(done)).await.is_ok() {
            // An error means that the thread is gone already, which is what is waited for.
            let _gone = finished.await;
        }
        self.flush().await.map(|_report| ())
    }
}

impl Inner {
    /// A lock poisoned by a panic elsewhere still guards consistent data: batches are applied whole or not at all.
    fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes how many rows are in memory, and asks for an early publication if they are too many.
    fn weigh(&self, state: &State) {
        let rows = state.minutes.open_rows();
        self.open_rows.store(rows, Ordering::Relaxed);
        if rows > self.settings.max_open_rows {
            self.crowded.notify_one();
        }
    }

    fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
