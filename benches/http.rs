//! Calls accepted over HTTP: NDJSON batches of 1,000, each durable before its 200.
//!
//! Starts the real server as a child process on a temporary store and posts to it from a few keep-alive connections
//! on loopback, so server and client share the machine. Prints calls per second, the server's CPU time per call and
//! its resident memory, and checks that the store holds exactly what was acknowledged.
//!
//! `cargo bench --bench http [-- --seconds 20 --connections 4 --channels 1000]`
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot go on should say why and stop")]

#[path = "common/server.rs"]
mod server;

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use foreroute::clock::{Clock, Stopwatch};
use foreroute::stats::seed::Seed;
use rand::RngExt;
use server::{Server, connect, post};

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

fn main() {
    let options = Options::from_args();
    let dir = tempfile::tempdir().expect("a temporary directory");
    let server = Server::start(dir.path(), "");
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
}
