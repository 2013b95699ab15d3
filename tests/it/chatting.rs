//! Questions and orders in plain words to a real server: over HTTP with tokens, as Slack sends them, and on the command line.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use foreroute::clock::Clock;
use foreroute::config::valid::TokenHash;
use reqwest::StatusCode;
use ring::hmac;
use serde_json::{Value, json};

use crate::authority::calls;
use crate::site::{Site, pause_ms};

const SECRET: &str = "8f742231b10e8888abcd99yyyzzz85a5";

/// Two operators, one of them on Slack, a reader and a gateway. Each change of the class needs both operators.
fn site(dir: &Path) -> Site {
    let token = |name: &str, role: &str| {
        format!(
            "[[server.tokens]]\nname = \"{name}\"\nrole = \"{role}\"\nsha256 = \"{}\"\n",
            TokenHash::of(&format!("{name}-secret")).hex()
        )
    };
    std::fs::write(dir.join("slack-secret"), SECRET).expect("written");
    let tokens = token("ada", "operator") + &token("rita", "reader") + &token("gw", "writer");
    let slack = dir.join("slack-secret");
    let settings = tokens
        + &format!(
            "[chat.slack]\nsigning_secret = {{ file = \"{}\" }}\noperators = [\"U024BE7LH\"]\n",
            slack.display()
        )
        + r#"
[[channel]]
name = "harbor-eu"
[[channel]]
name = "harbor-us"
[[route]]
class = "chat"
mode = "approve"
two_operators = true
objective = { latency = { percentile = 95, ms = 2000 }, error_ratio = 0.05 }
"#;
    Site::new(dir, &settings)
}

/// Says `text` as the holder of `who`'s token.
async fn say(site: &Site, who: &str, text: &str) -> (StatusCode, Value) {
    let request = site.client.post(site.url("/v1/chatops")).bearer_auth(format!("{who}-secret"));
    let answer = request.json(&json!({"text": text})).send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

/// Says `text` on Slack as the member `user`, in a request that is `age_s` old and signed with `secret`.
async fn slack(site: &Site, user: &str, text: &str, (age_s, secret): (i64, &str)) -> (StatusCode, Value) {
    let form = reqwest::Url::parse_with_params(
        "http://x/",
        [("command", "/foreroute"), ("user_id", user), ("user_name", "kim"), ("text", text)],
    );
    let body = form.expect("a form").query().expect("fields").to_owned();
    let sent = Clock::system().now().plus_seconds(-age_s).seconds();
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("v0:{sent}:{body}").as_bytes());
    let hex: Vec<String> = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let hex = hex.concat();
    let request = site
        .client
        .post(site.url("/v1/chatops/slack"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("X-Slack-Request-Timestamp", sent.to_string())
        .header("X-Slack-Signature", format!("v0={hex}"))
        .body(body);
    let answer = request.send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

fn text(answer: &Value) -> &str {
    answer["text"].as_str().unwrap_or_else(|| panic!("no text in {answer}"))
}

/// The name of the change that waits, once there is one.
async fn proposal(site: &Site) -> String {
    for _ in 0..300 {
        calls(site, "harbor-eu", "harbor-us").await;
        let (_, waiting) = say(site, "rita", "what waits for approval").await;
        if let Some(id) = waiting["waiting"][0]["id"].as_str() {
            assert!(text(&waiting).contains(id), "{waiting}");
            return id.to_owned();
        }
        pause_ms(20).await;
    }
    panic!("nothing was proposed; log:\n{}", site.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn people_ask_and_operators_order_in_both_languages() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let site = site(dir.path());
    let server = site.serve().await;
    let id = proposal(&site).await;

    let (_, status) = say(&site, "rita", "상태 보여줘").await;
    assert_eq!(
        (&status["intent"], &status["language"], &status["acted"]),
        (&json!("status"), &json!("ko"), &json!(false))
    );
    assert!(text(&status).contains("harbor-eu") && text(&status).contains("승인 대기"), "{status}");
    assert_eq!(status["blocks"][0]["type"], "header", "{status}");
    let (_, unknown) = say(&site, "rita", "sing me a song").await;
    assert_eq!(unknown["intent"], "unknown");
    assert!(text(&unknown).contains("why is harbor-us out"), "{unknown}");
    let (_, stranger) = say(&site, "rita", "why is harbor-ue out").await;
    assert!(text(&stranger).contains("Did you mean `harbor-eu`?"), "{stranger}");
    assert_eq!(say(&site, "gw", "status").await.0, StatusCode::FORBIDDEN, "a gateway reads nothing");

    // A reader may not order, an operator must say why, and two are needed.
    let yes = format!("approve {id} because seen it");
    let (code, problem) = say(&site, "rita", &yes).await;
    assert!(code == StatusCode::FORBIDDEN && problem["detail"].to_string().contains("operator"), "{problem}");
    let (_, why) = say(&site, "ada", &format!("approve {id}")).await;
    assert!(why["acted"] == false && text(&why).contains("because REASON"), "{why}");
    let signed = (0, SECRET);
    let (_, refused) = slack(&site, "U02CERLKJ", &yes, signed).await;
    assert_eq!(refused["response_type"], "ephemeral");
    assert!(text(&refused).contains("chat.slack.operators"), "{refused}");
    let (_, first) = slack(&site, "U024BE7LH", &format!("승인 {id} 이유 장애 확인"), signed).await;
    assert_eq!(first["response_type"], "in_channel", "{first}");
    assert!(text(&first).contains("다른 운영자의 승인이 더 필요합니다"), "{first}");
    let (_, again) = slack(&site, "U024BE7LH", &yes, signed).await;
    assert!(text(&again).contains("two different operators"), "{again}");
    let (_, decided) = say(&site, "ada", &yes).await;
    assert_eq!((&decided["acted"], &decided["decision"]["state"]), (&json!(true), &json!("decided")), "{decided}");

    let (_, why) = say(&site, "rita", "why is harbor-eu out?").await;
    assert!(text(&why).contains("harbor-eu") && text(&why).contains("failed"), "{why}");
    let (_, why) = say(&site, "rita", "harbor-eu 왜 빠졌어").await;
    assert!(text(&why).contains("실패함"), "{why}");
    let (_, set) = say(&site, "ada", "chat 자동으로 바꿔줘 이유 잘했음").await;
    assert_eq!((&set["acted"], &set["modes"][0]["set"]), (&json!(true), &json!(["ada", "잘했음"])), "{set}");

    // Without its signature, or long after it was made, a request is nobody's.
    for (age_s, secret) in [(0, "another secret"), (400, SECRET)] {
        let (code, problem) = slack(&site, "U024BE7LH", "status", (age_s, secret)).await;
        assert_eq!((code, &problem["type"]), (StatusCode::UNAUTHORIZED, &json!("urn:foreroute:problem:unsigned")));
    }
    let bare = site.client.post(site.url("/v1/chatops/slack")).body("user_id=U024BE7LH&text=status").send().await;
    assert_eq!(bare.expect("an answer").status(), StatusCode::UNAUTHORIZED);
    let journal = std::fs::read_to_string(dir.path().join("data/journal/000000000001.jsonl")).expect("the journal");
    assert!(journal.contains("kim (slack U024BE7LH)") && journal.contains("장애 확인"), "{journal}");

    // The command line tells the same beside the running server.
    let status = site.command("status").args(["--format", "json"]).output().expect("it runs");
    let told: Value = serde_json::from_slice(&status.stdout).expect("JSON");
    assert_eq!((&told["classes"][0]["mode"], &told["channels"][0]["channel"]), (&json!("auto"), &json!("harbor-eu")));
    assert_eq!(told["classes"][0]["shares"][0]["channel"], "harbor-us", "{told}");
    assert_eq!(server.stop(), Some(0), "log:\n{}", site.log());
    watching(&site);
}

/// `--watch` prints again and again where there is no terminal, and ctrl-c is its end, not a failure.
fn watching(site: &Site) {
    let mut command = site.command("status");
    let watch = command.args(["--watch=1", "--lang", "ko"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = watch.spawn().expect("it runs");
    let lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let heads = lines.map(|line| line.expect("text")).filter(|line| line.starts_with("channel")).take(2).count();
    assert_eq!(heads, 2);
    let told = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs");
    assert!(told.success());
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}
