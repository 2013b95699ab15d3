//! Bad input and its stated answers, over the real interface.
//!
//! The rule: a line that cannot be used is named with its field and its problem, the lines around it are kept, and
//! nothing a caller can send makes the server fail.

use foreroute::api::Settings;
use foreroute::domain::time::Timestamp;
use foreroute::engine;
use reqwest::StatusCode;
use serde_json::Value;

use crate::http::server::{NOW, TestServer, json};

/// Good lines around each bad one: they must be kept.
const BEFORE: &str = r#"{"ts":"2026-11-20T11:58:10Z","channel":"good","latency_ms":100}"#;
const AFTER: &str = r#"{"ts":"2026-11-20T11:58:20Z","channel":"good","latency_ms":200}"#;

/// A bad line, the field that is named, and a part of the problem that is told.
const TABLE: &[(&str, &str, &str)] = &[
    // Wrong types.
    (r#"{"ts":"2026-11-20T11:58:15Z","channel":"a","latency_ms":"fast"}"#, "latency_ms", "must be a number"),
    (r#"{"ts":"2026-11-20T11:58:15Z","channel":7}"#, "channel", "must be a text"),
    (r#"{"ts":"2026-11-20T11:58:15Z","channel":"a","probe":"yes"}"#, "probe", "must be true or false"),
    (r#"{"ts":true,"channel":"a"}"#, "ts", "must be"),
    (r#"{"ts":"2026-11-20T11:58:15Z","channel":"a","tokens_prompt":1.5}"#, "tokens_prompt", "must be a whole number"),
    (r#"{"ts":"2026-11-20T11:58:15Z","channel":"a","status":"ok"}"#, "status", "must be"),
    // Numbers that the unit cannot mean.
    (r#"{"ts":"2026-11-20T11:58:15Z","channel":"a","tokens_prompt":-1}"#, "tokens_prompt", "is negative"),
    (r#"{"ts":"2026-11-20T11:58:15Z","channel":"a","cost_usd":-0.01}"#, "cost_usd", "is negative"),
    (r#"{"ts":"2026-11-20T11:58:15Z","channel":"a","status":99}"#, "status", "not an HTTP status"),
    (r#"{"ts":"2026-11-20T11:58:15Z","channel":"a","latency_ms":1e9}"#, "latency_ms", "larger than 86400000 ms"),
    (r#"{"ts":"2026-11-20T11:58:15Z","channel":"a","latency_ms":NaN}"#, "latency_ms", "NaN"),
    (r#"{"ts":"2026-11-20T11:58:15Z","channel":"a","latency_ms":"NaN"}"#, "latency_ms", "leave unknown values out"),
    (r#"{"ts":"2026-11-20T11:58:15Z","channel":"a","latency_ms":1e999}"#, "latency_ms", ""),
    // Times that nobody should believe.
    (r#"{"ts":"3000-01-01T00:00:00Z","channel":"a"}"#, "ts", "ahead of this server's clock"),
    (r#"{"ts":"1999-12-31T23:59:59Z","channel":"a"}"#, "ts", "before the year 2000"),
    (r#"{"ts":1763640000000000000,"channel":"a"}"#, "ts", "too large"),
    (r#"{"ts":"yesterday","channel":"a"}"#, "ts", "RFC 3339"),
    // Names.
    (r#"{"ts":"2026-11-20T11:58:15Z"}"#, "channel", "is missing"),
    (r#"{"channel":"a"}"#, "ts", "is missing"),
    (r#"{"ts":"2026-11-20T11:58:15Z","channel":""}"#, "channel", "is empty"),
    (r#"{"ts":"2026-11-20T11:58:15Z","channel":"a\u0000b"}"#, "channel", "control character"),
    // Not records at all.
    ("this is not JSON", "", "is not valid JSON"),
    (r#"{"ts":"2026-11-20T11:58:15Z","channel":"#, "channel", "is not valid JSON"),
    ("[1,2,3]", "", ""),
];

fn problem_of(report: &Value, at: usize) -> (u64, &str, &str) {
    let problem = &report["problems"][at];
    let text = |key: &str| problem[key].as_str().unwrap_or_default();
    (problem["line"].as_u64().unwrap_or_default(), text("field"), text("problem"))
}

#[tokio::test]
async fn every_bad_line_is_named_and_its_neighbours_are_kept() {
    let server = TestServer::start();
    for (bad, field, problem) in TABLE {
        let (status, report) = json(server.calls(format!("{BEFORE}\n{bad}\n{AFTER}\n"))).await;
        assert_eq!(
            (status, &report["accepted"], &report["rejected"]),
            (StatusCode::OK, &2.into(), &1.into()),
            "{bad}: {report}"
        );
        let (line, named, told) = problem_of(&report, 0);
        assert_eq!((line, named), (2, *field), "{bad}: {report}");
        assert!(told.contains(problem), "{bad}: {told}");
    }
    let (_, channels) = json(server.get("/v1/channels")).await;
    assert_eq!(channels["channels"].as_array().map(Vec::len), Some(1), "no bad line made a channel");
}

#[tokio::test]
async fn a_batch_of_nothing_but_bad_lines_is_refused_with_its_problems() {
    let server = TestServer::start();
    let (status, problem) = json(server.calls("nonsense\n{}\n")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!((&problem["type"], &problem["rejected"]), (&"urn:foreroute:problem:nothing-usable".into(), &2.into()));
    assert_eq!(problem_of(&problem, 1).0, 2, "{problem}");
    assert_eq!(server.engine.status().batches, 0);
}

#[tokio::test]
async fn a_line_of_ten_megabytes_costs_only_itself() {
    let server = TestServer::start();
    let long = format!(r#"{{"ts":"2026-11-20T11:58:15Z","channel":"a","prompt":"{}"}}"#, "x".repeat(10_000_000));
    let (status, report) = json(server.calls(format!("{BEFORE}\n{long}\n{AFTER}\n"))).await;
    assert_eq!((status, &report["accepted"], &report["rejected"]), (StatusCode::OK, &2.into(), &1.into()), "{report}");
    let (line, _, told) = problem_of(&report, 0);
    assert!(line == 2 && told.contains("at most 65536 are allowed"), "{report}");
}

#[tokio::test]
async fn bytes_that_are_not_text_are_named() {
    let server = TestServer::start();
    let mut body = format!("{BEFORE}\n").into_bytes();
    body.extend_from_slice(b"{\"ts\":\"2026-11-20T11:58:15Z\",\"channel\":\"\xff\"}\n");
    let (_, report) = json(server.calls(body)).await;
    assert_eq!((&report["accepted"], &report["rejected"]), (&1.into(), &1.into()), "{report}");
    assert!(problem_of(&report, 0).2.contains("UTF-8"), "{report}");
}

#[tokio::test]
async fn unknown_channels_are_refused_where_only_configured_ones_may_appear() {
    let engine = engine::Settings { accept_new_channels: false, ..engine::Settings::default() };
    let server = TestServer::start_with(Settings::default(), engine);
    let (status, problem) = json(server.calls(BEFORE)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(problem_of(&problem, 0), (1, "channel", "names `good`, which is not a configured channel"));
}

#[tokio::test]
async fn the_second_call_of_one_id_is_rejected() {
    let server = TestServer::start();
    let line = r#"{"ts":"2026-11-20T11:58:10Z","channel":"a","id":"call-1"}"#;
    let (_, report) = json(server.calls(format!("{line}\n{line}\n"))).await;
    assert_eq!((&report["accepted"], &report["rejected"]), (&1.into(), &1.into()), "{report}");
    let (line, field, told) = problem_of(&report, 0);
    assert!((line, field) == (2, "id") && told.contains("line 1"), "{report}");
}

#[tokio::test]
async fn clocks_that_run_backwards_lose_nothing() {
    let server = TestServer::start();
    // The caller's clock: later calls with earlier times are as good as any.
    let line = |second: u32| format!("{{\"ts\":\"2026-11-20T11:58:{second:02}Z\",\"channel\":\"a\"}}\n");
    let (_, report) = json(server.calls(line(40) + &line(20) + &line(0))).await;
    assert_eq!(report["accepted"], 3);
    // Our own clock: what was sent before the step is ahead of it now and named as such, the rest is taken.
    let now = Timestamp::parse_rfc3339(NOW).expect("valid RFC 3339");
    server.clock.set(now.plus_seconds(-3_600));
    let (_, report) = json(server.calls(line(50) + r#"{"ts":"2026-11-20T10:59:00Z","channel":"a"}"#)).await;
    assert_eq!((&report["accepted"], &report["rejected"]), (&1.into(), &1.into()), "{report}");
    assert!(problem_of(&report, 0).2.contains("ahead of this server's clock"), "{report}");
    server.clock.set(now);
    assert_eq!(json(server.calls(line(50))).await.1["accepted"], 1);
    assert_eq!(server.engine.status().calls, 5);
}

#[tokio::test]
async fn bodies_that_break_their_own_promises_are_refused() {
    let server = TestServer::start();
    for (encoding, status) in [
        ("gzip", StatusCode::BAD_REQUEST),
        ("zstd", StatusCode::BAD_REQUEST),
        ("br", StatusCode::UNSUPPORTED_MEDIA_TYPE),
    ] {
        let (answered, problem) = json(server.calls(BEFORE).header("content-encoding", encoding)).await;
        assert_eq!(answered, status, "{encoding}: {problem}");
    }
    let (status, problem) = json(server.calls(BEFORE).header("idempotency-key", "")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST, "{problem}");
    let nested = "[".repeat(100_000);
    let (status, problem) = json(server.post("/v1/calls", "application/json", nested)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
}
