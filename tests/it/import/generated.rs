//! A small generated history, so that everything is shown without any file from elsewhere.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray};
use flate2::{Compression, write::GzEncoder};
use foreroute::collect::import::mapping::Wishes;
use foreroute::domain::batch::Amendment;
use foreroute::domain::time::Timestamp;
use foreroute::engine::import::target::Done;
use foreroute::engine::import::{Cuts, Piece, StoreTarget, Target, TargetError, Verdict};
use foreroute::stats::seed::Seed;
use parquet::arrow::ArrowWriter;
use rand::RngExt;

use super::store::TestStore;
use super::{compare, import, totals};

/// 2026-11-03T08:20:00Z: not at the start of an hour, so that the first and the last are partial.
const START_S: i64 = 1_793_694_000;

struct Row {
    ts_us: i64,
    channel: &'static str,
    status: i64,
    latency_ms: f64,
    tokens_prompt: i64,
    tokens_completion: i64,
}

/// Seven hours of three channels, sorted by time.
fn history(calls: i64) -> Vec<Row> {
    let mut rng = Seed::new(20_261_120).child("import history").rng();
    let row = |nth: i64| Row {
        ts_us: START_S * 1_000_000 + nth * 25_200_000_000 / calls + rng.random_range(0..1_000_000),
        channel: ["openai/gpt-4o eu", "vllm, on premises", "anthropic"][rng.random_range(0..3)],
        status: [200, 200, 200, 200, 200, 200, 200, 429, 503][rng.random_range(0..9)],
        // Log-uniform between 20 ms and 60 s, to a thousandth: the whole range that calls take.
        latency_ms: ((20f64.ln() + rng.random::<f64>() * 3_000f64.ln()).exp() * 1e3).round() / 1e3,
        tokens_prompt: rng.random_range(0..8_000),
        tokens_completion: rng.random_range(0..800),
    };
    let mut rows: Vec<Row> = (0..calls).map(row).collect();
    rows.sort_by_key(|row| row.ts_us);
    rows
}

const HEADER: &str = "ts,channel,status,latency_ms,tokens_prompt,tokens_completion\n";

fn csv(rows: &[Row]) -> Vec<u8> {
    let line = |text: String, row: &Row| {
        let Row { ts_us, channel, status, latency_ms, tokens_prompt, tokens_completion } = row;
        let ts = Timestamp::from_micros(*ts_us);
        text + &format!("{ts},\"{channel}\",{status},{latency_ms},{tokens_prompt},{tokens_completion}\n")
    };
    rows.iter().fold(HEADER.to_owned(), line).into_bytes()
}

fn jsonl(rows: &[Row]) -> Vec<u8> {
    let line = |row: &Row| {
        serde_json::json!({
            "ts": row.ts_us, "channel": row.channel, "status": row.status,
            "latency_ms": row.latency_ms, "tokens_prompt": row.tokens_prompt,
            "tokens_completion": row.tokens_completion,
        })
    };
    rows.iter().map(line).flat_map(|line| format!("{line}\n").into_bytes()).collect()
}

fn parquet(rows: &[Row]) -> Vec<u8> {
    let ints = |of: fn(&Row) -> i64| -> ArrayRef { Arc::new(Int64Array::from_iter_values(rows.iter().map(of))) };
    let instants = TimestampMicrosecondArray::from_iter_values(rows.iter().map(|row| row.ts_us));
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("ts", Arc::new(instants.with_timezone("UTC"))),
        ("channel", Arc::new(StringArray::from_iter_values(rows.iter().map(|row| row.channel)))),
        ("status", ints(|row| row.status)),
        ("latency_ms", Arc::new(Float64Array::from_iter_values(rows.iter().map(|row| row.latency_ms)))),
        ("tokens_prompt", ints(|row| row.tokens_prompt)),
        ("tokens_completion", ints(|row| row.tokens_completion)),
    ];
    let batch = RecordBatch::try_from_iter(columns).expect("columns match");
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).expect("schema is fine");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).expect("packed");
    packer.finish().expect("packed")
}

fn file(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    fs::write(&path, bytes).expect("written");
    path
}

#[test]
fn every_format_gives_the_same_minutes_and_they_are_right() {
    let rows = history(6_000);
    let dir = tempfile::tempdir().expect("temporary directory");
    let mut seen = Vec::new();
    for (name, bytes) in [
        ("calls.csv", csv(&rows)),
        ("calls.csv.gz", gzip(&csv(&rows))),
        ("calls.jsonl", jsonl(&rows)),
        ("calls.jsonl.gz", gzip(&jsonl(&rows))),
        ("calls.parquet", parquet(&rows)),
    ] {
        let (path, store) = (file(dir.path(), name, &bytes), TestStore::new());
        let summary = import(&path, &Wishes::default(), Cuts::default(), &mut store.target()).expect("imports");
        assert_eq!((summary.rows, summary.accepted, summary.rejected), (6_000, 6_000, 0), "{name}");
        assert_eq!(summary.failures, rows.iter().filter(|row| row.status >= 400).count() as u64);
        if let Some(totals) = totals("own", &path) {
            compare(&summary, &store, &totals);
        }
        seen.push((name, store.samples()));
    }
    for (name, samples) in &seen {
        assert!(samples == &seen[0].1, "{name} gives other minutes than {}", seen[0].0);
    }
}

/// A store whose process is killed instead of publishing for the `left + 1`st time.
struct Dying<'a> {
    store: StoreTarget<'a>,
    left: usize,
}

impl Target for Dying<'_> {
    fn mark(&self, id: &str) -> Option<Done> {
        self.store.mark(id)
    }

    fn publish(&mut self, piece: Piece) -> Result<(), TargetError> {
        assert!(piece.samples.is_sorted_by_key(|Amendment { sample, .. }| (&sample.channel, sample.minute)));
        self.left = self.left.checked_sub(1).ok_or_else(|| TargetError("killed".into()))?;
        self.store.publish(piece)
    }
}

#[test]
fn an_interrupted_import_goes_on_where_it_was() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = file(dir.path(), "calls.csv", &csv(&history(3_000)));
    let cuts = Cuts { chunk_rows: 100, held_minutes: 300 };
    let whole = TestStore::new();
    let undisturbed = import(&path, &Wishes::default(), cuts, &mut whole.target()).expect("imports");
    for left in [0, 1, 2] {
        let store = TestStore::new();
        import(&path, &Wishes::default(), cuts, &mut Dying { store: store.target(), left }).expect_err("is killed");
        let store = store.reopened();
        let resumed = import(&path, &Wishes::default(), cuts, &mut store.target()).expect("goes on");
        assert_eq!(matches!(resumed.verdict, Verdict::Resumed { .. }), left > 0);
        assert_eq!((resumed.rows, resumed.minutes), (undisturbed.rows, undisturbed.minutes));
        assert!(store.samples() == whole.samples(), "killed after {left} publications");
        assert!(store.samples().iter().all(|minute| minute.revision == 0), "sorted input is never cut in a minute");
    }
}

fn foreroute(data: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_foreroute"));
    command.arg("import").args(args).arg("--data").arg(data).current_dir(data.parent().expect("has a parent"));
    command.output().expect("the program starts")
}

#[test]
fn the_command_counts_bad_rows_keeps_good_ones_and_knows_the_file_again() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let mut bytes = csv(&history(500));
    bytes.extend_from_slice(b"1793700000,x,200,soon,1,1\n1793700000,,200,5,1,1\n1793700000,x\n");
    let path = file(dir.path(), "calls.csv", &bytes);
    let (path, data) = (path.to_str().expect("plain path"), dir.path().join("data"));
    let dry = foreroute(&data, &[path, "--dry-run"]);
    assert_eq!((dry.status.code(), data.exists()), (Some(2), false), "a dry run leaves nothing behind");
    let first = foreroute(&data, &[path, "--format", "json"]);
    assert_eq!(first.status.code(), Some(2), "{}", String::from_utf8_lossy(&first.stderr));
    let told: serde_json::Value = serde_json::from_slice(&first.stdout).expect("JSON");
    let told = &told[0];
    assert_eq!((told["accepted"].as_u64(), told["rejected"].as_u64()), (Some(500), Some(3)));
    assert_eq!(told["rejects"][0]["problem"], "is `soon`, not a number");
    assert_eq!((told["rejects"][1]["row"].as_u64(), &told["rejects"][1]["column"]), (Some(502), &"channel".into()));
    let second = foreroute(&data, &[path]);
    assert_eq!(second.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&second.stdout).contains("already imported"));
    let missing = foreroute(&data, &[path, "--preset", "vllm-bench", "--kind", "calls"]);
    assert_eq!(missing.status.code(), Some(1));
    let complaint = String::from_utf8_lossy(&missing.stderr);
    assert!(complaint.contains("no column `prompt_tokens`, `completion_tokens`, `ttft_ms`, `e2e_ms`"), "{complaint}");
}
