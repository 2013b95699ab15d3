//! What happens by itself: noting that the engine watches, publishing, maintaining.
//!
//! Each task is idempotent, takes no input and relies on its next run rather than on retries of its own.

use tokio::sync::watch;

use crate::domain::batch::Batch;
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::engine::alerting::{posts, rounds};
use crate::engine::deciding::{publishing, timers};
use crate::engine::delivering::deliveries;
use crate::engine::forecasting::refits;
use crate::engine::healing::healing;
use crate::engine::reporting::reports;
use crate::engine::watching::detection;
use crate::engine::work::work_rounds;
use crate::engine::worth::measuring;

/// Starts the engine's tasks; they end when `stop` turns true or its sender is gone.
#[must_use]
pub fn spawn(engine: &Engine, stop: &watch::Receiver<bool>) -> tokio::task::JoinSet<()> {
    let mut tasks = tokio::task::JoinSet::new();
    tasks.spawn(watching(engine.clone(), stop.clone()));
    tasks.spawn(housekeeping(engine.clone(), stop.clone()));
    tasks.spawn(rounds(engine.clone(), stop.clone()));
    posts(engine, stop, &mut tasks);
    if engine.settings().forecast.enabled {
        tasks.spawn(refits(engine.clone(), stop.clone()));
    }
    if engine.settings().detect.is_some() {
        tasks.spawn(detection(engine.clone(), stop.clone()));
    }
    if engine.settings().heal.is_some() {
        tasks.spawn(healing(engine.clone(), stop.clone()));
    }
    if !engine.settings().reports.is_empty() {
        tasks.spawn(reports(engine.clone(), stop.clone()));
    }
    if engine.settings().work.is_some() {
        tasks.spawn(work_rounds(engine.clone(), stop.clone()));
    }
    if engine.settings().decide.is_some() || engine.settings().detect.is_some() {
        tasks.spawn(measuring(engine.clone(), stop.clone()));
    }
    if engine.settings().decide.is_some() {
        tasks.spawn(timers(engine.clone(), stop.clone()));
        tasks.spawn(publishing(engine.clone(), stop.clone()));
        deliveries(engine, stop, &mut tasks);
    }
    tasks
}

/// Waits until `at`; `false` if it is time to stop.
pub(super) async fn wait(engine: &Engine, at: Timestamp, stop: &mut watch::Receiver<bool>) -> bool {
    tokio::select! {
        () = engine.clock().sleep_until(at) => true,
        _ = stop.wait_for(|stop| *stop) => false,
    }
}

/// Notes in the log every few seconds that the engine was listening, which is what tells a quiet channel from an
/// unobserved one.
async fn watching(engine: Engine, mut stop: watch::Receiver<bool>) {
    let every_s = engine.settings().watch_every_s;
    let mut since = engine.clock().now();
    loop {
        let go_on = wait(&engine, since.plus_seconds(every_s), &mut stop).await;
        let now = engine.clock().now();
        // A clock that stepped backwards gives an empty span: those seconds were noted already.
        let batch = Batch { watched: Some((since, now)), ..Batch::new(now) };
        if let Err(error) = engine.accept(batch).await {
            tracing::warn!(%error, "coverage of the last seconds was not noted");
        }
        since = now;
        if !go_on {
            return;
        }
    }
}

/// Publishes what is complete, then compacts, rolls up and retires what is due. Memory pressure brings the next run
/// forward.
async fn housekeeping(engine: Engine, mut stop: watch::Receiver<bool>) {
    let every_s = engine.settings().flush_every_s;
    loop {
        let at = engine.clock().now().plus_seconds(every_s);
        let go_on = tokio::select! {
            go_on = wait(&engine, at, &mut stop) => go_on,
            () = engine.crowded() => true,
        };
        if !go_on {
            return;
        }
        match engine.flush().await {
            Ok(report) => tracing::debug!(rows = report.rows, late = report.late, "published"),
            Err(error) => tracing::error!(%error, "publication failed; it will be tried again"),
        }
        if let Err(error) = engine.maintain().await {
            tracing::error!(%error, "maintenance failed; it will be tried again");
        }
    }
}
