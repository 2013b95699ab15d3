//! What the commands that work on the store have in common.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::args::Shared;
use super::exit::{Exit, Failure};
use crate::clock::Clock;
use crate::collect::accumulate::Accumulator;
use crate::config::{self, Config};
use crate::domain::batch::Amendment;
use crate::domain::gauge::GaugeMinute;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::time::Minute;
use crate::engine::{self, Engine, EngineError};
use crate::store::query::{self, Unpublished};
use crate::store::{Recovery, RecoveryReport, Snapshot, Store, StoreError};

/// How often a reader starts again because the writer has published meanwhile.
const ATTEMPTS: usize = 5;

/// The configuration of a command that talks to nobody.
///
/// # Errors
/// [`Failure`] with every problem of the file.
pub fn settings(shared: &Shared) -> Result<Config, Failure> {
    config::load_without_secrets(shared.config.as_deref()).map_err(|error| Failure::from_error(Exit::Usage, &error))
}

/// Opens the store for reading, beside a running writer if there is one.
///
/// # Errors
/// [`Failure`] if there is no store or it cannot be read.
pub fn open_for_reading(shared: &Shared) -> Result<Store, Failure> {
    check_exists(shared)?;
    Store::open_read_only(&shared.data).map_err(|error| failure(&error))
}

/// Opens the store for changing it; no other process may.
///
/// # Errors
/// [`Failure`] if there is no store, it cannot be read, or another process holds it (exit code 4).
pub fn open_for_writing(shared: &Shared, config: &Config) -> Result<(Store, RecoveryReport), Failure> {
    check_exists(shared)?;
    let opened = Store::open(&shared.data, engine::store_options(config), Clock::system().now());
    opened.map(|(store, recovery)| (store, recovery.report)).map_err(|error| failure(&error))
}

/// Opens the engine on the store, making the store if there is none.
///
/// # Errors
/// [`Failure`] if the store cannot be read, or another process holds it (exit code 4).
pub fn open_engine(shared: &Shared, config: &Config, clock: Clock) -> Result<(Engine, RecoveryReport), Failure> {
    let opened = Engine::open(&shared.data, engine::store_options(config), engine::Settings::of(config), clock);
    opened.map_err(|error| match error {
        EngineError::Store(error) => failure(&error),
        other => Failure::from_error(Exit::Partial, &other),
    })
}

/// Checks that the directory of the store is there.
///
/// # Errors
/// [`Failure`] with what to do about it.
pub fn check_exists(shared: &Shared) -> Result<(), Failure> {
    if shared.data.is_dir() {
        return Ok(());
    }
    let message = format!(
        "there is no store in {}: name its directory with --data, or make one with `foreroute import` or \
         `foreroute serve`",
        shared.data.display()
    );
    Err(Failure::new(Exit::Usage, message))
}

/// Everything acknowledged, as a reader beside a running writer sees it.
#[derive(Debug)]
pub struct Everything {
    /// The published files.
    pub snapshot: Arc<Snapshot>,
    /// Minutes that are not yet in the files.
    pub fresh: Vec<Amendment>,
    /// Pieces kept aside as late that are not yet in the files.
    pub late: Vec<Sample>,
    /// Gauge minutes that are not yet in the files.
    pub gauges: Vec<GaugeMinute>,
    /// What the log looked like.
    pub report: RecoveryReport,
}

impl Everything {
    /// What SQL lays over the files.
    #[must_use]
    pub fn unpublished(&self) -> Unpublished<'_> {
        Unpublished { samples: &self.fresh, late: &self.late, gauges: &self.gauges, records: &[] }
    }

    /// Every channel of which something is known.
    ///
    /// # Errors
    /// [`Failure`] if the files cannot be read.
    pub fn channels(&self) -> Result<BTreeSet<ChannelId>, Failure> {
        let known = query::channels(&self.snapshot).map_err(|error| Failure::from_error(Exit::Partial, &error))?;
        let fresh = self.fresh.iter().map(|amendment| &amendment.sample.channel);
        Ok(known.into_iter().chain(fresh.cloned()).collect())
    }

    /// The minutes of `channel` in `[from, to)`, in order.
    ///
    /// # Errors
    /// [`Failure`] if the files cannot be read.
    pub fn samples(&self, channel: &ChannelId, from: Minute, to: Minute) -> Result<Vec<Sample>, Failure> {
        query::samples(&self.snapshot, &self.fresh, channel, from, to)
            .map_err(|error| Failure::from_error(Exit::Partial, &error))
    }
}

/// Reads everything acknowledged, published or not.
///
/// # Errors
/// [`Failure`] if the log or the checkpoint cannot be read.
pub fn everything(store: &Store, config: &Config) -> Result<Everything, Failure> {
    let mut attempts = 0;
    loop {
        attempts += 1;
        match read_all(store, config) {
            // The writer has published in the meantime: what was not found is in the files now.
            Err(error) if error.is_not_found() && attempts < ATTEMPTS => {}
            Err(error) => return Err(failure(&error)),
            Ok(everything) => return Ok(everything),
        }
    }
}

fn read_all(store: &Store, config: &Config) -> Result<Everything, StoreError> {
    let Recovery { checkpoint, replay, report } = store.unpublished()?;
    let late_window_s = i64::try_from(config.store.late_window.as_secs()).unwrap_or(i64::MAX);
    let mut accumulator = Accumulator::restore(checkpoint, late_window_s);
    for batch in replay {
        accumulator.apply(&batch?);
    }
    Ok(Everything {
        snapshot: store.snapshot(),
        fresh: accumulator.open(None, Minute(0), Minute(u32::MAX)),
        late: accumulator.late().cloned().collect(),
        gauges: accumulator.open_gauges().cloned().collect(),
        report,
    })
}

/// The exit code and the words for a failure of the store.
#[must_use]
pub fn failure(error: &StoreError) -> Failure {
    let exit = match error {
        StoreError::Locked { .. } | StoreError::Fenced { .. } => Exit::Refused,
        StoreError::Newer { .. } => Exit::Usage,
        _ => Exit::Partial,
    };
    Failure::from_error(exit, error)
}
