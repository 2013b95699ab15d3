//! The decision that holds, asked over HTTP: what an orchestrator that polls before each call would cost.
//!
//! Starts the real server as a child process, has a channel die so that there is a decision, and asks for it from some
//! keep-alive connections on loopback, so server and client share the machine. Each client thread sends one request on each
//! of its connections and then reads the answers, so a latency holds the wait for the others as well. Prints requests per
//! second, latencies and the server's CPU time per request, whole answers (200) and `If-None-Match` (304).
//!
//! `cargo bench --bench decision [-- --seconds 10 --connections 32 --threads 1]`
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot go on should say why and stop")]

#[path = "common/server.rs"]
mod server;

use std::fmt::Write as _;
use std::io::{BufReader, Write as _};
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use foreroute::clock::{Clock, Stopwatch};
use foreroute::domain::time::Timestamp;
use server::{Server, answer, connect, post};

const CHANNELS: u32 = 10;
const GET: &str = "GET /v1/routes/chat/decision HTTP/1.1\r\nHost: bench\r\n";

fn option(name: &str, default: u64) -> u64 {
    let args: Vec<String> = std::env::args().collect();
    let at = args.iter().position(|arg| arg == name);
    at.and_then(|at| args.get(at + 1)).and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Tells of twenty calls on each channel, of which the first fails all.
fn tell(stream: &mut BufReader<TcpStream>, round: u32) {
    let (now, mut body) = (Clock::system().now(), String::new());
    for call in 0..20 * CHANNELS {
        let (channel, status) = (call % CHANNELS, if call % CHANNELS == 0 { 500 } else { 200 });
        writeln!(
            body,
            r#"{{"ts":"{now}","channel":"channel-{channel}","status":{status},"latency_ms":{}}}"#,
            90 + call
        )
        .expect("writing to a string");
    }
    let (status, _) = post(stream, "/v1/calls", "application/x-ndjson", &format!("k{round}"), body.as_bytes());
    assert_eq!(status, 200, "the calls are accepted");
}

/// Asks on a new connection; the status code, the `ETag` line and the body.
fn look(port: u16) -> (u16, Vec<u8>) {
    let mut stream = connect(port);
    stream.get_mut().write_all(format!("{GET}\r\n").as_bytes()).expect("sent");
    answer(&mut stream)
}

/// Latencies in microseconds of every answer.
fn ask(port: u16, request: &str, connections: u64, seconds: u64) -> Vec<u64> {
    let mut streams: Vec<_> = (0..connections).map(|_| connect(port)).collect();
    let (watch, mut latencies) = (Stopwatch::start(), Vec::new());
    while watch.elapsed().as_secs() < seconds {
        let sent: Vec<Duration> = streams
            .iter_mut()
            .map(|stream| {
                let at = watch.elapsed();
                stream.get_mut().write_all(request.as_bytes()).expect("sent");
                at
            })
            .collect();
        for (stream, at) in streams.iter_mut().zip(sent) {
            let (status, _) = answer(stream);
            // A lease that is renewed meanwhile is news.
            assert!(matches!(status, 200 | 304), "{status} to {request}");
            latencies.push(u64::try_from(watch.elapsed().saturating_sub(at).as_micros()).unwrap_or(u64::MAX));
        }
    }
    latencies
}

/// One class over all channels, and no limit to how often one address may ask.
fn settings() -> String {
    let mut settings = "rate = { per_address_per_s = 0, per_token_per_s = 0 }\n[[route]]\nclass = \"chat\"\n"
        .to_owned()
        + "objective = { latency = { percentile = 95, ms = 2000 }, error_ratio = 0.05 }\n";
    for channel in 0..CHANNELS {
        writeln!(settings, "[[channel]]\nname = \"channel-{channel}\"").expect("writing to a string");
    }
    settings
}

/// The `ETag` of a decision.
fn tag(decision: &str) -> String {
    let told: serde_json::Value = serde_json::from_str(decision).expect("JSON");
    let issued = told["issued_at"].as_str().and_then(Timestamp::parse_rfc3339).expect("an instant");
    format!("\"{}-{}\"", told["generation"], issued.micros())
}

fn main() {
    let (seconds, connections, threads) =
        (option("--seconds", 10), option("--connections", 32), option("--threads", 1));
    let dir = tempfile::tempdir().expect("a temporary directory");
    let server = Server::start(dir.path(), &settings());
    let mut stream = connect(server.port);
    let mut round = 0;
    let decision = loop {
        tell(&mut stream, round);
        match look(server.port) {
            (200, body) => break String::from_utf8(body).expect("JSON"),
            _ if round > 100 => panic!("nothing was decided"),
            _ => round += 1,
        }
    };
    println!("connections {connections}, client threads {threads}, answer of {} bytes", decision.len());
    let known = format!("If-None-Match: {}\r\n", tag(&decision));
    for (what, header) in [("whole answer (200)", ""), ("nothing new (304)", known.as_str())] {
        let request = format!("{GET}{header}\r\n");
        let (cpu_before, watch) = (server.cpu_s(), Stopwatch::start());
        let clients: Vec<_> = (0..threads)
            .map(|_| {
                let (port, request) = (server.port, request.clone());
                thread::spawn(move || ask(port, &request, (connections / threads).max(1), seconds))
            })
            .collect();
        let mut latencies: Vec<u64> =
            clients.into_iter().flat_map(|client| client.join().expect("a client ends")).collect();
        let (wall_s, cpu_s) = (watch.elapsed().as_secs_f64(), server.cpu_s() - cpu_before);
        latencies.sort_unstable();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let count = latencies.len() as f64;
        let percentile = |percent: usize| latencies[latencies.len() * percent / 100];
        println!(
            "{what}: {:.0} requests/s, p50 {} us, p99 {} us, {:.1} us of the server's CPU each",
            count / wall_s,
            percentile(50),
            percentile(99),
            cpu_s * 1e6 / count
        );
    }
    println!("server resident {:.0} MB", server.memory_mb("VmRSS:"));
}
