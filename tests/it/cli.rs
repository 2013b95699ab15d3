//! The binary as scripts see it: exit codes, what goes to which stream.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use foreroute::domain::batch::{Amendment, Mode};
use foreroute::domain::call::Call;
use foreroute::domain::ids::ChannelId;
use foreroute::domain::sample::Sample;
use foreroute::domain::time::Timestamp;
use foreroute::store::{Publication, Store, StoreOptions};
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

/// A store in `dir` with one published minute of one channel.
fn small_store(dir: &Path) -> Store {
    let now = Timestamp::from_seconds(1_700_000_000);
    let (store, _recovery) = Store::open(dir, StoreOptions::default(), now).expect("a new store");
    let channel = ChannelId::new("gpt-eu").expect("valid name");
    let mut sample = Sample::new(channel.clone(), now.minute());
    sample.record(&Call::new(now, channel));
    let amendment = Amendment { sample, mode: Mode::Add };
    store.publish(Publication { samples: vec![amendment], ..Publication::default() }, now).expect("published");
    store
}

#[test]
fn inspect_finds_what_is_there_and_what_is_broken() {
    let dir = directory();
    let data = dir.path().join("foreroute-data");
    assert_eq!(code(&foreroute(dir.path(), &["inspect"])), 1, "there is no store");
    let store = small_store(&data);
    store.put_model("theta", b"12345").expect("written");
    // Reading goes on beside the writer that still holds the lock.
    let whole = foreroute(dir.path(), &["inspect", "--verify", "--format", "json"]);
    assert_eq!(code(&whole), 0, "{}", text(&whole.stderr));
    let found: serde_json::Value = serde_json::from_slice(&whole.stdout).expect("JSON");
    assert_eq!((&found["tables"]["samples"]["rows"], &found["faults"]), (&1.into(), &serde_json::json!([])));
    assert_eq!(found["models"], serde_json::json!([{"name": "theta", "bytes": 5, "problem": null}]));
    fs::write(data.join("models/theta.model"), b"FRMD").expect("written");
    let snapshot = store.snapshot();
    let file = snapshot.path(&snapshot.catalog().files[0]);
    let mut bytes = fs::read(&file).expect("a file");
    bytes[10] ^= 1;
    fs::write(&file, bytes).expect("written");
    let broken = foreroute(dir.path(), &["inspect", "--verify", "--files"]);
    assert_eq!(code(&broken), 2);
    let shown = text(&broken.stdout);
    assert!(shown.contains("0 of 1 files are whole") && shown.contains("has the checksum"), "{shown}");
    assert!(shown.contains("damaged: `models/theta.model`: it ends within its header"), "{shown}");
    assert_eq!(code(&foreroute(dir.path(), &["inspect", "--repair"])), 4, "refused while the store is in use");
    drop(store);
    let repaired = foreroute(dir.path(), &["inspect", "--repair"]);
    assert_eq!(code(&repaired), 2, "the file's rows are lost: {}", text(&repaired.stderr));
    assert!(text(&repaired.stdout).contains("it is moved to `quarantine/`; 1 rows of"), "{}", text(&repaired.stdout));
    assert_eq!(code(&foreroute(dir.path(), &["inspect", "--repair"])), 0, "nothing is left to repair");
}

#[test]
fn a_damaged_catalog_is_refused_with_the_command_that_repairs_it() {
    let dir = directory();
    let data = dir.path().join("foreroute-data");
    drop(small_store(&data));
    let catalog = fs::read_dir(data.join("catalog")).expect("a directory").map(|entry| entry.expect("an entry").path());
    let newest = catalog.filter(|path| path.extension().is_some_and(|kind| kind == "json")).max().expect("a version");
    fs::write(&newest, b"").expect("emptied");
    let refused = foreroute(dir.path(), &["inspect"]);
    assert_eq!(code(&refused), 2);
    assert!(text(&refused.stderr).contains("foreroute inspect --repair"), "{}", text(&refused.stderr));
    let repaired = foreroute(dir.path(), &["inspect", "--repair", "--format", "json"]);
    assert_eq!(code(&repaired), 0, "the copy is whole: {}", text(&repaired.stderr));
    assert_eq!(code(&foreroute(dir.path(), &["inspect", "--verify"])), 0);
}

#[test]
fn compact_is_refused_while_another_process_writes() {
    let dir = directory();
    let store = small_store(&dir.path().join("d"));
    let refused = foreroute(dir.path(), &["compact", "--data", "d"]);
    assert_eq!(code(&refused), 4);
    assert!(text(&refused.stderr).contains("`LOCK` is held by process"), "{}", text(&refused.stderr));
    drop(store);
    // The minute is years old: its hour becomes a day, and the day gets roll-ups.
    let compact = || {
        let done = foreroute(dir.path(), &["compact", "--data", "d", "--format", "json"]);
        assert_eq!(code(&done), 0, "{}", text(&done.stderr));
        serde_json::from_slice::<serde_json::Value>(&done.stdout).expect("JSON")
    };
    let report = compact();
    assert_eq!((&report["roll_ups"], &report["files_expired"]), (&2.into(), &0.into()), "{report}");
    // Only a retention that the operator has set takes the minutes.
    fs::write(dir.path().join("foreroute.toml"), "[store.retention]\nsamples = \"90d\"\n").expect("written");
    assert_eq!(compact()["files_expired"], 1);
}

#[test]
fn query_answers_and_tells_whose_fault_it_is() {
    let dir = directory();
    let store = small_store(&dir.path().join("foreroute-data"));
    let sql = "SELECT channel, requests FROM samples";
    let table = foreroute(dir.path(), &["query", sql]);
    assert_eq!((code(&table), text(&table.stdout).as_str()), (0, "channel  requests\ngpt-eu          1\n"));
    let json = foreroute(dir.path(), &["query", sql, "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(answer["columns"], serde_json::json!(["channel", "requests"]));
    for wrong in ["DROP TABLE samples", "SELECT nothing FROM samples", "SELECT 1; SELECT 2"] {
        assert_eq!(code(&foreroute(dir.path(), &["query", wrong])), 1, "{wrong}");
    }
    drop(store);
}

#[test]
fn serve_stops_in_order_and_status_sees_what_was_sent() {
    let dir = directory();
    let mut server = Command::new(env!("CARGO_BIN_EXE_foreroute"))
        .args(["serve", "--listen", "127.0.0.1:0"])
        .current_dir(dir.path())
        .env_clear()
        .stderr(Stdio::piped())
        .spawn()
        .expect("the server starts");
    let mut log = BufReader::new(server.stderr.take().expect("a pipe"));
    let mut line = String::new();
    while !line.contains("listening on http://") {
        line.clear();
        assert_ne!(log.read_line(&mut line).expect("text"), 0, "the server ended");
    }
    let address = line.trim().rsplit('/').next().expect("an address");
    let now = foreroute::clock::Clock::system().now();
    let call = format!("{{\"ts\":\"{now}\",\"channel\":\"gpt-eu\",\"status\":200,\"latency_ms\":5}}\n");
    let request = format!(
        "POST /v1/calls HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nConnection: close\r\n\
         Content-Length: {}\r\n\r\n{call}",
        call.len()
    );
    let mut stream = TcpStream::connect(address).expect("it listens");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let status = foreroute(dir.path(), &["status", "--format", "json"]);
    let seen: serde_json::Value = serde_json::from_slice(&status.stdout).expect("JSON");
    assert_eq!(seen["channels"][0]["requests"], 1.0, "{}", text(&status.stderr));
    assert_eq!(code(&foreroute(dir.path(), &["serve", "--listen", "127.0.0.1:0"])), 4, "one writer at a time");
    let told = Command::new("kill").arg(server.id().to_string()).status().expect("kill runs");
    assert!(told.success());
    assert_eq!(server.wait().expect("it ends").code(), Some(0));
}

#[test]
fn collect_reads_every_source_once_and_its_exit_code_tells_how_it_went() {
    let dir = directory();
    let config = dir.path().join("foreroute.toml");
    let collect = || foreroute(dir.path(), &["collect", "--once", "--format", "json"]);
    assert_eq!(code(&collect()), 1, "nothing to collect");
    fs::write(&config, "[[source]]\nkind = \"tail\"\npath = \"calls.jsonl\"\n").expect("written");
    let now = foreroute::clock::Clock::system().now();
    let call = format!("{{\"ts\":\"{now}\",\"channel\":\"gpt-eu\",\"status\":200}}\n");
    fs::write(dir.path().join("calls.jsonl"), call.repeat(2)).expect("written");
    for (pass, pieces) in [(1, 2), (2, 0)] {
        let output = collect();
        assert_eq!(code(&output), 0, "{}", text(&output.stderr));
        let outcome: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!((&outcome[0]["source"], &outcome[0]["pieces"]), (&"tail".into(), &pieces.into()), "pass {pass}");
    }
    let unreachable = "[[source]]\nkind = \"prometheus\"\npreset = \"vllm\"\nurl = \"http://127.0.0.1:1/\"\n";
    fs::write(&config, unreachable).expect("written");
    let failed = collect();
    assert_eq!(code(&failed), 2, "{}", text(&failed.stderr));
    assert!(text(&failed.stdout).contains("\"connect\""), "{}", text(&failed.stdout));
    let other = fs::File::create(dir.path().join("foreroute-data/COLLECT")).expect("a file");
    other.try_lock().expect("nobody else collects");
    assert_eq!(code(&collect()), 4);
}
