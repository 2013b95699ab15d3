//! `GET /v1/forecasts/accuracy`: how right the forecasts have been.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ask::{Scope, ask};
use crate::api::error::{ApiError, Problem};
use crate::api::params::{self, Params, Span};
use crate::api::state::ApiState;
use crate::domain::ids::ChannelId;
use crate::domain::record::{FORECAST_ACCURACY, Record};
use crate::domain::series::SeriesKey;
use crate::engine::View;
use crate::store::query::{self, RecordQuery};

/// Windows that are summed up at most: two weeks of hours for a thousand series.
const MAX_WINDOWS: usize = 2_000_000;

/// Whose accuracy, and over what time.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AccuracyParams {
    /// One channel; all of them if absent.
    channel: Option<String>,
    /// One column; all of them if absent.
    #[param(example = "latency_p95_ms")]
    column: Option<String>,
    /// First instant: RFC 3339, or an age such as `-7d`. A day before `to` if absent.
    #[param(example = "-1d")]
    from: Option<String>,
    /// First instant after the span. Now if absent.
    to: Option<String>,
}

/// How right the forecasts have been.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccuracyBody {
    /// Start of the first window, RFC 3339.
    pub from: String,
    /// End of the span, RFC 3339.
    pub to: String,
    /// One object for each series, horizon and model. Averages are over forecasts, not over windows.
    pub accuracy: Vec<AccuracyRow>,
}

/// How one model did on one series at one horizon.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccuracyRow {
    /// The channel.
    pub channel: String,
    /// The column.
    #[schema(example = "latency_p95_ms")]
    pub column: String,
    /// Seconds between a forecast and its outcome.
    #[schema(example = 900)]
    pub horizon_s: i64,
    /// The model.
    pub model: String,
    /// `champion` if its forecasts were served, `challenger` if they were only compared.
    pub role: String,
    /// Forecasts whose outcome is known.
    pub n: i64,
    /// Mean absolute percentage error as a ratio.
    #[schema(example = 0.08)]
    pub mape: Option<f64>,
    /// Mean absolute error over that of repeating the last value one step ahead.
    #[schema(example = 0.92)]
    pub mase: Option<f64>,
    /// Root mean squared error, in the unit of the column.
    pub rmse: Option<f64>,
    /// Mean pinball loss over the quantiles, in the unit of the column.
    pub pinball: Option<f64>,
    /// Share of outcomes inside the 50 % interval.
    pub coverage_50: Option<f64>,
    /// Share of outcomes inside the 80 % interval.
    pub coverage_80: Option<f64>,
    /// Share of outcomes inside the 90 % interval.
    #[schema(example = 0.9)]
    pub coverage_90: Option<f64>,
    /// Mean width of the 90 % interval, in the unit of the column.
    pub width_90: Option<f64>,
}

/// Show how right the forecasts have been: "how far may I trust this?".
#[utoipa::path(
    get, path = "/v1/forecasts/accuracy", tag = "out", security(("token" = [])),
    params(AccuracyParams),
    responses((status = 200, description = "The accuracy.", body = AccuracyBody), (status = 400, response = Problem))
)]
pub(super) async fn accuracy(
    State(api): State<ApiState>,
    Params(asked): Params<AccuracyParams>,
) -> Result<Json<AccuracyBody>, ApiError> {
    let now = api.engine().clock().now();
    let from = asked.from.as_deref().or(asked.to.is_none().then_some("-1d"));
    let span = Span::parse(from, asked.to.as_deref(), Some("1h"), now)?;
    let channel = asked.channel.as_deref().map(params::channel).transpose()?;
    let column = asked.column.as_deref().map(params::target).transpose()?;
    if let Some(channel) = &channel {
        params::known(&api, channel)?;
    }
    let key = channel.as_ref().zip(column);
    let first_key = key.map(|(channel, target)| SeriesKey::of_channel("samples", channel, target.name()).to_string());
    let scope = Scope { channel: channel.clone(), from: span.from, to: span.to };
    let wanted = RecordQuery {
        table: &FORECAST_ACCURACY,
        from: span.from.start(),
        to: span.to.start(),
        first: first_key.map(Into::into),
        limit: MAX_WINDOWS,
    };
    let read = move |view: &View| query::records(&view.snapshot, &view.fresh_records, &wanted);
    let records = ask(&api, "accuracy", scope, read).await?;
    let accuracy = summed(&records, channel.as_ref(), column.map(crate::domain::target::Target::name));
    Ok(Json(AccuracyBody { from: span.from.to_string(), to: span.to.to_string(), accuracy }))
}

/// Columns that are averaged, weighted by `n`; `rmse` as its square.
const AVERAGED: [&str; 8] =
    ["mape", "mase", "rmse", "pinball", "coverage_50", "coverage_80", "coverage_90", "width_90"];

/// Sums of one line of the answer.
#[derive(Debug, Default)]
struct Line {
    n: i64,
    sums: [(f64, f64); AVERAGED.len()],
}

/// Joins the windows of each series, horizon and model, of one channel and column only if they are given.
pub fn summed(records: &[Record], channel: Option<&ChannelId>, column: Option<&str>) -> Vec<AccuracyRow> {
    let mut lines: BTreeMap<(String, String, i64, String, String), Line> = BTreeMap::new();
    for record in records {
        let text = |name: &str| record.get(name).and_then(|cell| cell.text()).unwrap_or_default();
        let number = |name: &str| record.get(name).and_then(crate::domain::record::Cell::integer).unwrap_or_default();
        if channel.is_some_and(|channel| channel.as_str() != text("channel"))
            || column.is_some_and(|column| column != text("column_name"))
        {
            continue;
        }
        let key = (text("channel"), text("column_name"), number("horizon_s"), text("role"), text("model"));
        let key = (key.0.to_owned(), key.1.to_owned(), key.2, key.3.to_owned(), key.4.to_owned());
        let line = lines.entry(key).or_default();
        let n = number("n");
        line.n += n;
        for (name, (sum, weight)) in AVERAGED.into_iter().zip(&mut line.sums) {
            if let Some(value) = record.get(name).and_then(crate::domain::record::Cell::float) {
                let value = if name == "rmse" { value * value } else { value };
                #[expect(clippy::cast_precision_loss, reason = "counts of forecasts")]
                let n = n as f64;
                *sum += value * n;
                *weight += n;
            }
        }
    }
    lines.into_iter().map(|(key, line)| row(key, &line)).collect()
}

fn row((channel, column, horizon_s, role, model): (String, String, i64, String, String), line: &Line) -> AccuracyRow {
    let average = |name: &str| {
        let at = AVERAGED.iter().position(|known| *known == name)?;
        let (sum, weight) = line.sums[at];
        (weight > 0.0).then(|| sum / weight)
    };
    AccuracyRow {
        channel,
        column,
        horizon_s,
        model,
        role,
        n: line.n,
        mape: average("mape"),
        mase: average("mase"),
        rmse: average("rmse").map(f64::sqrt),
        pinball: average("pinball"),
        coverage_50: average("coverage_50"),
        coverage_80: average("coverage_80"),
        coverage_90: average("coverage_90"),
        width_90: average("width_90"),
    }
}
