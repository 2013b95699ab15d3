//! Size and speed of the store on the generated set: 1,000 channels x 1,440 minutes x 12 values.
//!
//! `cargo bench --bench store` prints one table; `-- --out DIR` also leaves the set and the answers in DIR for
//! `benches/peers/peers.py`, which runs the same queries elsewhere. Under `cargo test` the set is small and only the
//! answers are checked for being there. Time is CPU time, user + system, of the whole process per run.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot go on should say why and stop")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

#[path = "common/cpu.rs"]
mod cpu;
#[path = "store/set.rs"]
mod set;

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cpu::measure;
use foreroute::domain::batch::{Amendment, Batch, Mode};
use foreroute::domain::column::Column;
use foreroute::domain::sample::Sample;
use foreroute::domain::time::Timestamp;
use foreroute::store::catalog::Catalog;
use foreroute::store::parquet::{FileStats, SampleWriter};
use foreroute::store::query::{
    AcrossQuery, Combine, RangeQuery, SqlLimits, TopQuery, Unpublished, across, range, sql, top,
};
use foreroute::store::schema::SAMPLES;
use foreroute::store::wal::codec;
use foreroute::store::{LiveFile, Publication, Snapshot, Store, StoreOptions};
use serde_json::{Value, json};
use set::{Detail, VALUES, channel, first_minute, generate};

/// The size of a run.
#[derive(Clone, Copy)]
struct Size {
    channels: u32,
    minutes: u32,
    repeats: u32,
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let out = arguments.iter().position(|word| word == "--out").and_then(|at| arguments.get(at + 1));
    let measuring = arguments.iter().any(|word| word == "--bench");
    let size = if measuring {
        Size { channels: 1_000, minutes: 1_440, repeats: 40 }
    } else {
        Size { channels: 5, minutes: 120, repeats: 1 }
    };
    let temporary = tempfile::tempdir().expect("temporary directory");
    let dir = out.map_or_else(|| temporary.path().to_owned(), PathBuf::from);
    std::fs::create_dir_all(&dir).expect("the output directory can be made");
    sizes(size, &dir);
    queries(size, &dir);
    roll_ups(size, &dir.join("rolled"));
    durable_minute(size, &dir.join("durable"));
}

fn report(what: &str, value: f64, unit: &str) {
    println!("{what:60} {value:10.3} {unit}");
}

/// Writes the set as one day file.
fn write(size: Size, detail: Detail, path: &Path) -> FileStats {
    let file = File::create(path).expect("the file can be created");
    let mut writer = SampleWriter::new(file, &SAMPLES).expect("header");
    generate(size.channels, size.minutes, detail, |sample| writer.push(&sample).expect("sorted row"));
    writer.finish().expect("footer").0
}

fn bytes_per_value(stats: FileStats) -> f64 {
    stats.bytes as f64 / (stats.rows * VALUES) as f64
}

fn sizes(size: Size, dir: &Path) {
    let stats = write(size, Detail::TwelveValues, &dir.join("set.parquet"));
    report("bytes per value, twelve values", bytes_per_value(stats), "B");
    let with_sketches = write(size, Detail::Sketches, &dir.join("sketches.parquet"));
    let per_row = (with_sketches.bytes - stats.bytes) as f64 / stats.rows as f64;
    report("bytes per row more with two sketches and all percentiles", per_row, "B");
}

/// A store that holds just `file` of `dir`.
fn snapshot(dir: &Path, file: &str, size: Size) -> Snapshot {
    let first_minute = first_minute();
    let live = LiveFile {
        table: SAMPLES.name.to_owned(),
        path: file.to_owned(),
        day: first_minute.day(),
        hour: None,
        first_minute,
        last_minute: first_minute.plus(size.minutes - 1),
        rows: u64::from(size.channels * size.minutes),
        bytes: 0,
        crc32: 0,
        made_from: None,
    };
    Snapshot::new(Arc::from(dir), Arc::new(Catalog { files: vec![live], ..Catalog::default() }))
}

/// The third query in the words of SQL.
const TOP_IN_SQL: &str =
    "SELECT channel, AVG(latency_mean_ms) AS mean FROM samples GROUP BY channel ORDER BY mean DESC LIMIT 10";

fn queries(size: Size, dir: &Path) {
    let (from, to) = (first_minute(), first_minute().plus(size.minutes));
    let one = channel(size.channels / 2);
    let column = Column::LatencyMean;
    let range_query = RangeQuery { channels: vec![one.clone()], column, from, to, step_minutes: 1 };
    let combine = Combine::MeanOfMinutes;
    let across_query = AcrossQuery { column, from, to, step_minutes: 5, quantile: 0.95, combine };
    let top_query = TopQuery { column, from, to, n: 10, descending: true, combine };

    let set = snapshot(dir, "set.parquet", size);
    let run_one = || range(&set, &[], &range_query).expect("an answer");
    let run_across = || across(&set, &[], &across_query).expect("an answer");
    let run_top = || top(&set, &[], &top_query).expect("an answer");
    let one_ms = measure(size.repeats * 5, || drop(run_one()));
    report("24 h of one channel, one column", one_ms, "CPU-ms");
    let across_ms = measure(size.repeats, || drop(run_across()));
    report("p95 of 5-minute means over all channels, 24 h", across_ms, "CPU-ms");
    let top_ms = measure(size.repeats, || drop(run_top()));
    report("top 10 by mean latency, 24 h", top_ms, "CPU-ms");
    let run_sql = || sql(&set, Unpublished::default(), TOP_IN_SQL, SqlLimits::default()).expect("an answer");
    let by_name = |row: &Vec<Value>| row[0].as_str().map(str::to_owned);
    let same: Vec<_> = run_top().iter().map(|(channel, _)| Some(channel.as_str().to_owned())).collect();
    assert_eq!(run_sql().rows.iter().map(by_name).collect::<Vec<_>>(), same, "SQL and the kernel agree");
    report("  the same by SQL", measure(size.repeats.div_ceil(4), || drop(run_sql())), "CPU-ms");

    let sketches = snapshot(dir, "sketches.parquet", size);
    let hourly = RangeQuery { column: Column::LatencyP95, step_minutes: 60, ..range_query.clone() };
    let hourly_ms = measure(size.repeats, || drop(range(&sketches, &[], &hourly).expect("an answer")));
    report("24 h of one channel, hourly p95 from merged sketches", hourly_ms, "CPU-ms");
    for (column, what) in [(Column::LatencyMean, "true 5-minute mean"), (Column::LatencyP95, "true 5-minute p95")] {
        let query = AcrossQuery { column, combine: Combine::True, ..across_query.clone() };
        let repeats = size.repeats.div_ceil(10);
        let minutes_ms = measure(repeats, || drop(across(&sketches, &[], &query).expect("an answer")));
        report(&format!("{what} of all channels, 24 h, from minutes"), minutes_ms, "CPU-ms");
    }

    let answer = json!({
        "channel": one.as_str(),
        "columns": set::COLUMNS,
        "bytes_per_value": bytes_per_value(FileStats {
            bytes: std::fs::metadata(dir.join("set.parquet")).expect("the set").len(),
            rows: u64::from(size.channels * size.minutes),
            ..FileStats::default()
        }),
        "one": {
            "cpu_ms": one_ms,
            "answer": run_one()[0].points.iter().map(|point| point.1).collect::<Vec<_>>(),
        },
        "across": {
            "cpu_ms": across_ms,
            "answer": run_across().iter().map(|point| point.value).collect::<Vec<_>>(),
        },
        "top": {
            "cpu_ms": top_ms,
            "answer": run_top().iter().map(|(channel, _)| channel.as_str()).collect::<Vec<_>>(),
        },
    });
    std::fs::write(dir.join("ours.json"), answer.to_string()).expect("the answers can be written");
}

/// The set with sketches as a store keeps it once the day is over: one day file with its roll-ups.
fn roll_ups(size: Size, root: &Path) {
    let (from, to) = (first_minute(), first_minute().plus(size.minutes));
    let now = to.plus(1_440).start();
    if root.exists() {
        // Left by an earlier run into the same directory.
        std::fs::remove_dir_all(root).expect("removed");
    }
    let (store, _recovery) = Store::open(root, StoreOptions::default(), now).expect("an empty store");
    let publish = |rows: &mut Vec<Amendment>| {
        let publication = Publication { samples: std::mem::take(rows), ..Publication::default() };
        store.publish(publication, now).expect("published");
    };
    let mut rows = Vec::new();
    let at_once = (size.channels.div_ceil(4) * size.minutes) as usize;
    generate(size.channels, size.minutes, Detail::Sketches, |sample| {
        rows.push(Amendment { sample, mode: Mode::Replace });
        if rows.len() == at_once {
            publish(&mut rows);
        }
    });
    publish(&mut rows);
    let upkeep = foreroute::clock::Stopwatch::start();
    store.maintain(now).expect("merged and rolled up");
    report("a day's merge and roll-ups", upkeep.elapsed().as_secs_f64(), "s");

    let (column, combine) = (Column::LatencyP95, Combine::True);
    let query = AcrossQuery { column, from, to, step_minutes: 5, quantile: 0.95, combine };
    let snapshot = store.snapshot();
    let rolled_ms = measure(size.repeats.div_ceil(10), || drop(across(&snapshot, &[], &query).expect("an answer")));
    report("true 5-minute p95 of all channels, 24 h, from roll-ups", rolled_ms, "CPU-ms");
    let hourly = AcrossQuery { step_minutes: 60, ..query };
    let hourly_ms = measure(size.repeats.div_ceil(10), || drop(across(&snapshot, &[], &hourly).expect("an answer")));
    report("true hourly p95 of all channels, 24 h, from roll-ups", hourly_ms, "CPU-ms");
}

/// One minute of every channel through the log: encode, one write, one fdatasync.
fn durable_minute(size: Size, root: &Path) {
    let at = first_minute().end();
    let (store, _recovery) = Store::open(root, StoreOptions::default(), at).expect("an empty store");
    let mut minute: Vec<Sample> = Vec::new();
    generate(size.channels, 1, Detail::TwelveValues, |sample| minute.push(sample));
    let batch = Batch { replacements: minute, ..Batch::new(Timestamp::from_seconds(at.seconds())) };
    let mut walls = Vec::new();
    let cpu = measure(size.repeats * 5, || {
        let start = foreroute::clock::Stopwatch::start();
        store.append(&[codec::encode(&batch)]).expect("durable");
        walls.push(start.elapsed().as_secs_f64() * 1e3);
    });
    walls.sort_by(f64::total_cmp);
    report("one durable minute of all channels", cpu, "CPU-ms");
    report("  the same, until acknowledged, median", walls[walls.len() / 2], "ms");
}
