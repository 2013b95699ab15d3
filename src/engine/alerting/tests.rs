//! Rules over a real store, with a clock that only the test moves.

use std::path::Path;

use super::*;
use crate::alert::rule::Labels;
use crate::config::{self, Config};
use crate::domain::batch::Batch;
use crate::domain::call::{Call, Outcome};
use crate::domain::gauge::Gauge;
use crate::domain::ids::ChannelId;
use crate::domain::units::Millis;
use crate::engine::{Settings, store_options};
use crate::incident::severity::Severity;

const NOON: Timestamp = Timestamp::from_seconds(1_795_000_020);

fn minute(n: i64) -> Timestamp {
    NOON.plus_seconds(60 * n)
}

/// A configuration with these rules, and a receiver that nobody brings anything to.
fn configured(rules: &str) -> Config {
    let text = r#"
        [[channel]]
        name = "eu"
        provider = "azure"
        [[alerts.receiver]]
        name = "ops"
        kind = "webhook"
        url = "http://127.0.0.1:1/"
    "#;
    let mut config = config::parse(text, &|_| Err(String::new())).expect("valid").config;
    config.alerts.rules = config::parse_rules(rules, &config).expect("valid rules");
    config
}

fn open(data: &Path, config: &Config, now: Timestamp) -> Engine {
    let mut settings = Settings::of(config);
    // Nobody beats here.
    settings.alerts.expects_beats = false;
    Engine::open(data, store_options(config), settings, Clock::manual(now)).expect("the store opens").0
}

/// Calls of `channel` in the minute `n`: each takes `ms`, and the first `failed` fail.
async fn calls(engine: &Engine, channel: &str, n: i64, ms: &[f64], failed: usize) {
    let channel = ChannelId::new(channel).expect("valid");
    let call = |(at, ms): (usize, &f64)| Call {
        outcome: if at < failed { Outcome::ServerError } else { Outcome::Ok },
        latency: Millis::new(*ms).ok(),
        ..Call::new(minute(n).plus_seconds(1), channel.clone())
    };
    let mut batch = Batch::new(minute(n).plus_seconds(2));
    batch.calls = ms.iter().enumerate().map(call).collect();
    batch.watched = Some((minute(n), minute(n + 1)));
    engine.accept(batch).await.expect("accepted");
}

/// Judges the minutes before minute `n`, then tells; the ids in the outbox.
async fn round(engine: &Engine, n: i64) -> Vec<(Vec<String>, Vec<String>)> {
    engine.clock().set(minute(n).plus_seconds(5));
    engine.judge(minute(n).minute());
    engine.tell(engine.clock().now().plus_seconds(30)).await;
    let kept = engine.0.alerting.kept();
    let ids = |events: &[Event]| events.iter().map(|event| event.id.clone()).collect();
    kept.outbox.values().flatten().map(|notice| (ids(&notice.firing), ids(&notice.ended))).collect()
}

/// Rule, labels and value of everything in breach.
fn breaches(engine: &Engine) -> Vec<(String, String, f64)> {
    engine.alerts().into_iter().map(|it| (it.rule, it.labels.to_string(), (it.value * 1e4).round() / 1e4)).collect()
}

#[tokio::test]
async fn windows_merge_percentiles_sum_counts_and_keep_gaps() {
    let rules = r#"
        [[rule]]
        name = "slow"
        metric = "latency_p50_ms"
        above = 500
        window = "2m"
        [[rule]]
        name = "failing"
        metric = "error_ratio"
        above = 0.1
        window = "2m"
        labels = { provider = "az*" }
        [[rule]]
        name = "quiet"
        metric = "requests"
        below = 5
        window = "1m"
        [[rule]]
        name = "deep"
        gauge = "depth"
        above = 3
        take = "max"
    "#;
    let dir = tempfile::tempdir().expect("a directory");
    let engine = open(dir.path(), &configured(rules), NOON);
    calls(&engine, "eu", 0, &[100.0; 10], 0).await;
    calls(&engine, "eu", 1, &[900.0; 12], 3).await;
    calls(&engine, "us", 1, &[900.0; 2], 2).await;
    let labels = [("queue".to_owned(), "a".to_owned())].into();
    let reading = |second, value| Gauge {
        ts: minute(1).plus_seconds(second),
        metric: "depth".to_owned(),
        labels: std::collections::BTreeMap::clone(&labels),
        value,
    };
    let mut batch = Batch::new(minute(2));
    batch.gauges = vec![reading(1, 4.0), reading(9, 2.0)];
    engine.accept(batch).await.expect("accepted");
    round(&engine, 2).await;
    let eu = r#"{channel="eu", provider="azure"}"#;
    let expected = [
        ("deep", r#"{queue="a"}"#, 4.0),
        // 3 of 22 calls of both minutes.
        ("failing", eu, 0.1364),
        ("quiet", r#"{channel="us"}"#, 2.0),
    ];
    let expected = expected.map(|(rule, labels, value)| (rule.to_owned(), labels.to_owned(), value));
    // Ten fast ones and nine slow ones: the median of all of them is a fast one, the mean of both medians is not.
    assert_eq!(breaches(&engine), expected);
}

#[tokio::test]
async fn a_sum_over_less_than_the_window_is_known_only_if_it_is_too_large_already() {
    let rules = r#"
        [[rule]]
        name = "quiet"
        metric = "requests"
        below = 50
        window = "10m"
        [[rule]]
        name = "busy"
        metric = "requests"
        above = 9
        window = "10m"
    "#;
    let dir = tempfile::tempdir().expect("a directory");
    let engine = open(dir.path(), &configured(rules), NOON);
    calls(&engine, "eu", 9, &[100.0; 10], 0).await;
    round(&engine, 10).await;
    let rules = || engine.alerts().into_iter().map(|it| it.rule).collect::<Vec<_>>();
    assert_eq!(rules(), ["busy"]);
    let watched = Batch { watched: Some((minute(10), minute(30))), ..Batch::new(minute(30)) };
    engine.accept(watched).await.expect("accepted");
    round(&engine, 30).await;
    assert_eq!(rules(), ["quiet"], "ten minutes without a call are no gap");
}

const SLOW: &str =
    "[[rule]]\nname = \"slow\"\nmetric = \"latency_p95_ms\"\nabove = 500\nwindow = \"1m\"\nfor = \"1m\"\n";

#[tokio::test]
async fn a_restart_tells_nothing_twice_and_silences_hold() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = configured(SLOW);
    let slow = || vec![r#"slow{channel="eu", provider="azure"}"#.to_owned()];
    let engine = open(dir.path(), &config, NOON);
    calls(&engine, "eu", 0, &[900.0; 4], 0).await;
    calls(&engine, "eu", 1, &[900.0; 4], 0).await;
    assert!(round(&engine, 1).await.is_empty(), "it has to last a minute");
    assert_eq!(round(&engine, 2).await, [(slow(), vec![])]);
    let other = Labels::new([("rule", "other")]);
    engine.silence(other, minute(900), "kim".to_owned(), "known".to_owned()).await.expect("kept");
    engine.shutdown().await.expect("stopped");

    // What nobody was brought is still there; then it is brought, and does not come again.
    let engine = open(dir.path(), &config, minute(3));
    assert_eq!(engine.silences().len(), 1);
    assert_eq!(engine.0.alerting.kept().outbox["ops"].len(), 1);
    engine.0.alerting.kept().outbox.clear();
    engine.keep_alerts().expect("kept");
    calls(&engine, "eu", 2, &[900.0; 4], 0).await;
    assert!(round(&engine, 3).await.is_empty(), "told already");
    engine.keep_alerts().expect("kept");
    engine.shutdown().await.expect("stopped");
    let engine = open(dir.path(), &config, minute(3));
    calls(&engine, "eu", 3, &[100.0; 4], 0).await;
    assert!(round(&engine, 4).await.is_empty(), "five minutes between notices");
    assert_eq!(round(&engine, 9).await, [(vec![], slow())]);
    assert_eq!(engine.alerts(), []);
}

#[tokio::test]
async fn what_fires_by_a_rule_that_is_taken_out_ends() {
    let dir = tempfile::tempdir().expect("a directory");
    let engine = open(dir.path(), &configured(SLOW), NOON);
    for n in 0..2 {
        calls(&engine, "eu", n, &[900.0; 4], 0).await;
        round(&engine, n + 1).await;
    }
    engine.0.alerting.kept().outbox.clear();
    engine.keep_alerts().expect("kept");
    engine.shutdown().await.expect("stopped");
    let engine = open(dir.path(), &configured(""), minute(8));
    engine.forget_rules();
    let told = round(&engine, 8).await;
    assert_eq!(told.iter().map(|(firing, ended)| (firing.len(), ended.len())).collect::<Vec<_>>(), [(0, 1)]);
}

#[tokio::test]
async fn a_detector_that_falls_silent_is_an_alert_until_it_is_heard_again() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut settings = Settings::of(&configured(""));
    settings.alerts.expects_beats = true;
    let opened = Engine::open(dir.path(), store_options(&Config::default()), settings, Clock::manual(NOON));
    let engine = opened.expect("the store opens").0;
    engine.beat(minute(1));
    assert!(round(&engine, 3).await.is_empty(), "it has to last a minute");
    assert_eq!(round(&engine, 4).await, [(vec!["DetectorStalled{}".to_owned()], vec![])]);
    assert_eq!(breaches(&engine), [("DetectorStalled".to_owned(), "{}".to_owned(), 185.0)]);
    assert_eq!(engine.alerts()[0].severity, Some(Severity::P2));
    engine.beat(minute(6));
    round(&engine, 6).await;
    assert_eq!(engine.alerts(), []);
}

#[tokio::test]
async fn incidents_are_told_beside_alerts() {
    let dir = tempfile::tempdir().expect("a directory");
    let engine = open(dir.path(), &configured(""), NOON);
    let event = Event {
        id: "incident-1".to_owned(),
        labels: Labels::new([("channel", "eu")]),
        severity: Severity::P1,
        summary: "eu is out".to_owned(),
        runbook: None,
        since: NOON,
        ended: None,
    };
    engine.hear(NOON, event);
    assert_eq!(round(&engine, 1).await, [(vec!["incident-1".to_owned()], vec![])]);
}

#[tokio::test]
async fn a_file_of_rules_that_changes_is_taken_up_unless_it_is_wrong() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("alerts.toml");
    let write = |text: &str| std::fs::write(&file, text).expect("written");
    write(SLOW);
    let mut config = configured(SLOW);
    config.alerts.rules_file = Some(file.clone());
    let engine = open(&dir.path().join("data"), &config, NOON);
    let in_breach = async |n: i64| -> Vec<String> {
        calls(&engine, "eu", n, &[900.0; 4], 0).await;
        round(&engine, n + 1).await;
        breaches(&engine).into_iter().map(|(rule, ..)| rule).collect()
    };
    assert_eq!(in_breach(0).await, ["slow"]);
    write("[[rule]]\nname = \"slow\"\nmetric = \"latency_p95\"\n");
    assert_eq!(in_breach(1).await, ["RulesRefused", "slow"], "the rules of before go on");
    let problem = engine.rules_problem().expect("it is wrong");
    assert!(problem.contains("alerts.toml:") && problem.contains("latency_p95"), "{problem}");
    let lenient = SLOW.replace("500", "5000");
    write(&format!("{}{lenient}", SLOW.replace("slow", "late")));
    assert_eq!((in_breach(2).await, engine.rules_problem()), (vec!["late".to_owned()], None));
    std::fs::remove_file(&file).expect("removed");
    assert_eq!(in_breach(3).await, ["RulesRefused", "late"]);
    assert!(engine.rules_problem().is_some_and(|problem| problem.contains("cannot be read")));
    write("");
    assert_eq!((in_breach(4).await, engine.rules_problem()), (Vec::new(), None));
}
