//! The one real clock, and its twin for tests.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::domain::time::Timestamp;

/// Tells the time and waits for it. Cheap to clone; clones share the same time.
#[derive(Debug, Clone)]
pub struct Clock(Kind);

#[derive(Debug, Clone)]
enum Kind {
    System,
    Manual(Arc<Manual>),
}

#[derive(Debug)]
struct Manual {
    now: watch::Sender<Timestamp>,
    /// Serialises setters, so that time never runs backwards between two of them by accident.
    setting: Mutex<()>,
}

impl Clock {
    /// The machine's clock.
    #[must_use]
    pub const fn system() -> Self {
        Self(Kind::System)
    }

    /// A clock that stands still until [`Clock::set`] moves it.
    #[must_use]
    pub fn manual(now: Timestamp) -> Self {
        Self(Kind::Manual(Arc::new(Manual { now: watch::Sender::new(now), setting: Mutex::new(()) })))
    }

    /// The current instant, UTC.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
            Kind::System => Timestamp::from(chrono::Utc::now()),
            Kind::Manual(manual) => *manual.now.borrow(),
        }
    }

    /// Moves a manual clock, backwards too (clocks do step), and wakes whoever waits. No effect on the system clock.
    pub fn set(&self, now: Timestamp) {
        if let Kind::Manual(manual) = &self.0 {
            let _one_at_a_time = manual.setting.lock().unwrap_or_else(PoisonError::into_inner);
            manual.now.send_replace(now);
        }
    }

    /// Returns once the clock has reached `at`; at once if it already has.
    pub async fn sleep_until(&self, at: Timestamp) {
        match &self.0 {
            Kind::System => loop {
                let left_us = at.micros().saturating_sub(self.now().micros());
                let Ok(left_us @ 1..) = u64::try_from(left_us) else { return };
                // At most a second at a time, so that a stepped clock is noticed.
                let nap = Duration::from_micros(left_us.min(1_000_000));
                #[expect(clippy::disallowed_methods, reason = "this is the one place that sleeps")]
                tokio::time::sleep(nap).await;
            },
            Kind::Manual(manual) => {
                let mut now = manual.now.subscribe();
                // The sender lives in `self`, so waiting cannot fail.
                let _reached = now.wait_for(|now| *now >= at).await;
            }
        }
    }
}

/// A stopwatch for telemetry: how long did something take. Never used for decisions.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(std::time::Instant);

impl Stopwatch {
    /// Starts measuring.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the monotonic clock")]
    pub fn start() -> Self {
        Self(std::time::Instant::now())
    }

    /// Time since the start.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_manual_clock_wakes_its_sleepers() {
        let clock = Clock::manual(Timestamp::from_seconds(10));
        let sleeper = clock.clone();
        let waiting = tokio::spawn(async move { sleeper.sleep_until(Timestamp::from_seconds(20)).await });
        clock.set(Timestamp::from_seconds(15));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        clock.set(Timestamp::from_seconds(20));
        waiting.await.expect("the sleeper returns");
    }
}
