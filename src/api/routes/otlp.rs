//! `POST /v1/traces` and `POST /v1/metrics`: OpenTelemetry over HTTP, protobuf and JSON.
//!
//! The protocol fixes the answers: an export response in the encoding of the request, with a partial success if
//! something was rejected, and a status message instead of a problem document for every error.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::api::error::{ApiError, Refusal};
use crate::api::state::ApiState;
use crate::collect::sources::otlp::{self, Encoding, Reading, Signal};
use crate::telemetry::names::Metric;

/// Take OpenTelemetry traces in; spans that follow the GenAI conventions become calls.
///
/// Prompts and completions are never stored. The same body sent again is counted once.
#[utoipa::path(
    post, path = "/v1/traces", tag = "in", security(("token" = [])),
    params(("Content-Encoding" = Option<String>, Header, description = "`gzip` or `zstd`.")),
    request_body(
        description = "An ExportTraceServiceRequest.",
        content((Vec<u8> = "application/x-protobuf"), (serde_json::Value = "application/json"))
    ),
    responses(
        (status = 200, description = "An ExportTraceServiceResponse in the encoding of the request."),
        (status = "4XX", description = "A google.rpc.Status in the encoding of the request."),
        (status = "5XX", description = "A google.rpc.Status in the encoding of the request."),
    )
)]
pub(super) async fn post_traces(
    State(api): State<ApiState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let encoding = encoding_of(&headers)?;
    let received = api.receive(&headers, body).await?;
    let admission = api.engine().admission();
    let source = api.otlp().clone().read_owned().await;
    let read = move |body: &[u8]| source.traces(body, encoding, &admission);
    let (reading, _memory) = api.parse(received, read).await?;
    let mut reading = reading?;
    let cursors = store(&api, &mut reading).await?;
    if !cursors.is_empty() {
        api.otlp().write().await.commit(&cursors);
    }
    Ok(success(Signal::Traces, encoding, &reading))
}

/// Take OpenTelemetry metrics in; GenAI histograms become samples, everything else becomes gauges.
///
/// The same body sent again is counted once.
#[utoipa::path(
    post, path = "/v1/metrics", tag = "in", security(("token" = [])),
    params(("Content-Encoding" = Option<String>, Header, description = "`gzip` or `zstd`.")),
    request_body(
        description = "An ExportMetricsServiceRequest.",
        content((Vec<u8> = "application/x-protobuf"), (serde_json::Value = "application/json"))
    ),
    responses(
        (status = 200, description = "An ExportMetricsServiceResponse in the encoding of the request."),
        (status = "4XX", description = "A google.rpc.Status in the encoding of the request."),
        (status = "5XX", description = "A google.rpc.Status in the encoding of the request."),
    )
)]
pub(super) async fn post_metrics(
    State(api): State<ApiState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let encoding = encoding_of(&headers)?;
    let received = api.receive(&headers, body).await?;
    let admission = api.engine().admission();
    // Held until the batch is durable: the next body must be compared with what this one brings.
    let source = api.otlp().clone().write_owned().await;
    let read = move |body: &[u8]| (source.metrics(body, encoding, &admission), source);
    let ((reading, mut source), _memory) = api.parse(received, read).await?;
    let mut reading = reading?;
    let cursors = store(&api, &mut reading).await?;
    source.commit(&cursors);
    Ok(success(Signal::Metrics, encoding, &reading))
}

/// Makes what was read durable, and gives back the marks that the source may then move to.
async fn store(api: &ApiState, reading: &mut Reading) -> Result<BTreeMap<String, String>, ApiError> {
    let batch = std::mem::take(&mut reading.harvest.batch);
    let cursors = batch.cursors.clone();
    if !batch.is_empty() {
        api.engine().accept(batch).await?;
    }
    Ok(cursors)
}

fn encoding_of(headers: &HeaderMap) -> Result<Encoding, ApiError> {
    let stated = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Encoding::from_content_type(stated).ok_or_else(|| {
        ApiError::Unsupported(format!(
            "the Content-Type `{stated}` is not one of OTLP over HTTP; send application/x-protobuf or application/json"
        ))
    })
}

fn success(signal: Signal, encoding: Encoding, reading: &Reading) -> Response {
    metrics::counter!(Metric::IngestRejects.name(), "source" => "otlp").increment(reading.harvest.rejected());
    let body = otlp::success(signal, encoding, reading);
    ([(header::CONTENT_TYPE, encoding.content_type())], body).into_response()
}

/// Says errors in the way of the protocol, those of the layers around the handler too. A request without a known
/// encoding is answered in protobuf, the default of the protocol.
pub(super) async fn speak_otlp(request: Request, next: Next) -> Response {
    let encoding = encoding_of(request.headers()).unwrap_or(Encoding::Protobuf);
    let mut response = next.run(request).await;
    let Some(refusal) = response.extensions_mut().remove::<Refusal>() else { return response };
    *response.body_mut() = Body::from(otlp::failure(encoding, refusal.grpc_code, &refusal.detail));
    let headers = response.headers_mut();
    headers.remove(header::CONTENT_LENGTH);
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(encoding.content_type()));
    response
}
