//! Publication: sealed minutes to Parquet, the rest to a checkpoint, both by one catalog change.

use std::sync::PoisonError;

use crate::collect::accumulate::Drained;
use crate::domain::batch::Checkpoint;
use crate::domain::record::Record;
use crate::domain::time::Timestamp;
use crate::engine::{Engine, EngineError, Inner};
use crate::store::{Lsn, MaintainReport, Publication, StoreError};

/// Rows on their way into the catalog. They stay visible to queries, and are kept for another try if the disk fails.
pub(super) struct InFlight {
    /// The catalog version that will hold the rows: from it on, they are no longer fresh.
    pub(super) version: u64,
    /// The rows.
    pub(super) rows: Drained,
    /// What was concluded from earlier rows.
    pub(super) records: Vec<Record>,
    /// The state that goes with them, and the log position it is complete up to.
    checkpoint: Checkpoint,
    applied: Lsn,
}

/// What a publication wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FlushReport {
    /// Minutes of channels published.
    pub rows: usize,
    /// Pieces kept aside as late.
    pub late: usize,
}

impl Engine {
    /// Publishes every minute whose late window has passed, and a checkpoint of the rest.
    ///
    /// # Errors
    /// [`EngineError`] if the disk fails; the rows stay in memory and in the log, and the next call tries again.
    pub async fn flush(&self) -> Result<FlushReport, EngineError> {
        self.on_worker(|inner| inner.flush_now(inner.clock.now())).await
    }

    /// Compacts, rolls up and retires what is due.
    ///
    /// # Errors
    /// [`EngineError`] if the disk fails; the work is found again by the next call.
    pub async fn maintain(&self) -> Result<MaintainReport, EngineError> {
        self.on_worker(|inner| {
            let _alone = inner.publishing.lock().unwrap_or_else(PoisonError::into_inner);
            inner.store.maintain(inner.clock.now())
        })
        .await
    }

    /// Returns when memory runs short.
    pub(super) async fn crowded(&self) {
        self.0.crowded.notified().await;
    }

    /// Runs blocking work of the store away from the threads that serve requests.
    async fn on_worker<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, EngineError> {
        let engine = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&engine.0)).await;
        Ok(done.map_err(|_| EngineError::BrokenOff)??)
    }
}

impl Inner {
    fn flush_now(&self, now: Timestamp) -> Result<FlushReport, StoreError> {
        let _alone = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(publication) = self.take_off(now) else { return Ok(FlushReport::default()) };
        let report = FlushReport { rows: publication.samples.len(), late: publication.late.len() };
        let outcome = self.store.publish(publication, now);
        let mut state = self.state_mut();
        if let Err(error) = outcome {
            state.counters.failed_publications += 1;
            return Err(error);
        }
        let landed = state.in_flight.take();
        state.counters.publications += 1;
        state.counters.last_publication = Some(now);
        state.checkpointed = landed.as_ref().map_or(state.checkpointed, |landed| landed.applied);
        // Requests go on while the forecasts learn.
        drop(state);
        self.work_landed();
        if self.settings.forecast.enabled {
            self.records.add(self.forecasting.feed(landed.as_ref().map_or(&[], |landed| &landed.rows.samples)));
        }
        Ok(report)
    }

    /// Moves what is complete out of the accumulator and says what to publish; `None` if nothing has changed.
    fn take_off(&self, now: Timestamp) -> Option<Publication> {
        let version = self.store.snapshot().version() + 1;
        let mut state = self.state_mut();
        if let Some(again) = &mut state.in_flight {
            again.version = version;
        } else {
            let crowded = state.minutes.open_rows() > self.settings.max_open_rows;
            let rows = if crowded { state.minutes.drain_early(now) } else { state.minutes.drain_sealed(now) };
            let mut records = self.records.take();
            records.extend(self.working.take_records());
            if rows.is_empty() && records.is_empty() && state.applied == state.checkpointed {
                return None;
            }
            let (checkpoint, applied) = (state.minutes.checkpoint(), state.applied);
            self.weigh(&state);
            state.in_flight = Some(InFlight { version, rows, records, checkpoint, applied });
        }
        state.in_flight.as_ref().map(|flight| Publication {
            samples: flight.rows.samples.clone(),
            late: flight.rows.late.clone(),
            gauges: flight.rows.gauges.clone(),
            records: flight.records.clone(),
            state: Some((flight.checkpoint.clone(), flight.applied)),
            import: None,
        })
    }
}
