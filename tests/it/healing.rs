//! Playbooks of a real server: webhooks to a receiver of our own, a command that leaves a trace, and `kill -9` in between.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use foreroute::clock::Clock;
use foreroute::stats::seed::Seed;
use rand::RngExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::site::{Site, pause_ms};

const KILLS: usize = 50;

/// Requests that a receiver got: head in lower case, and body.
#[derive(Clone, Default)]
struct Inbox(Arc<Mutex<Vec<(String, Value)>>>);

impl Inbox {
    /// Listens; each request is answered `after_ms` milliseconds after it was taken in.
    async fn listen(after_ms: i64) -> (String, Self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let address = listener.local_addr().expect("bound");
        let inbox = Self::default();
        let kept = inbox.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let kept = kept.clone();
                tokio::spawn(async move { kept.take(socket, after_ms).await });
            }
        });
        (format!("http://{address}/hook"), inbox)
    }

    /// Takes in one request, unless whoever sends it is killed before its end.
    async fn take(&self, mut socket: TcpStream, after_ms: i64) {
        let mut bytes = Vec::new();
        loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let head = head.to_lowercase();
                let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
                if length.and_then(|length| length.parse().ok()) == Some(body.len()) {
                    let body = serde_json::from_str(body).expect("JSON");
                    self.0.lock().unwrap_or_else(PoisonError::into_inner).push((head, body));
                    pause_ms(after_ms).await;
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                    let _answered = socket.write_all(answer).await;
                    return;
                }
            }
            if socket.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
        }
    }

    fn all(&self) -> Vec<(String, Value)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A site with the playbook `dead` for `eu`, whose command appends its key to `trace`.
fn site(dir: &Path, hook: &str, playbook: &str) -> Site {
    let script = dir.join("trace.sh");
    let trace = dir.join("trace");
    let text = format!("#!/bin/sh\necho \"$FOREROUTE_KEY $FOREROUTE_CHANNEL $1\" >> {}\nsleep 0.02\n", trace.display());
    fs::write(&script, text).expect("the script is written");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("it can be run");
    fs::write(dir.join("secret"), "hunter2").expect("the secret is written");
    let settings = format!(
        r#"
[store]
flush_every = "1s"
[heal]
actions_per_hour = 10000
commands = {{ trace = [{:?}, "{{channel}}"] }}
[[alerts.receiver]]
name = "ops"
kind = "webhook"
url = {hook:?}
sign = {{ file = {:?} }}
[[channel]]
name = "eu"
[[channel]]
name = "us"
[[route]]
class = "chat"
mode = "auto"
objective = {{ latency = {{ percentile = 95, ms = 2000 }}, error_ratio = 0.05 }}
[[playbook]]
name = "dead"
on = {{ tripped = true }}
channels = ["e*"]
{playbook}
"#,
        script.display().to_string(),
        dir.join("secret").display().to_string(),
    );
    Site::new(dir, &settings)
}

/// Tells of twenty calls on each channel that ended now; those on `eu` failed if it is dead.
async fn calls(site: &Site, is_dead: bool) {
    let (now, mut body) = (Clock::system().now(), String::new());
    for call in 0..40_u32 {
        let (channel, fails) = if call % 2 == 0 { ("eu", is_dead) } else { ("us", false) };
        let (ts, status) = (now.plus_micros(i64::from(call) * 1_000 - 500_000), if fails { 500 } else { 200 });
        writeln!(body, r#"{{"ts":"{ts}","channel":"{channel}","status":{status},"latency_ms":{}}}"#, 100 + call)
            .expect("writing to a string");
    }
    let request = site.client.post(site.url("/v1/calls")).header("Content-Type", "application/x-ndjson").body(body);
    // A server that dies meanwhile answers nothing.
    let _answer = request.send().await;
}

async fn get(site: &Site, path: &str) -> Value {
    let answer = site.client.get(site.url(path)).send().await.expect("an answer");
    answer.json().await.expect("JSON")
}

async fn playbook(site: &Site) -> Value {
    get(site, "/v1/playbooks").await["playbooks"][0].clone()
}

/// The lines of the journal about actions.
fn journal(dir: &Path) -> Vec<Value> {
    let text = fs::read_to_string(dir.join("data/journal/000000000001.jsonl")).expect("the journal");
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    lines.filter(|line| line["kind"] == "action").map(|line| line["body"].clone()).collect()
}

/// Keys that the command left, in order.
fn traces(dir: &Path) -> Vec<String> {
    let text = fs::read_to_string(dir.join("trace")).unwrap_or_default();
    text.lines().map(|line| line.split(' ').next().unwrap_or_default().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_channel_is_drained_told_of_restarted_and_taken_back() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (hook, inbox) = Inbox::listen(0).await;
    let site = site(
        dir.path(),
        &hook,
        r#"
verify = { that = { probe_ok = true }, hold = "1s", within = "1m" }
step = [
  { do = "drain" },
  { do = "webhook", to = "ops" },
  { do = "command", command = "trace" },
  { do = "wait", until = { probe_ok = true }, timeout = "2m" },
  { do = "restore" },
]
"#,
    );
    let server = site.serve().await;
    calls(&site, false).await;
    let mut state = playbook(&site).await;
    assert_eq!((&state["runs"], &state["success_ratio"], &state["running"]), (&json!(0), &Value::Null, &json!([])));
    for _ in 0..500 {
        calls(&site, true).await;
        state = playbook(&site).await;
        if state["running"][0]["doing"] == "wait" {
            break;
        }
        pause_ms(20).await;
    }
    assert_eq!(state["running"][0]["drained"], true, "{state}; log:\n{}", site.log());
    let run = state["running"][0]["run"].as_str().expect("a name").to_owned();
    let told = inbox.all();
    let [(head, body)] = &told[..] else { panic!("{told:?}") };
    assert!(
        head.contains(&format!("idempotency-key: {run}-2-1")) && head.contains("foreroute-signature: v1="),
        "{head}"
    );
    assert_eq!((&body["type"], &body["channel"]), (&json!("playbook"), &json!("eu")), "{body}");
    let trace = fs::read_to_string(dir.path().join("trace")).expect("the command ran");
    assert_eq!(trace, format!("{run}-3-1 eu eu\n"));
    let decision = get(&site, "/v1/routes/chat/decision").await;
    assert!(decision["weights"]["eu"].as_f64().is_none_or(|share| share < 1e-9), "{decision}");

    // It answers again.
    for _ in 0..1_200 {
        calls(&site, false).await;
        state = playbook(&site).await;
        if state["runs"] == 1 {
            break;
        }
        pause_ms(50).await;
    }
    assert_eq!((&state["done"], &state["success_ratio"]), (&json!(1), &json!(1.0)), "{state}; log:\n{}", site.log());
    assert!(state["time_to_recover"]["mean_s"].as_f64().is_some_and(|seconds| seconds > 0.0), "{state}");
    let actions = get(&site, "/v1/actions?channel=eu").await;
    let kinds = |actions: &Value| -> Vec<String> {
        let actions = actions["actions"].as_array().expect("a list").iter().rev();
        let mut kinds: Vec<(i64, String)> = actions
            .map(|it| {
                (it["step"].as_i64().expect("a number"), format!("{} {}", it["kind"], it["outcome"]).replace('"', ""))
            })
            .collect();
        kinds.sort();
        kinds.into_iter().map(|(_, kind)| kind).collect()
    };
    let wanted = ["run done", "drain ok", "webhook ok", "command ok", "wait ok", "restore ok"];
    assert_eq!(kinds(&actions), wanted, "{actions}");
    assert_eq!(server.stop(), Some(0), "log:\n{}", site.log());
    let told = site.command("actions").args(["--format", "json"]).output().expect("it runs");
    assert_eq!(kinds(&serde_json::from_slice(&told.stdout).expect("JSON")), wanted);
    let table = site.command("actions").output().expect("it runs");
    assert!(String::from_utf8_lossy(&table.stdout).contains("command trace"));
    assert!(site.command("inspect").output().expect("it runs").status.success(), "the chain is whole");
    assert!(!site.log().contains("hunter2"));
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stderr, reason = "the figures of the test, for whoever runs it with --nocapture")]
async fn no_action_is_made_twice_and_none_is_lost_however_often_the_server_is_killed() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (hook, inbox) = Inbox::listen(15).await;
    // What a command was to bring about shows at once after one step, and never after the other.
    let steps = r#"
  { do = "webhook", to = "ops" },
  { do = "command", command = "trace", confirm = { after = "0s" } },
  { do = "webhook", to = "ops" },
  { do = "command", command = "trace" },
"#
    .repeat(3);
    let site = site(dir.path(), &hook, &format!("cool_down = \"0s\"\nstep = [{steps}]"));
    let mut rng = Seed::new(11).child("kills").rng();
    for _ in 0..KILLS {
        let server = site.serve().await;
        calls(&site, true).await;
        pause_ms(rng.random_range(0..120)).await;
        server.kill();
    }
    // The last one may end what it began; nothing is wrong any more, so nothing new begins.
    let server = site.serve().await;
    for _ in 0..1_200 {
        calls(&site, false).await;
        if playbook(&site).await["running"] == json!([]) {
            break;
        }
        pause_ms(50).await;
    }
    assert_eq!(playbook(&site).await["running"], json!([]), "log:\n{}", site.log());
    assert_eq!(server.stop(), Some(0), "log:\n{}", site.log());

    let keys = traces(dir.path());
    let once: BTreeSet<&String> = keys.iter().collect();
    assert_eq!(once.len(), keys.len(), "a command ran twice: {keys:?}");
    let mut begun: BTreeMap<String, String> = BTreeMap::new();
    let mut outcomes: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for line in journal(dir.path()) {
        let Some(key) = line["key"].as_str() else { continue };
        match line["outcome"].as_str() {
            None => drop(begun.insert(key.to_owned(), line["kind"].as_str().expect("a kind").to_owned())),
            Some(outcome) => drop(outcomes.entry(key.to_owned()).or_default().insert(outcome.to_owned())),
        }
    }
    let lost: Vec<&String> = begun.keys().filter(|key| !outcomes.contains_key(*key)).collect();
    assert!(lost.is_empty(), "nothing is known of {lost:?}");
    assert!(
        keys.iter().all(|key| begun.get(key).is_some_and(|kind| kind == "command")),
        "one ran that nobody knows of"
    );
    let received: Vec<String> =
        inbox.all().iter().map(|(_, body)| body["id"].as_str().expect("a key").to_owned()).collect();
    let distinct: BTreeSet<&String> = received.iter().collect();
    let is_webhook = |key: &&String| begun.get(*key).is_some_and(|kind| kind == "webhook");
    let missing: Vec<_> = outcomes
        .iter()
        .filter(|(key, outcome)| is_webhook(key) && outcome.contains("ok") && !distinct.contains(key))
        .collect();
    assert!(missing.is_empty(), "told nobody, and taken for told: {missing:?}");
    let ran_and_known = outcomes.iter().filter(|(key, outcome)| !is_webhook(key) && outcome.contains("ok"));
    let of_commands: Vec<&String> = ran_and_known.map(|(key, _)| key).collect();

    // The table knows of every try, although most processes never published anything.
    let told = site.command("actions").args(["--format", "json"]).output().expect("it runs");
    let told: Value = serde_json::from_slice(&told.stdout).expect("JSON");
    let rows: BTreeMap<&str, &Value> = told["actions"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|row| Some((row["key"].as_str()?, row)))
        .collect();
    let unknown: Vec<&String> =
        begun.keys().filter(|key| rows.get(key.as_str()).is_none_or(|row| row["outcome"].is_null())).collect();
    assert!(unknown.is_empty(), "the table does not know what came of {unknown:?}");
    let checked = site.command("inspect").args(["--format", "json"]).output().expect("it runs");
    assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8_lossy(&checked.stdout));

    let count = |wanted: &str| outcomes.values().filter(|of| of.contains(wanted)).count();
    eprintln!(
        "{KILLS} kills: {} tries begun, {} ok, {} unknown; commands: {} ran, {} told as ok, none twice; webhooks: {} received, {} distinct",
        begun.len(),
        count("ok"),
        count("unknown"),
        keys.len(),
        of_commands.len(),
        received.len(),
        distinct.len()
    );
    assert!(
        begun.len() > KILLS / 2 && received.len() > distinct.len().min(KILLS / 4),
        "too little happened to show anything"
    );
}
