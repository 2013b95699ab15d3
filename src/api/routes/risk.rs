//! `GET /v1/risk` and `GET /v1/channels/{id}/risk`: how likely promises are broken soon, and how they have been kept.

pub mod body;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ask::{Scope, ask};
use crate::api::error::{ApiError, Problem};
use crate::api::params::{self, ChannelPath, Params, Span};
use crate::api::state::ApiState;
use crate::domain::record::{Cell, Record};
use crate::engine::chronicle::Shelf;
use crate::engine::{Situation, View};
use body::{ClassBody, RiskBody, RiskRow};

/// Which risks of a channel.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct RiskParams {
    /// One route class; all of them if absent.
    #[param(example = "chat")]
    class: Option<String>,
    /// First instant of the history: RFC 3339, or an age such as `-6h`. An hour before `to` if absent.
    #[param(example = "-6h")]
    from: Option<String>,
    /// First instant after the history: RFC 3339, an age, or `now`. Now if absent.
    to: Option<String>,
}

/// The risks of one channel.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelRisks {
    /// The channel.
    pub channel: String,
    /// The minute after which the newest risks were said, RFC 3339; `null` before the first.
    pub as_of: Option<String>,
    /// The newest risks, by route class and horizon; empty while there are no forecasts.
    pub now: Vec<RiskBody>,
    /// Start of the history, RFC 3339.
    pub from: String,
    /// End of the history, RFC 3339.
    pub to: String,
    /// What was said before, by class, horizon and time, with what came true. Small risks are kept only now and then.
    pub history: Vec<RiskRow>,
    /// Whether there is more history than is answered.
    pub truncated: bool,
    /// What the route classes of the channel promise, and how it is kept.
    pub classes: Vec<ClassBody>,
}

/// Where a probability was asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct BoardParams {
    /// One route class; all of them if absent.
    #[param(example = "chat")]
    class: Option<String>,
    /// Only risks of at least this probability, 0 to 1.
    #[param(example = 0.1)]
    least: Option<f64>,
}

/// The newest risks of all channels, and what they are worth.
#[derive(Debug, Serialize, ToSchema)]
pub struct RiskBoard {
    /// The minute after which they were said, RFC 3339; `null` before the first.
    pub as_of: Option<String>,
    /// The risks of every channel, class and horizon, the highest first.
    pub risks: Vec<RiskBody>,
    /// Every route class: what it promises, how that is kept, and how right its risks have been.
    pub classes: Vec<ClassBody>,
}

/// Show how likely a channel is to break what route classes promise, before and now, and how promises are kept.
#[utoipa::path(
    get, path = "/v1/channels/{id}/risk", tag = "out", security(("token" = [])),
    params(("id" = String, Path, description = "The channel's name, percent-encoded."), RiskParams),
    responses(
        (status = 200, description = "The risks.", body = ChannelRisks),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
    )
)]
pub(super) async fn of_channel(
    State(api): State<ApiState>,
    ChannelPath(channel): ChannelPath,
    Params(asked): Params<RiskParams>,
) -> Result<Json<ChannelRisks>, ApiError> {
    let span = Span::parse(asked.from.as_deref(), asked.to.as_deref(), None, api.engine().clock().now())?;
    params::known(&api, &channel)?;
    let (name, most, class) = (channel.to_string(), api.limits().points, asked.class);
    let scope = Scope { channel: Some(channel.clone()), from: span.from, to: span.to };
    let situation = api.engine().situation();
    let read = move |view: &View| {
        let shelf = Shelf { snapshot: &view.snapshot, fresh: &view.fresh_records };
        shelf.risks(Some(&channel), (span.from, span.to), most + 1)
    };
    let mut rows = ask(&api, "risk", scope, read).await?;
    let truncated = rows.len() > most;
    rows.truncate(most);
    let is_wanted = |of: &str| class.as_ref().is_none_or(|class| class == of);
    let of_class = |row: &Record| row.get("class").and_then(Cell::text).unwrap_or_default().to_owned();
    rows.retain(|row| is_wanted(&of_class(row)));
    let now: Vec<RiskBody> =
        newest(&situation).into_iter().filter(|risk| risk.channel == name && is_wanted(&risk.class)).collect();
    let serves =
        |class: &str| now.iter().any(|risk| risk.class == class) || rows.iter().any(|row| of_class(row) == class);
    let classes = ClassBody::all(&situation).into_iter().filter(|body| is_wanted(&body.class) && serves(&body.class));
    Ok(Json(ChannelRisks {
        channel: name,
        as_of: situation.minute.map(|minute| minute.to_string()),
        from: span.from.to_string(),
        to: span.to.to_string(),
        history: rows.iter().map(RiskRow::of).collect(),
        truncated,
        classes: classes.collect(),
        now,
    }))
}

/// Show the newest risks of all channels, and how right such risks have been.
#[utoipa::path(
    get, path = "/v1/risk", tag = "out", security(("token" = [])),
    params(BoardParams),
    responses((status = 200, description = "The risks.", body = RiskBoard), (status = 400, response = Problem))
)]
pub(super) async fn board(
    State(api): State<ApiState>,
    Params(asked): Params<BoardParams>,
) -> Result<Json<RiskBoard>, ApiError> {
    let least = asked.least.unwrap_or(0.0);
    if !(0.0..=1.0).contains(&least) {
        return Err(ApiError::Invalid(format!("`least` is {least}; expected a probability from 0 to 1")));
    }
    let situation = api.engine().situation();
    let is_wanted = |of: &str| asked.class.as_ref().is_none_or(|class| class == of);
    let mut risks = newest(&situation);
    risks.retain(|risk| is_wanted(&risk.class) && risk.probability >= least);
    risks.sort_by(|one, other| other.probability.total_cmp(&one.probability));
    let classes = ClassBody::all(&situation).into_iter().filter(|body| is_wanted(&body.class)).collect();
    Ok(Json(RiskBoard { as_of: situation.minute.map(|minute| minute.to_string()), risks, classes }))
}

/// The risks of every channel, by channel, class and horizon.
fn newest(situation: &Situation) -> Vec<RiskBody> {
    let of_channel = |(channel, situation): (_, &crate::engine::ChannelSituation)| {
        let bodies = situation.risks.iter().map(|(class, risk)| RiskBody::of(channel, class, risk));
        bodies.collect::<Vec<_>>()
    };
    situation.channels.iter().flat_map(of_channel).collect()
}
