//! Whether the process lives, is ready and works, and its metrics.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::error::{ApiError, Problem};
use crate::api::state::ApiState;

/// Media type of Prometheus text.
const PROMETHEUS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// How the engine is doing. Totals count from its start.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok` or `stopping`.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// The program's version.
    pub version: &'static str,
    /// When the engine was started, RFC 3339.
    pub started_at: String,
    /// The server's clock, RFC 3339.
    pub now: String,
    /// Calls accepted.
    pub calls: u64,
    /// Of these, calls that came after their minute's late window.
    pub late: u64,
    /// Batches accepted.
    pub batches: u64,
    /// Batches that had been counted before.
    pub duplicate_batches: u64,
    /// Channels known.
    pub channels: usize,
    /// Minutes of channels held in memory.
    pub open_rows: usize,
    /// Version of the store's catalog.
    pub catalog_version: u64,
    /// Publications that failed and will be tried again.
    pub failed_publications: u64,
    /// When minutes were last published to Parquet, RFC 3339.
    pub last_publication: Option<String>,
}

/// Tell whether the process answers at all. If not, restart it.
#[utoipa::path(get, path = "/livez", tag = "health", responses((status = 200, description = "It lives.", body = str)))]
pub(super) async fn livez() -> &'static str {
    "ok\n"
}

/// Tell whether requests should be sent here. Not while it is stopping.
#[utoipa::path(
    get, path = "/readyz", tag = "health",
    responses((status = 200, description = "It is ready.", body = str), (status = 503, response = Problem))
)]
pub(super) async fn readyz(State(api): State<ApiState>) -> Result<&'static str, ApiError> {
    if api.is_stopping() { Err(ApiError::Stopping) } else { Ok("ready\n") }
}

/// Show how the engine is doing.
#[utoipa::path(
    get, path = "/healthz", tag = "health", security(("token" = [])),
    responses((status = 200, description = "Totals and the state of the store.", body = Health))
)]
pub(super) async fn healthz(State(api): State<ApiState>) -> Json<Health> {
    let status = api.engine().status();
    Json(Health {
        status: if api.is_stopping() { "stopping" } else { "ok" },
        version: env!("CARGO_PKG_VERSION"),
        started_at: status.started_at.to_string(),
        now: status.now.to_string(),
        calls: status.calls,
        late: status.late,
        batches: status.batches,
        duplicate_batches: status.duplicate_batches,
        channels: status.channels,
        open_rows: status.open_rows,
        catalog_version: status.catalog_version,
        failed_publications: status.failed_publications,
        last_publication: status.last_publication.map(|at| at.to_string()),
    })
}

/// Show the program's metrics about itself, as Prometheus text.
#[utoipa::path(
    get, path = "/metrics", tag = "health", security(("token" = [])),
    responses((status = 200, description = "Every metric.", body = str, content_type = "text/plain"))
)]
pub(super) async fn metrics(State(api): State<ApiState>) -> Result<impl IntoResponse, ApiError> {
    Ok(([(header::CONTENT_TYPE, PROMETHEUS_TEXT)], api.metrics().await?))
}
