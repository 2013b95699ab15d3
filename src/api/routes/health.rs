//! Whether the process lives, is ready and works, and its metrics.

use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;

use crate::api::error::{ApiError, Problem};
use crate::api::state::ApiState;

/// Media type of Prometheus text.
const PROMETHEUS_TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Whether the process answers at all. If not, restart it.
#[utoipa::path(get, path = "/livez", tag = "health", responses((status = 200, description = "It lives.", body = str)))]
pub(super) async fn livez() -> &'static str {
    "ok\n"
}

/// Whether requests should be sent here. Not while starting or stopping.
#[utoipa::path(
    get, path = "/readyz", tag = "health",
    responses(
        (status = 200, description = "It is ready.", body = str),
        (status = 503, description = "It is stopping.", body = Problem, content_type = "application/problem+json")
    )
)]
pub(super) async fn readyz() -> Result<&'static str, ApiError> {
    Ok("ready\n")
}

/// The program's metrics about itself, as Prometheus text.
#[utoipa::path(
    get, path = "/metrics", tag = "health", security(("token" = [])),
    responses((status = 200, description = "Every metric.", body = str, content_type = "text/plain"))
)]
pub(super) async fn metrics(State(api): State<ApiState>) -> Result<impl IntoResponse, ApiError> {
    let recorder = api.recorder().ok_or_else(|| ApiError::NotFound("this process keeps no metrics".to_owned()))?;
    Ok(([(header::CONTENT_TYPE, PROMETHEUS_TEXT)], recorder.render()))
}
