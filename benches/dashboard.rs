//! What the dashboard asks for, of the real server over a day of 1,000 channels: the time from request to the last byte.
//!
//! `cargo bench --bench dashboard` prints a table of a server that has just started and fits its forecasts, and one of the same
//! server once it has; with `-- --serve` the server then stays, so that a browser can be measured on
//! it (`npm run marks` in `dashboard/`). Under `cargo test` the set is small and answers are only checked for being there.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, clippy::panic, reason = "a benchmark that cannot go on should say why and stop")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

#[path = "common/server.rs"]
#[expect(dead_code, reason = "other benches look at the server's process as well")]
mod server;
#[path = "store/set.rs"]
#[expect(dead_code, reason = "the bench of the store counts its values")]
mod set;

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread;
use std::time::Duration;

use foreroute::clock::{Clock, Stopwatch};
use foreroute::domain::batch::{Amendment, Mode};
use foreroute::domain::time::Timestamp;
use foreroute::store::{Publication, Store, StoreOptions};
use server::{Server, answer, connect, post};
use set::{Detail, channel, first_minute, generate};

/// What is asked, and within how many milliseconds it is to be answered in 19 of 20 cases.
const QUESTIONS: [(&str, &str, f64); 8] = [
    ("every channel, past and next hour", "/v1/heat?from=-60m&step=1m", 1_000.0),
    ("the summary of three hours", "/v1/summary?from=-180m", 1_000.0),
    ("the summary of a day", "/v1/summary?from=-1440m", 1_000.0),
    ("what was spent", "/v1/spend", 1_000.0),
    ("the list of channels", "/v1/channels", 1_000.0),
    ("who carries what", "/v1/routes", 1_000.0),
    (
        "24 hours of one channel, 12 columns",
        "/v1/channels/provider-00%2Fmodel-00%2F0000/samples?from=-1440m&step=1m&columns=requests,errors,throttled,\
         latency_p50_ms,latency_p95_ms,ttft_p50_ms,ttft_p95_ms,tokens_prompt,tokens_completion,tokens_cached,cost_usd,coverage_s",
        300.0,
    ),
    ("24 hours across all channels", "/v1/aggregate?column=latency_mean_ms&from=-1440m&step=5m", 300.0),
];

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |word: &str| arguments.iter().any(|argument| argument == word);
    let (channels, minutes, repeats) = if has("--bench") { (1_000, 1_440, 40) } else { (3, 120, 1) };
    let dir = tempfile::tempdir().expect("a temporary directory");
    fill(&dir.path().join("data"), channels, minutes);
    let server = Server::start(dir.path(), &settings(channels));
    table(&server, &format!("{channels} channels, {minutes} minutes"), repeats);
    if has("--bench") {
        wait_for_fits(&server);
        table(&server, "the same once forecasts are fitted", repeats);
    }
    if has("--serve") {
        println!("serving on http://127.0.0.1:{} until enter", server.port);
        let _line = std::io::stdin().read_line(&mut String::new());
    }
}

/// Asks everything, and prints how long it took.
fn table(server: &Server, title: &str, repeats: u32) {
    let mut stream = connect(server.port);
    println!("{title:40} {:>9} {:>9} {:>9} {:>9}", "KB", "p50 ms", "p95 ms", "at most");
    for (what, path, most) in QUESTIONS {
        told(what, &measure(repeats, || get(&mut stream, path)), most);
    }
    let chat = br#"{"text":"status"}"#;
    told(
        "an answer in chat",
        &measure(repeats, || post(&mut stream, "/v1/chatops", "application/json", "", chat)),
        200.0,
    );
}

/// Waits until the server has little to do: after its start it fits every series of every channel.
fn wait_for_fits(server: &Server) {
    let mut quiet = 0;
    for _ in 0..900 {
        let before = server.cpu_s();
        thread::park_timeout(Duration::from_secs(1));
        quiet = if server.cpu_s() - before < 0.1 { quiet + 1 } else { 0 };
        if quiet == 5 {
            return;
        }
    }
}

/// Publishes the set, hour by hour as an engine does, with its last minute now.
fn fill(data: &Path, channels: u32, minutes: u32) {
    let now = Clock::system().now();
    let mut hours: Vec<Vec<Amendment>> = vec![Vec::new(); minutes.div_ceil(60) as usize];
    let shift = now.minute().0 - minutes - first_minute().0;
    generate(channels, minutes, Detail::Sketches, |mut sample| {
        let hour = (sample.minute.0 - first_minute().0) / 60;
        sample.minute = sample.minute.plus(shift);
        hours[hour as usize].push(Amendment { sample, mode: Mode::Add });
    });
    let (store, _recovery) = Store::open(data, StoreOptions::default(), now).expect("a new store");
    for samples in hours {
        store
            .publish(Publication { samples, ..Publication::default() }, Timestamp::from_seconds(now.seconds()))
            .expect("published");
    }
}

/// One class over all channels.
fn settings(channels: u32) -> String {
    let named: Vec<String> = (0..channels).map(|n| format!("[[channel]]\nname = \"{}\"\n", channel(n))).collect();
    let named = named.concat();
    format!(
        "{named}[[route]]\nclass = \"chat\"\n\
         objective = {{ error_ratio = 0.02, latency = {{ percentile = 95, ms = 3000 }}, budget = {{ usd = 5000, per = \"day\" }} }}\n"
    )
}

fn get(stream: &mut BufReader<TcpStream>, path: &str) -> (u16, Vec<u8>) {
    let head = format!("GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n");
    stream.get_mut().write_all(head.as_bytes()).expect("the head is sent");
    answer(stream)
}

/// Milliseconds of each of `repeats` answers after a first one, ascending, and the bytes of one.
fn measure(repeats: u32, mut ask: impl FnMut() -> (u16, Vec<u8>)) -> (Vec<f64>, usize) {
    let (status, body) = ask();
    assert!(status == 200, "{status}: {}", String::from_utf8_lossy(&body));
    let all = (0..repeats).map(|_| {
        let watch = Stopwatch::start();
        assert_eq!(ask().0, 200);
        watch.elapsed().as_secs_f64() * 1e3
    });
    let mut times: Vec<f64> = all.collect();
    times.sort_by(f64::total_cmp);
    (times, body.len())
}

fn told(what: &str, (times, bytes): &(Vec<f64>, usize), most: f64) {
    let at = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)];
    println!("{what:40} {:>9} {:>9.1} {:>9.1} {most:>9}", bytes / 1_000, at(50), at(95));
}
