//! What the engine says about itself.

use crate::collect::accumulate::Applied;
use crate::domain::batch::Batch;
use crate::domain::time::Timestamp;
use crate::engine::Engine;

/// Totals since the engine was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counters {
    calls: u64,
    late: u64,
    duplicate_batches: u64,
    batches: u64,
    pub(super) publications: u64,
    pub(super) failed_publications: u64,
    pub(super) last_publication: Option<Timestamp>,
}

impl Counters {
    pub(super) fn record(&mut self, batch: &Batch, applied: Applied) {
        self.batches += 1;
        self.late += applied.late;
        if applied.duplicate {
            self.duplicate_batches += 1;
        } else {
            self.calls += batch.calls.len() as u64;
        }
    }
}

/// A snapshot of the engine's health, for `/healthz`, `foreroute status` and metrics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// When the engine was opened.
    pub started_at: Timestamp,
    /// The clock at the time of asking.
    pub now: Timestamp,
    /// Calls counted since then.
    pub calls: u64,
    /// Pieces that came after their late window and were kept aside.
    pub late: u64,
    /// Batches logged, re-sent ones included.
    pub batches: u64,
    /// Batches whose key had been counted before.
    pub duplicate_batches: u64,
    /// Rows of minutes held in memory.
    pub open_rows: usize,
    /// Channels known.
    pub channels: usize,
    /// Version of the catalog.
    pub catalog_version: u64,
    /// Publications since then.
    pub publications: u64,
    /// Publications that failed and will be tried again.
    pub failed_publications: u64,
    /// When the newest publication succeeded.
    pub last_publication: Option<Timestamp>,
}

impl Engine {
    /// How the engine is doing.
    #[must_use]
    pub fn status(&self) -> Status {
        let channels = self.channels().len();
        let catalog_version = self.0.store.snapshot().version();
        let state = self.0.state();
        let counters = state.counters;
        Status {
            started_at: self.0.started_at,
            now: self.0.clock.now(),
            calls: counters.calls,
            late: counters.late,
            batches: counters.batches,
            duplicate_batches: counters.duplicate_batches,
            open_rows: state.minutes.open_rows(),
            channels,
            catalog_version,
            publications: counters.publications,
            failed_publications: counters.failed_publications,
            last_publication: counters.last_publication,
        }
    }
}
