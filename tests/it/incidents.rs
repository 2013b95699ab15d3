//! `foreroute incidents` and `foreroute risk` on a store in which something went wrong.

use std::path::Path;
use std::process::{Command, Output};

use foreroute::clock::Clock;
use foreroute::domain::ids::ChannelId;
use foreroute::domain::sample::Sample;
use foreroute::domain::target::Target;
use foreroute::domain::time::Timestamp;
use foreroute::engine::machine::{Class, ControlTable, Heard, Machine, Rulebook};
use foreroute::incident::place::Topology;
use foreroute::risk::chance::Chances;
use foreroute::risk::objective::Objective;
use foreroute::store::{Store, StoreOptions};
use serde_json::Value;

use crate::trouble;

fn foreroute(dir: &Path, args: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_foreroute");
    Command::new(program).args(args).current_dir(dir).env_clear().output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn json(dir: &Path, args: &[&str]) -> Value {
    let output = foreroute(dir, &[args, &["--format", "json"]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn incidents_are_listed_and_one_is_shown() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    assert_eq!(foreroute(dir.path(), &["incidents"]).status.code(), Some(1), "there is no store");
    let trouble = trouble::publish(&dir.path().join("foreroute-data"), Clock::system().now());
    let list = foreroute(dir.path(), &["incidents"]);
    let shown = text(&list.stdout);
    assert_eq!(shown.lines().count(), 4, "{shown}{}", text(&list.stderr));
    assert!(
        shown.contains("open, taken") && shown.contains("recovered") && shown.contains("provider openai (2 incidents)")
    );
    assert_eq!(text(&list.stderr), "1 open, 1 over\n");
    let ids = |args: &[&str]| {
        let found = json(dir.path(), args);
        let ids = found["incidents"].as_array().expect("a list").iter().map(|one| one["id"].clone());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids(&["incidents", "--open", "--channel", "openai/us"]), [trouble.group.as_str()]);
    assert_eq!(ids(&["incidents", "--all", "--channel", "openai/us"]).len(), 2);
    assert!(ids(&["incidents", "--severity", "P1,p3"]).iter().all(|id| id.as_str() != Some(&trouble.eu)));
    assert_eq!(foreroute(dir.path(), &["incidents", "--severity", "P5"]).status.code(), Some(1));

    let one = text(&foreroute(dir.path(), &["incidents", "--id", &trouble.eu]).stdout);
    for part in ["latency_p95_ms", "90 to 110", "surprise", "acknowledged", "ada: looking at it", &trouble.fingerprint]
    {
        assert!(one.contains(part), "{part}:\n{one}");
    }
    let detail = json(dir.path(), &["incidents", "--id", &trouble.group]);
    assert_eq!(detail["incidents"].as_array().map(Vec::len), Some(2));
    let none = foreroute(dir.path(), &["incidents", "--id", "0000000000000000"]);
    assert_eq!((none.status.code(), text(&none.stderr).contains("no incident")), (Some(1), true));
}

/// Saves what the hours up to `now` were like for the route class `chat`, of which every third hour fails for ten minutes.
fn save_detection(data: &Path, now: Timestamp) {
    let eu = ChannelId::new("openai/eu").expect("a name");
    let objective = Objective::new(None, Some(0.05), None).expect("a promise");
    let class = Class { name: "chat".to_owned(), objective, channels: [eu.clone()].into() };
    let controls = ControlTable::new(&Target::ALL, 0.05, &[]).expect("valid");
    let book = Rulebook::new(controls, Topology::default(), vec![class]).expect("valid");
    let book = Rulebook { forest: false, ..book };
    let mut machine = Machine::default();
    for at in 0..400 {
        let minute = now.minute().minus(400 - at);
        let mut sample = Sample::new(eu.clone(), minute);
        (sample.counts.requests, sample.coverage_s) = (20, 60);
        sample.counts.errors = if at % 180 >= 170 { 10 } else { 0 };
        // A forecast that sees trouble some minutes ahead.
        let chance = if at % 180 >= 160 { 0.95 } else { 0.02 };
        let chances = [("chat".to_owned(), Chances([chance; 3]))].into();
        let heard = [(eu.clone(), Heard { sample: Some(sample), chances, ..Heard::default() })].into();
        machine.observe(&book, minute.end(), minute, &heard);
    }
    let (store, _recovery) = Store::open(data, StoreOptions::default(), now).expect("the store opens");
    store.put_model("detection", &postcard::to_stdvec(&machine).expect("plain data")).expect("saved");
}

#[test]
fn risks_come_with_what_they_have_been_worth() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (data, now) = (dir.path().join("foreroute-data"), Clock::system().now());
    trouble::publish(&data, now);
    let before = json(dir.path(), &["risk"]);
    assert_eq!((&before["classes"], &before["classes_as_of"]), (&serde_json::json!([]), &Value::Null));
    save_detection(&data, now);
    let risks = json(dir.path(), &["risk"]);
    assert_eq!(risks["classes_as_of"], now.minute().minus(1).to_string());
    let class = &risks["classes"][0];
    assert_eq!((&class["class"], class["worth"].as_array().map(Vec::len)), (&"chat".into(), Some(3)));
    let worth = &class["worth"][0];
    assert!(worth["outcomes"].as_u64() > Some(300) && worth["brier"]["score"].as_f64() < Some(0.2), "{worth}");
    assert!(worth["diagram"].as_array().is_some_and(|bins| bins.len() >= 2), "{worth}");
    assert!(class["warnings"]["warned"].as_u64() >= Some(1), "{class}");
    let table = text(&foreroute(dir.path(), &["risk"]).stdout);
    let of = |within: &str| table.lines().find(|line| line.starts_with("chat") && line.contains(within));
    assert!(table.contains("skill") && of("  5 m").is_some() && of(" 60 m").is_some(), "{table}");
    assert!(table.contains("\nchat: warned of ") && table.contains(" ahead; "), "{table}");
    assert_eq!(json(dir.path(), &["risk", "--class", "batch"])["classes"], serde_json::json!([]));
}

#[test]
fn risks_are_shown_and_status_mentions_what_is_wrong() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    trouble::publish(&dir.path().join("foreroute-data"), Clock::system().now());
    let table = text(&foreroute(dir.path(), &["risk"]).stdout);
    let rows: Vec<&str> = table.lines().skip(1).collect();
    assert!(rows.len() == 2 && rows[0].starts_with("openai/eu  chat") && rows[0].contains("80 %"), "{table}");
    let risks = json(dir.path(), &["risk", "--least", "0.5"]);
    assert_eq!(risks["risks"].as_array().map(Vec::len), Some(1));
    let horizon = serde_json::json!({"horizon_s": 300, "chance": 0.4, "probability": 0.8});
    assert_eq!(risks["risks"][0]["horizons"][0], horizon);
    assert_eq!(json(dir.path(), &["risk", "--class", "batch"])["risks"], serde_json::json!([]));
    let status = foreroute(dir.path(), &["status"]);
    let told = text(&status.stdout);
    assert!(told.starts_with("1 incident is open.") && told.contains("P2 latency on openai/eu since"), "{told}");
    assert!(told.contains("openai/eu breaks its promise to chat within the hour: 80 %"), "{told}");
    let korean = text(&foreroute(dir.path(), &["status", "--lang", "ko"]).stdout);
    assert!(korean.starts_with("진행 중인 장애가 1건 있습니다."), "{korean}");
    let status = json(dir.path(), &["status"]);
    assert_eq!((&status["incidents_open"]["P2"], &status["highest_risk"]), (&1.into(), &0.8.into()));
}
