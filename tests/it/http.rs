//! The HTTP interface over real sockets: what goes in comes out again.

mod conclusions;
mod glance;
mod limits;
mod live;
mod metrics;
mod otlp;
mod questions;
pub mod server;

use std::io::Write;

use foreroute::api::Settings;
use foreroute::config::valid::{Server, Tls};
use foreroute::engine;
use reqwest::StatusCode;
use serde_json::{Value, json};

use server::{TestServer, json as answer};

/// Three calls of a channel whose name holds a slash, in two minutes of the last hour.
const LINES: &str = r#"{"ts":"2026-11-20T11:58:10Z","channel":"openai/gpt-4o","latency_ms":100,"tokens_prompt":10}
{"ts":"2026-11-20T11:58:50Z","channel":"openai/gpt-4o","latency_ms":300,"tokens_prompt":20}
{"ts":"2026-11-20T11:59:01Z","channel":"openai/gpt-4o","status":429,"latency_ms":5}
"#;

fn accepted(calls: u64) -> Value {
    json!({"accepted": calls, "late": 0, "duplicate": false, "rejected": 0, "problems": []})
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

#[tokio::test]
async fn every_shape_of_a_batch_is_understood() {
    let server = TestServer::start();
    let array = format!("[{}]", LINES.trim_end().replace('\n', ","));
    assert_eq!(answer(server.post("/v1/calls", "application/json", array.clone())).await.1, accepted(3));
    let zipped = server.calls(gzip(LINES)).header("content-encoding", "gzip");
    assert_eq!(answer(zipped).await.1, accepted(3));
    let zstd = zstd::stream::encode_all(array.as_bytes(), 3).expect("compressing in memory");
    let zstd = server.post("/v1/calls", "application/json", zstd).header("content-encoding", "zstd");
    assert_eq!(answer(zstd).await.1, accepted(3));
    let unnamed = server.client.post(format!("{}/v1/calls", server.url)).body(LINES);
    assert_eq!(answer(unnamed).await.1, accepted(3));
    assert_eq!(answer(server.post("/v1/calls", "application/json", "[]")).await.1, accepted(0));
    let (_, health) = answer(server.get("/healthz")).await;
    assert_eq!((&health["calls"], &health["batches"]), (&json!(12), &json!(4)));
}

#[tokio::test]
async fn a_batch_sent_twice_counts_once() {
    let server = TestServer::start();
    let send = || server.calls(LINES).header("idempotency-key", "batch-1");
    assert_eq!(answer(send()).await.1, accepted(3));
    let again = answer(send()).await;
    assert_eq!((again.0, &again.1["duplicate"], &again.1["accepted"]), (StatusCode::OK, &json!(true), &json!(3)));
    assert_eq!(server.engine.status().calls, 3);
}

#[tokio::test]
async fn tls_is_spoken_with_a_certificate() {
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("certificate");
    let files = tempfile::tempdir().expect("temporary folder");
    let (cert, key) = (files.path().join("cert.pem"), files.path().join("key.pem"));
    std::fs::write(&cert, issued.cert.pem()).expect("file is written");
    std::fs::write(&key, issued.signing_key.serialize_pem()).expect("file is written");
    let server = Server { tls: Some(Tls { cert, key }), ..Server::default() };
    let settings = Settings { server, ..Settings::default() };
    let server = TestServer::start_with(settings, engine::Settings::default());
    assert!(server.url.starts_with("https://"));
    assert!(server.get("/livez").send().await.is_err(), "an unknown issuer is not trusted");
    let root = reqwest::Certificate::from_pem(issued.cert.pem().as_bytes()).expect("certificate");
    let client = reqwest::Client::builder().add_root_certificate(root).build().expect("client");
    let alive = client.get(format!("{}/livez", server.url)).send().await.expect("the server answers");
    assert_eq!(alive.status(), StatusCode::OK);
}
