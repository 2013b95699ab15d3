//! `GET /v1/channels/{id}/expected`: what was expected of a channel's minutes before they came.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::error::{ApiError, Problem};
use crate::api::params::{self, ChannelPath, Params, Span};
use crate::api::series::rounded;
use crate::api::state::ApiState;
use crate::domain::target::Target;
use crate::engine::Expectations;

/// Which minutes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ExpectedParams {
    /// First instant: RFC 3339, or an age such as `-3h`. An hour before `to` if absent.
    from: Option<String>,
    /// First instant after the span. Now if absent.
    to: Option<String>,
}

/// What was expected of a channel's minutes, each series beside the others.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpectedBody {
    /// The channel.
    pub channel: String,
    /// Seconds between the end of what was known and the minute that was expected.
    #[schema(example = 1_020)]
    pub lead_s: u32,
    /// The minutes, RFC 3339, ascending.
    pub minutes: Vec<String>,
    /// The series that had a forecast.
    pub series: Vec<ExpectedSeries>,
}

/// What was expected of one series.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpectedSeries {
    /// The column.
    #[schema(example = "latency_p95_ms")]
    pub column: &'static str,
    /// Its unit.
    #[schema(example = "ms")]
    pub unit: &'static str,
    /// Of each minute, the value that was to be undercut with a probability of 5 %; `null` where there was no forecast.
    pub q05: Vec<Option<f64>>,
    /// The median.
    pub q50: Vec<Option<f64>>,
    /// The value that was to be exceeded with a probability of 5 %.
    pub q95: Vec<Option<f64>>,
}

/// Show what was expected of the minutes of a channel before they came, to lay beside what came. It is remembered for three
/// hours, from the first fit on.
#[utoipa::path(
    get, path = "/v1/channels/{id}/expected", tag = "out", security(("token" = [])),
    params(("id" = String, Path, description = "The channel's name, percent-encoded."), ExpectedParams),
    responses(
        (status = 200, description = "What was expected.", body = ExpectedBody),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
    )
)]
pub(super) async fn expected(
    State(api): State<ApiState>,
    ChannelPath(channel): ChannelPath,
    Params(asked): Params<ExpectedParams>,
) -> Result<Json<ExpectedBody>, ApiError> {
    params::known(&api, &channel)?;
    let now = api.engine().clock().now();
    let span = Span::parse(asked.from.as_deref(), asked.to.as_deref(), None, now)?;
    let told = api.engine().expectations(&channel, span.from, span.to);
    Ok(Json(ExpectedBody {
        channel: channel.to_string(),
        lead_s: told.lead_minutes * 60,
        minutes: told.minutes.iter().map(|(minute, _)| minute.to_string()).collect(),
        series: Target::ALL.into_iter().enumerate().filter_map(|(slot, target)| series(&told, slot, target)).collect(),
    }))
}

/// The series of `target`, which is at `slot` of each minute; `None` if it had no forecast at all.
fn series(told: &Expectations, slot: usize, target: Target) -> Option<ExpectedSeries> {
    let rows = || told.minutes.iter().map(|(_, row)| row[slot]);
    rows().flatten().next()?;
    let at = |place: usize| rows().map(|row| row.map(|row| rounded(target, row[place].into()))).collect();
    Some(ExpectedSeries { column: target.name(), unit: target.unit(), q05: at(0), q50: at(1), q95: at(2) })
}
