//! The page of metrics: it says what is, and no longer what was.

use reqwest::StatusCode;
use serde_json::json;

use super::live::{judged, minute, now, server};
use super::server::{TestServer, json as answer};
use crate::site::pause_ms;

/// The page once `is_it` holds of it.
async fn page(server: &TestServer, is_it: impl Fn(&str) -> bool) -> String {
    let mut page = String::new();
    for _ in 0..2_000 {
        let response = server.get("/metrics").send().await.expect("the server answers");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
        page = response.text().await.expect("text");
        if is_it(&page) {
            return page;
        }
        pause_ms(10).await;
    }
    panic!("it never comes:\n{page}");
}

fn file(metrics: bool) -> String {
    format!(
        r#"
        [[channel]]
        name = "eu"
        [[channel]]
        name = "us"
        [[route]]
        class = "chat"
        objective = {{ error_ratio = 0.05 }}
        [detect]
        forest = false
        metrics = {metrics}
        [forecast]
        enabled = false
        "#
    )
}

const EU: &str = "foreroute_anomaly_score{channel=\"eu\",column=\"error_ratio\"} ";
const US: &str = "foreroute_anomaly_score{channel=\"us\",column=\"error_ratio\"} ";
const BUDGET: &str = "foreroute_error_budget_left{class=\"chat\",promise=\"error_ratio\"} ";

#[tokio::test]
async fn scores_of_channels_that_fell_silent_and_incidents_that_closed_are_gone() {
    let (server, _stop) = server(&file(true), &["eu", "us"]).await;
    let first = now().minute();
    minute(&server, first, &["eu", "us"], 15).await;
    judged(&server, first).await;
    let both = page(&server, |page| page.contains(EU)).await;
    assert!(both.contains(US) && both.contains("# TYPE foreroute_anomaly_score gauge\n"), "{both}");
    let mut at = 0;
    let open = loop {
        at += 1;
        minute(&server, first.plus(at), &["eu"], 15).await;
        judged(&server, first.plus(at)).await;
        let page = page(&server, |_| true).await;
        assert!(page.contains(EU) && !page.contains(US), "nobody heard of it: {page}");
        if !server.engine.situation().incidents.is_empty() {
            break page;
        }
        assert!(at < 8, "half of all calls fail");
    };
    let severity = server.engine.situation().incidents[0].severity.name();
    let incidents = |open: u32| format!("foreroute_incidents_open{{severity=\"{severity}\"}} {open}\n");
    assert!(open.contains(&incidents(1)), "{open}");
    assert!(open.contains(&format!("{BUDGET}-")), "it is overdrawn: {open}");

    let id = server.engine.situation().incidents[0].id;
    let order = json!({"by": "ada", "reason": "known"}).to_string();
    let (status, done) = answer(server.post(&format!("/v1/incidents/{id}/close"), "application/json", order)).await;
    assert_eq!(status, StatusCode::OK, "{done}");
    page(&server, |page| page.contains(&incidents(0))).await;
    server.clock.set(first.plus(at + 10).start());
    let silent = page(&server, |page| !page.contains("foreroute_anomaly_score")).await;
    assert!(silent.contains(BUDGET), "a budget is of thirty days: {silent}");
}

#[tokio::test]
async fn scores_are_shown_only_if_the_configuration_asks_for_them() {
    let (server, _stop) = server(&file(false), &["eu", "us"]).await;
    minute(&server, now().minute(), &["eu", "us"], 0).await;
    judged(&server, now().minute()).await;
    let page = page(&server, |page| page.contains(BUDGET)).await;
    assert!(!page.contains("foreroute_anomaly_score") && !page.contains("foreroute_risk"), "{page}");
    for always in ["foreroute_channels 2\n", "foreroute_incidents_open{severity=\"P1\"} 0\n", "{table=\"samples\"} "] {
        assert!(page.contains(always), "{always}: {page}");
    }
}
