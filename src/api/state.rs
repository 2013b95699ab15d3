//! What all handlers share.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::api::budget::Budget;
use crate::api::error::ApiError;
use crate::api::settings::{Limits, Settings};
use crate::api::throttle::Throttle;
use crate::telemetry::recorder::Recorder;

/// The shared state. Cheap to clone; clones are the same.
#[derive(Debug, Clone)]
pub struct ApiState(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    settings: Settings,
    recorder: Option<Recorder>,
    throttle: Throttle,
    bodies: Budget,
    parsers: Arc<Semaphore>,
    queries: Arc<Semaphore>,
}

impl ApiState {
    /// The state of one interface. Without a recorder, `/metrics` answers that there are none.
    #[must_use]
    pub fn new(settings: Settings, recorder: Option<Recorder>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let limits = &settings.limits;
        Self(Arc::new(Shared {
            throttle: Throttle::new(limits),
            bodies: Budget::new(limits.in_flight_bytes),
            parsers: Arc::new(Semaphore::new(cores)),
            queries: Arc::new(Semaphore::new(limits.queries.max(1))),
            settings,
            recorder,
        }))
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.settings
    }

    /// The limits among the settings.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.0.settings.limits
    }

    /// The rate limits.
    #[must_use]
    pub fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// The memory for request bodies.
    #[must_use]
    pub fn bodies(&self) -> &Budget {
        &self.0.bodies
    }

    /// The metrics of the program about itself.
    #[must_use]
    pub fn recorder(&self) -> Option<&Recorder> {
        self.0.recorder.as_ref()
    }

    /// Runs `work` on a body: here if it is light, else on a thread that may block, on as many at once as there are
    /// cores, so that a burst of large bodies does not starve the ones that are nearly done.
    ///
    /// # Errors
    /// [`ApiError::Internal`] if `work` panics.
    pub async fn parse<T: Send + 'static>(
        &self,
        heavy: bool,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        if !heavy {
            return Ok(work());
        }
        let turn = Arc::clone(&self.0.parsers).acquire_owned().await.map_err(|_closed| ApiError::Stopping)?;
        blocking("parsing a body", turn, work).await
    }

    /// Runs `work`, a query, on a thread that may block, once it is its turn.
    ///
    /// # Errors
    /// [`ApiError::Busy`] if its turn does not come in time, [`ApiError::Internal`] if `work` panics.
    pub async fn query<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
        let waiting = Arc::clone(&self.0.queries).acquire_owned();
        let turn = tokio::time::timeout(self.limits().query_wait, waiting)
            .await
            .map_err(|_elapsed| ApiError::Busy { why: "too many queries are running", retry_after_s: 2 })?
            .map_err(|_closed| ApiError::Stopping)?;
        blocking("running a query", turn, work).await
    }
}

/// The turn moves along, so that work whose caller has gone away still counts until it is done.
async fn blocking<T: Send + 'static>(
    doing: &'static str,
    turn: OwnedSemaphorePermit,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, ApiError> {
    let work = move || {
        let _turn = turn;
        work()
    };
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| ApiError::Internal { doing, cause: error.to_string() })
}
