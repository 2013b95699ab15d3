//! `GET /v1/aggregate` and `GET /v1/top`: one column over all channels.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ask::{Scope, ask};
use crate::api::error::{ApiError, Problem};
use crate::api::params::{self, Params, Span};
use crate::api::series::{ColumnAbout, Number};
use crate::api::state::ApiState;
use crate::domain::ids::ChannelId;
use crate::store::query::{self, AcrossQuery, Combine, TopQuery};

/// Most channels that a ranking answers with.
const MAX_TOP: usize = 1_000;

/// A quantile over channels, in steps.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AcrossParams {
    /// The column.
    #[param(example = "latency_mean_ms")]
    column: String,
    /// First instant: RFC 3339, or an age such as `-6h`. An hour before `to` if absent.
    from: Option<String>,
    /// First instant after the span. Now if absent.
    to: Option<String>,
    /// Length of a step in whole minutes. A minute if absent.
    #[param(example = "5m")]
    step: Option<String>,
    /// Which quantile over the channels, 0 to 1. The median if absent.
    #[param(example = 0.95)]
    quantile: Option<f64>,
}

/// One column over all channels.
#[derive(Debug, Serialize, ToSchema)]
pub struct Across {
    /// The column.
    pub column: ColumnAbout,
    /// Start of the first step, RFC 3339.
    pub from: String,
    /// End of the span, RFC 3339.
    pub to: String,
    /// Length of a step in seconds.
    pub step_s: u32,
    /// The quantile over channels.
    pub quantile: f64,
    /// One point per step.
    pub points: Vec<AcrossPoint>,
}

/// One step.
#[derive(Debug, Serialize, ToSchema)]
pub struct AcrossPoint {
    /// Start of the step, RFC 3339.
    pub ts: String,
    /// The quantile over the channels' values; `null` if no channel has one.
    #[schema(value_type = Option<f64>)]
    pub value: Option<Number>,
    /// Channels that have a value.
    pub channels: usize,
}

/// Show, per step, a quantile over channels of each channel's own value: how the slowest twentieth is doing.
#[utoipa::path(
    get, path = "/v1/aggregate", tag = "out", security(("token" = [])),
    params(AcrossParams),
    responses((status = 200, description = "The points.", body = Across), (status = 400, response = Problem))
)]
pub(super) async fn across(
    State(api): State<ApiState>,
    Params(asked): Params<AcrossParams>,
) -> Result<Json<Across>, ApiError> {
    let column = params::column(&asked.column)?;
    let quantile = asked.quantile.unwrap_or(0.5);
    if !(0.0..=1.0).contains(&quantile) {
        return Err(ApiError::Invalid(format!("`quantile` is {quantile}; expected a number from 0 to 1")));
    }
    let now = api.engine().clock().now();
    let span = Span::parse(asked.from.as_deref(), asked.to.as_deref(), asked.step.as_deref(), now)?;
    span.check_values(1, api.limits().points)?;
    let asked = AcrossQuery {
        column,
        from: span.from,
        to: span.to,
        step_minutes: span.step_minutes,
        quantile,
        combine: Combine::True,
    };
    let scope = Scope { channel: None, from: span.from, to: span.to };
    let found = ask(&api, "across", scope, move |view| query::across(&view.snapshot, &view.fresh, &asked)).await?;
    let point = |point: query::AcrossPoint| AcrossPoint {
        ts: point.minute.to_string(),
        value: point.value.map(|value| Number::new(column, value)),
        channels: point.channels,
    };
    Ok(Json(Across {
        column: ColumnAbout::of(column),
        from: span.from.to_string(),
        to: span.to.to_string(),
        step_s: span.step_minutes * 60,
        quantile,
        points: found.into_iter().map(point).collect(),
    }))
}

/// Which ranking.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct TopParams {
    /// The column.
    #[param(example = "latency_mean_ms")]
    column: String,
    /// First instant: RFC 3339, or an age such as `-6h`. An hour before `to` if absent.
    from: Option<String>,
    /// First instant after the span. Now if absent.
    to: Option<String>,
    /// How many channels, up to 1,000. Ten if absent.
    n: Option<usize>,
    /// `desc` for the largest first (if absent), `asc` for the smallest first.
    #[param(inline)]
    order: Option<Order>,
}

/// Which end of a ranking comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The smallest first.
    Asc,
    /// The largest first.
    Desc,
}

/// Channels by one column's value over a span.
#[derive(Debug, Serialize, ToSchema)]
pub struct Top {
    /// The column.
    pub column: ColumnAbout,
    /// Start of the span, RFC 3339.
    pub from: String,
    /// End of the span, RFC 3339.
    pub to: String,
    /// The channels in order.
    pub channels: Vec<TopChannel>,
}

/// One place of a ranking.
#[derive(Debug, Serialize, ToSchema)]
pub struct TopChannel {
    /// The channel.
    pub channel: String,
    /// Its value over the span.
    #[schema(value_type = f64)]
    pub value: Number,
}

/// Rank channels by one column over a span; those without a value are left out.
#[utoipa::path(
    get, path = "/v1/top", tag = "out", security(("token" = [])),
    params(TopParams),
    responses((status = 200, description = "The ranking.", body = Top), (status = 400, response = Problem))
)]
pub(super) async fn top(State(api): State<ApiState>, Params(asked): Params<TopParams>) -> Result<Json<Top>, ApiError> {
    let column = params::column(&asked.column)?;
    let now = api.engine().clock().now();
    let span = Span::parse(asked.from.as_deref(), asked.to.as_deref(), None, now)?;
    let n = asked.n.unwrap_or(10).min(MAX_TOP);
    let asked = TopQuery {
        column,
        from: span.from,
        to: span.to,
        n,
        descending: asked.order != Some(Order::Asc),
        combine: Combine::True,
    };
    let scope = Scope { channel: None, from: span.from, to: span.to };
    let found = ask(&api, "top", scope, move |view| query::top(&view.snapshot, &view.fresh, &asked)).await?;
    let place = |(channel, value): (ChannelId, f64)| TopChannel {
        channel: channel.to_string(),
        value: Number::new(column, value),
    };
    let channels = found.into_iter().map(place).collect();
    Ok(Json(Top { column: ColumnAbout::of(column), from: span.from.to_string(), to: span.to.to_string(), channels }))
}
