//! `GET /v1/channels/{id}/exhaustion`: when a limit or a budget runs out.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::error::{ApiError, Problem};
use crate::api::params::{self, ChannelPath, Params};
use crate::api::state::ApiState;
use crate::engine::{Per, Resource};

/// Probabilities for which a time is told.
const CHANCES: [f64; 3] = [0.1, 0.5, 0.9];

/// Which limit.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ExhaustionParams {
    /// What is limited: `requests`, `tokens` (prompt and completion together) or `cost_usd`.
    #[param(example = "cost_usd")]
    resource: String,
    /// How much of it: calls, tokens or US dollars.
    #[param(example = 50.0)]
    limit: f64,
    /// Over what time: `minute` (a rate limit), `day` or `month`, in UTC.
    #[param(example = "day")]
    per: String,
}

/// When a limit runs out.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExhaustionBody {
    /// The channel.
    pub channel: String,
    /// What is limited.
    pub resource: String,
    /// How much of it.
    pub limit: f64,
    /// Over what time.
    pub per: String,
    /// What is used of it before now; 0 for a limit on minutes.
    pub used: f64,
    /// Expected use at the end of the period; for a limit on minutes the expected largest minute of the hour.
    pub expected: f64,
    /// Probability that it runs out before the period ends, or within the hour for a limit on minutes.
    #[schema(example = 0.31)]
    pub probability: f64,
    /// By when it has run out with a probability of 10, 50 and 90 %, RFC 3339; `null` if it has not by the end.
    #[schema(value_type = Object, example = json!({"0.1": "2026-11-21T18:04:00Z", "0.5": null, "0.9": null}))]
    pub runs_out: BTreeMap<String, Option<String>>,
}

/// Tell when a limit of a channel runs out, and how likely that is.
#[utoipa::path(
    get, path = "/v1/channels/{id}/exhaustion", tag = "out", security(("token" = [])),
    params(("id" = String, Path, description = "The channel's name, percent-encoded."), ExhaustionParams),
    responses(
        (status = 200, description = "The outlook.", body = ExhaustionBody),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
    )
)]
pub(super) async fn exhaustion(
    State(api): State<ApiState>,
    ChannelPath(channel): ChannelPath,
    Params(asked): Params<ExhaustionParams>,
) -> Result<Json<ExhaustionBody>, ApiError> {
    params::known(&api, &channel)?;
    let wrong =
        |what: &str, text: &str, known: &str| ApiError::Invalid(format!("`{what}` is `{text}`; expected {known}"));
    let resource = match asked.resource.as_str() {
        "requests" => Resource::Requests,
        "tokens" => Resource::Tokens,
        "cost_usd" => Resource::Cost,
        other => return Err(wrong("resource", other, "`requests`, `tokens` or `cost_usd`")),
    };
    let per = match asked.per.as_str() {
        "minute" => Per::Minute,
        "day" => Per::Day,
        "month" => Per::Month,
        other => return Err(wrong("per", other, "`minute`, `day` or `month`")),
    };
    if !(asked.limit.is_finite() && asked.limit > 0.0) {
        return Err(wrong("limit", &asked.limit.to_string(), "a number above zero"));
    }
    let (engine, name, limit) = (api.engine().clone(), channel.clone(), asked.limit);
    let outlook = api.query(move || engine.exhaustion(&name, resource, limit, per, &CHANCES)).await??;
    let at = outlook.exhaustion.at.iter().map(|at| at.map(|at| at.to_string()));
    Ok(Json(ExhaustionBody {
        channel: channel.to_string(),
        resource: asked.resource,
        limit,
        per: asked.per,
        used: outlook.used,
        expected: outlook.exhaustion.expected,
        probability: outlook.exhaustion.probability,
        runs_out: CHANCES.iter().map(ToString::to_string).zip(at).collect(),
    }))
}
