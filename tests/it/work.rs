//! Work as clients tell of it: a server of its own, jobs over HTTP, and `kill -9` in between.

use std::collections::BTreeMap;

use foreroute::stats::seed::Seed;
use rand::RngExt;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::site::{Site, whole};

/// Two models of which the dear one is the static choice: nobody tells the server which is better for a USD.
const WORK: &str = r#"
[store]
flush_every = "1s"
[learn]
half_life_jobs = 200
[[work]]
class = "code"
static = "dear"
[[work.model]]
name = "dear"
[[work.model]]
name = "fair"
[[work.model]]
name = "poor"
[[work]]
class = "chat"
[[work.model]]
name = "small"
tokens_per_day = 1000
[[work.model]]
name = "large"
"#;

async fn say(site: &Site, body: &Value) -> (StatusCode, Value) {
    say_as(site, body, None).await
}

async fn say_as(site: &Site, body: &Value, key: Option<&str>) -> (StatusCode, Value) {
    let request = site.client.post(site.url("/v1/work")).json(body);
    let request = key.into_iter().fold(request, |request, key| request.header("Idempotency-Key", key));
    let answer = request.send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

async fn told(site: &Site, body: &Value) -> Value {
    let (status, answer) = say(site, body).await;
    assert_eq!(status, StatusCode::OK, "{body}: {answer}");
    answer
}

async fn get(site: &Site, path: &str) -> Value {
    site.client.get(site.url(path)).send().await.expect("an answer").json().await.expect("JSON")
}

async fn allocate(site: &Site) -> Value {
    let answer = site.client.post(site.url("/v1/work/allocate")).send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.expect("JSON")
}

/// The share of `model` of jobs of `code`, L2.
fn share(allocation: &Value, model: &str) -> f64 {
    let kinds = allocation["kinds"].as_array().expect("kinds");
    let kind = kinds.iter().find(|kind| kind["class"] == "code" && kind["tier"] == "L2").expect("it is there");
    let models = kind["models"].as_array().expect("models");
    models.iter().find(|of| of["model"] == model).and_then(|of| of["share"].as_f64()).expect("a share")
}

/// Probability of success and mean USD of a job, which only the world knows.
fn truth(model: &str) -> (f64, f64) {
    match model {
        "dear" => (0.95, 0.05),
        "fair" => (0.9, 0.01),
        _ => (0.4, 0.004),
    }
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stderr, reason = "the figures of the test, for whoever runs it with --nocapture")]
async fn the_model_that_is_better_for_a_usd_gets_the_work() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let site = Site::new(dir.path(), WORK);
    let server = site.serve().await;
    let first = allocate(&site).await;
    let mut rng = Seed::new(5).child("jobs").rng();
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for job in 0..400 {
        if job > 0 && job % 50 == 0 {
            allocate(&site).await;
        }
        let name = format!("job-{job}");
        let begun = told(&site, &json!({"event": "start", "job": name, "class": "code", "tier": "L2"})).await;
        let model = begun["model"].as_str().expect("a model").to_owned();
        let (success, usd) = truth(&model);
        let (luck, spread): (f64, f64) = (rng.random(), rng.random());
        let cost_usd = usd * (0.5 + spread);
        let end = json!({"event": "end", "job": name, "success": luck < success, "tokens": 500, "cost_usd": cost_usd});
        assert_eq!(told(&site, &end).await["state"], "ended");
        *counts.entry(model).or_default() += 1;
    }
    let last = allocate(&site).await;
    eprintln!("shares of fair: {:.2}, then {:.2}; jobs: {counts:?}", share(&first, "fair"), share(&last, "fair"));
    assert!(share(&last, "fair") > 0.8 && share(&last, "fair") > share(&first, "fair") + 0.3, "{last}");
    let text = last["text"].as_str().expect("a text");
    assert!(text.contains("## code, L2") && text.contains("more worth than with the static choice"), "{text}");
    assert_eq!(get(&site, "/v1/work/allocation").await["kinds"], last["kinds"]);

    let rows = site.sql("SELECT model, COUNT(*) AS n FROM work GROUP BY model ORDER BY model").await;
    let rows: BTreeMap<String, u32> = rows
        .iter()
        .map(|row| (row[0].as_str().expect("text").to_owned(), u32::try_from(whole(&row[1])).expect("few")))
        .collect();
    assert_eq!(rows, counts, "one row for each job");
    let curves = get(&site, "/v1/work/curves").await;
    let day = curves["curves"][0]["days"].as_array().and_then(|days| days.last()).expect("a day").clone();
    assert!(day["gain"].as_f64().is_some_and(|gain| gain > 0.05), "{day}");
    for (show, wanted) in [("allocation", "fair"), ("scores", "worth a USD"), ("curve", "####")] {
        let shown = site.command("work").arg(show).output().expect("it runs");
        let text = String::from_utf8_lossy(&shown.stdout).into_owned();
        assert!(shown.status.success() && text.contains(wanted), "{show}: {text}");
    }
    assert_eq!(server.stop(), Some(0), "log:\n{}", site.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_fails_or_has_no_tokens_left_is_followed_by_the_next_of_the_chain() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let site = Site::new(dir.path(), WORK);
    let _server = site.serve().await;
    let start = json!({"event": "start", "job": "a", "class": "code", "tier": "L1", "model": "poor"});
    let begun = told(&site, &start).await;
    assert_eq!((&begun["model"], begun["chain"].as_array().map(Vec::len)), (&json!("poor"), Some(2)), "{begun}");
    let failed = json!({"event": "step", "job": "a", "step": 1, "tokens": 40, "cost_usd": 0.01, "trouble": "failed"});
    let next = told(&site, &failed).await;
    assert_eq!(next["model"], begun["chain"][0]);
    assert_eq!(told(&site, &failed).await["model"], next["model"], "twice is once");
    let said = json!({"event": "step", "job": "a", "trouble": "exhausted"});
    let (_, third) = say_as(&site, &said, Some("k1")).await;
    assert_eq!((&third["model"], &third["chain"]), (&begun["chain"][1], &json!([])), "{third}");
    let (_, again) = say_as(&site, &said, Some("k1")).await;
    assert_eq!((&again["model"], &again["repeated"]), (&third["model"], &json!(true)));
    let (_, none) = say_as(&site, &json!({"event": "step", "job": "a", "trouble": "failed"}), Some("k2")).await;
    assert!(none["model"].is_null() && none["why"].as_str().is_some_and(|why| why.contains("is left")), "{none}");
    told(&site, &json!({"event": "end", "job": "a", "success": false, "tokens": 40, "cost_usd": 0.01})).await;
    let parts = site.sql("SELECT part, outcome, tokens FROM work WHERE job = 'a' ORDER BY part").await;
    let outcomes: Vec<&str> = parts.iter().filter_map(|part| part[1].as_str()).collect();
    assert_eq!(outcomes, ["failed", "exhausted", "failed"], "every model that took part is scored");
    assert_eq!(whole(&parts[0][2]), 40);

    // The tokens of the small model are used up by one job; the next one goes to the other.
    told(&site, &json!({"event": "start", "job": "b", "class": "chat", "tier": "L1", "model": "small"})).await;
    told(&site, &json!({"event": "end", "job": "b", "success": true, "tokens": 1000, "cost_usd": 0.01})).await;
    let passed = told(&site, &json!({"event": "start", "job": "c", "class": "chat", "tier": "L1"})).await;
    assert_eq!((&passed["model"], &passed["chain"]), (&json!("large"), &json!([])));
    assert!(passed["why"].as_str().is_some_and(|why| why.contains("its 1000 tokens of today are used up")), "{passed}");
    let scores = get(&site, "/v1/work/scores").await;
    let tokens = scores["tokens"].as_array().expect("a list");
    let small = tokens.iter().find(|row| row["model"] == "small").expect("it is there");
    assert!(small["tokens_today"] == 1000 && small["until"].is_string(), "{small}");
    let out = told(&site, &json!({"event": "step", "job": "c", "step": 1, "trouble": "exhausted"})).await;
    assert!(out["model"].is_null());
    let (status, nobody) = say(&site, &json!({"event": "start", "class": "chat", "tier": "L1"})).await;
    assert_eq!(status, StatusCode::CONFLICT, "{nobody}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_told_by_field() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let site = Site::new(dir.path(), WORK);
    let _server = site.serve().await;
    told(&site, &json!({"event": "start", "job": "a", "class": "code", "tier": "L1"})).await;
    let end = |tokens: Value, cost: Value, quality: Value| json!({"event": "end", "job": "a", "success": true, "quality": quality, "tokens": tokens, "cost_usd": cost});
    let wrong = [
        (json!({"event": "start", "class": "x", "tier": "L1"}), 400, "`class` is `x`"),
        (json!({"event": "start", "class": "code", "tier": "L9"}), 400, "`tier` is `L9`"),
        (json!({"event": "start", "class": "code", "tier": "L1", "model": "x"}), 400, "`model` is `x`"),
        (json!({"event": "start", "class": "code"}), 400, "`tier` is missing"),
        (json!({"event": "start", "job": "a", "class": "chat", "tier": "L1"}), 409, "`job`: `a` was started already"),
        (json!({"event": "step", "job": "a", "tokens": 5}), 400, "`step` is missing"),
        (json!({"event": "step", "job": "a", "step": 1, "tokens": -5}), 400, "`tokens` is -5"),
        (json!({"event": "step", "job": "b", "step": 1}), 404, "`job` is `b`"),
        (json!({"event": "step", "job": "a", "step": 1, "quality": 0.5}), 400, "`quality` says nothing"),
        (end(json!(5), json!(-0.1), json!(null)), 400, "`cost_usd` is -0.1"),
        (end(json!(5), json!(0.1), json!(1.01)), 400, "`quality` is 1.01"),
        (json!({"event": "end", "job": "a", "success": true, "tokens": 1}), 400, "`cost_usd` is missing"),
        (json!({"event": "pause", "job": "a"}), 400, "unknown variant `pause`"),
    ];
    for (body, status, detail) in wrong {
        let (found, problem) = say(&site, &body).await;
        assert_eq!(found.as_u16(), status, "{body}: {problem}");
        assert!(problem["detail"].as_str().is_some_and(|text| text.contains(detail)), "{body}: {problem}");
    }
    told(&site, &end(json!(5), json!(0.1), json!(0.5))).await;
    assert_eq!(told(&site, &end(json!(5), json!(0.1), json!(0.5))).await["repeated"], true);
    let (status, _) = say(&site, &end(json!(6), json!(0.1), json!(0.5))).await;
    assert_eq!(status, StatusCode::CONFLICT, "another end");
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stderr, reason = "the figures of the test, for whoever runs it with --nocapture")]
async fn what_was_acknowledged_is_there_once_however_often_the_server_is_killed() {
    const KILLS: u64 = 10;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let site = Site::new(dir.path(), WORK);
    let mut acknowledged: BTreeMap<String, u64> = BTreeMap::new();
    let mut rng = Seed::new(3).child("kills").rng();
    for run in 0..KILLS {
        let server = site.serve().await;
        // Clients go on until the server is gone, and remember what they were answered.
        let clients: Vec<_> = (0..4_u64)
            .map(|client| {
                let (http, url) = (site.client.clone(), site.url("/v1/work"));
                tokio::spawn(async move {
                    let mut ended = Vec::new();
                    for job in 0_u64.. {
                        let name = format!("{run}-{client}-{job}");
                        let tokens = job % 7 + 1;
                        let start = json!({"event": "start", "job": name, "class": "code", "tier": "L3"});
                        let end =
                            json!({"event": "end", "job": name, "success": true, "tokens": tokens, "cost_usd": 0.01});
                        for body in [start, end] {
                            let answer = http.post(&url).json(&body).send().await;
                            if !answer.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                                return ended;
                            }
                        }
                        ended.push((name, tokens));
                    }
                    ended
                })
            })
            .collect();
        // Some jobs are done when it is killed, however slow the machine is.
        let enough = rng.random_range(5..60_u64);
        for _ in 0..3_000 {
            let scores = get(&site, "/v1/work/scores").await;
            if scores["started"].as_u64().unwrap_or(0) >= u64::try_from(acknowledged.len()).expect("few") + enough {
                break;
            }
        }
        server.kill();
        for client in clients {
            acknowledged.extend(client.await.expect("it ends"));
        }
    }
    let checked = site.command("inspect").args(["--format", "json"]).output().expect("it runs");
    let checked: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert!(checked["jobs"]["files"].as_u64() > Some(0) && checked["jobs"]["faults"] == json!([]), "{checked}");
    let server = site.serve().await;
    let rows = site.sql("SELECT job, COUNT(*) AS n, SUM(tokens) AS t FROM work GROUP BY job").await;
    let found: BTreeMap<String, (u64, u64)> =
        rows.iter().map(|row| (row[0].as_str().expect("text").to_owned(), (whole(&row[1]), whole(&row[2])))).collect();
    for (job, tokens) in &acknowledged {
        assert_eq!(found.get(job), Some(&(1, *tokens)), "{job}; log:\n{}", site.log());
    }
    assert!(found.values().all(|(n, _)| *n == 1), "none is there twice");
    // What one client had not been answered may have counted: one job each.
    let most = acknowledged.len() + usize::try_from(4 * KILLS).expect("few");
    let scores = get(&site, "/v1/work/scores").await;
    let learnt: u64 = scores["scores"].as_array().expect("a list").iter().filter_map(|of| of["jobs"].as_u64()).sum();
    assert_eq!(usize::try_from(learnt).expect("few"), found.len(), "learnt from each once");
    assert!(found.len() <= most, "{} of at most {most}", found.len());
    eprintln!("{KILLS} kills: {} jobs acknowledged, {} found", acknowledged.len(), found.len());
    assert_eq!(server.stop(), Some(0), "log:\n{}", site.log());
    // A damaged document is told, and the rest of the store with it.
    std::fs::write(dir.path().join("data/operators/work.document"), b"FROD").expect("it writes");
    let checked = site.command("inspect").output().expect("it runs");
    let told = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.code() == Some(2) && told.contains("damaged: `operators/work.document`"), "{told}");
}
