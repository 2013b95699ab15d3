use super::*;
use crate::domain::time::Timestamp;
use crate::sim::world::World;
use crate::stats::seed::Seed;
use serde_json::{Value, json};

/// An endpoint of the quick channel and a client; the clock is the real one, the answers are short.
async fn started() -> (Endpoint, reqwest::Client) {
    let stage = Arc::new(Stage::new(World::demo(Seed::new(7))));
    let mut profile = stage.profiles()[1];
    profile.base_ms = 5.0;
    profile.decode_ms_per_token = 1.0;
    (profile.throttle_rate, profile.failure_rate) = (0.0, 0.0);
    let day = Day::new(Timestamp::from_seconds(0), 1.0);
    let endpoint = Endpoint::start(stage, &profile, day, Clock::system()).await.expect("a free port");
    (endpoint, reqwest::Client::new())
}

fn chat(extra: &Value) -> Value {
    let mut body = json!({
        "model": "harbor-mini-2", "seed": 5, "max_tokens": 8,
        "messages": [{"role": "system", "content": "be brief"}, {"role": "user", "content": [{"type": "text", "text": "one two three"}]}],
    });
    for (key, value) in extra.as_object().expect("an object") {
        body[key] = value.clone();
    }
    body
}

async fn post(endpoint: &Endpoint, client: &reqwest::Client, body: &Value) -> reqwest::Response {
    let url = format!("{}/v1/chat/completions", endpoint.url());
    client.post(url).json(body).send().await.expect("an answer")
}

#[tokio::test]
async fn whole_and_streamed_answers_say_the_same() {
    let (endpoint, client) = started().await;
    let response = post(&endpoint, &client, &chat(&json!({}))).await;
    assert_eq!(response.status(), 200);
    assert!(response.headers()["x-request-id"].to_str().is_ok_and(|id| id.starts_with("req_")));
    let whole: Value = response.json().await.expect("JSON");
    assert_eq!(whole["usage"]["prompt_tokens"], 5, "words are tokens, of every message and part");

    let streamed = chat(&json!({"stream": true, "stream_options": {"include_usage": true}}));
    let response = post(&endpoint, &client, &streamed).await;
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    let text = response.text().await.expect("text");
    let (mut content, mut usage) = (String::new(), Value::Null);
    let events: Vec<&str> = text.split("\n\n").filter_map(|event| event.strip_prefix("data: ")).collect();
    for event in events.iter().filter(|event| **event != "[DONE]") {
        let event: Value = serde_json::from_str(event).expect("every event is JSON");
        content += event["choices"][0]["delta"]["content"].as_str().unwrap_or_default();
        if event["usage"].is_object() {
            usage = event["usage"].clone();
        }
    }
    assert_eq!(events.last(), Some(&"[DONE]"));
    assert_eq!(whole["choices"][0]["message"]["content"], content);
    assert_eq!(whole["usage"], usage);
    let tally = endpoint.tally();
    assert_eq!((tally.calls, tally.tokens_prompt), (2, 10));
    assert_eq!(Some(tally.tokens_completion), usage["completion_tokens"].as_u64().map(|tokens| 2 * tokens));
    endpoint.stop().await;
}

#[tokio::test]
async fn requests_that_make_no_sense_get_the_error_object_and_count_for_nothing() {
    let (endpoint, client) = started().await;
    let url = format!("{}/v1/chat/completions", endpoint.url());
    for (body, status) in [
        ("{".to_owned(), 400),
        (json!({"model": "harbor-mini-2"}).to_string(), 400),
        (chat(&json!({"seed": -1})).to_string(), 400),
        (chat(&json!({"model": "other"})).to_string(), 404),
        (" ".repeat(MAX_REQUEST_BYTES + 1), 413),
    ] {
        let response = client.post(&url).body(body).send().await.expect("an answer");
        assert_eq!(response.status(), status);
        let error: Value = response.json().await.expect("JSON");
        assert_eq!(error["error"]["type"], "invalid_request_error");
    }
    assert_eq!(client.get(&url).send().await.expect("an answer").status(), 405);
    let models: Value = client
        .get(format!("{}/v1/models", endpoint.url()))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(models["data"][0]["id"], "harbor-mini-2");
    assert_eq!(endpoint.tally(), Tally::default());
    endpoint.stop().await;
}

#[tokio::test]
async fn a_full_channel_says_when_to_come_back() {
    let stage = Arc::new(Stage::new(World::demo(Seed::new(7))));
    let mut profile = stage.profiles()[1];
    profile.max_in_flight = 0;
    let day = Day::new(Timestamp::from_seconds(0), 1.0);
    let endpoint = Endpoint::start(stage, &profile, day, Clock::system()).await.expect("a free port");
    let response = post(&endpoint, &reqwest::Client::new(), &chat(&json!({}))).await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()["retry-after"], "1");
    assert_eq!((endpoint.tally().calls, endpoint.tally().throttled), (1, 1));
    endpoint.stop().await;
}
