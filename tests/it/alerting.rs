//! Alerts end to end: a file of rules, calls pushed, and three receivers that listen on real sockets.

use std::path::Path;

use foreroute::api::{ApiState, Settings, serve};
use foreroute::clock::Clock;
use foreroute::config;
use foreroute::domain::time::Timestamp;
use foreroute::engine::{self, Engine, tasks};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::site::pause_ms;

/// Noon, and the start of the story half a minute later.
const NOON: &str = "2026-11-20T12:00:00Z";

const RULES: &str = r#"
[[rule]]
name = "slow"
metric = "latency_p95_ms"
labels = { channel = "*" }
window = "1m"
above = 500
recovered = 400
for = "1m"
severity = "P2"
summary = "answers take too long"
runbook = "http://wiki.example/slow"
"#;

/// A request that a receiver got: path, head in lower case, body.
pub type Got = (String, String, Value);

/// Listens for all three receivers; everything is taken in.
pub async fn listen() -> (String, mpsc::UnboundedReceiver<Got>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("bound");
    let (got, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (socket, _) = listener.accept().await.expect("accepts");
            let got = got.clone();
            tokio::spawn(async move {
                let request = read(socket).await;
                // The test may be over.
                let _told = got.send(request);
            });
        }
    });
    (format!("http://{address}"), received)
}

async fn read(mut socket: TcpStream) -> Got {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let head = head.to_lowercase();
            let length = head.split("content-length: ").nth(1).and_then(|rest| rest.split("\r\n").next());
            if body.len() == length.and_then(|length| length.parse().ok()).unwrap_or(0) {
                socket
                    .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    .await
                    .expect("written");
                return (path, head, serde_json::from_str(body).expect("JSON"));
            }
        }
        assert!(socket.read_buf(&mut bytes).await.expect("read") > 0, "it broke off: {text}");
    }
}

/// What each receiver got, in order.
pub struct Inbox {
    pub received: mpsc::UnboundedReceiver<Got>,
    pub waiting: Vec<Got>,
}

impl Inbox {
    /// The next request to `path`.
    pub async fn next(&mut self, path: &str) -> (String, Value) {
        loop {
            if let Some(at) = self.waiting.iter().position(|(to, ..)| to == path) {
                let (_, head, body) = self.waiting.remove(at);
                return (head, body);
            }
            let patience = std::time::Duration::from_secs(20);
            let got = tokio::time::timeout(patience, self.received.recv()).await;
            self.waiting.extend(got.unwrap_or_else(|_| panic!("nothing for {path}; there is {:?}", self.waiting)));
        }
    }

    /// The requests to `path` that nobody has asked for yet.
    pub fn rest(&mut self, path: &str) -> usize {
        while let Ok(got) = self.received.try_recv() {
            self.waiting.push(got);
        }
        self.waiting.iter().filter(|(to, ..)| to == path).count()
    }
}

/// A server with its tasks, on a clock that the test moves.
struct Server {
    url: String,
    client: Client,
    clock: Clock,
    engine: Engine,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Server {
    fn start(dir: &Path, clock: &Clock, expects_beats: bool) -> Self {
        let checked = config::check_file(&dir.join("foreroute.toml")).expect("a right configuration");
        assert!(checked.missing_secrets.is_empty(), "{:?}", checked.missing_secrets);
        let mut settings = engine::Settings::of(&checked.config);
        settings.alerts.expects_beats = expects_beats;
        // Nobody judges minutes here, and nobody beats.
        settings.detect = None;
        let options = engine::store_options(&checked.config);
        let (engine, _) = Engine::open(&dir.join("data"), options, settings, clock.clone()).expect("engine opens");
        let (stop, stopped) = watch::channel(false);
        let mut tasks = tasks::spawn(&engine, &stopped);
        let mut settings = Settings::default();
        settings.server.listen = ([127, 0, 0, 1], 0).into();
        let bound = serve::bind(&settings.server).expect("a free port");
        let url = format!("http://{}", bound.addr());
        let state = ApiState::new(engine.clone(), settings, None);
        let mut told = stopped;
        tasks.spawn(async move {
            let until = async move {
                let _stopped = told.wait_for(|stop| *stop).await;
            };
            serve::serve(bound, state, until).await.expect("served");
        });
        Self { url, client: Client::new(), clock: clock.clone(), engine, stop, tasks }
    }

    async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        self.engine.shutdown().await.expect("stopped");
    }

    /// Four calls of `channel` in the minute `n` after noon, each of `ms`.
    async fn calls(&self, channel: &str, n: i64, ms: u32) {
        let line = |second: i64| {
            let ts = at(n).plus_seconds(second);
            format!("{{\"ts\":\"{ts}\",\"channel\":\"{channel}\",\"latency_ms\":{ms}}}\n")
        };
        let body: String = [1, 20, 40, 59].map(line).concat();
        let sent = self.client.post(format!("{}/v1/calls", self.url)).header("content-type", "application/x-ndjson");
        assert_eq!(sent.body(body).send().await.expect("an answer").status(), StatusCode::OK);
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await.expect("an answer");
        answer.json().await.expect("JSON")
    }

    /// Lets the clock show five seconds after the end of minute `n`, and waits until the alerts are `expected`: channel,
    /// state and silence of each.
    async fn judge(&self, n: i64, expected: &Value) {
        self.clock.set(at(n + 1).plus_seconds(5));
        let mut seen = Value::Null;
        for _ in 0..2_000 {
            let body = self.get("/v1/alerts").await;
            let short = |alert: &Value| json!([alert["labels"]["channel"], alert["state"], alert["silence"]]);
            seen = body["alerts"].as_array().expect("a list").iter().map(short).collect();
            if seen == *expected {
                return;
            }
            pause_ms(10).await;
        }
        panic!("minute {n}: {seen}, not {expected}");
    }
}

/// The start of minute `n` after noon.
fn at(n: i64) -> Timestamp {
    Timestamp::parse_rfc3339(NOON).expect("valid").plus_seconds(60 * n)
}

fn configure(dir: &Path, receivers: &str) {
    std::fs::write(dir.join("alerts.toml"), RULES).expect("written");
    let secret = dir.join("secret");
    std::fs::write(&secret, "hunter2\n").expect("written");
    let (address, secret) = (dir.join("address"), secret.display());
    std::fs::write(&address, format!("{receivers}/services/T0/B0/x")).expect("written");
    let text = format!(
        r#"
[alerts]
rules = "alerts.toml"
wait = "0s"
interval = "1m"
link = "http://foreroute.example"

[[alerts.receiver]]
name = "ops"
kind = "webhook"
url = "{receivers}/hook"
token = {{ file = "{secret}" }}
sign = {{ file = "{secret}" }}

[[alerts.receiver]]
name = "chat"
kind = "slack"
url_from = {{ file = "{}" }}

[[alerts.receiver]]
name = "central"
kind = "alertmanager"
url = "{receivers}"
at_least = "P3"
"#,
        address.display()
    );
    std::fs::write(dir.join("foreroute.toml"), text).expect("written");
}

const HOOK: &str = "/hook";
const SLACK: &str = "/services/T0/B0/x";
const CENTRAL: &str = "/api/v2/alerts";

#[tokio::test]
async fn an_alert_fires_is_told_in_three_shapes_is_silenced_survives_a_restart_and_ends() {
    let dir = tempfile::tempdir().expect("a directory");
    let (address, received) = listen().await;
    configure(dir.path(), &address);
    let mut inbox = Inbox { received, waiting: Vec::new() };
    let clock = Clock::manual(at(0).plus_seconds(30));
    let server = Server::start(dir.path(), &clock, false);

    server.calls("eu", 0, 900).await;
    server.calls("eu", 1, 950).await;
    server.judge(0, &json!([["eu", "pending", null]])).await;
    server.judge(1, &json!([["eu", "firing", null]])).await;
    let (head, told) = inbox.next(HOOK).await;
    assert!(head.contains("authorization: bearer hunter2") && head.contains("foreroute-signature: v1="), "{head}");
    assert_eq!(
        (&told["status"], &told["receiver"], &told["group"]),
        (&json!("firing"), &json!("ops"), &json!({"rule": "slow"}))
    );
    let event = &told["firing"][0];
    assert_eq!(event["labels"], json!({"channel": "eu", "rule": "slow"}));
    assert_eq!((&event["severity"], &event["since"]), (&json!("P2"), &json!("2026-11-20T12:01:05Z")));
    let summary = event["summary"].as_str().expect("a text");
    assert!(summary.starts_with("slow: answers take too long (eu): 9"), "{summary}");
    let (_, said) = inbox.next(SLACK).await;
    assert!(said["text"].as_str().is_some_and(|text| text.starts_with("P2 slow (1): slow: answers")), "{said}");
    let (_, central) = inbox.next(CENTRAL).await;
    assert_eq!(central[0]["labels"], json!({"alertname": "slow", "channel": "eu", "rule": "slow", "severity": "P2"}));
    assert_eq!(
        (&central[0]["startsAt"], &central[0]["endsAt"]),
        (&json!("2026-11-20T12:01:05Z"), &json!("2026-11-20T12:06:05Z"))
    );

    silence(&server).await;
    server.calls("us", 2, 900).await;
    server.calls("us", 3, 900).await;
    server.judge(2, &json!([["eu", "firing", null], ["us", "pending", 0]])).await;
    server.judge(3, &json!([["eu", "firing", null], ["us", "firing", 0]])).await;
    server.stop().await;

    // After a restart Alertmanager hears of what goes on, as it does every minute; nobody else is told again.
    let server = Server::start(dir.path(), &clock, false);
    server.judge(4, &json!([["eu", "firing", null], ["us", "firing", 0]])).await;
    loop {
        let (_, central) = inbox.next(CENTRAL).await;
        assert_eq!(central.as_array().map(Vec::len), Some(1), "what is silenced is not told: {central}");
        if central[0]["endsAt"] == "2026-11-20T12:09:05Z" {
            break;
        }
    }
    assert_eq!((inbox.rest(HOOK), inbox.rest(SLACK)), (0, 0));

    server.calls("eu", 5, 100).await;
    server.judge(5, &json!([["us", "firing", 0]])).await;
    let (_, told) = inbox.next(HOOK).await;
    let ended: Vec<&Value> =
        told["ended"].as_array().expect("a list").iter().map(|event| &event["labels"]["channel"]).collect();
    assert_eq!((&told["status"], ended), (&json!("ended"), vec![&json!("eu")]));
    let (_, said) = inbox.next(SLACK).await;
    assert!(said["text"].as_str().is_some_and(|text| text.starts_with("Over: slow (1)")), "{said}");
    let (_, central) = inbox.next(CENTRAL).await;
    assert_eq!(central[0]["endsAt"], "2026-11-20T12:06:05Z", "{central}");
    server.stop().await;

    let server = Server::start(dir.path(), &clock, true);
    server.judge(7, &json!([["us", "firing", 0]])).await;
    server.judge(8, &json!([[null, "pending", null], ["us", "firing", 0]])).await;
    server.judge(9, &json!([[null, "firing", null], ["us", "firing", 0]])).await;
    let (_, told) = inbox.next(HOOK).await;
    assert_eq!(told["group"], json!({"rule": "DetectorStalled"}));
    server.stop().await;
}

/// Silences `us`, and nothing that cannot be silenced.
async fn silence(server: &Server) {
    let post = async |body: Value| {
        let sent =
            server.client.post(format!("{}/v1/silences", server.url)).json(&body).send().await.expect("an answer");
        (sent.status().as_u16(), sent.json::<Value>().await.expect("JSON"))
    };
    for (body, named) in [
        (json!({"matching": {}, "for": "1h", "by": "kim", "reason": "?"}), "needs a label"),
        (json!({"matching": {"rule": "slow"}, "by": "kim", "reason": "?"}), "either `until` or `for`"),
        (json!({"matching": {"rule": "slow"}, "until": "2026-11-20T12:00:00Z", "by": "kim", "reason": "?"}), "future"),
        (json!({"matching": {"rule": "slow"}, "for": "1h", "reason": "?"}), "by"),
        (json!({"matching": {"rule": "slow"}, "for": "1h", "by": "kim", "reasons": "?"}), "reasons"),
    ] {
        let (status, problem) = post(body).await;
        assert!(status == 400 && problem["detail"].as_str().is_some_and(|text| text.contains(named)), "{problem}");
    }
    let (status, silence) =
        post(json!({"matching": {"rule": "slow", "channel": "u*"}, "for": "1h", "by": "kim", "reason": "known"})).await;
    assert_eq!((status, &silence["until"]), (201, &json!("2026-11-20T13:02:05Z")));
    let (_, other) = post(json!({"matching": {"rule": "*"}, "for": "1h", "by": "kim", "reason": "too much"})).await;
    let end = async || {
        let path = format!("{}/v1/silences/{}", server.url, other["id"]);
        server.client.delete(path).send().await.expect("an answer").status().as_u16()
    };
    assert_eq!((end().await, end().await), (204, 404));
    let listed = server.get("/v1/silences").await;
    assert_eq!(listed["silences"], json!([silence]));
}
