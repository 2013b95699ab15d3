//! Forecasts of a running engine over HTTP, and of its store on the command line.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use foreroute::clock::Clock;
use serde_json::Value;

use crate::site::{Site, pause_ms};

/// Starts the demo, which has a history to forecast from; its address.
fn demo(data: &Path) -> (Child, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_foreroute"))
        .args(["demo", "--port", "0", "--rate", "8", "--seed", "3", "--data"])
        .arg(data)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut told = BufReader::new(child.stderr.take().expect("piped"));
    let mut line = String::new();
    while !line.starts_with("Foreroute demo on ") {
        line.clear();
        assert!(told.read_line(&mut line).expect("text") > 0, "it ended before it said where it is");
    }
    // Its notes must be read on, or it could not write them.
    std::thread::spawn(move || std::io::copy(&mut told, &mut std::io::sink()));
    (child, line.split_whitespace().nth(3).expect("an address").to_owned())
}

async fn get(url: &str, path: &str) -> (u16, Value) {
    let answer = reqwest::get(format!("{url}{path}")).await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

/// The answer once there is one: the first fits take a moment.
async fn when_fitted(url: &str, path: &str) -> Value {
    for _ in 0..1_200 {
        let (status, body) = get(url, path).await;
        if status == 200 {
            return body;
        }
        assert_eq!((status, body["detail"].as_str().map(|text| text.contains("yet"))), (404, Some(true)), "{body}");
        pause_ms(100).await;
    }
    panic!("no fit within two minutes");
}

fn foreroute(args: &[&str], data: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_foreroute")).args(args).arg("--data").arg(data).output().expect("runs")
}

#[tokio::test]
async fn an_engine_forecasts_over_http_and_its_store_on_the_command_line() {
    let dir = tempfile::tempdir().expect("a directory");
    let data = dir.path().join("store");
    let (mut child, url) = demo(&data);

    let series = "/v1/channels/harbor-large/forecasts/requests";
    let seen = when_fitted(&url, &format!("{series}?horizon=30m&levels=0.05,0.5,0.95&keep=true")).await;
    let points = seen["points"].as_array().expect("a list");
    assert_eq!((points.len(), seen["unit"].as_str(), seen["step_s"].as_u64()), (30, Some("calls"), Some(60)));
    for point in points {
        let quantile = |level: &str| point["quantiles"][level].as_f64().expect("a number");
        assert!(quantile("0.05") <= quantile("0.5") && quantile("0.5") <= quantile("0.95"), "{point}");
        assert!(quantile("0.05") >= 0.0 && point["mean"].as_f64() >= Some(0.0), "{point}");
    }
    let coarse = when_fitted(&url, &format!("{series}?horizon=30m&step=10m")).await;
    let minute: f64 = points[..10].iter().filter_map(|point| point["mean"].as_f64()).sum();
    let sum = coarse["points"][0]["mean"].as_f64().expect("a number");
    assert!((sum / minute - 1.0).abs() < 0.5, "calls add up: {sum} of ten minutes, {minute} minute by minute");

    let outlook = when_fitted(&url, "/v1/channels/harbor-large/exhaustion?resource=requests&limit=1&per=minute").await;
    assert!(outlook["probability"].as_f64() > Some(0.99), "a call a minute is soon too few: {outlook}");
    let (_, standings) = get(&url, "/v1/channels/harbor-large/forecasts").await;
    assert!(standings["forecasts"].as_array().expect("a list").len() >= 10, "{standings}");
    let (status, expected) = get(&url, "/v1/channels/harbor-large/expected?from=-3h").await;
    let listed = expected["minutes"].is_array() && expected["series"].is_array();
    assert!(status == 200 && listed && expected["lead_s"].as_u64() >= Some(60), "{expected}");
    let (status, accuracy) = get(&url, "/v1/forecasts/accuracy?channel=harbor-large&column=requests").await;
    assert!(status == 200 && accuracy["accuracy"].is_array(), "{accuracy}");
    for (path, status, named) in [
        ("/v1/channels/nobody/forecasts/requests", 404, "nobody"),
        ("/v1/channels/nobody/expected", 404, "nobody"),
        ("/v1/channels/harbor-large/expected?from=yesterday", 400, "from"),
        ("/v1/channels/harbor-large/forecasts/weather", 400, "error_ratio"),
        ("/v1/channels/harbor-large/forecasts/requests?horizon=2w", 400, "horizon"),
        ("/v1/channels/harbor-large/forecasts/requests?model=prophet", 400, "seasonal-naive"),
        ("/v1/channels/harbor-large/exhaustion?resource=requests&limit=0&per=day", 400, "limit"),
    ] {
        let (got, problem) = get(&url, path).await;
        assert!(got == status && problem["detail"].as_str().is_some_and(|text| text.contains(named)), "{problem}");
    }
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill runs").success());
    assert!(child.wait().expect("the demo ends").success());

    let args = ["forecast", "--column", "requests", "--channel", "harbor-large", "--horizon", "15", "--format", "json"];
    let output = foreroute(&[&args[..], &["--model", "median"]].concat(), &data);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let stored: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(stored[0]["series"], "harbor-large");
    assert_eq!(stored[0]["points"].as_array().map(Vec::len), Some(15));
    let unknown = foreroute(&["forecast", "--column", "request", "--horizon", "5"], &data);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("did you mean `requests`"));
}

/// Three hours of calls up to now, six a minute, as `import` takes them.
fn calls_until_now() -> String {
    let now = Clock::system().now();
    let line = |call: i64| {
        let at = now.plus_seconds(10 * (call - 1_080));
        format!("{at},harbor-large,ok,{}.0,1200,300\n", 400 + (call / 6 * 37) % 90)
    };
    let header = "ts,channel,outcome,latency_ms,tokens_prompt,tokens_completion\n".to_owned();
    (0..1_080).map(line).fold(header, |text, line| text + &line)
}

/// The forecasts of `harbor-large` once they are fitted.
async fn standings(site: &Site) -> Value {
    let path = "/v1/channels/harbor-large/forecasts";
    for _ in 0..1_200 {
        let standings = when_fitted(&site.url(""), path).await;
        if standings["forecasts"].as_array().is_some_and(|all| !all.is_empty()) {
            return standings;
        }
        pause_ms(100).await;
    }
    panic!("nothing fitted; log:\n{}", site.log());
}

#[tokio::test]
async fn a_killed_server_forecasts_on_with_the_models_it_had() {
    let dir = tempfile::tempdir().expect("a directory");
    let site = Site::new(dir.path(), "");
    let file = dir.path().join("calls.csv");
    std::fs::write(&file, calls_until_now()).expect("written");
    let imported = site.command("import").arg(&file).output().expect("import runs");
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));

    let server = site.serve().await;
    let before = standings(&site).await;
    server.kill();
    let server = site.serve().await;
    // Asked at once: a new fit would take a while and have another time.
    let (status, after) = get(&site.url(""), "/v1/channels/harbor-large/forecasts").await;
    assert_eq!(status, 200, "{after}");
    let fits = |standings: &Value| -> Vec<[Value; 3]> {
        let all = standings["forecasts"].as_array().expect("a list");
        all.iter().map(|one| ["column", "model", "fitted_at"].map(|field| one[field].clone())).collect()
    };
    assert_eq!(fits(&before), fits(&after));
    assert!(fits(&after).iter().any(|[column, _, at]| column == "latency_p50_ms" && at.is_string()), "{after}");
    let (status, seen) = get(&site.url(""), "/v1/channels/harbor-large/forecasts/latency_p50_ms?horizon=5m").await;
    assert!(status == 200 && seen["points"].as_array().map(Vec::len) == Some(5), "{seen}");
    server.kill();
}
