//! `GET /v1/channels/{id}` and its samples.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ask::{Scope, ask};
use crate::api::error::{ApiError, Problem};
use crate::api::params::{self, ChannelPath, Params, Span};
use crate::api::series::{ColumnAbout, Point, Step};
use crate::api::state::ApiState;
use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::time::{MINUTES_PER_HOUR, Minute};
use crate::engine::View;
use crate::store::query::{self, RangeQuery};

/// Columns that are shown if none are asked for.
const USUAL: [Column; 7] = [
    Column::Requests,
    Column::Errors,
    Column::LatencyP50,
    Column::LatencyP95,
    Column::TtftP50,
    Column::Cost,
    Column::Coverage,
];

/// What one channel did lately.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelState {
    /// Its name.
    pub channel: String,
    /// The newest minute in the last hour, as far as it has gone; absent if nothing was seen.
    #[schema(value_type = Option<Object>)]
    pub newest: Option<Point>,
    /// The last hour as one: counts added up, percentiles from the merged sketches.
    #[schema(value_type = Option<Object>)]
    pub last_hour: Option<Point>,
}

/// Samples of one channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelSamples {
    /// The channel.
    pub channel: String,
    /// Start of the first step, RFC 3339.
    pub from: String,
    /// End of the span, RFC 3339.
    pub to: String,
    /// Length of a step in seconds.
    #[schema(example = 300)]
    pub step_s: u32,
    /// The columns of each point.
    pub columns: Vec<ColumnAbout>,
    /// One object per step with `ts` and one member per column; `null` where nothing is known.
    #[schema(value_type = Vec<Object>, example = json!([{"ts": "2026-11-20T10:00:00Z", "requests": 12, "latency_p95_ms": 840.5}]))]
    pub points: Vec<Point>,
}

/// Which samples.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SamplesParams {
    /// First instant: RFC 3339, or an age such as `-6h`. An hour before `to` if absent.
    #[param(example = "-6h")]
    from: Option<String>,
    /// First instant after the span: RFC 3339, an age, or `now`. Now if absent.
    to: Option<String>,
    /// Length of a step in whole minutes: `1m`, `5m`, `1h`, `1d`. A minute if absent.
    #[param(example = "5m")]
    step: Option<String>,
    /// Columns, separated by commas.
    #[param(example = "requests,latency_p95_ms")]
    columns: Option<String>,
}

/// Show what one channel did in its newest minute and in the last hour.
#[utoipa::path(
    get, path = "/v1/channels/{id}", tag = "out", security(("token" = [])),
    params(("id" = String, Path, description = "The channel's name, percent-encoded.")),
    responses((status = 200, description = "The channel.", body = ChannelState), (status = 404, response = Problem))
)]
pub(super) async fn show(
    State(api): State<ApiState>,
    ChannelPath(channel): ChannelPath,
) -> Result<Json<ChannelState>, ApiError> {
    params::known(&api, &channel)?;
    let to = api.engine().clock().now().minute().plus(1);
    let from = to.minus(MINUTES_PER_HOUR);
    let name = channel.to_string();
    let scope = Scope { channel: Some(channel.clone()), from, to };
    let read = move |view: &View| query::samples(&view.snapshot, &view.fresh, &channel, from, to);
    let samples = ask(&api, "samples", scope, read).await?;
    let newest = samples.last().map(Point::of_sample);
    let last_hour = merged(samples, from).as_ref().map(Point::of_sample);
    Ok(Json(ChannelState { channel: name, newest, last_hour }))
}

/// Show the samples of one channel in steps, with true percentiles of each step from the merged sketches.
#[utoipa::path(
    get, path = "/v1/channels/{id}/samples", tag = "out", security(("token" = [])),
    params(("id" = String, Path, description = "The channel's name, percent-encoded."), SamplesParams),
    responses(
        (status = 200, description = "The samples.", body = ChannelSamples),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
        (status = 429, response = Problem),
    )
)]
pub(super) async fn samples(
    State(api): State<ApiState>,
    ChannelPath(channel): ChannelPath,
    Params(asked): Params<SamplesParams>,
) -> Result<Json<ChannelSamples>, ApiError> {
    let now = api.engine().clock().now();
    let span = Span::parse(asked.from.as_deref(), asked.to.as_deref(), asked.step.as_deref(), now)?;
    let columns = asked.columns.as_deref().map_or(Ok(USUAL.to_vec()), params::columns)?;
    span.check_values(columns.len(), api.limits().points)?;
    params::known(&api, &channel)?;
    let (name, shown) = (channel.to_string(), columns.clone());
    let scope = Scope { channel: Some(channel.clone()), from: span.from, to: span.to };
    let read = move |view: &View| columns.iter().map(|column| one_column(view, &channel, *column, span)).collect();
    let series: Vec<_> = ask::<_, query::QueryError>(&api, "range", scope, read).await?;
    Ok(Json(ChannelSamples {
        channel: name,
        from: span.from.to_string(),
        to: span.to.to_string(),
        step_s: span.step_minutes * 60,
        columns: shown.into_iter().map(ColumnAbout::of).collect(),
        points: Point::join(series),
    }))
}

fn one_column(
    view: &View,
    channel: &ChannelId,
    column: Column,
    span: Span,
) -> Result<(Column, Vec<Step>), query::QueryError> {
    let Span { from, to, step_minutes } = span;
    let asked = RangeQuery { channels: vec![channel.clone()], column, from, to, step_minutes };
    let found = query::range(&view.snapshot, &view.fresh, &asked)?;
    Ok((column, found.into_iter().next().map(|series| series.points).unwrap_or_default()))
}

/// The samples of one channel as one, starting at `from`.
fn merged(samples: Vec<Sample>, from: Minute) -> Option<Sample> {
    let mut rest = samples.into_iter();
    let mut whole = Sample { minute: from, ..rest.next()? };
    for mut sample in rest {
        sample.minute = from;
        whole.merge(&sample);
    }
    Some(whole)
}
