//! The demo as a user starts it: the real binary, real sockets, a real signal.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use foreroute::clock::Clock;
use foreroute::domain::ids::ChannelId;
use foreroute::domain::sample::Sample;
use foreroute::domain::time::{Minute, Timestamp};
use foreroute::engine::{Engine, Settings};
use foreroute::store::{StoreOptions, query};
use serde_json::Value;

use crate::site::pause_ms;

/// No demo of a few seconds takes this long, on any machine that builds it.
const PATIENCE: Duration = Duration::from_secs(90);

fn start(args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_foreroute"))
        .arg("demo")
        .args(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts")
}

/// The child's output, or a failed test if it does not end in time.
fn finish(child: Child) -> Output {
    let pid = child.id();
    let (done, ended) = mpsc::channel();
    std::thread::spawn(move || done.send(child.wait_with_output()));
    let output = ended.recv_timeout(PATIENCE);
    if output.is_err() {
        let _killed = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
    }
    output.expect("the demo ends in time").expect("the child can be waited for")
}

/// Per channel: requests, errors and tokens as `names` call them.
fn counts(rows: &[Value], names: [&str; 5]) -> BTreeMap<String, Vec<Value>> {
    let cells = |row: &Value| names.iter().map(|name| row[*name].clone()).collect();
    rows.iter().map(|row| (row["channel"].as_str().expect("a name").to_owned(), cells(row))).collect()
}

#[test]
fn channels_summary_and_reopened_store_tell_the_same() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("store");
    let data_arg = data.to_str().expect("UTF-8");
    let args =
        ["--port", "0", "--duration", "4s", "--rate", "60", "--seed", "7", "--format", "json", "--data", data_arg];
    let output = finish(start(&args));
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaints}");
    let summary: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    let rows = summary["channels"].as_array().expect("a list");
    let names = ["calls", "errors", "tokens_prompt", "tokens_completion", "tokens_cached"];
    let said = counts(rows, names);
    assert_eq!(said.len(), 4);
    assert!(rows.iter().all(|row| row["calls"].as_u64() > Some(0) && row["latency_p95_ms"].as_f64() > Some(0.0)));

    let of_channel = |row: &Value| {
        let mut served = row["served"].clone();
        served["channel"] = row["channel"].clone();
        served
    };
    let served: Vec<Value> = rows.iter().map(of_channel).collect();
    assert_eq!(said, counts(&served, names), "the channels' own books");

    let calls: u64 = rows.iter().filter_map(|row| row["calls"].as_u64()).sum();
    assert_eq!(
        (summary["reported"]["acknowledged"].as_u64(), summary["reported"]["lost"].as_u64()),
        (Some(calls), Some(0))
    );

    let from = Timestamp::parse_rfc3339(summary["from"].as_str().expect("an instant")).expect("RFC 3339");
    assert_eq!(said, stored(&data, from.minute()), "the store, opened again");
}

/// What an engine finds in the store after the demo, from the minute on in which it began.
fn stored(data: &Path, from: Minute) -> BTreeMap<String, Vec<Value>> {
    let (engine, _) = Engine::open(data, StoreOptions::default(), Settings::default(), Clock::system()).expect("opens");
    let to = engine.clock().now().minute().plus(1);
    let total = |channel: ChannelId| {
        let view = engine.view(Some(&channel), from, to);
        let minutes = query::samples(&view.snapshot, &view.fresh, &channel, from, to).expect("can be read");
        let mut total = Sample::new(channel.clone(), from);
        for minute in &minutes {
            total.merge(minute);
        }
        let counts = [total.counts.requests, total.counts.errors].map(Some);
        let cells = counts.into_iter().chain([total.tokens_prompt, total.tokens_completion, total.tokens_cached]);
        (channel.to_string(), cells.map(Value::from).collect())
    };
    engine.channels().into_iter().map(total).collect()
}

#[test]
fn ctrl_c_ends_it_cleanly_and_leaves_nothing_behind() {
    let mut child = start(&["--port", "0", "--rate", "20"]);
    let mut told = BufReader::new(child.stderr.take().expect("piped"));
    let mut store = String::new();
    while !store.starts_with("Store: ") {
        store.clear();
        assert!(told.read_line(&mut store).expect("text") > 0, "it ended before it said where its store is");
    }
    let path = store["Store: ".len()..].split(" (").next().expect("a path").to_owned();
    assert!(Path::new(&path).is_dir(), "{path}");
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(status.success());
    // Its notes must be read on, or it could not write them.
    let notes = std::thread::spawn(move || {
        let mut rest = String::new();
        told.read_to_string(&mut rest).map(|_bytes| rest)
    });
    let output = finish(child);
    let notes = notes.join().expect("no panic").expect("text");
    assert!(output.status.success(), "{notes}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("exactly once"), "{notes}");
    assert!(!Path::new(&path).exists(), "{path} is still there");
}

#[tokio::test]
async fn metrics_of_the_program_are_served() {
    let mut child = start(&["--port", "0", "--rate", "5"]);
    let mut told = BufReader::new(child.stderr.take().expect("piped"));
    let mut line = String::new();
    while !line.starts_with("Foreroute demo on ") {
        line.clear();
        assert!(told.read_line(&mut line).expect("text") > 0, "it ended before it said where it is");
    }
    let url = line.split_whitespace().nth(3).expect("an address").to_owned();
    // Its notes must be read on, or it could not write them.
    let notes = std::thread::spawn(move || std::io::copy(&mut told, &mut std::io::sink()));
    let wanted = ["foreroute_ingest_calls_total", "foreroute_store_catalog_version", "foreroute_channels 4"];
    let mut page = String::new();
    for _ in 0..3_000 {
        page = reqwest::get(format!("{url}/metrics")).await.expect("an answer").text().await.expect("text");
        if wanted.iter().all(|name| page.contains(name)) {
            break;
        }
        pause_ms(10).await;
    }
    let stopped = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(stopped.success() && finish(child).status.success());
    notes.join().expect("no panic").expect("read");
    for name in wanted {
        assert!(page.contains(name), "{name} is not in\n{page}");
    }
}

/// A demo in the background and its addresses: the API's and that of faults by hand.
fn started(args: &[&str]) -> (Child, String, String, std::thread::JoinHandle<()>) {
    let mut child = start(args);
    let mut told = BufReader::new(child.stderr.take().expect("piped"));
    let mut address = |prefix: &str, word: usize| {
        let mut line = String::new();
        while !line.trim_start().starts_with(prefix) {
            line.clear();
            assert!(told.read_line(&mut line).expect("text") > 0, "it ended before it said `{prefix}`");
        }
        line.split_whitespace().nth(word).expect("an address").to_owned()
    };
    let (api, faults) = (address("Foreroute demo on ", 3), address("curl -s -X DELETE ", 4));
    let faults = faults.rsplit_once('/').expect("a path").0.to_owned();
    // Its notes must be read on, or it could not write them.
    let notes = std::thread::spawn(move || drop(std::io::copy(&mut told, &mut std::io::sink())));
    (child, api, faults, notes)
}

#[tokio::test]
async fn a_channel_broken_by_hand_is_left_within_seconds_and_work_has_a_past() {
    let (child, api, faults, notes) = started(&["--port", "0", "--faults-port", "0", "--rate", "40", "--calm"]);
    let client = reqwest::Client::new();
    let get = async |url: String| {
        let answer = client.get(url).send().await.expect("an answer");
        answer.json::<Value>().await.expect("JSON")
    };
    let work = get(format!("{api}/v1/work/curves")).await;
    let days = work["curves"][0]["days"].as_array().map_or(0, Vec::len);
    assert!(days >= 14, "{days} days of work");
    let share = async || {
        let decided = get(format!("{api}/v1/routes/chat/decision")).await;
        decided["weights"]["harbor-mini"].as_f64().unwrap_or(-1.0)
    };
    for _ in 0..600 {
        if share().await > 0.1 {
            break;
        }
        pause_ms(100).await;
    }
    assert!(share().await > 0.1, "the cheap channel carries calls");
    let body = r#"{"channel":"harbor-mini","kind":"down","for_s":60}"#;
    let made = client.post(&faults).body(body).send().await.expect("an answer");
    assert_eq!(made.status(), 201);
    let mut left = false;
    for _ in 0..300 {
        left = left || share().await == 0.0;
        if left {
            break;
        }
        pause_ms(100).await;
    }
    assert!(left, "calls still go to a channel that is down");
    let ended = client.delete(format!("{faults}/harbor-mini")).send().await.expect("an answer");
    assert_eq!(ended.status(), 200);
    let stopped = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(stopped.success() && finish(child).status.success());
    notes.join().expect("no panic");
}

#[test]
fn a_port_asked_for_by_number_must_be_free() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("bound").port().to_string();
    let output = finish(start(&["--port", &port]));
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains(&format!("127.0.0.1:{port}")), "{complaint}");
}
