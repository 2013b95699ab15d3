//! Who may say yes: modes and approvals of a real server, asked by its own command line, over restarts, and in the journal.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Output;

use foreroute::clock::Clock;
use foreroute::config::valid::TokenHash;
use serde_json::{Value, json};

use crate::site::{Site, pause_ms};

/// Two operators and a gateway, whose tokens are their names with `-secret`; each change of the class needs both operators.
fn site(dir: &Path) -> Site {
    let token = |name: &str, role: &str| {
        format!(
            "[[server.tokens]]\nname = \"{name}\"\nrole = \"{role}\"\nsha256 = \"{}\"\n",
            TokenHash::of(&format!("{name}-secret")).hex()
        )
    };
    let tokens = token("ada", "operator") + &token("ben", "operator") + &token("gw", "writer");
    let settings = tokens
        + r#"
[[channel]]
name = "eu"
[[channel]]
name = "us"
[[route]]
class = "chat"
mode = "approve"
two_operators = true
objective = { latency = { percentile = 95, ms = 2000 }, error_ratio = 0.05 }
"#;
    Site::new(dir, &settings)
}

/// Tells of calls that ended now, as the gateway; those on `failing` failed.
pub async fn calls(site: &Site, failing: &str, other: &str) {
    let (now, mut body) = (Clock::system().now(), String::new());
    for call in 0..40_u32 {
        let (channel, status) = if call % 2 == 0 { (failing, 500) } else { (other, 200) };
        let ts = now.plus_micros(i64::from(call) * 1_000 - 500_000);
        writeln!(body, r#"{{"ts":"{ts}","channel":"{channel}","status":{status},"latency_ms":120}}"#)
            .expect("a string");
    }
    let request = site.client.post(site.url("/v1/calls")).bearer_auth("gw-secret");
    let answer = request.header("Content-Type", "application/x-ndjson").body(body).send().await;
    assert_eq!(answer.expect("an answer").status(), 200);
}

/// Runs `foreroute` as the holder of `token`.
fn run(site: &Site, token: &str, args: &[&str]) -> Output {
    let mut command = site.command(args[0]);
    command.args(&args[1..]).args(["--format", "json"]).env("FOREROUTE_TOKEN", token);
    command.output().expect("the program starts")
}

fn told(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    })
}

async fn decision(site: &Site) -> Option<Value> {
    let request = site.client.get(site.url("/v1/routes/chat/decision")).bearer_auth("ada-secret");
    let answer = request.send().await.expect("an answer");
    if answer.status() == 200 { Some(answer.json().await.expect("JSON")) } else { None }
}

/// The proposal that waits, once there is one.
async fn proposal(site: &Site) -> Value {
    for _ in 0..300 {
        calls(site, "eu", "us").await;
        let waiting = told(&run(site, "ada-secret", &["approve"]))["waiting"].clone();
        if let Some(first) = waiting.as_array().and_then(|waiting| waiting.first()) {
            return first.clone();
        }
        pause_ms(20).await;
    }
    panic!("nothing was proposed; log:\n{}", site.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_waits_for_two_people_and_the_journal_knows_them() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let site = site(dir.path());
    let server = site.serve().await;
    let waiting = proposal(&site).await;
    assert_eq!((&waiting["needed"], decision(&site).await), (&json!(2), None), "nothing is decided without people");
    assert!(waiting["reasons"]["reasons"].as_array().is_some_and(|told| !told.is_empty()), "{waiting}");
    let id = waiting["id"].as_str().expect("a name").to_owned();

    let code = |output: &Output| output.status.code();
    let yes = ["approve", id.as_str(), "--reason", "seen it on the status page"];
    assert_eq!(code(&run(&site, "gw-secret", &yes)), Some(4), "a gateway is no operator");
    assert_eq!(code(&run(&site, "ada-secret", &yes[..2])), Some(1), "a reason is needed");
    assert_eq!(told(&run(&site, "ada-secret", &yes))["state"], "waits");
    let again = run(&site, "ada-secret", &[&yes[..], &["--by", "ben"]].concat());
    let problem = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(code(&again) == Some(1) && problem.contains("two different operators"), "{problem}");
    assert_eq!(decision(&site).await, None);
    assert_eq!(told(&run(&site, "ben-secret", &yes))["state"], "decided");
    let decided = decision(&site).await.expect("a decision");
    assert_eq!((&decided["trigger"], &decided["weights"]["us"]), (&json!("approval"), &json!(1.0)), "{decided}");

    // A mode that is set stands above the configuration, also after a kill.
    let auto = ["mode", "auto", "--class", "chat", "--reason", "it has advised well"];
    assert_eq!(told(&run(&site, "ben-secret", &auto))["classes"][0]["mode"], "auto");
    server.kill();
    let server = site.serve().await;
    let modes = told(&run(&site, "ada-secret", &["mode"]));
    let class = &modes["classes"][0];
    assert_eq!(
        (&class["mode"], &class["configured"], &class["set"]["by"]),
        (&json!("auto"), &json!("approve"), &json!("ben"))
    );
    assert_eq!(server.stop(), Some(0), "log:\n{}", site.log());

    // All of it is in the journal, whose chain inspect checks.
    let journal = dir.path().join("data/journal/000000000001.jsonl");
    let text = std::fs::read_to_string(&journal).expect("the journal");
    let kinds: Vec<String> = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON")["kind"].as_str().expect("a kind").to_owned())
        .collect();
    assert_eq!(kinds[..4], ["approval", "approval", "decision", "mode"].map(str::to_owned), "{text}");
    let checked = run(&site, "", &["inspect"]);
    assert_eq!((code(&checked), &told(&checked)["journal"]["faults"]), (Some(0), &json!([])));
    std::fs::write(&journal, text.replacen("status page", "status-page", 1)).expect("written");
    let checked = run(&site, "", &["inspect"]);
    assert_eq!(code(&checked), Some(2), "{}", told(&checked)["journal"]);
}
