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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::clock::Clock;
    use crate::config;
    use crate::engine::Settings;
    use crate::engine::bus::Happening;
    use crate::store::StoreOptions;

    const MIDNIGHT: Timestamp = Timestamp::from_seconds(1_795_000_000 / 86_400 * 86_400);

    fn open(dir: &Path, clock: &Clock) -> Engine {
        let file = r#"
            [[work]]
            class = "code"
            static = "large"
            [[work.model]]
            name = "large"
            [[work.model]]
            name = "mini"
        "#;
        let config = config::parse(file, &|_| Ok(String::new())).expect("a valid file").config;
        Engine::open(dir, StoreOptions::default(), Settings::of(&config), clock.clone()).expect("the store opens").0
    }

    async fn round(engine: &Engine) -> (Timestamp, Option<Timestamp>) {
        let settings = engine.settings().work.clone().expect("work");
        let next = engine.work_round(&settings).await.expect("a round");
        (next, engine.work_standing().and_then(|standing| standing.report).map(|report| report.at()))
    }

    #[tokio::test]
    async fn shares_are_told_at_eight_and_a_day_that_was_slept_through_is_made_up_for() {
        let dir = tempfile::tempdir().expect("a directory");
        let clock = Clock::manual(MIDNIGHT);
        let engine = open(dir.path(), &clock);
        assert_eq!(round(&engine).await, (MIDNIGHT.plus_seconds(60), Some(MIDNIGHT)), "the first shares at once");
        let eight = MIDNIGHT.plus_seconds(8 * 3_600);
        clock.set(eight.plus_seconds(-30));
        assert_eq!(round(&engine).await, (eight, Some(MIDNIGHT)), "not before the time");
        clock.set(eight);
        let mut listener = engine.subscribe();
        assert_eq!(round(&engine).await.1, Some(eight));
        assert!(matches!(listener.try_recv(), Ok(Happening::Work(report)) if report.at() == eight));
        assert_eq!(round(&engine).await.1, Some(eight), "once a day");
        engine.shutdown().await.expect("it stops");

        let later = eight.plus_seconds(2 * 86_400 + 3_600);
        clock.set(later);
        let engine = open(dir.path(), &clock);
        assert_eq!(round(&engine).await.1, Some(later));
        engine.shutdown().await.expect("it stops");
    }
}
