//! `POST /v1/calls`: call records as JSON or NDJSON.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};

use crate::api::error::{ApiError, Problem};
use crate::api::report::{CallRecord, CallsReport, LineProblem};
use crate::api::state::ApiState;
use crate::collect::source::Harvest;
use crate::collect::sources::calls;
use crate::domain::ids::IdempotencyKey;
use crate::engine::Receipt;
use crate::telemetry::names::Metric;

/// Media types of an array and of one object per line. Those that a web form can send are not among them.
const MEDIA_TYPES: [&str; 5] =
    ["application/json", "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"];

/// Take call records in: one JSON object per line, or a JSON array of objects.
///
/// Each record stands for itself: those that can be used are kept, the others are listed with line, field and
/// problem. An answer of 200 means that everything counted as accepted is on disk. If no record could be used the
/// answer is 422. A batch that is sent again with the same `Idempotency-Key` is counted once.
#[utoipa::path(
    post, path = "/v1/calls", tag = "in", security(("token" = [])),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Your own name for this batch."),
        ("Content-Encoding" = Option<String>, Header, description = "`gzip` or `zstd`."),
    ),
    request_body(
        description = "The records.",
        content((CallRecord = "application/x-ndjson"), (Vec<CallRecord> = "application/json"))
    ),
    responses(
        (status = 200, description = "Stored, as far as counted as accepted.", body = CallsReport),
        (status = 400, response = Problem),
        (status = 413, response = Problem),
        (status = 415, response = Problem),
        (status = 422, response = Problem),
        (status = 429, response = Problem),
        (status = 503, response = Problem),
    )
)]
pub(super) async fn post_calls(
    State(api): State<ApiState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<CallsReport>, ApiError> {
    check_media_type(&headers)?;
    let key = idempotency_key(&headers)?;
    let received = api.receive(&headers, body).await?;
    let limits = calls::Limits { line_bytes: api.settings().server.max_line_bytes, calls: api.limits().body_calls };
    let admission = api.engine().admission();
    let parse = move |body: &[u8]| calls::parse(body, limits, &admission);
    let (mut harvest, _memory) = api.parse(received, parse).await?;
    harvest.batch.key = key;
    store(&api, harvest).await.map(Json)
}

/// Makes what was understood durable and reports on all of it.
async fn store(api: &ApiState, harvest: Harvest) -> Result<CallsReport, ApiError> {
    metrics::counter!(Metric::IngestRejects.name(), "source" => "calls").increment(harvest.rejected());
    let rejected = harvest.rejected();
    let problems = LineProblem::list(&harvest, api.limits().listed_rejects);
    if harvest.batch.calls.is_empty() {
        return match harvest.rejects.first() {
            Some(first) => Err(ApiError::NothingUsable { first: first.to_string(), rejected, problems }),
            None => Ok(CallsReport { accepted: 0, late: 0, duplicate: false, rejected, problems }),
        };
    }
    let Receipt { calls, late, duplicate } = api.engine().accept(harvest.batch).await?;
    Ok(CallsReport { accepted: calls, late, duplicate, rejected, problems })
}

/// Without a media type the first bytes of the body tell; with a wrong one nobody guesses.
fn check_media_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let stated = value.to_str().unwrap_or_default();
    let essence = stated.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if MEDIA_TYPES.contains(&essence.as_str()) {
        return Ok(());
    }
    Err(ApiError::Unsupported(format!(
        "the Content-Type `{stated}` is not known; send `application/x-ndjson` with one object per line, or \
         `application/json` with an array"
    )))
}

/// The caller's name for the batch, with or without the quotes of a structured header.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<IdempotencyKey>, ApiError> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let wrong = |problem: &str| ApiError::Invalid(format!("the header Idempotency-Key {problem}"));
    let text = value.to_str().map_err(|_| wrong("holds a character that is not visible ASCII"))?;
    let text = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(text);
    IdempotencyKey::new(text).map(Some).map_err(|error| wrong(&error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().expect("header value"))])
    }

    #[test]
    fn media_types_are_known_refused_or_guessed() {
        let check = |value| check_media_type(&with(header::CONTENT_TYPE, value));
        assert!(check("application/json; charset=utf-8").is_ok());
        assert!(check("Application/X-NDJSON").is_ok());
        assert!(check_media_type(&HeaderMap::new()).is_ok());
        // A form of another web site could send these without asking the browser's leave.
        assert!(check("text/plain").is_err_and(|error| error.to_string().contains("application/x-ndjson")));
        assert!(check("application/x-www-form-urlencoded").is_err());
    }

    #[test]
    fn keys_are_the_same_with_and_without_quotes() {
        let key = |value| idempotency_key(&with("idempotency-key".parse().expect("header name"), value));
        assert_eq!(key("\"a-1\"").ok(), key("a-1").ok());
        assert!(key("\"\"").is_err_and(|error| error.to_string().contains("is empty")));
        assert!(key(&"x".repeat(201)).is_err());
        assert!(idempotency_key(&HeaderMap::new()).is_ok_and(|key| key.is_none()));
    }
}
