//! `GET /v1/channels/{id}/anomalies`: the odd minutes of a channel.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ask::{Scope, ask};
use crate::api::error::{ApiError, Problem};
use crate::api::params::{self, ChannelPath, Params, Span};
use crate::api::state::ApiState;
use crate::domain::record::{Cell, Record};
use crate::domain::target::Target;
use crate::engine::View;
use crate::engine::chronicle::Shelf;
use crate::store::query::QueryError;

/// Which minutes.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct AnomaliesParams {
    /// First instant: RFC 3339, or an age such as `-6h`. An hour before `to` if absent.
    #[param(example = "-6h")]
    from: Option<String>,
    /// First instant after the span: RFC 3339, an age, or `now`. Now if absent.
    to: Option<String>,
    /// One column; all of them if absent.
    #[param(example = "latency_p95_ms")]
    column: Option<String>,
    /// Only minutes with at least this score, 0 to 1; 0.5 is the line.
    #[param(example = 0.5)]
    least_score: Option<f64>,
}

/// The odd minutes of a channel, and those of which nothing is known.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnomalyList {
    /// The channel.
    pub channel: String,
    /// Start of the span, RFC 3339.
    pub from: String,
    /// End of the span, RFC 3339.
    pub to: String,
    /// Whether there are more than are answered; the newest are left out then.
    pub truncated: bool,
    /// One object for each minute and column, in the order of time. Minutes with a small score are not kept.
    pub anomalies: Vec<AnomalyBody>,
}

/// How odd one column was in one minute.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AnomalyBody {
    /// Start of the minute, RFC 3339.
    pub ts: String,
    /// The column.
    #[schema(example = "latency_p95_ms")]
    pub column: String,
    /// What could be said: `judged`, `warming`, `thin`, `absent` or `excused`.
    #[schema(example = "judged")]
    pub state: String,
    /// How odd, 0 to 1; 0.5 is the line.
    #[schema(example = 0.97)]
    pub score: f64,
    /// Whether it is an anomaly, all controls considered.
    pub anomaly: bool,
    /// The value, in the unit of the column; `null` if there was none.
    #[schema(example = 4210.5)]
    pub value: Option<f64>,
    /// Where it was expected; `null` if nothing was.
    pub expected: Option<BandBody>,
    /// For each detector, how often a healthy minute is at least this odd.
    #[schema(value_type = Object, example = json!({"surprise": 0.0001, "zscore": 0.002}))]
    pub votes: BTreeMap<String, f64>,
}

/// Where a value was expected, in the unit of its column.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct BandBody {
    /// Lower edge of what is usual.
    #[schema(example = 610.0)]
    pub low: f64,
    /// The middle.
    #[schema(example = 820.0)]
    pub middle: f64,
    /// Upper edge.
    #[schema(example = 1105.0)]
    pub high: f64,
}

impl AnomalyBody {
    /// What the row of the table `anomalies` tells.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let text = |name: &str| record.get(name).and_then(Cell::text);
        let number = |name: &str| record.get(name).and_then(Cell::float);
        let band = || {
            Some(BandBody { low: number("expected_low")?, middle: number("expected")?, high: number("expected_high")? })
        };
        Self {
            ts: record.ts().to_string(),
            column: text("column_name").unwrap_or_default().to_owned(),
            state: text("state").unwrap_or_default().to_owned(),
            score: number("score").unwrap_or_default(),
            anomaly: record.get("anomaly").and_then(Cell::flag).unwrap_or_default(),
            value: number("value"),
            expected: band(),
            votes: text("votes").and_then(|votes| serde_json::from_str(votes).ok()).unwrap_or_default(),
        }
    }
}

/// Show the odd minutes of a channel: what was seen, what was expected, and which detectors said so.
#[utoipa::path(
    get, path = "/v1/channels/{id}/anomalies", tag = "out", security(("token" = [])),
    params(("id" = String, Path, description = "The channel's name, percent-encoded."), AnomaliesParams),
    responses(
        (status = 200, description = "The odd minutes.", body = AnomalyList),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
    )
)]
pub(super) async fn anomalies(
    State(api): State<ApiState>,
    ChannelPath(channel): ChannelPath,
    Params(asked): Params<AnomaliesParams>,
) -> Result<Json<AnomalyList>, ApiError> {
    let now = api.engine().clock().now();
    let span = Span::parse(asked.from.as_deref(), asked.to.as_deref(), None, now)?;
    let columns = match asked.column.as_deref() {
        Some(name) => vec![params::target(name)?],
        None => Target::ALL.to_vec(),
    };
    let least = asked.least_score.unwrap_or(0.0);
    if !(0.0..=1.0).contains(&least) {
        return Err(ApiError::Invalid(format!("`least_score` is {least}; expected a score from 0 to 1")));
    }
    params::known(&api, &channel)?;
    let most = api.limits().points;
    let name = channel.to_string();
    let scope = Scope { channel: Some(channel.clone()), from: span.from, to: span.to };
    let read = move |view: &View| {
        let shelf = Shelf { snapshot: &view.snapshot, fresh: &view.fresh_records };
        let (mut found, mut truncated) = (Vec::new(), false);
        for column in &columns {
            let of_one = shelf.anomalies(&channel, column.name(), (span.from, span.to), most + 1)?;
            truncated |= of_one.len() > most;
            found.extend(of_one.into_iter().map(|record| (record.ts(), AnomalyBody::of(&record))));
        }
        Ok::<_, QueryError>((found, truncated))
    };
    let (mut found, mut truncated) = ask(&api, "anomalies", scope, read).await?;
    found.retain(|(_, body)| body.score >= least);
    found.sort_by(|(at, one), (other_at, other)| (at, &one.column).cmp(&(other_at, &other.column)));
    truncated |= found.len() > most;
    found.truncate(most);
    Ok(Json(AnomalyList {
        channel: name,
        from: span.from.to_string(),
        to: span.to.to_string(),
        truncated,
        anomalies: found.into_iter().map(|(_, body)| body).collect(),
    }))
}
