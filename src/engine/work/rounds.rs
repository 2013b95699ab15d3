//! What happens to work by itself: the shares of each day, and jobs of which nothing is heard.

use tokio::sync::{oneshot, watch};

use crate::domain::time::Timestamp;
use crate::engine::work::WorkError;
use crate::engine::work::desk::Order;
use crate::engine::{Engine, WorkSettings};

/// Seconds between two looks for jobs that were given up.
const SWEEP_EVERY_S: i64 = 60;
/// Seconds until what could not be written is tried again.
const AGAIN_S: i64 = 5;

/// Tells the shares of each day when they are due, and gives up silent jobs, until `stop`.
pub async fn rounds(engine: Engine, mut stop: watch::Receiver<bool>) {
    let Some(settings) = engine.settings().work.clone() else { return };
    loop {
        let next = match engine.work_round(&settings).await {
            Ok(next) => next,
            Err(error) => {
                tracing::error!(%error, "the shares of work were not told; it is tried again");
                engine.clock().now().plus_seconds(AGAIN_S)
            }
        };
        tokio::select! {
            () = engine.clock().sleep_until(next) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

impl Engine {
    /// One look; when to look again.
    async fn work_round(&self, settings: &WorkSettings) -> Result<Timestamp, WorkError> {
        let now = self.clock().now();
        let (reply, answer) = oneshot::channel();
        let swept = self.tell_desk(Order::Sweep(reply), answer).await?;
        if swept > 0 {
            tracing::info!(jobs = swept, "nothing was heard of these jobs for too long; they are given up");
        }
        if self.is_allocation_due(settings, now) {
            self.allocate().await?;
            let keeping = self.clone();
            // The log has it already, so a document that cannot be written now is written with the next publication.
            let _kept = tokio::task::spawn_blocking(move || keeping.0.keep_work()).await;
        }
        let sweep = now.plus_seconds(SWEEP_EVERY_S);
        Ok(settings.cron.next_after(now).map_or(sweep, |at| at.min(sweep)))
    }

    /// Whether the schedule came due since the last allocation, or there is none for the work as it is configured now.
    fn is_allocation_due(&self, settings: &WorkSettings, now: Timestamp) -> bool {
        let state = self.0.working.state();
        state.ledger.today.as_ref().is_none_or(|today| {
            !today.allocation.fits(&settings.book) || settings.cron.next_after(today.at()).is_some_and(|due| due <= now)
        })
    }
}
