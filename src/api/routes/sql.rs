//! `POST /v1/query`: read-only SQL over the tables.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::ask::{Scope, ask};
use crate::api::error::{ApiError, Problem};
use crate::api::state::ApiState;
use crate::domain::time::Minute;
use crate::store::query::{self, SqlLimits};

/// A question in SQL.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SqlQuestion {
    /// One SELECT statement.
    #[schema(example = "SELECT channel, SUM(requests) AS calls FROM samples GROUP BY channel ORDER BY calls DESC")]
    sql: String,
    /// Most rows to answer with; the server's own limit holds besides.
    #[serde(default)]
    #[schema(example = 100)]
    max_rows: Option<u32>,
}

/// The answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct SqlAnswer {
    /// Names of the columns.
    #[schema(example = json!(["channel", "calls"]))]
    pub columns: Vec<String>,
    /// One array per row, in the order of the columns.
    #[schema(value_type = Vec<Vec<Object>>, example = json!([["openai-eu", 1200]]))]
    pub rows: Vec<Vec<serde_json::Value>>,
    /// Whether there were more rows than the limit.
    pub truncated: bool,
}

/// Ask in SQL. Tables: `samples`, `samples_5m`, `samples_1h`, `late`, `gauges`, `forecasts`, `forecast_accuracy`,
/// `anomalies`, `incidents`, `risks`, `decisions`, `actions`, `work`.
///
/// Minutes that are still in memory are included. Rows and time are bounded.
#[utoipa::path(
    post, path = "/v1/query", tag = "out", security(("token" = [])),
    request_body = SqlQuestion,
    responses(
        (status = 200, description = "The rows.", body = SqlAnswer),
        (status = 400, response = Problem),
        (status = 429, response = Problem),
        (status = 503, response = Problem),
    )
)]
pub(super) async fn post_query(
    State(api): State<ApiState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<SqlAnswer>, ApiError> {
    let SqlQuestion { sql, max_rows } = api.receive_json(&headers, body).await?;
    let server = &api.settings().server;
    let rows = max_rows.map_or(server.query_max_rows, |rows| rows.min(server.query_max_rows));
    let limits = SqlLimits { rows: rows as usize, seconds: server.query_timeout.as_secs() };
    let scope = Scope { channel: None, from: Minute(0), to: Minute(u32::MAX) };
    let found =
        ask(&api, "sql", scope, move |view| query::sql(&view.snapshot, view.unpublished(), &sql, limits)).await?;
    Ok(Json(SqlAnswer { columns: found.columns, rows: found.rows, truncated: found.truncated }))
}
