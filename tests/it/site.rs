//! `foreroute serve` as an operator runs it: a process of its own, with its configuration, data and log in one directory.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use foreroute::clock::Clock;
use serde_json::{Value, json};

/// What an answer may take. A client that shares its connections may wait for ever when its server is killed at the wrong
/// moment (<https://github.com/hyperium/hyper/issues/2312>); ours says that it failed, and its sender tries again.
const PATIENCE: Duration = Duration::from_secs(30);
/// What the answer may take whether a server is ready.
const READY_PATIENCE: Duration = Duration::from_secs(2);
/// What a server may take until it is ready.
const START_S: i64 = 60;

/// A place to run servers in, one after the other, always at the same address.
pub struct Site {
    dir: PathBuf,
    port: u16,
    /// The client that everything here is asked with.
    pub client: reqwest::Client,
}

impl Site {
    /// A site in `dir` with a port of its own; `settings` is what the configuration says besides the address.
    pub fn new(dir: &Path, settings: &str) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
        let config = format!("[server]\nlisten = \"127.0.0.1:{port}\"\n\n{settings}");
        fs::write(dir.join("foreroute.toml"), config).expect("the configuration is written");
        let client = reqwest::Client::builder().timeout(PATIENCE).build().expect("a client");
        Self { dir: dir.to_owned(), port, client }
    }

    /// Starts a server and waits until it is ready.
    pub async fn serve(&self) -> Running {
        let log = fs::File::options().create(true).append(true).open(self.dir.join("log")).expect("a log file");
        let child = self.command("serve").stderr(log).stdout(Stdio::null()).spawn().expect("the server starts");
        let running = Running(child);
        let clock = Clock::system();
        let end = clock.now().plus_seconds(START_S);
        while clock.now() < end {
            let asked = self.client.get(self.url("/readyz")).timeout(READY_PATIENCE);
            if asked.send().await.is_ok_and(|answer| answer.status().is_success()) {
                return running;
            }
            pause_ms(10).await;
        }
        panic!("not ready within {START_S} s; log:\n{}", self.log());
    }

    /// The command called `name` on this site's configuration and data.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_foreroute"));
        command.arg(name).arg("--config").arg(self.dir.join("foreroute.toml"));
        command.arg("--data").arg(self.dir.join("data"));
        command
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The rows of an SQL query.
    pub async fn sql(&self, sql: &str) -> Vec<Value> {
        let answer = self.client.post(self.url("/v1/query")).json(&json!({ "sql": sql })).send().await;
        let answer: Value = answer.expect("an answer").json().await.expect("JSON");
        answer["rows"].as_array().unwrap_or_else(|| panic!("no rows in {answer}; log:\n{}", self.log())).clone()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }
}

/// A running server. It is killed when this is dropped, so that a failed test leaves none behind.
pub struct Running(Child);

impl Running {
    /// SIGKILL on Unix: no handler runs, nothing is flushed.
    pub fn kill(mut self) {
        self.0.kill().expect("the server is killed");
        self.0.wait().expect("the server is gone");
    }

    /// Asks it to stop; its exit code.
    pub fn stop(mut self) -> Option<i32> {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
        self.0.wait().expect("the server ends").code()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Neither does anything to a process that was waited for.
        let _killed = self.0.kill();
        let _gone = self.0.wait();
    }
}

pub async fn pause_ms(ms: i64) {
    let clock = Clock::system();
    clock.sleep_until(clock.now().plus_micros(ms * 1_000)).await;
}

/// A sum from SQL, which may come as a float.
pub fn whole(value: &Value) -> u64 {
    let number = value.as_f64().unwrap_or_else(|| panic!("{value} is not a number"));
    assert!(number >= 0.0 && number.fract() == 0.0, "{number} is not a count");
    format!("{number:.0}").parse().expect("a whole number")
}
