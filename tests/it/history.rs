//! `data/calls.csv.gz`: what the generator makes today is what lies there, and `import` takes it as it is.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use foreroute::domain::call::Call;
use foreroute::domain::time::Timestamp;
use foreroute::domain::units::Millis;
use foreroute::sim::world::World;
use foreroute::stats::seed::Seed;
use serde_json::Value;

use crate::site::whole;
use crate::world::calls;

/// A Monday and a Tuesday.
const START: &str = "2026-11-02T00:00:00Z";
const HOURS: u32 = 48;
/// Calls a second over all channels, on daily average.
const RATE: f64 = 0.024;
/// Larger files do not belong into the repository.
const MOST_BYTES: usize = 300_000;

const HEADER: &str = "ts,channel,outcome,latency_ms,ttft_ms,tokens_prompt,tokens_completion,tokens_cached,cost_usd\n";

/// The calls of all channels, in order of time.
fn history() -> Vec<Call> {
    let start = Timestamp::parse_rfc3339(START).expect("valid RFC 3339");
    let world = World::demo(Seed::new(7));
    let of_channel = |profile| calls(&world, profile, start, HOURS, RATE);
    let mut all: Vec<Call> = world.profiles().iter().flat_map(of_channel).collect();
    all.sort_by(|a, b| (a.ts, &a.channel).cmp(&(b.ts, &b.channel)));
    all
}

fn csv(calls: &[Call]) -> String {
    let line = |text: String, call: &Call| {
        // A tenth of a millisecond: the last bit of a logarithm, which machines may see differently, is not shown.
        let ms = |ms: Option<Millis>| ms.map_or(String::new(), |ms| format!("{:.1}", ms.get()));
        let count = |count: Option<u64>| count.map_or(String::new(), |count| count.to_string());
        let fields = [
            call.ts.to_string(),
            call.channel.to_string(),
            call.outcome.name().to_owned(),
            ms(call.latency),
            ms(call.ttft),
            count(call.tokens_prompt),
            count(call.tokens_completion),
            count(call.tokens_cached),
            call.cost.map_or(String::new(), |cost| format!("{:.6}", cost.usd())),
        ];
        text + &fields.join(",") + "\n"
    };
    calls.iter().fold(HEADER.to_owned(), line)
}

/// Without a name and a time of its own, so that equal content gives equal bytes.
fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).expect("writing to memory");
    encoder.finish().expect("writing to memory")
}

fn published() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/calls.csv.gz")
}

#[test]
fn the_generator_makes_the_published_history() {
    let text = csv(&history());
    let mut known = String::new();
    let read = fs::File::open(published()).and_then(|file| GzDecoder::new(file).read_to_string(&mut known));
    // Compared unpacked: another version of the compressor may pack the same content otherwise.
    if read.is_err() || known != text {
        let fresh = Path::new(env!("CARGO_TARGET_TMPDIR")).join("calls.csv.gz");
        fs::write(&fresh, gzip(&text)).expect("the fresh history is written");
        panic!("the history is another one; if that is on purpose: cp {} data/", fresh.display());
    }
    let packed = fs::read(published()).expect("the history is there");
    assert!(packed.len() <= MOST_BYTES, "{} bytes", packed.len());
    assert_eq!(packed[4..8], [0; 4], "the time in the header of gzip is none");
}

fn foreroute(data: &Path, command: &str, argument: &str) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_foreroute"));
    program.arg(command).arg(argument).args(["--format", "json", "--data"]).arg(data);
    let output = program.current_dir(data).output().expect("the program starts");
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn the_history_can_be_imported_as_it_is_and_twice_is_once() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut expected: BTreeMap<String, [u64; 3]> = BTreeMap::new();
    for call in history() {
        let [requests, errors, tokens] = expected.entry(call.channel.to_string()).or_default();
        *requests += 1;
        *errors += u64::from(call.outcome.is_failure());
        *tokens += call.tokens_completion.unwrap_or(0);
    }
    let sql = "SELECT channel, SUM(requests), SUM(errors), SUM(tokens_completion) AS t FROM samples GROUP BY channel";
    for round in ["first", "second"] {
        foreroute(dir.path(), "import", &published().display().to_string());
        let answer = foreroute(dir.path(), "query", sql);
        let answer: Value = serde_json::from_slice(&answer.stdout).expect("JSON");
        let rows = answer["rows"].as_array().expect("rows");
        let cells = |row: &Value| (row[0].as_str().expect("a name").to_owned(), [1, 2, 3].map(|at| whole(&row[at])));
        assert_eq!(rows.iter().map(cells).collect::<BTreeMap<_, _>>(), expected, "after the {round} import");
    }
}
