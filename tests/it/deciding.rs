//! Decisions as consumers get them from a real server: by asking, by waiting, as files, over `kill -9`, and afterwards from
//! the store.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use foreroute::clock::Clock;
use foreroute::domain::time::Timestamp;
use foreroute::stats::seed::Seed;
use rand::RngExt;
use reqwest::{Response, StatusCode};
use serde_json::Value;

use crate::site::{Running, Site, pause_ms};

const KILLS: usize = 12;
const CHANNELS: [&str; 2] = ["eu", "us"];

fn site(dir: &Path) -> Site {
    let settings = format!(
        r#"
[store]
flush_every = "1s"
[decide]
directory = {:?}
[[channel]]
name = "eu"
[[channel]]
name = "us"
[[route]]
class = "chat"
objective = {{ latency = {{ percentile = 95, ms = 2000 }}, error_ratio = 0.05 }}
"#,
        dir.join("decisions").display().to_string()
    );
    Site::new(dir, &settings)
}

/// Tells of twenty calls on each channel that ended now; those on `dead` failed. When the last of them ended.
async fn calls(site: &Site, dead: &str) -> Timestamp {
    let (now, mut body) = (Clock::system().now(), String::new());
    for call in 0..40_u32 {
        let channel = CHANNELS[call as usize % 2];
        let status = if channel == dead { 500 } else { 200 };
        let ts = now.plus_micros(i64::from(call) * 1_000 - 500_000);
        writeln!(body, r#"{{"ts":"{ts}","channel":"{channel}","status":{status},"latency_ms":{}}}"#, 100 + call)
            .expect("writing to a string");
    }
    let request = site.client.post(site.url("/v1/calls")).header("Content-Type", "application/x-ndjson").body(body);
    // A server that dies meanwhile answers nothing.
    let _answer = request.send().await;
    now
}

async fn ask(site: &Site, etag: Option<&str>, wait: &str) -> Option<Response> {
    let request = site.client.get(site.url(&format!("/v1/routes/chat/decision{wait}")));
    let request = etag.into_iter().fold(request, |request, etag| request.header("If-None-Match", etag));
    request.send().await.ok()
}

fn etag(answer: &Response) -> String {
    answer.headers()["etag"].to_str().expect("a text").to_owned()
}

/// Has `dead` fail until a decision leaves it.
async fn left(site: &Site, dead: &str) -> (String, Value) {
    for _ in 0..200 {
        calls(site, dead).await;
        let Some(answer) = ask(site, None, "").await.filter(|answer| answer.status() == StatusCode::OK) else {
            continue;
        };
        let etag = etag(&answer);
        let Ok(told) = answer.json::<Value>().await else { continue };
        if told["weights"][dead].as_f64().is_none_or(|share| share < 1e-9) {
            return (etag, told);
        }
        pause_ms(20).await;
    }
    panic!("{dead} was never left; log:\n{}", site.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_hears_of_a_decision_as_it_is_made_and_finds_it_again() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let site = site(dir.path());
    let server = site.serve().await;
    assert_eq!(
        ask(&site, None, "").await.expect("an answer").status(),
        StatusCode::NOT_FOUND,
        "nothing is decided yet"
    );
    let unknown = site.client.get(site.url("/v1/routes/talk/decision")).send().await.expect("an answer");
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);

    let (known, first) = left(&site, "eu").await;
    assert!(first["why"].as_str().is_some_and(|why| !why.is_empty()), "{first}");
    let same = ask(&site, Some(&known), "").await.expect("an answer");
    assert_eq!(same.status(), StatusCode::NOT_MODIFIED);

    // One waits, and is answered because the other channel dies as well.
    let waiting = ask(&site, Some(&known), "?wait=20s");
    let (answer, ended) = tokio::join!(waiting, async {
        pause_ms(100).await;
        calls(&site, "us").await
    });
    let answer = answer.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK, "a new decision");
    assert_ne!(etag(&answer), known);
    let news: Value = answer.json().await.expect("JSON");
    assert!(news["generation"].as_u64() > first["generation"].as_u64(), "{first} then {news}");
    let issued = Timestamp::parse_rfc3339(news["issued_at"].as_str().expect("a text")).expect("RFC 3339");
    assert!((-1.0..1.0).contains(&issued.seconds_since(ended)), "within a second of the calls that showed it: {news}");
    let weights = news["weights"].as_object().expect("shares");
    assert!(
        (weights.values().filter_map(Value::as_f64).sum::<f64>() - 1.0).abs() < 1e-9,
        "never an empty pool: {news}"
    );

    // The file follows, and what was decided can be read from the store while the server runs.
    let file = dir.path().join("decisions/chat.json");
    let newest = || -> Option<Value> { serde_json::from_slice(&std::fs::read(&file).ok()?).ok() };
    for _ in 0..500 {
        if newest().is_some_and(|told| told["generation"].as_u64() >= news["generation"].as_u64()) {
            break;
        }
        pause_ms(10).await;
    }
    assert!(newest().is_some_and(|told| told["generation"].as_u64() >= news["generation"].as_u64()));
    let told = site.command("decide").args(["--format", "json"]).output().expect("decide runs");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let told: Value = serde_json::from_slice(&told.stdout).expect("JSON");
    assert_eq!(told["holding"][0]["class"], "chat");
    assert!(told["holding"][0]["generation"].as_u64() >= news["generation"].as_u64(), "{told}");

    assert_eq!(server.stop(), Some(0), "log:\n{}", site.log());
    let table = site.command("decide").output().expect("decide runs");
    let table = String::from_utf8_lossy(&table.stdout).into_owned();
    assert!(table.starts_with("chat: generation ") && table.contains("\nmade ") && table.contains(" trip "), "{table}");
    let plan = site.command("decide").args(["--plan", "--format", "json"]).output().expect("decide runs");
    let plan: Value = serde_json::from_slice(&plan.stdout).expect("JSON");
    assert_eq!(plan["plans"][0]["class"], "chat", "{plan}");
    let wrong = site.command("decide").args(["--class", "talk"]).output().expect("decide runs");
    assert_eq!(wrong.status.code(), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_generation_is_given_twice_however_often_the_server_is_killed() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let site = site(dir.path());
    let mut told: BTreeMap<u64, String> = BTreeMap::new();
    let mut server: Option<Running> = None;
    let mut rng = Seed::new(7).child("kills").rng();
    for kill in 0..KILLS {
        if let Some(server) = server.take() {
            server.kill();
        }
        server = Some(site.serve().await);
        // A different channel each time, so that there is something to decide.
        let (_, decision) = left(&site, CHANNELS[kill % 2]).await;
        let (generation, issued) =
            (decision["generation"].as_u64().expect("a number"), decision["issued_at"].as_str().expect("a text"));
        let newest = told.last_key_value().map(|(generation, _)| *generation);
        assert!(newest.is_none_or(|newest| newest < generation), "{newest:?} then {decision}");
        told.insert(generation, issued.to_owned());
        // Often nothing of it has been written yet.
        pause_ms(rng.random_range(0..20)).await;
    }
    assert_eq!(told.len(), KILLS);
    if let Some(server) = server {
        server.kill();
    }
}
