//! What all handlers share.

use std::sync::Arc;

use axum::body::Body;
use axum::http::HeaderMap;
use serde::de::DeserializeOwned;
use tokio::sync::{OwnedSemaphorePermit, RwLock, Semaphore, watch};

use crate::api::body::{self, Bounds, Decoded, Received};
use crate::api::budget::{Budget, Reservation};
use crate::api::error::ApiError;
use crate::api::gauges::{self, Forecasts};
use crate::api::settings::{Limits, Settings};
use crate::api::throttle::Throttle;
use crate::collect::sources::otlp::Otlp;
use crate::engine::Engine;
use crate::telemetry::recorder::Recorder;

/// The shared state. Cheap to clone; clones are the same.
#[derive(Clone)]
pub struct ApiState(Arc<Shared>);

struct Shared {
    engine: Engine,
    settings: Settings,
    otlp: Arc<RwLock<Otlp>>,
    stopping: watch::Sender<bool>,
    recorder: Option<Recorder>,
    forecasts: Forecasts,
    throttle: Throttle,
    bodies: Budget,
    parsers: Arc<Semaphore>,
    queries: Arc<Semaphore>,
}

impl ApiState {
    /// The state of one interface. Without a recorder, `/metrics` shows only how everything stands.
    #[must_use]
    pub fn new(engine: Engine, settings: Settings, recorder: Option<Recorder>) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let limits = &settings.limits;
        let largest = settings.server.max_body_bytes.saturating_add(settings.server.max_decoded_bytes);
        let mut otlp = Otlp::new(settings.otlp.clone());
        otlp.commit(&engine.cursors());
        Self(Arc::new(Shared {
            throttle: Throttle::new(&settings.server),
            bodies: Budget::new(limits.in_flight_bytes.max(largest)),
            parsers: Arc::new(Semaphore::new(cores)),
            queries: Arc::new(Semaphore::new(limits.queries.max(1))),
            otlp: Arc::new(RwLock::new(otlp)),
            stopping: watch::Sender::new(false),
            engine,
            settings,
            recorder,
            forecasts: Forecasts::default(),
        }))
    }

    /// The engine behind the interface.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.0.engine
    }

    /// The OpenTelemetry source. Read it to parse traces; hold it for writing from parsing a body of metrics until
    /// that body is durable and committed.
    #[must_use]
    pub fn otlp(&self) -> &Arc<RwLock<Otlp>> {
        &self.0.otlp
    }

    /// Whether the interface was asked to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self.0.stopping.borrow()
    }

    /// Notes that the interface was asked to stop, so that load balancers send nothing new.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Waits until the interface is asked to stop.
    pub async fn stopped(&self) {
        let mut stopping = self.0.stopping.subscribe();
        // The sender lives as long as this state, so there is no other answer than that it stops.
        drop(stopping.wait_for(|stop| *stop).await);
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

    /// Receives a body as large as the configuration allows.
    ///
    /// # Errors
    /// As [`body::receive`].
    pub async fn receive(&self, headers: &HeaderMap, body: Body) -> Result<Received, ApiError> {
        let server = &self.settings().server;
        let bounds =
            Bounds { sent: server.max_body_bytes, decoded: server.max_decoded_bytes, time: server.body_timeout };
        body::receive(headers, body, bounds, &self.0.bodies).await
    }

    /// Receives a small JSON document.
    ///
    /// # Errors
    /// As [`body::json`].
    pub async fn receive_json<T: DeserializeOwned>(&self, headers: &HeaderMap, body: Body) -> Result<T, ApiError> {
        body::json(headers, body, self.settings().server.body_timeout, &self.0.bodies).await
    }

    /// Receives a small document of any kind.
    ///
    /// # Errors
    /// As [`body::document`].
    pub async fn receive_document(&self, headers: &HeaderMap, body: Body) -> Result<Decoded, ApiError> {
        body::document(headers, body, self.settings().server.body_timeout, &self.0.bodies).await
    }

    /// The metrics of the program about itself, as Prometheus text.
    ///
    /// # Errors
    /// [`ApiError::Internal`] if writing them panics.
    pub async fn metrics(&self) -> Result<String, ApiError> {
        let Self(shared) = self.clone();
        let write = move || {
            let recorded = shared.recorder.as_ref().map(Recorder::render).unwrap_or_default();
            recorded + &gauges::of(&shared.engine) + &shared.forecasts.of(&shared.engine)
        };
        let written = tokio::task::spawn_blocking(write).await;
        written.map_err(|error| ApiError::Internal { doing: "writing metrics", cause: error.to_string() })
    }

    /// Decodes `body` and hands it to `work`: here if it is light, else on a thread that may block, on as many at
    /// once as there are cores, so that a burst of large bodies does not starve the ones that are nearly done.
    ///
    /// The body is gone when this returns, but its memory stays reserved for what `work` made of it, until the
    /// reservation is dropped.
    ///
    /// # Errors
    /// As [`Received::decode`], and [`ApiError::Internal`] if `work` panics.
    pub async fn parse<T: Send + 'static>(
        &self,
        body: Received,
        work: impl FnOnce(&[u8]) -> T + Send + 'static,
    ) -> Result<(T, Reservation), ApiError> {
        let heavy = body.is_heavy();
        let work = move || {
            let decoded = body.decode()?;
            Ok((work(&decoded), decoded.into_reservation()))
        };
        if !heavy {
            return work();
        }
        let turn = Arc::clone(&self.0.parsers).acquire_owned().await.map_err(|_closed| ApiError::Stopping)?;
        blocking("parsing a body", turn, work).await?
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

    /// Runs `work`, which writes to disk, on a thread that may block. It ends even if its caller goes away.
    ///
    /// # Errors
    /// What `work` fails with, and [`ApiError::Internal`] if it panics.
    pub async fn write<T: Send + 'static, E: Into<ApiError> + Send + 'static>(
        &self,
        work: impl FnOnce(&Engine) -> Result<T, E> + Send + 'static,
    ) -> Result<T, ApiError> {
        let engine = self.engine().clone();
        let done = tokio::task::spawn_blocking(move || work(&engine)).await;
        let done = done.map_err(|error| ApiError::Internal { doing: "writing", cause: error.to_string() })?;
        done.map_err(Into::into)
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
