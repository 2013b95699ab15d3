//! The binary as scripts see it: exit codes, what goes to which stream.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

/// Runs the program in `dir` with an empty environment.
fn foreroute(dir: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_foreroute"))
        .args(args)
        .current_dir(dir)
        .env_clear()
        .output()
        .expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn code(output: &Output) -> i32 {
    output.status.code().expect("the program ends by itself")
}

fn directory() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

#[test]
fn help_and_version_are_answers_and_mistakes_are_usage_errors() {
    let dir = directory();
    let help = foreroute(dir.path(), &["--help"]);
    assert_eq!(code(&help), 0);
    assert!(text(&help.stdout).contains("Exit codes:"));
    assert_eq!(code(&foreroute(dir.path(), &["--version"])), 0);
    for wrong in
        [&["no-such-command"][..], &["check-config", "--no-such-flag"], &["--log", "loud", "check-config"], &[]]
    {
        let output = foreroute(dir.path(), wrong);
        assert_eq!(code(&output), 1, "{wrong:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{wrong:?}");
    }
}

#[test]
fn every_command_explains_itself_with_examples_and_exit_codes() {
    let dir = directory();
    let help = text(&foreroute(dir.path(), &["--help"]).stdout);
    let commands = help.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a list");
    let names = commands.lines().filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help");
    for name in names {
        let help = text(&foreroute(dir.path(), &[name, "--help"]).stdout);
        assert!(help.contains("Examples:") && help.contains("Exit codes:"), "{name}:\n{help}");
    }
}

#[test]
fn completions_know_the_commands() {
    let dir = directory();
    let script = foreroute(dir.path(), &["completions", "bash"]);
    assert_eq!(code(&script), 0);
    assert!(text(&script.stdout).contains("check-config"));
    assert_eq!(code(&foreroute(dir.path(), &["completions", "basic"])), 1);
}

#[test]
fn check_config_shows_what_was_understood() {
    let dir = directory();
    let config = "[[channel]]\nname = \"gpt-eu\"\n[[source]]\nkind = \"prometheus\"\npreset = \"vllm\"\n\
                  url = \"http://h/metrics\"\nauth = { env = \"NO_SUCH_VARIABLE\" }\n";
    fs::write(dir.path().join("foreroute.toml"), config).expect("written");
    let table = foreroute(dir.path(), &["check-config"]);
    assert_eq!(code(&table), 0, "{}", text(&table.stderr));
    assert!(text(&table.stdout).contains("http://h/metrics (vllm)"), "{}", text(&table.stdout));
    let note = "foreroute.toml:7:8: source[0].auth: the environment variable `NO_SUCH_VARIABLE` is not set\n";
    assert_eq!(text(&table.stderr), note);
    let json = foreroute(dir.path(), &["check-config", "--format", "json", "--quiet"]);
    let summary: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(summary["channels"][0]["name"], "gpt-eu");
    assert!(json.stderr.is_empty());
    assert_eq!(code(&foreroute(dir.path(), &["check-config", "--require-secrets"])), 1);
}

#[test]
fn check_config_names_file_line_and_key() {
    let dir = directory();
    assert_eq!(code(&foreroute(dir.path(), &["check-config"])), 1);
    fs::write(dir.path().join("c.toml"), "[server]\nlisen = \"x\"\n[store]\nflush_every = 5\n").expect("written");
    let output = foreroute(dir.path(), &["check-config", "c.toml"]);
    assert_eq!(code(&output), 1);
    let expected = "error: the configuration has 2 problems
  c.toml:2:1: server.lisen: unknown key `lisen`; did you mean `listen`?
  c.toml:4:15: store.flush_every: expected a string, found 5
";
    assert_eq!(text(&output.stderr), expected);
}
