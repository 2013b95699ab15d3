//! What is handed out with the program: configurations to begin with, the unit, Grafana, Prometheus, pages and completions.
//!
//! Where a tool of others checks a file (`systemd-analyze`, `promtool`) it is asked; without it the test says so.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use foreroute::config;
use foreroute::config::elements::secret::SecretRef;
use foreroute::telemetry::names::{Kind, Metric};
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Whether the tool `name` can be run.
#[expect(clippy::print_stderr, reason = "a test that shows nothing must say so")]
fn is_installed(name: &str) -> bool {
    let is_there = Command::new(name).arg("--version").output().is_ok();
    if !is_there {
        eprintln!("{name} is not installed: what it would check is not checked");
    }
    is_there
}

#[test]
fn every_configuration_to_begin_with_is_right() {
    let mut seen = 0;
    for entry in fs::read_dir(root().join("integrations/config")).expect("configurations") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        seen += 1;
        let secret = |_: &SecretRef| Ok("a-secret-of-some-length-0123456789".to_owned());
        let checked = config::parse(&fs::read_to_string(&path).expect("text"), &secret);
        assert!(checked.is_ok_and(|checked| checked.missing_secrets.is_empty()), "{}", path.display());
        let output =
            Command::new(env!("CARGO_BIN_EXE_foreroute")).arg("check-config").arg("--config").arg(&path).output();
        let output = output.expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    assert!(seen >= 4, "{seen} configurations");
}

/// Every word of `text` that begins as a metric of ours does.
fn metrics_in(text: &str) -> BTreeSet<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let words = text.split(|c| !is_part(c)).filter(|word| word.starts_with("foreroute_"));
    words.map(str::to_owned).collect()
}

#[test]
fn grafana_and_prometheus_name_metrics_that_are_served() {
    let known: BTreeSet<String> = Metric::ALL
        .iter()
        .map(|metric| metric.spec())
        .flat_map(|spec| match spec.kind {
            Kind::Histogram => ["_bucket", "_sum", "_count"].map(|end| format!("{}{end}", spec.name)).to_vec(),
            Kind::Counter | Kind::Gauge => vec![spec.name.to_owned()],
        })
        .collect();
    let board: Value = serde_json::from_str(&text("integrations/grafana/foreroute.json")).expect("JSON");
    let panels = board["panels"].as_array().expect("panels");
    let asked = panels.iter().filter_map(|panel| panel["targets"].as_array()).flatten();
    let asked: Vec<&str> = asked.filter_map(|target| target["expr"].as_str()).collect();
    let variables = board["templating"].to_string();
    assert!(asked.len() > 20, "{} questions", asked.len());
    let named = asked.into_iter().chain([variables.as_str()]).flat_map(metrics_in);
    let named: BTreeSet<String> = named.chain(metrics_in(&text("integrations/prometheus/rules.yml"))).collect();
    let strangers: Vec<&String> = named.difference(&known).collect();
    assert!(strangers.is_empty(), "nobody serves {strangers:?}");
    let ids: BTreeSet<u64> = panels.iter().filter_map(|panel| panel["id"].as_u64()).collect();
    assert_eq!(ids.len(), panels.len(), "every panel has an id of its own");
}

#[test]
fn prometheus_reads_the_rules() {
    if !is_installed("promtool") {
        return;
    }
    let rules = root().join("integrations/prometheus/rules.yml");
    let output = Command::new("promtool").args(["check", "rules"]).arg(rules).output().expect("promtool runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn systemd_reads_the_unit() {
    if !is_installed("systemd-analyze") {
        return;
    }
    let dir = tempfile::tempdir().expect("a directory");
    let unit = text("integrations/systemd/foreroute.service");
    // The program is not installed here.
    let unit = unit.replace("/usr/local/bin/foreroute", env!("CARGO_BIN_EXE_foreroute"));
    let file = dir.path().join("foreroute.service");
    fs::write(&file, unit).expect("written");
    let output = Command::new("systemd-analyze").arg("verify").arg("--man=no").arg(&file).output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stderr);
    // It tells of other units of the machine as well.
    let ours: Vec<&str> = told.lines().filter(|line| line.contains("foreroute")).collect();
    assert!(ours.is_empty(), "{ours:?}");
}

#[test]
fn pages_and_completions_are_written_for_every_command() {
    let dir = tempfile::tempdir().expect("a directory");
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_foreroute")).args(args).current_dir(dir.path()).output();
        output.expect("the program starts")
    };
    assert!(run(&["man", "--out", "man/man1"]).status.success());
    let help = run(&["--help"]).stdout;
    let help = String::from_utf8(help).expect("text");
    let commands = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a list");
    for name in commands.lines().filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        let page = fs::read_to_string(dir.path().join(format!("man/man1/foreroute-{name}.1"))).expect(name);
        assert!(page.contains(".SH SYNOPSIS") && page.contains("Exit codes"), "{name}:\n{page}");
    }
    let page = run(&["man"]);
    assert!(page.status.success() && String::from_utf8_lossy(&page.stdout).contains("foreroute\\-serve(1)"));
    for (shell, file) in [("bash", "foreroute.bash"), ("zsh", "_foreroute"), ("fish", "foreroute.fish")] {
        assert!(run(&["completions", shell, "--out", "sh"]).status.success());
        let script = fs::read_to_string(dir.path().join("sh").join(file)).expect(file);
        assert!(script.contains("check-config"), "{shell}");
    }
    fs::write(dir.path().join("taken"), "").expect("written");
    assert_eq!(run(&["man", "--out", "taken"]).status.code(), Some(1));
}
