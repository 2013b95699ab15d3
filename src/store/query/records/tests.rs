//! The kernel against a naive twin that holds every record in memory.

use proptest::prelude::*;

use super::*;
use crate::domain::record::{FORECAST_ACCURACY, FORECASTS};
use crate::store::{Publication, Store, StoreOptions};

const DAY_S: i64 = 86_400;
/// A midnight.
const START: Timestamp = Timestamp::from_seconds(20_777 * DAY_S);

/// A forecast of series `series` for `minutes` after [`START`], told apart by its horizon; `value` is what it says.
fn forecast(series: u8, horizon: i64, minutes: i64, value: f64) -> Record {
    let at = START.plus_seconds(60 * minutes);
    let number = Cell::Float(value);
    let cells = vec![
        name(series),
        horizon.into(),
        "quota".into(),
        Cell::Null,
        "depth".into(),
        at.plus_seconds(-horizon).into(),
        "theta".into(),
        number.clone(),
        number.clone(),
        number.clone(),
        number.clone(),
        number,
    ];
    Record::new(&FORECASTS, at, cells).expect("it fits the table")
}

fn name(series: u8) -> Cell {
    format!("{series:016x}").into()
}

fn any_records() -> impl Strategy<Value = Vec<Record>> {
    let one = (0..4_u8, 1..4_i64, 0..300_i64, 0..9_i32);
    prop::collection::vec(
        one.prop_map(|(series, horizon, at, value)| forecast(series, horizon, at, value.into())),
        0..60,
    )
}

fn opened(dir: &std::path::Path) -> Store {
    Store::open(dir, StoreOptions::default(), START).expect("a new store").0
}

fn publish(store: &Store, records: Vec<Record>) {
    store.publish(Publication { records, ..Publication::default() }, START).expect("published");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    /// Whatever was published in whatever pieces, compacted or not, with anything fresh laid over: the answer is the
    /// newest record of every key that is asked for, in order, cut at the limit.
    #[test]
    fn records_equal_the_naive_twin(
        pieces in prop::collection::vec(any_records(), 0..4), fresh in any_records(), is_compacted in any::<bool>(),
        from in 0..300_i64, length in 0..300_i64, first in prop::option::of(0..5_u8), limit in 0..80_usize,
    ) {
        let dir = tempfile::tempdir().expect("temporary directory");
        let store = opened(dir.path());
        let mut twin = BTreeMap::new();
        for piece in pieces {
            twin.extend(piece.iter().map(|record| (record.key(), record.clone())));
            publish(&store, piece);
        }
        if is_compacted {
            store.maintain(START.plus_seconds(3 * DAY_S)).expect("maintained");
        }
        twin.extend(fresh.iter().map(|record| (record.key(), record.clone())));
        let (from, to) = (START.plus_seconds(60 * from), START.plus_seconds(60 * (from + length) + 1));
        let query = RecordQuery { table: &FORECASTS, from, to, first: first.map(name), limit };
        let found = records(&store.snapshot(), &fresh, &query).expect("answers");
        let wanted = twin.into_values().filter(|record| query.wants(record)).take(limit);
        prop_assert!(found.into_iter().eq(wanted));
        let other = RecordQuery { table: &FORECAST_ACCURACY, ..query };
        prop_assert!(records(&store.snapshot(), &fresh, &other).expect("answers").is_empty());
    }
}

#[test]
fn only_what_overlaps_is_read() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let store = opened(dir.path());
    let of_hour = |hour: i64| (0..3).map(move |series| forecast(series, 60, 60 * hour + 5, 1.0));
    publish(&store, (0..3).flat_map(of_hour).collect());
    let files = store.snapshot().catalog().files.clone();
    assert_eq!(files.len(), 3, "one of each hour");
    std::fs::remove_file(dir.path().join(&files[1].path)).expect("removed");
    let ask = |from: i64, to: i64| {
        let (from, to) = (START.plus_seconds(3_600 * from), START.plus_seconds(3_600 * to));
        records(&store.snapshot(), &[], &RecordQuery { table: &FORECASTS, from, to, first: None, limit: 99 })
    };
    assert_eq!((ask(0, 1).expect("answers").len(), ask(2, 3).expect("answers").len()), (3, 3));
    assert!(ask(0, 2).is_err_and(|error| error.is_stale()), "whoever needs the file that is gone notices");
}

#[test]
fn row_groups_of_other_series_are_left_alone() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let store = opened(dir.path());
    // More than a row group of one series within an hour, and a few of another.
    let many = (0..66_000).map(|at| forecast(1, at, at % 60, 1.0));
    publish(&store, many.chain((0..5).map(|at| forecast(2, 60, at, 2.0))).collect());
    let path = dir.path().join(&store.snapshot().catalog().files[0].path);
    let mut bytes = std::fs::read(&path).expect("the file");
    bytes[4..1_000].fill(0xff);
    std::fs::write(&path, bytes).expect("written");
    let query = |series| {
        let to = START.plus_seconds(DAY_S);
        RecordQuery { table: &FORECASTS, from: START, to, first: Some(name(series)), limit: 9 }
    };
    let found = records(&store.snapshot(), &[], &query(2)).expect("the other row group is whole");
    assert_eq!(found, (0..5).map(|at| forecast(2, 60, at, 2.0)).collect::<Vec<_>>());
    assert!(records(&store.snapshot(), &[], &query(1)).is_err());
}
