//! What only a running engine knows: the stream, risks as they are now, and orders.

use std::time::Duration;

use foreroute::config;
use foreroute::domain::batch::{Amendment, Mode};
use foreroute::domain::call::{Call, Outcome};
use foreroute::domain::ids::ChannelId;
use foreroute::domain::sample::Sample;
use foreroute::domain::time::{Minute, Timestamp};
use foreroute::domain::units::Millis;
use foreroute::engine::{self, tasks};
use foreroute::store::{Publication, Store, StoreOptions};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::server::{NOW, TestServer, json as answer};
use crate::site::pause_ms;

const FILE: &str = r#"
    [[channel]]
    name = "eu"
    [[route]]
    class = "chat"
    objective = { error_ratio = 0.05 }
    [detect]
    forest = false
    [forecast]
    enabled = false
"#;

pub fn now() -> Timestamp {
    Timestamp::parse_rfc3339(NOW).expect("valid RFC 3339")
}

/// Thirty calls of a minute of one channel, of which so many fail.
fn calls(channel: &str, minute: Minute, failing: u32) -> Vec<Call> {
    let channel = ChannelId::new(channel).expect("a name");
    let call = |call: u32| {
        let wander = f64::from((minute.0 * 31 + call * 17) % 101) * 2.0;
        let outcome = if call < failing { Outcome::ServerError } else { Outcome::Ok };
        let ts = minute.start().plus_seconds(20);
        Call { latency: Millis::new(300.0 + wander).ok(), outcome, ..Call::new(ts, channel.clone()) }
    };
    (0..30).map(call).collect()
}

/// A server by `file` with its tasks on a store that holds five good hours of the channels, of which it has judged the last
/// minute: what is asked later does not depend on how soon the tasks began.
pub async fn server(file: &str, channels: &[&str]) -> (TestServer, watch::Sender<bool>) {
    let data = tempfile::tempdir().expect("temporary folder");
    let sample = |channel: &str, minute: Minute| {
        let mut sample = Sample::new(ChannelId::new(channel).expect("a name"), minute);
        for call in calls(channel, minute, 0) {
            sample.record(&call);
        }
        sample.coverage_s = 60;
        Amendment { sample, mode: Mode::Add }
    };
    let first = now().minute().minus(300);
    let of = |channel: &&str| (0..300).map(|at| sample(channel, first.plus(at))).collect::<Vec<_>>();
    let samples = channels.iter().flat_map(of).collect();
    let (store, _recovery) = Store::open(data.path(), StoreOptions::default(), now()).expect("a new store");
    store.publish(Publication { samples, ..Publication::default() }, now()).expect("published");
    drop(store);
    let config = config::parse(file, &|_| Ok(String::new())).expect("a valid file").config;
    let server = TestServer::start_on(data, foreroute::api::Settings::default(), engine::Settings::of(&config));
    let (stop, stopped) = watch::channel(false);
    tasks::spawn(&server.engine, &stopped).detach_all();
    judged(&server, now().minute().minus(1)).await;
    (server, stop)
}

/// Waits until everything that is told of the present is told of `minute`.
pub async fn judged(server: &TestServer, minute: Minute) {
    for _ in 0..2_000 {
        if server.engine.situation().minute == Some(minute) {
            return;
        }
        pause_ms(10).await;
    }
    panic!("minute {minute} is never judged");
}

/// An event of the stream: its name and its data; the name of a comment is empty.
type Event = (String, Value);

/// The events of an answer, as they come.
struct Events {
    response: Response,
    text: String,
}

impl Events {
    async fn open(server: &TestServer, query: &str) -> Self {
        let response = server.get(&format!("/v1/stream{query}")).send().await.expect("the server answers");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new() }
    }

    /// The next event; `None` once the stream has ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let rest = self.text.split_off(end + 2);
                let event = std::mem::replace(&mut self.text, rest);
                if event.starts_with(": connected") {
                    continue;
                }
                let part = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
                let name = part("event:").unwrap_or_default().to_owned();
                assert!(name.is_empty() || name == "missed" || part("id:").is_some_and(|id| !id.is_empty()), "{event}");
                let data = part("data:").map_or(Value::Null, |data| serde_json::from_str(data).expect("JSON"));
                return Some((name, data));
            }
            let patience = Duration::from_secs(20);
            let piece = tokio::time::timeout(patience, self.response.chunk()).await.expect("an event in time");
            self.text.push_str(std::str::from_utf8(&piece.expect("it goes on")?).expect("text"));
        }
    }

    /// The data of the next event called `name` that is the one, those before it left out.
    async fn until(&mut self, name: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        loop {
            let (found, data) = self.next().await.expect("the stream goes on");
            if found == name && is_it(&data) {
                return data;
            }
        }
    }
}

/// Sends a minute of calls of the channels, of which so many of the first one fail, and has it judged.
pub async fn minute(server: &TestServer, minute: Minute, channels: &[&str], failing: u32) {
    let line = |call: &Call| {
        let status = if call.outcome == Outcome::Ok { 200 } else { 500 };
        let (ts, ms) = (call.ts.to_string(), call.latency.map_or(0.0, Millis::get));
        json!({"ts": ts, "channel": call.channel.as_str(), "status": status, "latency_ms": ms}).to_string()
    };
    let failing = std::iter::once(failing).chain(std::iter::repeat(0));
    let calls = channels.iter().zip(failing).flat_map(|(channel, failing)| calls(channel, minute, failing));
    let lines: Vec<String> = calls.map(|call| line(&call)).collect();
    server.clock.set(minute.start().plus_seconds(40));
    assert_eq!(answer(server.calls(lines.join("\n"))).await.0, StatusCode::OK);
    server.clock.set(minute.end().plus_seconds(10));
}

#[tokio::test]
async fn an_incident_is_streamed_ordered_about_and_seen_in_every_answer() {
    let (server, stop) = server(FILE, &["eu"]).await;
    let mut all = Events::open(&server, "").await;
    let mut incidents = Events::open(&server, "?kinds=incidents&channel=eu").await;
    let first = now().minute();
    let mut opened = Value::Null;
    for at in 0..8 {
        minute(&server, first.plus(at), &["eu"], 15).await;
        let name = first.plus(at).to_string();
        let sample = all.until("sample", |sample| sample["ts"] == name.as_str()).await;
        assert_eq!((&sample["channel"], &sample["requests"]), (&json!("eu"), &json!(30)));
        judged(&server, first.plus(at)).await;
        let (_, page) = answer(server.get("/v1/incidents?state=open")).await;
        if page["incidents"][0].is_object() {
            opened = page["incidents"][0].clone();
            break;
        }
    }
    assert_eq!((&opened["kind"], &opened["channel"]), (&json!("errors"), &json!("eu")), "half of all calls fail");
    let anomaly = all.until("anomaly", |_| true).await;
    assert_eq!((&anomaly["channel"], &anomaly["anomaly"]), (&json!("eu"), &json!(true)));
    let (name, told) = incidents.next().await.expect("it goes on");
    assert_eq!((name.as_str(), &told["change"], &told["id"]), ("incident", &json!("opened"), &opened["id"]));

    let id = opened["id"].as_str().expect("a name");
    let order = async |order: &str, body: Value| {
        answer(server.post(&format!("/v1/incidents/{id}/{order}"), "application/json", body.to_string())).await
    };
    let ada = json!({"by": "ada", "reason": "looking at it"});
    let (status, done) = order("acknowledge", ada.clone()).await;
    assert_eq!(status, StatusCode::OK, "{done}");
    assert!(done["incidents"][0]["acknowledged"].is_string(), "{done}");
    incidents.until("incident", |told| told["change"] == "acknowledged").await;
    assert_eq!(order("acknowledge", ada.clone()).await.0, StatusCode::CONFLICT);
    let silence = json!({"by": "ada", "reason": "known", "for": "2h"});
    let (status, silent) = order("silence", silence).await;
    assert_eq!(status, StatusCode::OK, "{silent}");
    let until = server.clock.now().plus_seconds(7_200).to_string();
    assert_eq!(silent["incidents"][0]["silent_until"], until);
    for (wrong, body, expected) in [
        ("silence", ada.clone(), StatusCode::BAD_REQUEST),
        ("annotate", json!({"by": "ada", "reason": " "}), StatusCode::BAD_REQUEST),
        ("annotate", json!({"reason": "nobody says so"}), StatusCode::BAD_REQUEST),
        ("annotate", json!({"by": "ada", "reason": "x", "for": "1h"}), StatusCode::BAD_REQUEST),
        ("explode", ada.clone(), StatusCode::NOT_FOUND),
    ] {
        let (status, problem) = order(wrong, body).await;
        assert_eq!(status, expected, "{wrong}: {problem}");
    }
    let path = "/v1/incidents/0000000000000001/close";
    assert_eq!(answer(server.post(path, "application/json", ada.to_string())).await.0, StatusCode::NOT_FOUND);
    let (_, shown) = answer(server.get(&format!("/v1/incidents/{id}"))).await;
    let changes: Vec<_> = shown["timeline"].as_array().expect("a list").iter().map(|it| it["change"].clone()).collect();
    assert!(changes.contains(&json!("acknowledged")) && changes.contains(&json!("silenced")), "{changes:?}");

    let (status, board) = answer(server.get("/v1/risk")).await;
    assert_eq!(status, StatusCode::OK, "{board}");
    let slo = &board["classes"][0]["slo"][0];
    assert_eq!((&board["classes"][0]["class"], &slo["promise"]), (&json!("chat"), &json!("error_ratio")));
    assert_eq!((&slo["events"], &slo["bad"]), (&json!(60), &json!(15)), "a good minute, and one of which half failed");
    let (left, rate) = (slo["budget_left"].as_f64(), slo["burn_rates"][0]["rate"].as_f64());
    assert!(left.is_some_and(|left| (left + 4.0).abs() < 1e-9), "a quarter failed where a twentieth may: {slo}");
    assert!(rate.is_some_and(|rate| (rate - 5.0).abs() < 1e-9), "{slo}");
    assert_eq!(answer(server.get("/v1/channels/eu/risk?class=chat")).await.0, StatusCode::OK);
    assert_eq!(answer(server.get("/v1/risk?least=2")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(answer(server.get("/v1/stream?kinds=weather")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(answer(server.get("/v1/stream?channel=nowhere")).await.0, StatusCode::NOT_FOUND);

    stop.send_replace(true);
    let (serving, _data) = server.stop();
    while incidents.next().await.is_some() {}
    while all.next().await.is_some() {}
    let ended = tokio::time::timeout(Duration::from_secs(10), serving).await.expect("streams hold nobody up");
    ended.expect("no panic").expect("served to the end");
}
