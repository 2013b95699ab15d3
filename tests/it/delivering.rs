//! Decisions at real orchestrators: HAProxy, nginx and Redis as their packages bring them, and receivers in Python and
//! JavaScript. Where a program is not installed, its test says so and passes.

mod programs;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use foreroute::act::adapters::nginx::Nginx;
use foreroute::act::adapters::redis_litellm::{RedisLitellm, Spec};
use foreroute::act::adapters::{Adapter, Pool};
use foreroute::clock::{Clock, Stopwatch};
use serde_json::{Value, json};

use crate::site::{Site, pause_ms};
use programs::{Backend, Program, captures, find, free_port, lines, say};

/// A class that may act on its own, with two channels, and `deliver`.
fn site(dir: &Path, deliver: &str) -> Site {
    let settings = format!(
        r#"
[[channel]]
name = "eu"
[[channel]]
name = "us"
[[route]]
class = "chat"
mode = "auto"
objective = {{ latency = {{ percentile = 95, ms = 2000 }}, error_ratio = 0.05 }}
{deliver}
"#
    );
    Site::new(dir, &settings)
}

/// Tells of twenty calls on each channel that ended now; those on `dead` failed.
async fn calls(site: &Site, dead: &str) {
    let (now, mut body) = (Clock::system().now(), String::new());
    for call in 0..40_u32 {
        let channel = if call % 2 == 0 { "eu" } else { "us" };
        let status = if channel == dead { 500 } else { 200 };
        let ts = now.plus_micros(i64::from(call) * 1_000 - 41_000);
        writeln!(body, r#"{{"ts":"{ts}","channel":"{channel}","status":{status},"latency_ms":{}}}"#, 100 + call)
            .expect("writing to a string");
    }
    let request = site.client.post(site.url("/v1/calls")).header("Content-Type", "application/x-ndjson").body(body);
    assert!(request.send().await.expect("an answer").status().is_success());
}

/// Has `dead` fail until a decision leaves it.
async fn left(site: &Site, dead: &str) -> Value {
    for _ in 0..300 {
        calls(site, dead).await;
        let answer = site.client.get(site.url("/v1/routes/chat/decision")).send().await.expect("an answer");
        if answer.status().is_success() {
            let told: Value = answer.json().await.expect("JSON");
            if told["weights"][dead].as_f64().is_none_or(|share| share < 1e-9) {
                return told;
            }
        }
        pause_ms(20).await;
    }
    panic!("{dead} was never left; log:\n{}", site.log());
}

/// How the class stands at the first target, once `holds`.
async fn standing(site: &Site, mut holds: impl FnMut(&Value) -> bool) -> Value {
    let mut seen = Value::Null;
    for _ in 0..1_000 {
        let answer = site.client.get(site.url("/v1/deliveries")).send().await.expect("an answer");
        seen = answer.json::<Value>().await.expect("JSON")["targets"][0].clone();
        if holds(&seen) {
            return seen;
        }
        pause_ms(10).await;
    }
    panic!("it stands otherwise: {seen}; log:\n{}", site.log());
}

/// Seconds from decisions until `target` had them, and how many there were, as the server has measured since its start.
async fn to_effect(site: &Site, target: &str) -> (f64, f64) {
    let answer = site.client.get(site.url("/metrics")).send().await.expect("an answer");
    let page = answer.text().await.expect("a text");
    let value = |what: &str| -> f64 {
        let name = format!("foreroute_delivery_seconds_{what}{{target=\"{target}\"}} ");
        let line = page.lines().find_map(|line| line.strip_prefix(&name));
        line.and_then(|value| value.trim().parse().ok()).unwrap_or_else(|| panic!("no {name}in {page}"))
    };
    (value("sum"), value("count"))
}

fn pool(weights: &[(&str, f64)]) -> Pool {
    let now = Clock::system().now();
    Pool {
        class: "chat".to_owned(),
        generation: 1,
        issued: now,
        valid_until: now.plus_seconds(120),
        weights: weights.iter().map(|(name, share)| ((*name).to_owned(), *share)).collect(),
        json: bytes::Bytes::new(),
    }
}

/// Sends `n` requests to `url`, one after the other; how many each backend answered, and how many nobody did.
async fn traffic(url: &str, n: usize) -> BTreeMap<String, usize> {
    // A connection of its own for each, as different callers have.
    let client = reqwest::Client::builder().pool_max_idle_per_host(0).build().expect("a client");
    let mut answered: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..n {
        let by = match client.get(url).send().await {
            Ok(answer) if answer.status().is_success() => answer.text().await.unwrap_or_else(|_| "nobody".to_owned()),
            _ => "nobody".to_owned(),
        };
        *answered.entry(by).or_default() += 1;
    }
    answered
}

/// Sends requests until for half a second nobody but `only` has answered one; when the last other answer came.
async fn settled(url: &str, only: &str) -> Duration {
    let watch = Stopwatch::start();
    let mut other = Duration::ZERO;
    while watch.elapsed() < Duration::from_secs(20) {
        if traffic(url, 5).await != BTreeMap::from([(only.to_owned(), 5)]) {
            other = watch.elapsed();
        } else if watch.elapsed().saturating_sub(other) > Duration::from_millis(500) {
            return other;
        }
        pause_ms(5).await;
    }
    panic!("{url} never settled on {only}: {:?}", traffic(url, 20).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn traffic_through_haproxy_leaves_a_dead_channel_and_comes_back_when_the_engine_stops() {
    let Some(haproxy) = find("haproxy") else { return };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (eu, us) = (Backend::start("eu").await, Backend::start("us").await);
    let (port, socket, config) = (free_port(), dir.path().join("admin.sock"), dir.path().join("haproxy.cfg"));
    let text = include_str!("../../integrations/haproxy/haproxy.cfg")
        .replace("/run/haproxy/admin.sock", &socket.display().to_string())
        .replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"))
        .replace("eu.llm.example:8000", &eu.address)
        .replace("us.llm.example:8000", &us.address);
    fs::write(&config, text).expect("written");
    let start = || Program::start(&haproxy, &["-db", "-f", &config.display().to_string()], dir.path());
    let proxy = start();
    let url = format!("http://127.0.0.1:{port}/");
    lines(port, &proxy).await;
    let before = traffic(&url, 40).await;
    assert_eq!(before, BTreeMap::from([("eu".to_owned(), 20), ("us".to_owned(), 20)]));

    let deliver = format!("[[deliver]]\nname = \"edge\"\nkind = \"haproxy\"\nsocket = {socket:?}\nbackend = \"llm\"\n");
    let site = site(dir.path(), &deliver);
    let server = site.serve().await;
    let decision = left(&site, "eu").await;
    let generation = decision["generation"].as_u64();
    let told = standing(&site, |it| it["classes"][0]["generation"].as_u64() >= generation).await;
    assert!(told["classes"][0]["holds"] == json!(true) && told["last_error"].is_null(), "{told}");
    assert_eq!(traffic(&url, 100).await, BTreeMap::from([("us".to_owned(), 100)]), "not one to the dead one");
    let (sum, count) = to_effect(&site, "edge").await;
    let seconds = sum / count.max(1.0);
    say(&format!("haproxy: {:.1} ms from decision to effect", seconds * 1e3));
    assert!(seconds < 2.0, "log:\n{}", site.log());

    // Weights of a HAProxy that was started anew are those of its file; it is told again.
    drop(proxy);
    let proxy = start();
    lines(port, &proxy).await;
    say(&format!("haproxy: told again {:?} after its restart", settled(&url, "us").await));

    assert_eq!(server.stop(), Some(0), "log:\n{}", site.log());
    let after = traffic(&url, 40).await;
    assert_eq!(after, before, "nobody would put the weights back any more; log:\n{}", site.log());
    let log = proxy.log();
    assert!(!log.contains("ALERT"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn traffic_through_nginx_follows_and_a_file_that_it_refuses_is_taken_back() {
    let Some(nginx) = find("nginx") else { return };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (eu, us) = (Backend::start("eu").await, Backend::start("us").await);
    let (port, config, file) = (free_port(), dir.path().join("nginx.conf"), dir.path().join("upstream.conf"));
    fs::write(&file, format!("server {};\nserver {};\n", eu.address, us.address)).expect("written");
    let text = include_str!("../../integrations/nginx/nginx.conf")
        .replace("127.0.0.1:8080", &format!("127.0.0.1:{port}"))
        .replace("/run/foreroute/upstream.conf", &file.display().to_string())
        .replace("/run/nginx", &dir.path().display().to_string());
    fs::write(&config, text).expect("written");
    let (conf, prefix) = (config.display().to_string(), dir.path().display().to_string());
    let command = |more: &[&str]| {
        let words = [nginx.to_str().expect("a text"), "-p", &prefix, "-c", &conf];
        words.iter().chain(more).map(|word| (*word).to_owned()).collect::<Vec<_>>()
    };
    let foreground = command(&["-g", "daemon off;"]);
    let proxy = Program::start(&nginx, &foreground[1..].iter().map(String::as_str).collect::<Vec<_>>(), dir.path());
    lines(port, &proxy).await;
    let url = format!("http://127.0.0.1:{port}/");
    assert_eq!(traffic(&url, 40).await.len(), 2);

    let mut adapter = Nginx::new(file.clone(), Some(command(&["-t"])), command(&["-s", "reload"]));
    let now = Clock::system().now();
    let watch = Stopwatch::start();
    adapter.apply(&[pool(&[(&eu.address, 0.0), (&us.address, 1.0)])], now).await.expect("done");
    let told = watch.elapsed();
    let drained = settled(&url, "us").await;
    say(&format!(
        "nginx: {told:?} to check, write and reload, {drained:?} more until the last old worker took no request"
    ));
    assert_eq!(traffic(&url, 100).await, BTreeMap::from([("us".to_owned(), 100)]));

    let right = fs::read_to_string(&file).expect("the file");
    let error = adapter.apply(&[pool(&[("127.0.0.1:99999", 1.0)])], now).await.expect_err("refused");
    assert!(error.to_string().contains("99999"), "{error}");
    assert_eq!(fs::read_to_string(&file).expect("the file"), right);
    assert_eq!(traffic(&url, 20).await, BTreeMap::from([("us".to_owned(), 20)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn leases_in_redis_are_those_of_litellm_and_end_by_themselves() {
    let Some(redis) = find("redis-server") else { return };
    let dir = tempfile::tempdir().expect("a temporary directory");
    let port = free_port();
    let text = port.to_string();
    let arguments = ["--port", &text, "--save", "", "--appendonly", "no", "--requirepass", "hunter2"];
    let server = Program::start(&redis, &arguments, dir.path());
    lines(port, &server).await;
    let spec = |password| Spec {
        host: "127.0.0.1",
        port,
        database: 0,
        user: None,
        password: Some(password),
        prefix: "team:",
        lease_s: 3,
        timeout: Duration::from_secs(2),
    };
    let mut adapter = RedisLitellm::new(&spec("hunter2")).expect("a client");
    assert_eq!(adapter.again_after(), Some(Duration::from_secs(1)));
    let wanted = [pool(&[("id-eu", 0.0), ("id-us", 0.0), ("id-asia", 1.0)])];
    adapter.apply(&wanted, Clock::system().now()).await.expect("leased");
    let watch = Stopwatch::start();
    adapter.apply(&wanted, Clock::system().now()).await.expect("renewed");
    say(&format!("redis: two leases renewed in {:?}", watch.elapsed()));
    let ask = |command: String| async move { programs::redis(port, "hunter2", &command).await };
    for name in ["id-eu", "id-us"] {
        let value = ask(format!("GET team:deployment:{name}:cooldown")).await;
        let value: Value = serde_json::from_str(value.lines().nth(1).expect("a value")).expect("JSON");
        assert_eq!((&value["status_code"], &value["cooldown_time"]), (&json!("503"), &json!(3.0)), "{value}");
        assert!(value["timestamp"].is_f64() && value["exception_received"] == "predicted", "{value}");
        let ttl = ask(format!("TTL team:deployment:{name}:cooldown")).await;
        assert!([":2", ":3"].contains(&ttl.trim()), "{ttl}");
    }
    assert_eq!(ask("EXISTS team:deployment:id-asia:cooldown".to_owned()).await.trim(), ":0");
    // A connection that broke is made anew.
    assert_eq!(ask("CLIENT KILL TYPE normal SKIPME yes".to_owned()).await.trim(), ":1");
    let _broken = adapter.apply(&wanted, Clock::system().now()).await;
    adapter.apply(&wanted, Clock::system().now()).await.expect("leased again");

    // No decision holds any more: nothing is renewed.
    adapter.apply(&[], Clock::system().now()).await.expect("nothing to do");
    pause_ms(3_200).await;
    assert_eq!(ask("DBSIZE".to_owned()).await.trim(), ":0", "every lease has ended");

    let mut wrong = RedisLitellm::new(&spec("hunter3")).expect("a client");
    let error = wrong.apply(&wanted, Clock::system().now()).await.expect_err("refused").to_string();
    assert!(error.starts_with("Redis") && !error.contains("hunter"), "{error}");
    drop(server);
    let error = adapter.apply(&wanted, Clock::system().now()).await.expect_err("gone").to_string();
    assert!(error.contains("Redis"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_survives_kill_9_on_its_way_and_receivers_believe_it() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (port, secret) = (free_port(), dir.path().join("secret"));
    fs::write(&secret, "hunter2\n").expect("written");
    let deliver = format!(
        "[[deliver]]\nname = \"gw\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{port}/hook\"\nsign = {{ file = {secret:?} }}\n"
    );
    let site = site(dir.path(), &deliver);
    let server = site.serve().await;
    let decision = left(&site, "eu").await;
    let generation = decision["generation"].as_u64();
    // Nobody listens there yet.
    let stuck = standing(&site, |it| it["classes"][0]["waiting"].as_u64() >= generation).await;
    let stuck = standing(&site, |it| it["failures"].as_u64() > stuck["failures"].as_u64()).await;
    assert!(stuck["last_error"]["error"].as_str().is_some_and(|it| it.contains("cannot be reached")), "{stuck}");
    server.kill();

    let mut captured = captures(port).await;
    let server = site.serve().await;
    let arrived = tokio::time::timeout(Duration::from_secs(20), captured.recv()).await.expect("in time");
    let (headers, body) = arrived.expect("a request");
    let told: Value = serde_json::from_str(&body).expect("JSON");
    assert!(told["generation"].as_u64() >= generation, "{told}");
    assert!(told["weights"]["eu"].as_f64().is_some_and(|share| share < 1e-9), "{told}");
    let key = &headers["idempotency-key"];
    assert!(key.starts_with(&format!("chat-{}-", told["generation"])), "{key}");
    let generation = told["generation"].as_u64();
    let told = standing(&site, |it| it["classes"][0]["generation"].as_u64() >= generation).await;
    assert_eq!(told["failures"], json!(0), "{told}");
    // Another decision goes out as it is made.
    let before = to_effect(&site, "gw").await;
    let other = left(&site, "us").await;
    loop {
        let next = tokio::time::timeout(Duration::from_secs(20), captured.recv()).await.expect("in time");
        let told: Value = serde_json::from_str(&next.expect("a request").1).expect("JSON");
        if told["generation"].as_u64() >= other["generation"].as_u64() {
            break;
        }
    }
    standing(&site, |it| it["classes"][0]["generation"].as_u64() >= other["generation"].as_u64()).await;
    let after = to_effect(&site, "gw").await;
    let seconds = (after.0 - before.0) / (after.1 - before.1).max(1.0);
    say(&format!("webhook: {:.1} ms from decision to the receiver's answer", seconds * 1e3));
    assert_eq!(server.stop(), Some(0), "log:\n{}", site.log());

    let capture = dir.path().join("capture.json");
    let request = json!({"secret": "hunter2", "headers": headers, "body": body});
    fs::write(&capture, request.to_string()).expect("written");
    for (program, arguments) in [("python3", vec!["test_verify.py"]), ("node", vec!["--test", "verify.test.js"])] {
        let Some(program) = find(program) else { continue };
        let mut command = std::process::Command::new(program);
        command.args(&arguments).env("FOREROUTE_CAPTURE", &capture).env("PYTHONDONTWRITEBYTECODE", "1");
        command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("integrations/webhook"));
        let output = command.output().expect("it starts");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        assert!(said.contains("Ran 3 tests") && !said.contains("skipped=") || said.contains("pass 3"), "{said}");
    }
}
