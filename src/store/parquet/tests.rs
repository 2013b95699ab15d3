//! Writer against reader.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::strategy::ValueTree;

use super::*;
use crate::domain::column::Column;
use crate::domain::gauge::GaugeMinute;
use crate::domain::ids::ChannelId;
use crate::domain::record::{Cell, Kind, Record, RecordTable, TABLES};
use crate::domain::sample::{Counts, Distribution, ProbeResult, Sample, Summary};
use crate::domain::time::Timestamp;
use crate::domain::units::MicroUsd;
use crate::stats::ddsketch::DdSketch;
use crate::store::schema::{GAUGES, LATE, SAMPLES};

pub(crate) fn write_samples(samples: &[Sample], path: &std::path::Path) -> FileStats {
    let file = std::fs::File::create(path).expect("temporary file");
    let mut writer = SampleWriter::new(file, &SAMPLES).expect("header");
    for sample in samples {
        writer.push(sample).expect("sorted row");
    }
    writer.finish().expect("footer").0
}

fn sketch(values: &[f64]) -> Distribution {
    let mut sketch = DdSketch::new();
    for &value in values {
        sketch.insert(value);
    }
    Distribution::Sketch(sketch)
}

/// Tenths of a millisecond, so that what is stated survives rounding.
fn tenths() -> impl Strategy<Value = Option<f64>> {
    prop::option::of((0..10_000_000_i32).prop_map(|n| f64::from(n) / 10.0))
}

fn latency() -> impl Strategy<Value = Distribution> {
    let stated =
        (tenths(), tenths(), tenths(), tenths(), tenths(), 0..1_000_i32).prop_map(|(mean, p50, p90, p95, p99, max)| {
            let max = Some(f64::from(max) / 10.0);
            Distribution::Stated(Box::new(Summary { mean, p50, p90, p95, p99, max }))
        });
    prop_oneof![
        Just(Distribution::Empty),
        prop::collection::vec(0.0f64..1e6, 0..20).prop_map(|values| sketch(&values)),
        stated
    ]
}

fn ttft() -> impl Strategy<Value = Distribution> {
    let stated = (0..1_000_i32, tenths()).prop_map(|(p50, p95)| {
        Distribution::Stated(Box::new(Summary { p50: Some(f64::from(p50) / 10.0), p95, ..Summary::default() }))
    });
    prop_oneof![Just(Distribution::Empty), prop::collection::vec(0.0f64..1e4, 1..9).prop_map(|v| sketch(&v)), stated]
}

fn any_sample() -> impl Strategy<Value = Sample> {
    let n = || prop_oneof![Just(0_u64), 0..1_000_u64, Just(u64::from(i32::MAX.cast_unsigned()))];
    let counts = prop::array::uniform8(n()).prop_map(
        |[requests, errors, timeouts, throttled, errors_client, errors_server, errors_network, retries]| Counts {
            requests,
            errors,
            timeouts,
            throttled,
            errors_client,
            errors_server,
            errors_network,
            retries,
        },
    );
    let tokens = || prop::option::of(0..(1_u64 << 62));
    let probe = prop::option::of((any::<bool>(), tenths()).prop_map(|(ok, latency_ms)| ProbeResult { ok, latency_ms }));
    let key = (0..4_u32, 0..400_u32, 0..5_u32, 0..=60_u32);
    let load = || prop::option::of(0..5_000_u32);
    let money = prop::option::of((-1_000_000..1_000_000_000_000_i64).prop_map(MicroUsd));
    (key, counts, (tokens(), tokens(), tokens()), money, latency(), ttft(), load(), load(), probe).prop_map(
        |(
            (channel, minute, revision, coverage_s),
            counts,
            tokens,
            cost,
            latency,
            ttft,
            in_flight_max,
            queue_max,
            probe,
        )| {
            let channel = ChannelId::new(&format!("channel {channel}")).expect("valid name");
            let (tokens_prompt, tokens_completion, tokens_cached) = tokens;
            let minute = Minute(29_000_000 + minute);
            Sample {
                channel,
                minute,
                revision,
                coverage_s,
                counts,
                tokens_prompt,
                tokens_completion,
                tokens_cached,
                cost,
                latency,
                ttft,
                in_flight_max,
                queue_max,
                probe,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Any sorted samples within the columns' range and precision come back equal, and the footer's index
    /// describes exactly the rows.
    #[test]
    fn samples_come_back(samples in prop::collection::vec(any_sample(), 0..200)) {
        let mut samples = samples;
        samples.sort_by(|a, b| (&a.channel, a.minute).cmp(&(&b.channel, b.minute)));
        samples.dedup_by(|a, b| (&a.channel, a.minute) == (&b.channel, b.minute));
        let dir = tempfile::tempdir().expect("temporary directory");
        let path = dir.path().join("f.parquet");
        let stats = write_samples(&samples, &path);
        let read: Vec<Sample> = SampleReader::open(&path).expect("opens").map(|row| row.expect("row")).collect();
        prop_assert_eq!(&read, &samples);
        prop_assert_eq!(stats.bytes, std::fs::metadata(&path).expect("file").len());
        let minutes: BTreeSet<Minute> = samples.iter().map(|sample| sample.minute).collect();
        prop_assert_eq!((stats.first_minute, stats.last_minute), (minutes.first().copied(), minutes.last().copied()));
        let channels: BTreeSet<&ChannelId> = samples.iter().map(|sample| &sample.channel).collect();
        prop_assert_eq!(stats.channels, channels.len() as u64);
    }
}

/// Values of `kind` at the ends of its range and in between.
fn any_cell(kind: Kind) -> BoxedStrategy<Cell> {
    match kind {
        Kind::Text => {
            prop::sample::select(vec!["", "a", "b", "übel\u{0}", "a longer text"]).prop_map(Cell::from).boxed()
        }
        Kind::Float => any::<f64>().prop_map(|n| if n.is_finite() { n } else { -0.0 }).prop_map(Cell::from).boxed(),
        Kind::Integer => prop_oneof![any::<i64>(), 0..3_i64].prop_map(Cell::from).boxed(),
        Kind::Flag => any::<bool>().prop_map(Cell::from).boxed(),
        Kind::Time => any::<i64>().prop_map(|micros| Timestamp::from_micros(micros).into()).boxed(),
    }
}

/// Records of `table`, few enough different keys for some to collide.
pub(crate) fn any_record(table: &'static RecordTable) -> impl Strategy<Value = Record> {
    let cell = |column: &'static crate::domain::record::RecordColumn| {
        let null = u32::from(column.nullable);
        prop_oneof![4 => any_cell(column.kind), null => Just(Cell::Null)]
    };
    let cells: Vec<_> = table.columns.iter().map(cell).collect();
    (0..20_i64, cells).prop_map(move |(at, cells)| {
        let ts = Timestamp::from_millis(1_795_000_000_123 + at * 1_000_003);
        Record::new(table, ts, cells).expect("it fits the table")
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Any sorted records of any table come back equal, whole and from any row on.
    #[test]
    fn records_come_back(
        records in prop::sample::select(TABLES.to_vec()).prop_flat_map(|table| prop::collection::vec(any_record(table), 1..60)),
        cut in any::<prop::sample::Index>(),
    ) {
        let sorted: BTreeMap<_, Record> = records.into_iter().map(|record| (record.key(), record)).collect();
        let records: Vec<Record> = sorted.into_values().collect();
        let mut writer = RecordWriter::new(Vec::new(), records[0].table()).expect("header");
        for record in &records {
            writer.push(record).expect("sorted row");
        }
        let first = writer.push(&records[0]);
        prop_assert!(matches!(first, Err(ParquetError::Unsorted { .. })), "{:?}", first);
        let (stats, bytes) = writer.finish().expect("footer");
        prop_assert_eq!((stats.rows, stats.bytes), (records.len() as u64, bytes.len() as u64));
        let source = FileSource::from_bytes(bytes.into());
        let read: Vec<Record> =
            RecordReader::new(source.clone()).expect("opens").map(|row| row.expect("row")).collect();
        prop_assert_eq!(&read, &records);
        let metadata = parquet::file::metadata::ParquetMetaDataReader::new().parse_and_finish(&source).expect("footer");
        let from = cut.index(records.len());
        let rows = from as u64..records.len() as u64;
        let rest = RecordReader::rows(records[0].table(), source, metadata.into(), rows);
        prop_assert!(rest.map(|row| row.expect("row")).eq(records[from..].iter().cloned()));
    }
}

#[test]
fn tables_of_records_are_told_apart() {
    let [one, other, ..] = TABLES;
    let bytes = RecordWriter::new(Vec::new(), one).expect("header").finish().expect("footer").1;
    assert_eq!(RecordReader::new(FileSource::from_bytes(bytes.into())).expect("opens").count(), 0);
    let gauges = GaugeWriter::new(Vec::new(), &GAUGES).expect("header").finish().expect("footer").1;
    let refused = RecordReader::new(FileSource::from_bytes(gauges.into())).err().expect("gauges are no records");
    assert!(refused.to_string().contains("`gauges` is no table of records"), "{refused}");
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let record = any_record(other).new_tree(&mut runner).expect("a record").current();
    let mut writer = RecordWriter::new(Vec::new(), one).expect("header");
    assert!(matches!(writer.push(&record), Err(ParquetError::WrongTable { row: 0, .. })));
}

#[test]
fn a_file_without_rows_is_a_file() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = dir.path().join("f.parquet");
    let stats = write_samples(&[], &path);
    assert_eq!((stats.rows, stats.first_minute, stats.channels), (0, None, 0));
    assert_eq!(SampleReader::open(&path).expect("opens").count(), 0);
}

#[test]
fn long_files_cross_row_groups_and_chunks() {
    let channel = |n: u32| ChannelId::new(&format!("c{n:02}")).expect("valid name");
    let samples: Vec<Sample> =
        (0..100_u32).flat_map(|n| (0..1_440).map(move |m| Sample::new(channel(n), Minute(m)))).collect();
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = dir.path().join("f.parquet");
    write_samples(&samples, &path);
    let read = SampleReader::open(&path).expect("opens");
    assert!(read.map(|row| row.expect("row")).eq(samples));
}

#[test]
fn rows_out_of_order_are_refused() {
    let sample = |name: &str, minute| Sample::new(ChannelId::new(name).expect("valid name"), Minute(minute));
    let mut writer = SampleWriter::new(Vec::new(), &SAMPLES).expect("header");
    writer.push(&sample("b", 5)).expect("first row");
    for wrong in [sample("b", 5), sample("b", 4), sample("a", 9)] {
        assert!(matches!(writer.push(&wrong), Err(ParquetError::Unsorted { row: 1, .. })));
    }
    let mut late = SampleWriter::new(Vec::new(), &LATE).expect("header");
    late.push(&sample("b", 5)).expect("first row");
    late.push(&sample("b", 5)).expect("a second piece of the same minute");
}

#[test]
fn other_files_are_refused_with_a_reason() {
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = dir.path().join("f.parquet");
    std::fs::write(&path, b"PAR1 is not enough PAR1").expect("written");
    assert!(matches!(SampleReader::open(&path), Err(ParquetError::Format(_))));
    assert!(matches!(SampleReader::open(&dir.path().join("absent")), Err(ParquetError::Open { .. })));
    let file = std::fs::File::create(&path).expect("temporary file");
    GaugeWriter::new(file, &GAUGES).expect("header").finish().expect("footer");
    let refused = SampleReader::open(&path).err().expect("a gauge file has other columns");
    assert!(refused.to_string().contains("columns"), "{refused}");
}

#[test]
fn percentile_columns_agree_with_the_sketch() {
    let mut sample = Sample::new(ChannelId::new("c").expect("valid name"), Minute(0));
    sample.latency = sketch(&[100.0, 200.0, 900.0]);
    let value = |column: Column| crate::store::schema::stored(column, &sample);
    assert_eq!(value(Column::LatencyMean), Some(4_000));
    assert_eq!(value(Column::LatencyMax), Some(9_000));
    let p50 = sample.latency.quantile(0.5).expect("not empty");
    assert!((p50 - 200.0).abs() <= 2.0);
}

#[test]
fn gauges_come_back() {
    let gauge = |metric: &str, label: &str, minute: u32, value: f64| GaugeMinute {
        minute: Minute(minute),
        metric: metric.to_owned(),
        labels: BTreeMap::from([("zone".to_owned(), label.to_owned()), ("a".to_owned(), "\"quoted\"".to_owned())]),
        count: 3,
        sum: value * 3.0,
        min: value - 0.5,
        max: value + 0.5,
        last: value,
        last_ts: Timestamp::from_micros(i64::from(minute) * 60_000_000 + 7),
    };
    let mut gauges: Vec<GaugeMinute> = ["x", "y"]
        .into_iter()
        .flat_map(|metric| ["eu", "us"].into_iter().map(move |zone| (metric, zone)))
        .flat_map(|(metric, zone)| (0..5).map(move |minute| gauge(metric, zone, minute, 0.1 * f64::from(minute))))
        .collect();
    gauges.sort_by_key(|gauge| (gauge.series(), gauge.minute));
    let dir = tempfile::tempdir().expect("temporary directory");
    let path = dir.path().join("g.parquet");
    let mut writer = GaugeWriter::new(std::fs::File::create(&path).expect("temporary file"), &GAUGES).expect("header");
    for gauge in &gauges {
        writer.push(gauge).expect("sorted row");
    }
    assert!(matches!(writer.push(&gauges[0]), Err(ParquetError::Unsorted { row: 20, .. })));
    let (stats, _file) = writer.finish().expect("footer");
    assert_eq!((stats.rows, stats.channels), (20, 4));
    let read: Vec<GaugeMinute> = GaugeReader::open(&path).expect("opens").map(|row| row.expect("row")).collect();
    assert_eq!(read, gauges);
}
