//! Reports: on schedule over restarts, to real sockets and files, and by the command.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use foreroute::clock::Clock;
use foreroute::config;
use foreroute::domain::batch::{Amendment, Mode};
use foreroute::domain::call::Call;
use foreroute::domain::ids::ChannelId;
use foreroute::domain::sample::Sample;
use foreroute::domain::time::{Minute, Timestamp};
use foreroute::domain::units::{MicroUsd, Millis};
use foreroute::engine::{self, Engine, tasks};
use foreroute::store::{Publication, Store, StoreOptions};
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::alerting::{Inbox, listen};
use crate::site::pause_ms;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("valid RFC 3339")
}

/// A store with an hour of one channel on the 19th, and a configuration that reports to `receivers`.
fn site(dir: &Path, receivers: &str) {
    let channel = ChannelId::new("eu").expect("a name");
    let minute = |minute: Minute| {
        let mut sample = Sample { coverage_s: 60, ..Sample::new(channel.clone(), minute) };
        for _ in 0..20 {
            let latency = Millis::new(300.0).ok();
            sample.record(&Call { latency, cost: Some(MicroUsd(2_000)), ..Call::new(minute.start(), channel.clone()) });
        }
        Amendment { sample, mode: Mode::Add }
    };
    let first = at("2026-11-19T10:00:00Z");
    let samples = (0..60).map(|n| minute(first.minute().plus(n))).collect();
    let (store, _) = Store::open(&dir.join("data"), StoreOptions::default(), first).expect("a new store");
    store.publish(Publication { samples, ..Publication::default() }, first).expect("published");
    fs::write(dir.join("secret"), "hunter2\n").expect("written");
    fs::write(dir.join("slack"), format!("{receivers}/slack")).expect("written");
    let (secret, slack, out) = (dir.join("secret"), dir.join("slack"), dir.join("reports"));
    let text = format!(
        r#"
[[alerts.receiver]]
name = "ops"
kind = "webhook"
url = "{receivers}/hook"
sign = {{ file = "{}" }}
[[alerts.receiver]]
name = "team"
kind = "slack"
url_from = {{ file = "{}" }}
[[channel]]
name = "eu"
[[route]]
class = "chat"
objective = {{ error_ratio = 0.05 }}
[forecast]
enabled = false
[[report]]
kind = "daily"
cron = "0 8 * * *"
language = "ko"
directory = "{}"
to = ["ops", "team"]
"#,
        secret.display(),
        slack.display(),
        out.display()
    );
    fs::write(dir.join("foreroute.toml"), text).expect("written");
}

/// A running engine without an interface.
struct Running {
    engine: Engine,
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Running {
    fn start(dir: &Path, clock: &Clock) -> Self {
        let config = config::check_file(&dir.join("foreroute.toml")).expect("a right configuration").config;
        let options = engine::store_options(&config);
        let settings = engine::Settings::of(&config);
        let (engine, _) = Engine::open(&dir.join("data"), options, settings, clock.clone()).expect("engine opens");
        let (stop, stopped) = watch::channel(false);
        let tasks = tasks::spawn(&engine, &stopped);
        Self { engine, stop, tasks }
    }

    async fn stop(mut self) {
        self.stop.send_replace(true);
        while self.tasks.join_next().await.is_some() {}
        self.engine.shutdown().await.expect("stopped");
    }
}

/// Waits until `path` holds something with `needle` in it.
async fn written(path: &Path, needle: &str) -> String {
    for _ in 0..2_000 {
        match fs::read_to_string(path) {
            Ok(text) if text.contains(needle) => return text,
            _ => pause_ms(10).await,
        }
    }
    panic!("{} never holds {needle}", path.display());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_that_was_slept_through_is_made_up_for_once() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let (address, received) = listen().await;
    let mut inbox = Inbox { received, waiting: Vec::new() };
    site(dir.path(), &address);
    let clock = Clock::manual(at("2026-11-19T07:00:00Z"));
    let document = dir.path().join("data/operators/reports.document");
    let running = Running::start(dir.path(), &clock);
    for _ in 0..2_000 {
        if document.exists() {
            break;
        }
        pause_ms(10).await;
    }
    running.stop().await;

    // Asleep over the mornings of the 19th and the 20th.
    clock.set(at("2026-11-20T11:30:00Z"));
    let running = Running::start(dir.path(), &clock);
    let (head, told) = inbox.next("/hook").await;
    assert!(head.contains("foreroute-signature: v1="), "{head}");
    assert_eq!(
        (&told["kind"], &told["of"], &told["report"]["day"]),
        (&json!("report"), &json!("daily"), &json!("2026-11-19"))
    );
    assert_eq!(
        (&told["title"], &told["report"]["now"]["used"][0]["requests"]),
        (&json!("일일 보고서, 2026-11-19"), &json!(1_200))
    );
    let (_, told) = inbox.next("/slack").await;
    let text = told["text"].as_str().unwrap_or_default();
    assert!(text.contains("일일 보고서, 2026-11-19") && text.contains("2.40 USD"), "{text}");
    let reports = dir.path().join("reports");
    written(&reports.join("daily-2026-11-19-ko.md"), "# 일일 보고서, 2026-11-19").await;
    written(&reports.join("daily-2026-11-19-ko.html"), "<html lang=\"ko\">").await;
    written(&reports.join("daily-2026-11-19-ko.json"), "\"kind\": \"daily\"").await;
    assert!(!reports.join("daily-2026-11-18-ko.md").exists(), "of several that were missed, the last");

    clock.set(at("2026-11-21T08:00:01Z"));
    let (_, told) = inbox.next("/hook").await;
    assert_eq!(told["report"]["day"], json!("2026-11-20"));
    inbox.next("/slack").await;
    running.stop().await;
    Running::start(dir.path(), &clock).stop().await;
    assert_eq!((inbox.rest("/hook"), inbox.rest("/slack")), (0, 0), "a restart tells nothing twice");
}

fn report(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_foreroute"));
    command.arg("report").args(args).args(["--data", "data", "--config", "foreroute.toml"]);
    command.current_dir(dir).env_clear().output().expect("the program starts")
}

#[test]
fn the_command_writes_a_report_in_every_form() {
    let dir = tempfile::tempdir().expect("temporary folder");
    site(dir.path(), "http://127.0.0.1:9");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let plain = report(dir.path(), &["daily", "--day", "2026-11-19"]);
    assert_eq!(plain.status.code(), Some(0), "{}", text(&plain.stderr));
    let markdown = text(&plain.stdout);
    assert!(markdown.starts_with("# Daily report, 2026-11-19\n") && markdown.contains("| eu | 1,200 |"), "{markdown}");
    let json = report(dir.path(), &["--day", "2026-11-19", "--format", "json", "--fail-on", "broken"]);
    let value: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!((json.status.code(), &value["now"]["worth"][0]["worth"]["calls"]), (Some(0), &json!(1_200.0)));
    let page = report(dir.path(), &["fortnightly", "--day", "2026-11-20", "--lang", "ko", "--out", "learnt.html"]);
    assert_eq!((page.status.code(), page.stdout.len()), (Some(0), 0), "{}", text(&page.stderr));
    let written = fs::read_to_string(dir.path().join("learnt.html")).expect("written");
    assert!(written.contains("학습 보고서") && written.ends_with("</html>\n"));
    for (args, why) in [
        (["--out", "report.pdf"], "end it in .md, .html or .json"),
        (["--day", "2999-01-01"], "still to come"),
        (["--lang", "fr"], "expected `en` or `ko`"),
    ] {
        let refused = report(dir.path(), &args);
        assert!(refused.status.code() == Some(1) && text(&refused.stderr).contains(why), "{}", text(&refused.stderr));
    }
}
