//! OpenTelemetry over the real interface, in both encodings.

use opentelemetry_proto::tonic::collector::trace::v1::{ExportTraceServiceRequest, ExportTraceServiceResponse};
use prost::Message;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::server::{TestServer, json as answer};

/// One GenAI span of 800 ms that ended at 11:58:10.8.
fn spans() -> Value {
    let attribute = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    json!({"resourceSpans": [{"scopeSpans": [{"spans": [{
        "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "chat gpt-4o", "kind": 3,
        "startTimeUnixNano": "1795175890000000000", "endTimeUnixNano": "1795175890800000000",
        "attributes": [
            attribute("gen_ai.operation.name", "chat"),
            attribute("gen_ai.provider.name", "openai"),
            attribute("gen_ai.request.model", "gpt-4o"),
            {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "42"}}
        ]
    }]}]}]})
}

#[tokio::test]
async fn spans_become_calls_in_both_encodings() {
    let server = TestServer::start();
    let body = spans();
    let (status, reply) = answer(server.post("/v1/traces", "application/json", body.to_string())).await;
    assert_eq!(status, StatusCode::OK, "{reply}");
    let message: ExportTraceServiceRequest = serde_json::from_value(body).expect("OTLP JSON");
    let request = server.post("/v1/traces", "application/x-protobuf", message.encode_to_vec());
    let response = request.send().await.expect("the server answers");
    assert_eq!(response.headers()["content-type"], "application/x-protobuf");
    let reply = ExportTraceServiceResponse::decode(response.bytes().await.expect("body")).expect("a reply");
    assert_eq!(reply.partial_success, None);
    let (_, channels) = answer(server.get("/v1/channels")).await;
    assert_eq!(channels["channels"].as_array().map(Vec::len), Some(1), "{channels}");
    assert!(server.engine.status().calls >= 1);
}

#[tokio::test]
async fn refusals_are_status_messages() {
    let server = TestServer::start();
    let (status, refusal) = answer(server.post("/v1/traces", "application/json", "{")).await;
    assert_eq!((status, &refusal["code"]), (StatusCode::BAD_REQUEST, &json!(3)), "{refusal}");
    let response = server.post("/v1/metrics", "text/plain", "").send().await.expect("the server answers");
    assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(response.headers()["content-type"], "application/x-protobuf");
}
