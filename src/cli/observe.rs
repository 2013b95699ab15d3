//! Keeps the program's own counters up to date with what the engine says about itself.

use tokio::sync::watch;

use crate::engine::{Engine, Status};
use crate::telemetry::names::Metric;
use crate::telemetry::recorder::Recorder;

/// Seconds between two looks. Scrapes are rarely closer together.
const EVERY_S: i64 = 5;

/// Looks every few seconds until `stop` turns true.
pub(super) async fn observe(engine: Engine, recorder: Recorder, mut stop: watch::Receiver<bool>) {
    loop {
        record(&engine.status());
        recorder.upkeep();
        tokio::select! {
            () = engine.clock().sleep_until(engine.clock().now().plus_seconds(EVERY_S)) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

fn record(status: &Status) {
    let counters = [
        (Metric::IngestCalls, status.calls),
        (Metric::IngestBatches, status.batches),
        (Metric::IngestDuplicates, status.duplicate_batches),
        (Metric::IngestLate, status.late),
        (Metric::Publications, status.publications),
        (Metric::PublishFailures, status.failed_publications),
    ];
    for (metric, total) in counters {
        metrics::counter!(metric.name()).absolute(total);
    }
}
