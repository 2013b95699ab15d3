//! The store's Parquet in the hands of others: DuckDB, pyarrow and polars give the rows and sums of our own query.
//!
//! They come from `.venv`, which `.ci/test` fills; without it the test says so and shows nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use foreroute::domain::batch::{Amendment, Mode};
use foreroute::domain::call::Call;
use foreroute::domain::column::Column;
use foreroute::domain::ids::ChannelId;
use foreroute::domain::record::{Cell, Kind, Record, RecordTable, TABLES};
use foreroute::domain::sample::Sample;
use foreroute::domain::time::{Minute, Timestamp};
use foreroute::sim::world::World;
use foreroute::stats::seed::Seed;
use foreroute::store::query::RecordQuery;
use foreroute::store::schema::{self, SAMPLES};
use foreroute::store::{Publication, Snapshot, Store, StoreOptions, query, validate};

use crate::world::calls;

/// 22:00 UTC, so that two hours of calls lie on each side of midnight.
const START: Timestamp = Timestamp::from_seconds(1_790_028_000);
const HOURS: u32 = 4;

/// Pieces of minutes that hold every call, to be added.
fn amendments<'a>(calls: impl Iterator<Item = &'a Call>) -> Vec<Amendment> {
    let mut minutes: BTreeMap<(ChannelId, Minute), Sample> = BTreeMap::new();
    for call in calls {
        let (channel, minute) = (call.channel.clone(), call.ts.minute());
        minutes.entry((channel.clone(), minute)).or_insert_with(|| Sample::new(channel, minute)).record(call);
    }
    minutes.into_values().map(|sample| Amendment { sample, mode: Mode::Add }).collect()
}

/// Our own answer, in the words of `parquet.py`.
fn own(snapshot: &Snapshot, channels: &BTreeSet<ChannelId>) -> Value {
    let (from, to) = (START.minute().minus(1_440), START.minute().plus(2_880));
    let mut rows: Vec<Sample> = Vec::new();
    for channel in channels {
        rows.extend(query::samples(snapshot, &[], channel, from, to).expect("the files can be read"));
    }
    let column = |column: &Column| {
        let values: Vec<i64> = rows.iter().filter_map(|row| schema::stored(*column, row)).collect();
        let sum = (!values.is_empty()).then(|| fixed_point(values.iter().sum(), usize::from(column.spec().scale)));
        (column.spec().name, sum, rows.len() - values.len())
    };
    let columns: Vec<_> = Column::ALL.iter().map(column).collect();
    json!({
        "rows": rows.len(),
        "channels": rows.iter().map(|row| &row.channel).collect::<BTreeSet<_>>().len(),
        "first_ts": rows.iter().map(|row| row.minute).min().map(|minute| minute.to_string()),
        "last_ts": rows.iter().map(|row| row.minute).max().map(|minute| minute.to_string()),
        "sums": columns.iter().map(|(name, sum, _)| ((*name).to_owned(), json!(sum))).collect::<serde_json::Map<_, _>>(),
        "nulls": columns.iter().map(|(name, _, nulls)| ((*name).to_owned(), json!(nulls))).collect::<serde_json::Map<_, _>>(),
    })
}

/// `units` times 10^-`scale`, without trailing zeros.
fn fixed_point(units: i64, scale: usize) -> String {
    let digits = format!("{units:0>width$}", width = scale + 1);
    let (whole, part) = digits.split_at(digits.len() - scale);
    let part = part.trim_end_matches('0');
    if part.is_empty() { whole.to_owned() } else { format!("{whole}.{part}") }
}

/// The Python that has the readers and senders; `None`, and a line that says so, where there is none.
pub fn python() -> Option<PathBuf> {
    let python = Path::new(env!("CARGO_MANIFEST_DIR")).join(".venv/bin/python");
    if python.exists() {
        return Some(python);
    }
    #[expect(clippy::print_stderr, reason = "a test that shows nothing must say so")]
    {
        eprintln!("skipped: there is no .venv; `.ci/test` makes it");
    }
    None
}

/// What the others see in the files below `table`, as the `script` tells it.
fn others(python: &Path, script: &str, table: &Path) -> BTreeMap<String, Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/readers").join(script);
    let output = Command::new(python).arg(script).arg(table).output().expect("python runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("one JSON document")
}

#[test]
fn duckdb_pyarrow_and_polars_read_what_we_read() {
    let Some(python) = python() else { return };
    let dir = tempfile::tempdir().expect("a directory");
    let (store, _) = Store::open(dir.path(), StoreOptions::default(), START).expect("an empty store");
    let world = World::demo(Seed::new(7));
    let calls: Vec<Call> =
        world.profiles().iter().flat_map(|profile| calls(&world, profile, START, HOURS, 2.0)).collect();
    let channels: BTreeSet<ChannelId> = calls.iter().map(|call| call.channel.clone()).collect();

    // One call in ten comes after its hour was published, so that files are rewritten; then days are compacted.
    let late = |(at, _): &(usize, &Call)| at % 10 == 0;
    let parts = [
        calls.iter().enumerate().filter(|call| !late(call)).collect::<Vec<_>>(),
        calls.iter().enumerate().filter(late).collect(),
    ];
    for part in parts {
        let samples = amendments(part.into_iter().map(|(_, call)| call));
        store.publish(Publication { samples, ..Publication::default() }, START).expect("published");
    }
    let compare = |when: &str| {
        let own = own(&store.snapshot(), &channels);
        assert_eq!(own["sums"]["requests"], calls.len().to_string(), "every call is there, {when}");
        let others = others(&python, "parquet.py", &dir.path().join(SAMPLES.name));
        assert_eq!(others.keys().map(String::as_str).collect::<Vec<_>>(), ["duckdb", "polars", "pyarrow"]);
        for (reader, seen) in others {
            assert_eq!(seen, own, "{reader}, {when}");
        }
    };
    compare("in hour files");
    let later = START.plus_seconds(3 * 86_400);
    store.maintain(later).expect("maintained");
    compare("in day files");
}

/// Record `number` of `table`: every column with a value of its kind, every third nullable one without. Floats are
/// quarters, so that every reader writes the same digits.
fn record(table: &'static RecordTable, number: u32, offset: f64) -> Record {
    let cell = |(at, kind, nullable): (u32, Kind, bool)| match kind {
        _ if nullable && (number + at).is_multiple_of(3) => Cell::Null,
        Kind::Text => format!("text {} ü", number % 7 + at).into(),
        Kind::Float => (f64::from(number) / 4.0 - f64::from(at) + offset).into(),
        Kind::Integer => (i64::from(number % 5) << 33).into(),
        Kind::Flag => number.is_multiple_of(2).into(),
        Kind::Time => START.plus_micros(i64::from(number) * 1_000_001).into(),
    };
    let columns = (1..).zip(table.columns).map(|(at, column)| cell((at, column.kind, column.nullable)));
    Record::new(table, START.plus_seconds(i64::from(number) * 61), columns.collect()).expect("it fits the table")
}

/// A row as `records.py` writes it.
fn as_json(record: &Record) -> Value {
    let cell = |cell: &Cell| match cell {
        Cell::Null => Value::Null,
        Cell::Text(text) => json!(&**text),
        Cell::Float(number) => json!(number),
        Cell::Integer(number) => json!(number),
        Cell::Flag(flag) => json!(flag),
        Cell::Time(at) => json!(at.micros()),
    };
    [json!(record.ts().micros())].into_iter().chain(record.cells().iter().map(cell)).collect()
}

#[test]
fn every_reader_sees_every_record() {
    let Some(python) = python() else { return };
    let dir = tempfile::tempdir().expect("a directory");
    let (store, _) = Store::open(dir.path(), StoreOptions::default(), START).expect("an empty store");
    // Four hours over midnight; some records are published once more with other values.
    for (numbers, offset) in [(0..200, 0.0), (50..236, 0.5)] {
        let records = TABLES.iter().flat_map(|table| numbers.clone().map(move |number| record(table, number, offset)));
        store.publish(Publication { records: records.collect(), ..Publication::default() }, START).expect("published");
    }
    let compare = |table: &'static RecordTable, when: &str| {
        let to = START.plus_seconds(86_400);
        let query = RecordQuery { table, from: START, to, first: None, limit: 1_000 };
        let sorted = |rows: &mut dyn Iterator<Item = Value>| rows.map(|row| row.to_string()).collect::<BTreeSet<_>>();
        let own = query::records(&store.snapshot(), &[], &query).expect("the files can be read");
        assert_eq!((own.len(), own.iter().filter(|row| **row == record(table, 99, 0.5)).count()), (236, 1), "{when}");
        let mut others = others(&python, "records.py", &dir.path().join(table.name));
        let columns = ["ts"].into_iter().chain(table.columns.iter().map(|column| column.name));
        assert_eq!(others.remove("columns"), Some(columns.collect()));
        let rows = others.remove("rows").expect("what each reader sees");
        for reader in ["duckdb", "polars", "pyarrow"] {
            let seen = rows[reader].as_array().expect("rows");
            assert_eq!(seen.len(), own.len(), "{reader}, {}, {when}", table.name);
            let (seen, own) = (sorted(&mut seen.iter().cloned()), sorted(&mut own.iter().map(as_json)));
            assert_eq!(seen, own, "{reader}, {}, {when}", table.name);
        }
    };
    for table in TABLES {
        compare(table, "in hour files");
    }
    store.maintain(START.plus_seconds(3 * 86_400)).expect("maintained");
    for table in TABLES {
        compare(table, "in day files");
    }
    for table in &schema::RECORD_TABLES {
        let files = store.snapshot().files(table).to_vec();
        assert_eq!(files.len(), 2, "one of each day");
        for file in files {
            validate::validate(&store.snapshot().path(&file), table).expect("a valid file");
        }
    }
}
