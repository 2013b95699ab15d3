use super::*;

fn forecast(ts: Timestamp, change: impl FnOnce(&mut Vec<Cell>)) -> Result<Record, RecordError> {
    let mut cells = vec![
        "f4c27544d23e0035".into(),
        Cell::Integer(3_600),
        "quota".into(),
        "openai-eu".into(),
        "requests".into(),
        ts.plus_seconds(-3_600).into(),
        "theta".into(),
        12.5.into(),
        8.0.into(),
        12.0.into(),
        20.0.into(),
        Cell::Null,
    ];
    change(&mut cells);
    Record::new(&FORECASTS, ts, cells)
}

const AT: Timestamp = Timestamp::from_seconds(1_795_000_000);

#[test]
fn descriptions_are_sound() {
    for table in TABLES {
        let keys = table.columns.get(..table.key_columns).expect("no more keys than columns");
        assert!(!keys.is_empty() && keys.iter().all(|key| !key.nullable && key.kind != Kind::Float), "{}", table.name);
        let mut names: Vec<_> = table.columns.iter().map(|column| column.name).chain(["ts"]).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
    }
    assert!(TABLES.is_sorted_by_key(|table| table.name));
}

#[test]
fn cells_must_fit_their_columns() {
    let record = forecast(AT.plus_micros(1_999), |_| {}).expect("it fits");
    assert_eq!(record.ts(), AT.plus_micros(1_000), "whole milliseconds");
    assert_eq!(record.get("horizon_s").and_then(Cell::integer), Some(3_600));
    assert_eq!(record.get("nonsense"), None);
    let refused = |change: fn(&mut Vec<Cell>)| forecast(AT, change).expect_err("refused").to_string();
    assert!(refused(|cells| drop(cells.pop())).contains("12 columns"));
    assert!(refused(|cells| cells[1] = 3_600.0.into()).contains("`horizon_s` of `forecasts` is a whole number"));
    assert!(refused(|cells| cells[2] = Cell::Null).contains("`purpose` of `forecasts` must have a value"));
    assert!(refused(|cells| cells[7] = f64::NAN.into()).contains("`mean` of `forecasts` must have a value"));
    assert!(forecast(Timestamp::from_micros(-1), |_| {}).is_err_and(|error| error.column() == "ts"));
}

#[test]
fn a_float_that_is_not_finite_is_unknown() {
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let record = forecast(AT, |cells| cells[11] = number.into()).expect("`actual` may be null");
        assert_eq!(record.get("actual"), Some(&Cell::Null));
    }
}

#[test]
fn keys_are_the_first_cells_and_then_the_time() {
    let record = |horizon: i64, seconds: i64, actual: f64| {
        let change = |cells: &mut Vec<Cell>| (cells[1], cells[11]) = (horizon.into(), actual.into());
        forecast(AT.plus_seconds(seconds), change).expect("it fits").key()
    };
    assert_eq!(record(60, 0, 1.0), record(60, 0, 2.0));
    assert!(record(60, 9, 1.0) < record(120, 0, 1.0));
    assert!(record(60, 0, 1.0) < record(60, 1, 1.0));
}
