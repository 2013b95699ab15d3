//! `/v1/silences`: what nobody wants to hear of for a while.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::alert::rule::Labels;
use crate::alert::silence::Silence;
use crate::api::auth;
use crate::api::error::{ApiError, Problem};
use crate::api::state::ApiState;
use crate::config::elements::duration;
use crate::domain::time::Timestamp;

/// Longest silence: what is longer should be taken out of the rules.
const LONGEST_S: f64 = 366.0 * 86_400.0;
/// Longest text of an operator, and most labels.
const LONGEST_TEXT: usize = 2_000;
const MOST_LABELS: usize = 32;

/// A silence to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SilenceOrder {
    /// Labels that all have to match: a value, or the beginning of one before a `*`. Alerts have `rule` and the labels of
    /// their series.
    #[schema(value_type = Object, example = json!({"rule": "slow", "channel": "gpt-*"}))]
    matching: BTreeMap<String, String>,
    /// Until when, RFC 3339. Either this or `for` is needed.
    until: Option<String>,
    /// For how long from now, such as `2h`.
    #[schema(example = "2h")]
    r#for: Option<String>,
    /// Who says so; the name of the token if absent.
    #[schema(example = "kim")]
    by: Option<String>,
    /// Why.
    #[schema(example = "the provider knows of it")]
    reason: String,
}

/// A silence.
#[derive(Debug, Serialize, ToSchema)]
pub struct SilenceBody {
    /// Its number.
    pub id: u64,
    /// Labels that all have to match.
    #[schema(value_type = Object, example = json!({"rule": "slow", "channel": "gpt-*"}))]
    pub matching: BTreeMap<String, String>,
    /// When it ends by itself, RFC 3339.
    pub until: String,
    /// Who set it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// All silences that hold.
#[derive(Debug, Serialize, ToSchema)]
pub struct SilencesBody {
    /// Oldest first.
    pub silences: Vec<SilenceBody>,
}

impl From<Silence> for SilenceBody {
    fn from(silence: Silence) -> Self {
        let Silence { id, matching, until, by, reason } = silence;
        Self { id, matching: matching.0, until: until.to_string(), by, reason }
    }
}

/// List the silences that hold.
#[utoipa::path(
    get, path = "/v1/silences", tag = "out", security(("token" = [])),
    responses((status = 200, description = "The silences.", body = SilencesBody))
)]
pub(super) async fn list(State(api): State<ApiState>) -> Json<SilencesBody> {
    Json(SilencesBody { silences: api.engine().silences().into_iter().map(SilenceBody::from).collect() })
}

/// Silence what has certain labels. Nobody is told of it until the silence ends.
#[utoipa::path(
    post, path = "/v1/silences", tag = "orders", security(("token" = [])), request_body = SilenceOrder,
    responses(
        (status = 201, description = "The silence. It survives a restart.", body = SilenceBody),
        (status = 400, response = Problem),
        (status = 503, response = Problem),
    )
)]
pub(super) async fn create(
    State(api): State<ApiState>,
    headers: HeaderMap,
    body: Body,
) -> Result<(StatusCode, Json<SilenceBody>), ApiError> {
    let order: SilenceOrder = api.receive_json(&headers, body).await?;
    let by = auth::person(&api.settings().server.tokens, &headers, order.by.clone())?;
    let until = until(order.until.as_deref(), order.r#for.as_deref(), api.engine().clock().now())?;
    let texts = order.matching.iter().flat_map(|(name, value)| [name, value]).chain([&by, &order.reason]);
    if order.matching.len() > MOST_LABELS || texts.into_iter().any(|text| text.len() > LONGEST_TEXT) {
        let message = format!("at most {MOST_LABELS} labels, and {LONGEST_TEXT} bytes in each text");
        return Err(ApiError::Invalid(message));
    }
    let silence = api.engine().silence(Labels(order.matching), until, by, order.reason).await?;
    Ok((StatusCode::CREATED, Json(silence.into())))
}

/// End a silence.
#[utoipa::path(
    delete, path = "/v1/silences/{id}", tag = "orders", security(("token" = [])),
    params(("id" = u64, Path, description = "The silence's number.")),
    responses((status = 204, description = "It is over."), (status = 404, response = Problem))
)]
pub(super) async fn end(State(api): State<ApiState>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    let number = id.parse().map_err(|_| ApiError::Invalid(format!("`{id}` is no number of a silence")))?;
    match api.engine().end_silence(number).await? {
        Some(_) => Ok(StatusCode::NO_CONTENT),
        None => Err(ApiError::NotFound(format!("there is no silence {number}; `/v1/silences` lists those there are"))),
    }
}

/// When a silence ends that is said to last `until` an instant, or for a `length` of time.
///
/// # Errors
/// [`ApiError::Invalid`] if neither or both are said, or it is longer than a year.
pub(super) fn until(until: Option<&str>, length: Option<&str>, now: Timestamp) -> Result<Timestamp, ApiError> {
    let until = match (until, length) {
        (Some(until), None) => Timestamp::parse_rfc3339(until)
            .ok_or_else(|| ApiError::Invalid(format!("`until` is `{until}`; expected an instant in RFC 3339")))?,
        (None, Some(span)) => {
            let span = duration::parse(span).map_err(|error| ApiError::Invalid(format!("`for`: {error}")))?;
            now.plus_micros(i64::try_from(span.as_micros()).unwrap_or(i64::MAX))
        }
        _ => return Err(ApiError::Invalid("say when it ends: either `until` or `for`".to_owned())),
    };
    if until.seconds_since(now) > LONGEST_S {
        return Err(ApiError::Invalid("a silence lasts for a year at most".to_owned()));
    }
    Ok(until)
}
