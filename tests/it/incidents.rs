//! `foreroute incidents` and `foreroute risk` on a store in which something went wrong.

use std::path::Path;
use std::process::{Command, Output};

use foreroute::clock::Clock;
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
    let told = text(&status.stderr);
    assert!(told.contains("open incidents: 1 P2") && told.contains("highest risk: 80 %"), "{told}");
    assert_eq!(json(dir.path(), &["status"])["incidents_open"]["P2"], 1);
}
