//! Calls accepted over HTTP: NDJSON batches of 1,000, each durable before its 200.
//!
//! Starts the real server as a child process on a temporary store and posts to it from a few keep-alive connections
//! on loopback, so server and client share the machine. Prints calls per second, the server's CPU time per call and
//! its resident memory, and checks that the store holds exactly what was acknowledged.
//!
//! `cargo bench --bench http [-- --seconds 20 --connections 4 --channels 1000]`
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot go on should say why and stop")]

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use foreroute::clock::{Clock, Stopwatch};
use foreroute::stats::seed::Seed;
use rand::RngExt;

const CALLS_PER_BATCH: usize = 1_000;
const BODIES: u64 = 64;

struct Options {
    seconds: u64,
    connections: u64,
    channels: u64,
}

impl Options {
    fn from_args() -> Self {
        let args: Vec<String> = std::env::args().collect();
        let number = |name: &str, default| {
            let at = args.iter().position(|arg| arg == name);
            at.and_then(|at| args.get(at + 1)).and_then(|text| text.parse().ok()).unwrap_or(default)
        };
        Self {
            seconds: number("--seconds", 20),
            connections: number("--connections", 4),
            channels: number("--channels", 1_000),
        }
    }
}

/// The server as a child process; killed when dropped.
struct Server {
    child: Child,
    port: u16,
}

impl Server {
    fn start(dir: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address").port();
        let config = dir.join("foreroute.toml");
        fs::write(&config, format!("[server]\nlisten = \"127.0.0.1:{port}\"\n")).expect("the configuration is written");
        let child = Command::new(env!("CARGO_BIN_EXE_foreroute"))
            .args(["serve", "--config"])
            .arg(&config)
            .arg("--data")
            .arg(dir.join("data"))
            .stdout(Stdio::null())
            .spawn()
            .expect("the server starts");
        let server = Self { child, port };
        for _ in 0..600 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return server;
            }
            thread::park_timeout(Duration::from_millis(50));
        }
        panic!("the server did not listen within 30 s");
    }

    fn proc(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap_or_default()
    }

    /// User and system CPU seconds so far.
    fn cpu_s(&self) -> f64 {
        let stat = self.proc("stat");
        let after_name = stat.rsplit(") ").next().unwrap_or_default();
        let ticks: f64 = after_name.split(' ').skip(11).take(2).filter_map(|n| n.parse::<f64>().ok()).sum();
        ticks / 100.0
    }

    fn memory_mb(&self, field: &str) -> f64 {
        let status = self.proc("status");
        let line = status.lines().find(|line| line.starts_with(field)).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kb| kb.parse::<f64>().ok()).unwrap_or(f64::NAN) / 1_024.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

fn body(seed: Seed, channels: u64, now: &str) -> Vec<u8> {
    let mut rng = seed.rng();
    let mut text = String::with_capacity(CALLS_PER_BATCH * 200);
    for _ in 0..CALLS_PER_BATCH {
        let channel = rng.random_range(0..channels);
        let (prompt, completion) = (rng.random_range(50..4_000), rng.random_range(10..900));
        let latency = 180.0 + f64::from(completion) * rng.random_range(8.0..30.0);
        writeln!(
            text,
            r#"{{"ts":"{now}","channel":"channel-{channel:04}","status":200,"latency_ms":{latency:.1},"ttft_ms":{:.1},"tokens_prompt":{prompt},"tokens_completion":{completion},"cost_usd":{:.6}}}"#,
            latency * 0.2,
            f64::from(prompt) * 2.5e-6 + f64::from(completion) * 1e-5,
        )
        .expect("writing to a string");
    }
    text.into_bytes()
}

/// Posts `body` and reads the whole answer; the status code.
fn post(stream: &mut BufReader<TcpStream>, path: &str, kind: &str, key: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: {kind}\r\nIdempotency-Key: {key}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.get_mut().write_all(head.as_bytes()).expect("the head is sent");
    stream.get_mut().write_all(body).expect("the body is sent");
    let mut line = String::new();
    stream.read_line(&mut line).expect("a status line");
    let status = line.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    let mut length = 0;
    loop {
        line.clear();
        stream.read_line(&mut line).expect("a header");
        if line.trim().is_empty() {
            break;
        }
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
    }
    let mut answer = vec![0; length];
    stream.read_exact(&mut answer).expect("the body of the answer");
    (status, answer)
}

fn connect(port: u16) -> BufReader<TcpStream> {
    let stream = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
    stream.set_nodelay(true).expect("the socket takes options");
    BufReader::new(stream)
}

fn main() {
    let options = Options::from_args();
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut server = Server::start(dir.path());
    let now = Clock::system().now().to_string();
    let seed = Seed::new(42);
    let bodies: Arc<Vec<Vec<u8>>> = Arc::new((0..BODIES).map(|n| body(seed.nth(n), options.channels, &now)).collect());
    let (accepted, refused) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (cpu_before, watch) = (server.cpu_s(), Stopwatch::start());
    let senders: Vec<_> = (0..options.connections)
        .map(|connection| {
            let (bodies, accepted, refused) = (Arc::clone(&bodies), Arc::clone(&accepted), Arc::clone(&refused));
            let (port, seconds) = (server.port, options.seconds);
            thread::spawn(move || {
                let mut stream = connect(port);
                for round in 0_usize.. {
                    if watch.elapsed().as_secs() >= seconds {
                        return;
                    }
                    let body = &bodies[round % bodies.len()];
                    let key = format!("c{connection}-{round}");
                    let (status, _) = post(&mut stream, "/v1/calls", "application/x-ndjson", &key, body);
                    let counter = if status == 200 { &accepted } else { &refused };
                    counter.fetch_add(CALLS_PER_BATCH as u64, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for sender in senders {
        sender.join().expect("a sender ends");
    }
    let (wall_s, cpu_s) = (watch.elapsed().as_secs_f64(), server.cpu_s() - cpu_before);
    let calls = accepted.load(Ordering::Relaxed);
    let sql = br#"{"sql":"SELECT SUM(requests) AS n FROM samples"}"#;
    let (_, answer) = post(&mut connect(server.port), "/v1/query", "application/json", "q", sql);
    #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
    let rate = calls as f64 / wall_s;
    println!("channels            {}", options.channels);
    println!("connections         {}", options.connections);
    println!("calls acknowledged  {calls} ({} refused)", refused.load(Ordering::Relaxed));
    println!("calls per second    {rate:.0}");
    println!("server CPU per call {:.2} us", cpu_s * 1e6 / rate / wall_s);
    println!(
        "server resident     {:.0} MB now, {:.0} MB at most",
        server.memory_mb("VmRSS:"),
        server.memory_mb("VmHWM:")
    );
    println!("store answers       {}", String::from_utf8_lossy(&answer));
    let _gone = server.child.kill();
}
