//! A playbook of high risk on a real server: it waits for two different people, their yes moves the calls as well, and its
//! probe asks the channel by itself.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use foreroute::clock::Clock;
use foreroute::config::valid::TokenHash;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::site::{Site, pause_ms};

const STREAM: &str = include_str!("../fixtures/probe/chat-completion-stream.sse");

/// A model's interface that fails the first question and answers every further one; how often it was asked.
async fn model() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("bound");
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0_u8; 4_096];
            let _read = socket.read(&mut request).await;
            let is_first = count.fetch_add(1, Ordering::SeqCst) == 0;
            let (status, body) = if is_first { ("500 Internal Server Error", "") } else { ("200 OK", STREAM) };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: text/event-stream\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            let _answered = socket.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    (format!("http://{address}/v1"), asked)
}

/// Two operators and a gateway, whose tokens are their names with `-secret`. The probe's own schedule never comes.
fn site(dir: &Path, model: &str) -> Site {
    let token = |name: &str, role: &str| {
        format!(
            "[[server.tokens]]\nname = \"{name}\"\nrole = \"{role}\"\nsha256 = \"{}\"\n",
            TokenHash::of(&format!("{name}-secret")).hex()
        )
    };
    let tokens = token("ada", "operator") + &token("ben", "operator") + &token("gw", "writer");
    let settings = format!(
        r#"{tokens}
[[channel]]
name = "eu"
model = "m"
prices = [{{ prompt_usd_per_mtok = 1.0, completion_usd_per_mtok = 2.0 }}]
[[channel]]
name = "us"
[[source]]
kind = "probe"
channel = "eu"
base_url = {model:?}
prompt = "Reply with exactly one word: pong"
expect = "pong"
cron = "0 0 1 1 *"
[[route]]
class = "chat"
mode = "approve"
objective = {{ latency = {{ percentile = 95, ms = 2000 }}, error_ratio = 0.05 }}
[[playbook]]
name = "dead"
high_risk = true
channels = ["eu"]
on = {{ tripped = true }}
step = [{{ do = "drain" }}, {{ do = "probe", back_off = "1s" }}, {{ do = "restore" }}]
"#
    );
    Site::new(dir, &settings)
}

/// Tells of calls that ended now; those on `eu` failed.
async fn calls(site: &Site) {
    let (now, mut body) = (Clock::system().now(), String::new());
    for call in 0..40_u32 {
        let (channel, status) = if call % 2 == 0 { ("eu", 500) } else { ("us", 200) };
        let ts = now.plus_micros(i64::from(call) * 1_000 - 500_000);
        writeln!(body, r#"{{"ts":"{ts}","channel":"{channel}","status":{status},"latency_ms":120}}"#)
            .expect("a string");
    }
    let request = site.client.post(site.url("/v1/calls")).bearer_auth("gw-secret");
    let answer = request.header("Content-Type", "application/x-ndjson").body(body).send().await;
    assert_eq!(answer.expect("an answer").status(), 200);
}

async fn get(site: &Site, path: &str) -> Value {
    let answer = site.client.get(site.url(path)).bearer_auth("ada-secret").send().await;
    answer.expect("an answer").json().await.expect("JSON")
}

/// The yes of `who` to `run`: the status of the answer, and the answer.
async fn approve(site: &Site, who: &str, run: &str) -> (u16, Value) {
    let request =
        site.client.post(site.url(&format!("/v1/actions/{run}/approve"))).bearer_auth(format!("{who}-secret"));
    let answer = request.json(&json!({ "reason": "seen it" })).send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_people_let_it_run_and_its_probe_asks_by_itself() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (url, asked) = model().await;
    let site = site(dir.path(), &url);
    let server = site.serve().await;
    let mut run = Value::Null;
    for _ in 0..300 {
        calls(&site).await;
        run = get(&site, "/v1/playbooks").await["playbooks"][0]["running"][0].clone();
        if run.is_object() {
            break;
        }
        pause_ms(20).await;
    }
    assert_eq!((&run["state"], &run["needed"]), (&json!("asking"), &json!(2)), "{run}; log:\n{}", site.log());
    let id = run["run"].as_str().expect("a name");
    assert_eq!(approve(&site, "gw", id).await.0, 403, "a gateway is no operator");
    assert_eq!(approve(&site, "ada", id).await.1["state"], "waits");
    let (status, problem) = approve(&site, "ada", id).await;
    assert_eq!(status, 409, "{problem}");
    assert_eq!((asked.load(Ordering::SeqCst), &get(&site, "/v1/decisions").await["decisions"]), (0, &json!([])));
    assert_eq!(approve(&site, "ben", id).await.1["state"], "decided");

    let mut state = Value::Null;
    for _ in 0..600 {
        state = get(&site, "/v1/playbooks").await["playbooks"][0].clone();
        if state["runs"] == 1 {
            break;
        }
        pause_ms(50).await;
    }
    assert_eq!(state["done"], 1, "{state}; log:\n{}", site.log());
    assert_eq!(asked.load(Ordering::SeqCst), 2, "one call for each try");
    let actions = get(&site, "/v1/actions").await;
    let probes = actions["actions"].as_array().expect("a list").iter().filter(|it| it["kind"] == "probe");
    let mut probes: Vec<_> = probes.map(|it| (it["try"].clone(), it["outcome"].clone())).collect();
    probes.sort_by_key(|(number, _)| number.as_i64());
    assert_eq!(probes, [(json!(1), json!("failed")), (json!(2), json!("ok"))], "{actions}");
    let decisions = get(&site, "/v1/decisions").await["decisions"].clone();
    let drained = decisions.as_array().expect("a list").iter().rev().find(|it| it["trigger"] == "playbook");
    let drained = drained.unwrap_or_else(|| panic!("no shift: {decisions}; log:\n{}", site.log()));
    assert!(drained["weights"]["eu"].as_f64().is_none_or(|share| share < 1e-9), "{drained}");
    assert_eq!(server.stop(), Some(0), "log:\n{}", site.log());
    assert!(site.command("inspect").output().expect("it runs").status.success(), "the chain is whole");
}
