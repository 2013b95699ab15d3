//! `GET /v1/channels/{id}/forecasts` and one series of them.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::error::{ApiError, Problem};
use crate::api::params::{self, ChannelPath, Params, TargetPath};
use crate::api::series::rounded;
use crate::api::state::ApiState;
use crate::domain::series::SeriesKey;
use crate::domain::target::{Quantity, Target};
use crate::engine::{Foreseen, Standing};
use crate::forecast::aggregate::{Join, aggregate};
use crate::forecast::output::{Forecast, Levels};
use crate::stats::seed::Seed;

/// Farthest forecast: the intervals are followed up to a day.
const MAX_HORIZON_MINUTES: u32 = 1_440;

/// Which forecast.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ForecastParams {
    /// How far ahead, in whole minutes up to a day: `1h`, `90m`, `1d`. An hour if absent.
    #[param(example = "1h")]
    horizon: Option<String>,
    /// Probabilities of the quantiles, separated by commas, strictly between 0 and 1.
    #[param(example = "0.05,0.5,0.95")]
    levels: Option<String>,
    /// Length of a step in whole minutes. Calls, tokens and money add up over a step, everything else is the mean of
    /// its minutes. A minute if absent.
    #[param(example = "5m")]
    step: Option<String>,
    /// Whether the forecast is acted upon: it is then kept in the table `forecasts` with what comes true.
    #[serde(default)]
    keep: bool,
    /// Another model than the champion, fitted for this answer: see `foreroute forecast --help` for the names.
    #[param(example = "holt-winters")]
    model: Option<String>,
}

/// The future of one series.
#[derive(Debug, Serialize, ToSchema)]
pub struct ForecastBody {
    /// Key of the series in the tables `forecasts` and `forecast_accuracy`.
    #[schema(example = "f4c27544d23e0035")]
    pub series: String,
    /// The channel.
    pub channel: String,
    /// The column.
    #[schema(example = "latency_p95_ms")]
    pub column: &'static str,
    /// Its unit.
    #[schema(example = "ms")]
    pub unit: &'static str,
    /// The last minute that was known, RFC 3339.
    pub origin: String,
    /// Length of a step in seconds.
    #[schema(example = 60)]
    pub step_s: u32,
    /// The model.
    #[schema(example = "champion")]
    pub model: String,
    /// One object for each step ahead.
    pub points: Vec<PointBody>,
}

/// One step ahead.
#[derive(Debug, Serialize, ToSchema)]
pub struct PointBody {
    /// Start of the step, RFC 3339.
    pub ts: String,
    /// Expected value.
    #[schema(example = 812.4)]
    pub mean: f64,
    /// Quantiles by their probability.
    #[schema(value_type = Object, example = json!({"0.05": 640.1, "0.5": 801.7, "0.95": 1010.9}))]
    pub quantiles: BTreeMap<String, f64>,
}

/// How the series of a channel stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandingList {
    /// The channel.
    pub channel: String,
    /// One object for each series that has a forecast.
    pub forecasts: Vec<StandingBody>,
}

/// How one series stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandingBody {
    /// The column.
    #[schema(example = "latency_p95_ms")]
    pub column: &'static str,
    /// Its unit.
    #[schema(example = "ms")]
    pub unit: &'static str,
    /// The model whose forecasts are served.
    pub model: String,
    /// Seasons in minutes that it was told of: a day is 1440, a week 10080.
    #[schema(example = json!([1440, 10080]))]
    pub seasons: Vec<usize>,
    /// When its parameters were fitted, RFC 3339.
    pub fitted_at: Option<String>,
    /// First minute of the history they were fitted to, RFC 3339.
    pub fitted_from: Option<String>,
    /// The minute up to which every sealed minute has been learnt, RFC 3339.
    pub learnt_until: String,
}

/// List the series of a channel that have a forecast, with the model that makes it.
#[utoipa::path(
    get, path = "/v1/channels/{id}/forecasts", tag = "out", security(("token" = [])),
    params(("id" = String, Path, description = "The channel's name, percent-encoded.")),
    responses((status = 200, description = "The series.", body = StandingList), (status = 404, response = Problem))
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    ChannelPath(channel): ChannelPath,
) -> Result<Json<StandingList>, ApiError> {
    params::known(&api, &channel)?;
    let forecasts = api.engine().standings(&channel).into_iter().map(StandingBody::from).collect();
    Ok(Json(StandingList { channel: channel.to_string(), forecasts }))
}

impl From<Standing> for StandingBody {
    fn from(standing: Standing) -> Self {
        Self {
            column: standing.target.name(),
            unit: standing.target.unit(),
            model: standing.model,
            seasons: standing.report.seasons,
            fitted_at: standing.fitted_at.map(|at| at.to_string()),
            fitted_from: standing.fitted_from.map(|minute| minute.to_string()),
            learnt_until: standing.next.to_string(),
        }
    }
}

/// Forecast one series of a channel, with quantiles calibrated by what came true.
#[utoipa::path(
    get, path = "/v1/channels/{id}/forecasts/{column}", tag = "out", security(("token" = [])),
    params(
        ("id" = String, Path, description = "The channel's name, percent-encoded."),
        ("column" = String, Path, description = "The series, for example `latency_p95_ms` or `error_ratio`."),
        ForecastParams
    ),
    responses(
        (status = 200, description = "The forecast.", body = ForecastBody),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
    )
)]
pub(super) async fn forecast(
    State(api): State<ApiState>,
    TargetPath(channel, target): TargetPath,
    Params(asked): Params<ForecastParams>,
) -> Result<Json<ForecastBody>, ApiError> {
    params::known(&api, &channel)?;
    let horizon =
        asked.horizon.as_deref().map_or(Ok(60), |text| params::minutes("horizon", text, MAX_HORIZON_MINUTES))?;
    let step = asked.step.as_deref().map_or(Ok(1), |text| params::minutes("step", text, horizon))?;
    let levels = asked.levels.as_deref().map_or(Ok(Levels::default()), params::levels)?;
    let (engine, name, model, keep) = (api.engine().clone(), channel.clone(), asked.model, asked.keep);
    let work = move || {
        let Foreseen { forecast, draw } = match model.as_deref() {
            None | Some("champion") => engine.forecast(&name, target, horizon as usize, &levels)?,
            Some(model) => engine.forecast_with(&name, target, model, horizon as usize, &levels)?,
        };
        if keep {
            engine.keep_forecast(&name, target, "asked", &forecast);
        }
        let join = match target.quantity() {
            Quantity::Count | Quantity::Money => Join::Sum,
            Quantity::Duration | Quantity::Ratio => Join::Mean,
        };
        Ok::<_, ApiError>(aggregate(forecast, step as usize, join, draw, Seed::new(0)))
    };
    let forecast = api.query(work).await??;
    Ok(Json(ForecastBody {
        series: SeriesKey::of_channel("samples", &channel, target.name()).to_string(),
        channel: channel.to_string(),
        column: target.name(),
        unit: target.unit(),
        origin: forecast.grid.before(1).to_string(),
        step_s: forecast.grid.step_s,
        model: forecast.model.clone(),
        points: points(&forecast, target),
    }))
}

/// The points of `forecast` with the digits that its unit has.
fn points(forecast: &Forecast, target: Target) -> Vec<PointBody> {
    let rounded = |value| rounded(target, value);
    let point = |(step, mean): (usize, &f64)| {
        let levels = forecast.levels.as_slice().iter();
        let quantiles = levels.zip(forecast.at(step)).map(|(level, value)| (level.to_string(), rounded(*value)));
        PointBody { ts: forecast.grid.at(step).to_string(), mean: rounded(*mean), quantiles: quantiles.collect() }
    };
    forecast.mean.iter().enumerate().map(point).collect()
}
