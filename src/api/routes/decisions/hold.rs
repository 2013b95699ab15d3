//! `GET /v1/routes/{class}/decision`: the decision that holds, for those who route.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::error::{ApiError, Problem};
use crate::api::params::Params;
use crate::api::state::ApiState;
use crate::config::elements::duration;
use crate::engine::Announced;

/// Longest wait for a new decision.
const MOST_WAIT: Duration = Duration::from_secs(25);

/// How to wait.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DecisionParams {
    /// How long to wait for a decision with another `ETag` than `If-None-Match` says, such as `20s`; at most 25 seconds. Not
    /// at all if absent.
    #[param(example = "20s")]
    wait: Option<String>,
}

/// Show the decision that holds for a route class: which channel gets which share of its calls, and why.
///
/// The answer is a lease: after `valid_until` it holds no longer, and whoever routes goes back to its own ways. The `ETag`
/// changes with every decision. With `If-None-Match` the answer is 304 if there is nothing new; with `wait` as well, it comes as soon as
/// there is, or 304 in the end. A new decision is seen here the moment it is made.
#[utoipa::path(
    get, path = "/v1/routes/{class}/decision", tag = "out", security(("token" = [])),
    params(("class" = String, Path, description = "The route class."), DecisionParams),
    responses(
        (status = 200, description = "The decision.", body = Object, example = json!({
            "class": "chat", "generation": 7, "parent": 6,
            "issued_at": "2026-11-20T08:00:10Z", "valid_until": "2026-11-20T08:02:10Z", "trigger": "minute",
            "weights": {"eu": 0.99, "us": 0.01}, "probes": {}, "why": "eu keeps the promises for less."
        })),
        (status = 304, description = "Nothing new."),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
    )
)]
pub(in crate::api::routes) async fn decision(
    State(api): State<ApiState>,
    Path(class): Path<String>,
    Params(asked): Params<DecisionParams>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    let is_known = |told: &Announced| known.is_some_and(|known| known == etag(told));
    if let Some(told) = api.engine().decision(&class)
        && (asked.wait.is_none() || !is_known(&told))
    {
        return Ok(answer(&told, is_known(&told)));
    }
    if api.engine().held(&class).is_none() {
        return Err(ApiError::NotFound(format!("nothing is decided about a route class `{class}`")));
    }
    let wait = asked.wait.as_deref().map(span).transpose()?;
    let wait_us = i64::try_from(wait.unwrap_or_default().min(MOST_WAIT).as_micros()).unwrap_or(i64::MAX);
    let clock = api.engine().clock().clone();
    let mut news = api.engine().decisions_of(&class);
    let fresh = async {
        let is_news = |told: &Option<Arc<Announced>>| told.as_ref().is_some_and(|told| !is_known(told));
        news.wait_for(is_news).await.ok().and_then(|told| told.clone())
    };
    let told = tokio::select! {
        told = fresh => told,
        () = clock.sleep_until(clock.now().plus_micros(wait_us)) => api.engine().decision(&class),
        () = api.stopped() => api.engine().decision(&class),
    };
    told.map(|told| answer(&told, is_known(&told))).ok_or_else(|| {
        ApiError::NotFound(format!(
            "nothing is decided about `{class}` yet; the first decision follows within a minute"
        ))
    })
}

fn span(text: &str) -> Result<Duration, ApiError> {
    duration::parse(text).map_err(|error| ApiError::Invalid(format!("`wait`: {error}")))
}

/// The entity tag of `told`. The instant belongs to it: where the document of decisions was lost, generations begin again
/// at 1.
fn etag(told: &Announced) -> String {
    format!("\"{}-{}\"", told.decision.generation, told.decision.issued.micros())
}

fn answer(told: &Announced, is_known: bool) -> Response {
    let tag = HeaderValue::from_str(&etag(told)).unwrap_or(HeaderValue::from_static("\"0\""));
    let headers = [(header::ETAG, tag), (header::CACHE_CONTROL, HeaderValue::from_static("no-cache"))];
    if is_known {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    let kind = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    (headers, kind, Body::from(told.json.clone())).into_response()
}
