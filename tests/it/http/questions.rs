//! What comes out: channels, samples, rankings, SQL.

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use super::server::{TestServer, json as answer};
use super::{LINES, accepted};

#[tokio::test]
async fn calls_come_back_as_samples() {
    let server = TestServer::start();
    assert_eq!(answer(server.calls(LINES)).await, (StatusCode::OK, accepted(3)));

    let (_, channels) = answer(server.get("/v1/channels")).await;
    assert_eq!(channels["channels"][0]["href"], "/v1/channels/openai%2Fgpt-4o");

    let path = "/v1/channels/openai%2Fgpt-4o/samples?from=-5m&columns=requests,throttled,latency_max_ms,tokens_prompt";
    let (status, samples) = answer(server.get(path)).await;
    assert_eq!((status, &samples["step_s"]), (StatusCode::OK, &json!(60)), "{samples}");
    let points = samples["points"].as_array().expect("points");
    let point = |ts: &str| points.iter().find(|point| point["ts"] == ts).expect("the minute is there");
    let first = json!({"ts": "2026-11-20T11:58:00Z", "requests": 2, "throttled": 0, "latency_max_ms": 300.0, "tokens_prompt": 30});
    assert_eq!(point("2026-11-20T11:58:00Z"), &first);
    assert_eq!(point("2026-11-20T11:59:00Z")["latency_max_ms"], Value::Null, "refusals have no latency");

    let path = "/v1/channels/openai%2Fgpt-4o/samples?from=-10m&step=10m&columns=requests,latency_p50_ms,latency_p99_ms";
    let (_, merged) = answer(server.get(path)).await;
    let with_calls = merged["points"].as_array().into_iter().flatten().find(|point| point["requests"] == 3);
    let p99 = with_calls.and_then(|point| point["latency_p99_ms"].as_f64()).expect("one step holds all calls");
    assert!((p99 - 300.0).abs() <= 3.0, "{p99}");

    let (_, channel) = answer(server.get("/v1/channels/openai%2Fgpt-4o")).await;
    assert_eq!(channel["last_hour"]["requests"], 3);
}

#[tokio::test]
async fn large_answers_are_compressed_for_who_takes_gzip() {
    let server = TestServer::start();
    assert_eq!(answer(server.calls(LINES)).await, (StatusCode::OK, accepted(3)));
    let plain = Client::builder().no_gzip().build().expect("a client");
    let ask = async |from: &str, takes: &str| {
        let path = format!("/v1/channels/openai%2Fgpt-4o/samples?from={from}&columns=requests,errors");
        let asked = plain.get(format!("{}{path}", server.url)).header("accept-encoding", takes);
        let answer = asked.send().await.expect("an answer");
        let encoding =
            answer.headers().get("content-encoding").and_then(|value| value.to_str().ok()).map(str::to_owned);
        (encoding, answer.bytes().await.expect("a body").len())
    };
    let (encoding, whole) = ask("-1d", "identity").await;
    assert_eq!((encoding, whole > 50_000), (None, true), "a day by the minute: {whole}");
    let (encoding, small) = ask("-1d", "gzip").await;
    assert_eq!((encoding.as_deref(), small * 5 < whole), (Some("gzip"), true), "{small} of {whole}");
    assert_eq!(ask("-10m", "gzip").await.0, None, "what is small is sent as it is");
}

#[tokio::test]
async fn questions_over_all_channels_are_answered() {
    let server = TestServer::start();
    let line =
        |channel: &str, ms: u32| format!(r#"{{"ts":"2026-11-20T11:58:10Z","channel":"{channel}","latency_ms":{ms}}}"#);
    let lines = [line("a", 100), line("b", 200), line("c", 900)].join("\n");
    assert_eq!(answer(server.calls(lines)).await.1, accepted(3));

    let (_, top) = answer(server.get("/v1/top?column=latency_mean_ms&n=2")).await;
    let expected = json!([{"channel": "c", "value": 900.0}, {"channel": "b", "value": 200.0}]);
    assert_eq!(top["channels"], expected);
    let (_, bottom) = answer(server.get("/v1/top?column=latency_mean_ms&n=1&order=asc")).await;
    assert_eq!(bottom["channels"][0]["channel"], "a");

    let (_, across) = answer(server.get("/v1/aggregate?column=latency_mean_ms&from=-1h&step=1h&quantile=0.5")).await;
    let values = across["points"].as_array().into_iter().flatten().filter_map(|point| point["value"].as_f64());
    assert_eq!(values.collect::<Vec<_>>(), [200.0]);

    let question = json!({"sql": "SELECT channel, requests FROM samples WHERE requests > 0 ORDER BY channel"});
    let (status, rows) = answer(server.post("/v1/query", "application/json", question.to_string())).await;
    assert_eq!(status, StatusCode::OK, "{rows}");
    assert_eq!(rows["columns"], json!(["channel", "requests"]));
    assert_eq!(rows["rows"], json!([["a", 1], ["b", 1], ["c", 1]]));
}

#[tokio::test]
async fn questions_that_cannot_be_answered_are_explained() {
    let server = TestServer::start();
    for (path, named) in [
        ("/v1/channels/nobody", "no channel `nobody`"),
        ("/v1/channels/nobody/samples?from=yesterday", "`from` is `yesterday`"),
        ("/v1/channels/nobody/samples?columns=speed", "`speed` is not a column"),
        ("/v1/channels/nobody/samples?setp=5m", "setp"),
        ("/v1/channels/nobody/samples?from=-365d&columns=requests", "larger `step`"),
        ("/v1/aggregate?column=requests&quantile=95", "`quantile` is 95"),
        ("/v1/top", "column"),
    ] {
        let (status, problem) = answer(server.get(path)).await;
        assert!(status.is_client_error(), "{path}: {status}");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains(named)), "{path}: {problem}");
    }
    for sql in ["SELECT nothing FROM samples", "DROP TABLE samples", "not sql"] {
        let question = json!({"sql": sql}).to_string();
        let (status, problem) = answer(server.post("/v1/query", "application/json", question)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{sql}: {problem}");
    }
}
