//! What was concluded: anomalies, incidents with their history, risks, and what operators know.

use foreroute::domain::time::Timestamp;
use foreroute::engine;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::server::{NOW, TestServer, json as answer};
use crate::trouble::{self, Trouble};

fn troubled() -> (TestServer, Trouble) {
    let data = tempfile::tempdir().expect("temporary folder");
    let trouble = trouble::publish(data.path(), Timestamp::parse_rfc3339(NOW).expect("valid RFC 3339"));
    (TestServer::start_on(data, foreroute::api::Settings::default(), engine::Settings::default()), trouble)
}

fn ids(page: &Value) -> Vec<&str> {
    let incidents = page["incidents"].as_array().expect("a list");
    incidents.iter().map(|incident| incident["id"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn incidents_are_listed_page_by_page_and_filtered() {
    let (server, trouble) = troubled();
    let get = async |query: &str| {
        let (status, page) = answer(server.get(&format!("/v1/incidents{query}"))).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        page
    };
    let all = get("").await;
    assert_eq!((ids(&all).len(), &all["next"]), (3, &Value::Null));
    assert_eq!(all["open"], json!({"P2": 1}));
    let open = get("?state=open").await;
    assert!(ids(&open).contains(&trouble.eu.as_str()) && ids(&open).contains(&trouble.group.as_str()), "{open}");
    assert_eq!(ids(&open).len(), 2);
    let over = get("?state=over").await;
    assert_eq!(ids(&over), [trouble.us.as_str()]);
    let us = &over["incidents"][0];
    assert_eq!((&us["ending"], &us["group"]), (&json!("recovered"), &json!(trouble.group)));
    assert_eq!(us["took"]["to_mitigate_s"], 180.0, "three odd minutes");
    let of_one = get("?channel=openai%2Fus").await;
    assert_eq!(ids(&of_one).len(), 2, "its own and the group that it was in: {of_one}");
    assert_eq!(ids(&get("?severity=P1,P4&state=open").await).len(), 0);

    let (mut seen, mut query) = (Vec::new(), "?limit=1".to_owned());
    loop {
        let page = get(&query).await;
        seen.extend(ids(&page).into_iter().map(str::to_owned));
        assert_eq!(page["open"], json!({"P2": 1}), "the same on every page");
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=1&cursor={next}");
    }
    assert_eq!(seen, ids(&all));
    for wrong in ["?state=closed", "?severity=P5", "?limit=0", "?cursor=x", "?from=yesterday", "?nope=1"] {
        let (status, problem) = answer(server.get(&format!("/v1/incidents{wrong}"))).await;
        assert_eq!((status, &problem["title"]), (StatusCode::BAD_REQUEST, &json!("The request cannot be understood")));
    }
}

#[tokio::test]
async fn an_incident_is_shown_with_its_evidence_its_history_and_what_is_known() {
    let (server, trouble) = troubled();
    let entry = json!({
        "fingerprint": trouble.fingerprint, "title": "Quota exhausted", "cause": "tokens per minute ran out",
        "fix": "raise the quota", "by": "ada",
    });
    let (status, known) = answer(server.post("/v1/knowledge", "application/json", entry.to_string())).await;
    assert_eq!((status, &known["id"], &known["revision"]), (StatusCode::CREATED, &json!(0), &json!(1)));

    let (status, shown) = answer(server.get(&format!("/v1/incidents/{}", trouble.eu))).await;
    assert_eq!(status, StatusCode::OK, "{shown}");
    assert_eq!(
        (&shown["state"], &shown["kind"], &shown["channel"]),
        (&json!("open"), &json!("latency"), &json!("openai/eu"))
    );
    let blame = &shown["evidence"]["columns"]["latency_p95_ms"];
    assert_eq!((&blame["worst"]["value"], &blame["worst"]["expected"]["high"]), (&json!(300.0), &json!(110.0)));
    assert!(blame["detectors"]["surprise"].as_u64() >= Some(1), "{blame}");
    assert_eq!((&shown["took"]["to_detect_s"], &shown["took"]["to_acknowledge_s"]), (&json!(60.0), &json!(60.0)));
    let timeline = shown["timeline"].as_array().expect("a list");
    let changes: Vec<_> = timeline.iter().filter_map(|change| change["change"].as_str()).collect();
    assert_eq!(&changes[..2], ["opened", "acknowledged"]);
    assert_eq!(timeline[1]["note"], json!({"by": "ada", "text": "looking at it"}));
    assert_eq!((&shown["knowledge"][0]["title"], &shown["group"]), (&json!("Quota exhausted"), &json!(trouble.group)));

    let (_, group) = answer(server.get(&format!("/v1/incidents/{}", trouble.group))).await;
    assert_eq!((&group["scope"], ids(&group).len()), (&json!("provider openai"), 2), "{group}");
    assert_eq!((&group["channel"], &group["evidence"]), (&Value::Null, &Value::Null));
    assert_eq!(answer(server.get("/v1/incidents/0000000000000000")).await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn knowledge_is_written_searched_and_removed() {
    let server = TestServer::start();
    let draft = |title: &str, mark: &str| {
        json!({"fingerprint": mark, "title": title, "cause": "an old key", "fix": "the new key", "by": "ada"})
            .to_string()
    };
    let mark = "eb5e9174c5a2bc09";
    for title in ["Key rotated", "Quota gone"] {
        let (status, _) = answer(server.post("/v1/knowledge", "application/json", draft(title, mark))).await;
        assert_eq!(status, StatusCode::CREATED);
    }
    let (_, found) = answer(server.get("/v1/knowledge?q=quota")).await;
    assert_eq!((&found["entries"][0]["title"], &found["total"]), (&json!("Quota gone"), &json!(2)));
    assert!(found["entries"][0]["score"].is_number() && found["entries"][1].is_null());
    let put = server.client.put(format!("{}/v1/knowledge/0", server.url)).header("content-type", "application/json");
    let (status, entry) = answer(put.body(draft("Key expired", mark))).await;
    assert_eq!((status, &entry["title"], &entry["revision"]), (StatusCode::OK, &json!("Key expired"), &json!(2)));
    let (_, offered) = answer(server.get(&format!("/v1/knowledge?fingerprint={mark}&limit=1"))).await;
    assert_eq!(offered["entries"].as_array().map(Vec::len), Some(1));
    let delete = async |id: u64| {
        let answer = server.client.delete(format!("{}/v1/knowledge/{id}", server.url)).send().await;
        answer.expect("the server answers").status()
    };
    assert_eq!((delete(0).await, delete(0).await), (StatusCode::NO_CONTENT, StatusCode::NOT_FOUND));
    assert_eq!(answer(server.get("/v1/knowledge/0")).await.0, StatusCode::NOT_FOUND);
    for (title, mark) in [("", mark), ("Key", "nope")] {
        let (status, _) = answer(server.post("/v1/knowledge", "application/json", draft(title, mark))).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{title} {mark}");
    }
}

#[tokio::test]
async fn odd_minutes_are_shown_with_what_was_expected() {
    let (server, _trouble) = troubled();
    server.calls(r#"{"ts":"2026-11-20T12:00:10Z","channel":"openai/eu"}"#).send().await.expect("accepted");
    let get = async |query: &str| answer(server.get(&format!("/v1/channels/openai%2Feu/anomalies{query}"))).await;
    let (status, shown) = get("").await;
    assert_eq!((status, shown["anomalies"].as_array().map(Vec::len)), (StatusCode::OK, Some(30)), "{shown}");
    let expected = json!({
        "ts": "2026-11-20T11:30:00Z", "column": "latency_p95_ms", "state": "judged", "score": 0.97, "anomaly": true,
        "value": 300.0, "expected": {"low": 90.0, "middle": 100.0, "high": 110.0}, "votes": {"surprise": 0.0001},
    });
    assert_eq!(shown["anomalies"][0], expected);
    assert_eq!(get("?column=requests").await.1["anomalies"], json!([]));
    assert_eq!(get("?least_score=0.98").await.1["anomalies"], json!([]));
    assert_eq!(get("?least_score=2").await.0, StatusCode::BAD_REQUEST);
    assert_eq!(answer(server.get("/v1/channels/nowhere/anomalies")).await.0, StatusCode::NOT_FOUND);
}
