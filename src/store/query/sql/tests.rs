//! SQL over files and unpublished minutes.

use std::path::Path;

use super::*;
use crate::domain::batch::Mode;
use crate::domain::gauge::Gauge;
use crate::domain::record::{Cell, FORECAST_ACCURACY, Record, TABLES};
use crate::store::query::tests::{Rows, id, sample, snapshot, write};
use crate::store::{Publication, Store, StoreOptions};

fn rows() -> Rows {
    let rows = [sample(0, 5, &[100.0, 300.0]), sample(0, 61, &[50.0]), sample(1, 5, &[10.0])];
    rows.map(|sample| ((sample.channel.clone(), sample.minute), sample)).into()
}

fn ask(snapshot: &Snapshot, fresh: &[Amendment], query: &str) -> Result<SqlResult, SqlError> {
    let fresh = Unpublished { samples: fresh, ..Unpublished::default() };
    sql(snapshot, fresh, query, SqlLimits { rows: 3, seconds: 60 })
}

fn refusal(query: &str) -> String {
    ask(&snapshot(Path::new("/"), Vec::new()), &[], query).expect_err("refused").to_string()
}

#[test]
fn published_and_unpublished_minutes_answer_together() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let published = write(&rows(), dir.path());
    let fresh = [
        Amendment { sample: sample(0, 5, &[500.0]), mode: Mode::Add },
        Amendment { sample: sample(2, 70, &[7.25]), mode: Mode::Replace },
    ];
    let query = "SELECT ts, channel, requests, latency_mean_ms, revision FROM samples WHERE requests > 0 \
                 AND latency_mean_ms < 1000 ORDER BY ts, channel";
    let answer = ask(&published, &fresh, query).expect("an answer");
    assert_eq!(answer.columns, ["ts", "channel", "requests", "latency_mean_ms", "revision"]);
    let expected = serde_json::json!([
        ["1970-01-01T00:05:00Z", "c0", 3, 300.0, 1],
        ["1970-01-01T00:05:00Z", "c1", 1, 10.0, 0],
        ["1970-01-01T01:01:00Z", "c0", 1, 50.0, 0],
    ]);
    assert_eq!(serde_json::to_value(&answer.rows).expect("JSON"), expected);
    assert!(answer.truncated, "the fourth row is cut off");
    let channel = id(2);
    let one = ask(&published, &fresh, &format!("SELECT count(*) AS n FROM samples WHERE channel = '{channel}'"));
    assert_eq!(one.expect("an answer").rows, [[serde_json::json!(1)]]);
}

#[test]
fn late_pieces_and_gauges_answer_before_they_are_published() {
    let empty = snapshot(Path::new("/"), Vec::new());
    let late = [sample(1, 9, &[1.0]), sample(0, 5, &[2.0, 4.0]), sample(0, 5, &[3.0])];
    let reading =
        Gauge { ts: Timestamp::from_seconds(90), metric: "depth".into(), labels: BTreeMap::new(), value: 7.5 };
    let gauges = [GaugeMinute::from_reading(&reading), GaugeMinute::from_reading(&reading)];
    let fresh = Unpublished { late: &late, gauges: &gauges, ..Unpublished::default() };
    let ask = |query| sql(&empty, fresh, query, SqlLimits { rows: 3, seconds: 60 }).expect("an answer").rows;
    let answer = ask("SELECT channel, SUM(requests) AS n FROM late GROUP BY channel ORDER BY channel");
    assert_eq!(serde_json::to_value(answer).expect("JSON"), serde_json::json!([["c0", 3], ["c1", 1]]));
    let answer = ask("SELECT metric, last, count FROM gauges");
    assert_eq!(serde_json::to_value(answer).expect("JSON"), serde_json::json!([["depth", 7.5, 2]]));
}

#[test]
fn fresh_records_take_the_place_of_published_ones() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let now = Timestamp::from_seconds(1_795_000_000);
    let (store, _) = Store::open(dir.path(), StoreOptions::default(), now).expect("a new store");
    let published = vec![accuracy(1, 0, 0.5), accuracy(1, 3_600, 0.25), accuracy(2, 0, f64::NAN)];
    store.publish(Publication { records: published, ..Publication::default() }, now).expect("published");
    let fresh = [accuracy(1, 0, 9.0), accuracy(3, 0, 0.75), accuracy(1, 0, 0.125)];
    let ask = |fresh, query| {
        let fresh = Unpublished { records: fresh, ..Unpublished::default() };
        let answer = sql(&store.snapshot(), fresh, query, SqlLimits { rows: 9, seconds: 60 }).expect("an answer");
        serde_json::to_value(answer.rows).expect("JSON")
    };
    let all = "SELECT ts, horizon_s, mape, channel, n FROM forecast_accuracy ORDER BY horizon_s, ts";
    let row = |at: &str, horizon: u32, mape: Option<f64>| serde_json::json!([at, horizon, mape, "c", 60]);
    let (first, second) = ("1970-01-01T00:00:00Z", "1970-01-01T01:00:00Z");
    let one = row(second, 1, Some(0.25));
    assert_eq!(
        ask(&[], all),
        serde_json::json!([row(first, 1, Some(0.5)), one, row(first, 2, None)]),
        "what is not finite is unknown"
    );
    let expected = serde_json::json!([row(first, 1, Some(0.125)), one, row(first, 2, None), row(first, 3, Some(0.75))]);
    assert_eq!(ask(&fresh, all), expected, "the last one holds");
    assert_eq!(ask(&fresh, "SELECT count(*) AS n FROM forecast_accuracy"), serde_json::json!([[4]]));
}

/// Accuracy of the forecasts that look `horizon` seconds ahead, in the hour that begins at `seconds`.
fn accuracy(horizon: i64, seconds: i64, mape: f64) -> Record {
    let [series, model, channel, column, role] =
        ["0123456789abcdef", "theta", "c", "requests", "champion"].map(Cell::from);
    let mut cells = vec![series, horizon.into(), model, channel, column, role, 60_u32.into(), mape.into()];
    cells.resize(FORECAST_ACCURACY.columns.len() - 1, Cell::Null);
    cells.push(3_600_u32.into());
    Record::new(&FORECAST_ACCURACY, Timestamp::from_seconds(seconds), cells).expect("it fits the table")
}

#[test]
fn every_table_answers_even_before_it_has_files() {
    let empty = snapshot(Path::new("/"), Vec::new());
    let own = ["samples", "late", "samples_5m", "samples_1h", "gauges"];
    for table in own.into_iter().chain(TABLES.map(|table| table.name)) {
        let answer = ask(&empty, &[], &format!("SELECT * FROM {table}")).expect("an answer");
        assert!(answer.rows.is_empty() && !answer.truncated);
        assert!(answer.columns.iter().all(|name| !name.contains("sketch")), "{table}: {:?}", answer.columns);
    }
}

#[test]
fn whatever_is_not_one_query_over_the_tables_is_refused_with_a_reason() {
    assert!(refusal("DROP TABLE samples").contains("begin with SELECT"));
    assert!(refusal("").contains("begin with SELECT"));
    assert!(refusal("SELECT 1; SELECT 2").contains("one"));
    assert!(refusal("SELECT * FROM read_parquet('/etc/passwd')").contains("tables only"));
    assert!(refusal("SELECT * FROM Read_CSV('/etc/passwd')").contains("tables only"));
    assert!(refusal("SELECT * FROM '/etc/passwd'").contains("samples"));
    assert!(refusal("SELECT nonsense FROM samples").contains("nonsense"));
    assert!(refusal("SELECT * FROM simples").contains("tables: samples"));
    for group in ["", " GROUP BY channel"] {
        assert!(refusal(&format!("SELECT MIN(ts), MAX(ts) FROM samples{group}")).contains("apart with AS"));
    }
    assert!(!refusal("SELECT ts + nonsense FROM samples").contains("SCAN"), "no plan, no paths");
}

#[test]
fn a_query_that_takes_too_long_is_given_up() {
    let empty = snapshot(Path::new("/"), Vec::new());
    let late = sql(&empty, Unpublished::default(), "SELECT * FROM samples", SqlLimits { rows: 1, seconds: 0 });
    assert!(matches!(late, Err(SqlError::Timeout { seconds: 0 })));
}
