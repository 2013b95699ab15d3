//! Kernels against a naive twin that holds every row in memory.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::domain::batch::Mode;
use crate::domain::sample::{Distribution, Summary};
use crate::domain::units::MicroUsd;
use crate::store::catalog::{Catalog, LiveFile};
use crate::store::parquet::SampleWriter;
use crate::store::rollup::roll_up;
use crate::store::schema::{SAMPLES, SAMPLES_1H, SAMPLES_5M, TableSpec};

pub(super) type Rows = BTreeMap<(ChannelId, Minute), Sample>;

pub(super) fn id(n: u32) -> ChannelId {
    ChannelId::new(&format!("c{n}")).expect("valid name")
}

pub(super) fn sample(channel: u32, minute: u32, calls: &[f64]) -> Sample {
    let mut sample = Sample::new(id(channel), Minute(minute));
    sample.counts.requests = calls.len() as u64;
    sample.coverage_s = 60;
    sample.cost = (calls.len() > 1).then_some(MicroUsd(i64::from(minute)));
    for &ms in calls {
        sample.latency.insert(ms);
    }
    sample
}

/// Writes `rows` into one file per hour.
pub(super) fn write(rows: &Rows, dir: &Path) -> Snapshot {
    let hours: BTreeSet<u32> = rows.keys().map(|(_, minute)| minute.0 / 60).collect();
    let one = |hour: u32| {
        let path = dir.join(format!("{hour}.parquet"));
        let mut writer = SampleWriter::new(std::fs::File::create(&path).expect("created"), &SAMPLES).expect("header");
        for sample in rows.values().filter(|sample| sample.minute.0 / 60 == hour) {
            writer.push(sample).expect("sorted");
        }
        let (stats, _) = writer.finish().expect("footer");
        let (first, last) = (stats.first_minute.expect("rows"), stats.last_minute.expect("rows"));
        // Every test has its own directory, so that the path tells the files apart.
        live(&format!("{hour}.parquet"), first, last)
    };
    snapshot(dir, hours.into_iter().map(one).collect())
}

/// Writes `rows`, all of one day, into a day file and its roll-ups.
fn write_day(rows: &Rows, dir: &Path) -> Vec<LiveFile> {
    let one = |table: &TableSpec| {
        let path = format!("{}.parquet", table.name);
        let file = std::fs::File::create(dir.join(&path)).expect("created");
        let mut writer = SampleWriter::new(file, table).expect("header");
        for window in roll_up(rows.values().cloned().map(Ok), table.width_minutes) {
            writer.push(&window.expect("no error")).expect("sorted");
        }
        let (stats, _) = writer.finish().expect("footer");
        let (first, last) = (stats.first_minute.unwrap_or_default(), stats.last_minute.unwrap_or_default());
        let made_from = (*table != SAMPLES).then(|| format!("{}.parquet", SAMPLES.name));
        LiveFile { table: table.name.to_owned(), hour: None, made_from, ..live(&path, first, last) }
    };
    [&SAMPLES, &SAMPLES_5M, &SAMPLES_1H].map(one).into()
}

fn live(path: &str, first_minute: Minute, last_minute: Minute) -> LiveFile {
    let (table, path, hour) = (SAMPLES.name.to_owned(), path.to_owned(), Some(first_minute.hour().of_day()));
    let day = first_minute.day();
    LiveFile { table, path, day, hour, first_minute, last_minute, rows: 0, bytes: 0, crc32: 0, made_from: None }
}

pub(super) fn snapshot(root: &Path, files: Vec<LiveFile>) -> Snapshot {
    Snapshot::new(Arc::from(root), Arc::new(Catalog { files, ..Catalog::default() }))
}

/// What the tables hold once `fresh` is published.
fn published(mut rows: Rows, fresh: &[Amendment]) -> Rows {
    let before: BTreeSet<_> = rows.keys().cloned().collect();
    for Amendment { sample, mode } in fresh {
        let key = (sample.channel.clone(), sample.minute);
        match (rows.get_mut(&key), mode) {
            (None, _) => drop(rows.insert(key, sample.clone())),
            (Some(row), Mode::Add) => {
                let revision = row.revision;
                row.merge(sample);
                row.revision = if before.contains(&key) { revision.max(1) } else { revision };
            }
            (Some(row), Mode::Replace) if sample.revision > row.revision => row.clone_from(sample),
            (Some(_), Mode::Replace) => {}
        }
    }
    rows
}

/// The value of `column` over the rows of a step, by merging whole samples.
fn naive(column: Column, rows: &[&Sample]) -> Option<f64> {
    let mut whole = (*rows.first()?).clone();
    for row in &rows[1..] {
        let coverage_s = whole.coverage_s + row.coverage_s;
        whole.merge(row);
        whole.coverage_s = coverage_s;
    }
    column.value(&whole)
}

fn mean(values: &[f64]) -> Option<f64> {
    let count = u32::try_from(values.len()).expect("a few minutes");
    (count > 0).then(|| values.iter().sum::<f64>() / f64::from(count))
}

fn close(column: Column, got: Option<f64>, expected: Option<f64>) -> bool {
    // A value read from a column is rounded to its digits.
    let slack = 0.51 / crate::store::schema::units_per_one(column);
    match (got, expected) {
        (None, None) => true,
        (Some(got), Some(expected)) => (got - expected).abs() <= slack,
        _ => false,
    }
}

const COLUMNS: [Column; 7] = [
    Column::Requests,
    Column::Cost,
    Column::Coverage,
    Column::LatencyMean,
    Column::LatencyP95,
    Column::LatencyMax,
    Column::TtftP50,
];

fn any_rows() -> impl Strategy<Value = Rows> {
    let row = (0..4_u32, 0..200_u32, prop::collection::vec(1.0f64..1e4, 0..4));
    // Runs without gaps as well as scattered rows.
    let run = (0..4_u32, 0..150_u32, 1..60_u32, prop::collection::vec(1.0f64..1e4, 1..4));
    (prop::collection::vec(row, 0..60), prop::collection::vec(run, 0..4)).prop_map(|(rows, runs)| {
        let runs =
            runs.into_iter().flat_map(|(c, from, n, calls)| (from..from + n).map(move |m| (c, m, calls.clone())));
        let rows = rows.into_iter().chain(runs).map(|(c, m, calls)| sample(c, m, &calls));
        rows.map(|sample| ((sample.channel.clone(), sample.minute), sample)).collect()
    })
}

fn any_fresh() -> impl Strategy<Value = Vec<Amendment>> {
    let one = (0..5_u32, 0..220_u32, prop::collection::vec(1.0f64..1e4, 0..3), any::<bool>(), 0..2_u32);
    let one = one.prop_map(|(channel, minute, calls, add, revision)| {
        let mut sample = sample(channel, minute, &calls);
        sample.revision = if add { 0 } else { revision };
        Amendment { sample, mode: if add { Mode::Add } else { Mode::Replace } }
    });
    prop::collection::vec(one, 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// For any rows (dense or gapped, over several files), any unpublished amendments, any window and step: every
    /// kernel gives what merging the whole rows in memory gives.
    #[test]
    fn kernels_equal_the_naive_twin(
        rows in any_rows(), fresh in any_fresh(),
        from in 0..220_u32, length in 0..220_u32, step in prop::sample::select(vec![1_u32, 5, 7, 60]),
    ) {
        let dir = tempfile::tempdir().expect("temporary directory");
        let files = write(&rows, dir.path());
        let truth = published(rows, &fresh);
        let (from, to) = (Minute(from), Minute(from + length));
        let of_step = |channel: &ChannelId, minute: Minute| -> Vec<&Sample> {
            let (begin, end) = (minute.max(from), minute.plus(step).min(to));
            truth.values().filter(|s| s.channel == *channel && s.minute >= begin && s.minute < end).collect()
        };
        let channels: Vec<ChannelId> = (0..5).map(id).collect();
        for column in COLUMNS {
            let query = RangeQuery { channels: channels.clone(), column, from, to, step_minutes: step };
            for series in range(&files, &fresh, &query).expect("answers") {
                for (minute, value) in series.points {
                    let expected = naive(column, &of_step(&series.channel, minute));
                    prop_assert!(close(column, value, expected), "{:?} {} {:?} {:?}", column, minute.0, value, expected);
                }
            }
            for combine in [Combine::True, Combine::MeanOfMinutes] {
                let query = AcrossQuery { column, from, to, step_minutes: step, quantile: 1.0, combine };
                for point in across(&files, &fresh, &query).expect("answers") {
                    let value = |channel: &ChannelId| {
                        let rows = of_step(channel, point.minute);
                        let minutes: Vec<f64> = rows.iter().filter_map(|row| column.value(row)).collect();
                        match combine {
                            Combine::True => naive(column, &rows),
                            Combine::MeanOfMinutes => mean(&minutes),
                        }
                    };
                    let expected = channels.iter().filter_map(value).reduce(f64::max);
                    prop_assert!(close(column, point.value, expected), "{:?} {:?} {:?}", column, point, expected);
                }
            }
        }
    }

    /// For any rows of a day, summaries among them, and any unpublished amendments, window and step: the answer is the
    /// same whether there are roll-ups or not.
    #[test]
    fn roll_ups_change_no_answer(
        rows in any_rows(), stated in prop::collection::vec((any::<prop::sample::Index>(), 1.0f64..1e4), 0..3),
        fresh in any_fresh(), from in 0..30_u32, to in 1..50_u32, step in prop::sample::select(vec![5_u32, 7, 30, 60, u32::MAX]),
    ) {
        let mut rows = rows;
        for (place, ms) in stated.into_iter().take(rows.len()) {
            let row = rows.values_mut().nth(place.index(1_000) % 7).into_iter();
            for row in row.filter(|row| row.counts.requests > 0) {
                let summary = Summary { mean: Some(ms), p95: Some(ms), max: Some(ms), ..Summary::default() };
                row.latency = Distribution::Stated(Box::new(summary));
            }
        }
        let dir = tempfile::tempdir().expect("temporary directory");
        let files = write_day(&rows, dir.path());
        let with = snapshot(dir.path(), files.clone());
        let without = snapshot(dir.path(), files[..1].to_vec());
        // Mostly windows that roll-ups fit into.
        let (from, to) = (Minute(from * 5), Minute(to * 5));
        for (fresh, column) in COLUMNS.iter().flat_map(|column| [(&[][..], *column), (&fresh[..], *column)]) {
            let query = RangeQuery { channels: (0..5).map(id).collect(), column, from, to, step_minutes: step };
            let (got, expected) = (range(&with, fresh, &query), range(&without, fresh, &query));
            for (got, expected) in got.expect("answers").into_iter().zip(expected.expect("answers")) {
                for ((minute, got), (_, expected)) in got.points.into_iter().zip(expected.points) {
                    prop_assert!(close(column, got, expected), "{:?} {} {:?} {:?}", column, minute.0, got, expected);
                }
            }
        }
    }

    /// Whole minutes, unpublished ones included, are those of the twin.
    #[test]
    fn samples_equal_the_naive_twin(rows in any_rows(), fresh in any_fresh(), from in 0..220_u32, length in 0..220_u32) {
        let dir = tempfile::tempdir().expect("temporary directory");
        let files = write(&rows, dir.path());
        let truth = published(rows, &fresh);
        let (from, to) = (Minute(from), Minute(from + length));
        for channel in (0..5).map(id) {
            let got = samples(&files, &fresh, &channel, from, to).expect("answers");
            let expected = truth.values().filter(|s| s.channel == channel && (from..to).contains(&s.minute));
            prop_assert!(got.iter().eq(expected));
        }
    }
}

#[test]
fn the_top_is_ranked_with_ties_by_name() {
    let rows: Rows = [(3, 50.0), (1, 80.0), (2, 80.0), (0, 10.0)]
        .map(|(channel, ms)| sample(channel, 9, &[ms]))
        .map(|sample| ((sample.channel.clone(), sample.minute), sample))
        .into();
    let dir = tempfile::tempdir().expect("temporary directory");
    let files = write(&rows, dir.path());
    let mut query = TopQuery {
        column: Column::LatencyMean,
        from: Minute(0),
        to: Minute(60),
        n: 3,
        descending: true,
        combine: Combine::True,
    };
    let ranked = top(&files, &[], &query).expect("answers");
    assert_eq!(ranked, [(id(1), 80.0), (id(2), 80.0), (id(3), 50.0)]);
    (query.descending, query.n) = (false, 1);
    assert_eq!(top(&files, &[], &query).expect("answers"), [(id(0), 10.0)]);
    (query.from, query.to) = (Minute(10), Minute(60));
    assert_eq!(top(&files, &[], &query).expect("answers"), [], "nothing in the window");
}

#[test]
fn threads_share_many_channels_and_change_no_answer() {
    // Every third channel is silent in the first of two hours, which lie in two files.
    let minutes =
        |n: u32| [(50, 10.0), (70, 20.0)].into_iter().skip(usize::from(n.is_multiple_of(3))).map(move |at| (n, at));
    let rows: Rows = (0..500)
        .flat_map(minutes)
        .map(|(n, (minute, ms))| sample(n, minute, &[ms, f64::from(n)]))
        .map(|sample| ((sample.channel.clone(), sample.minute), sample))
        .collect();
    let dir = tempfile::tempdir().expect("temporary directory");
    let files = write(&rows, dir.path());
    for column in [Column::Requests, Column::LatencyMean, Column::LatencyP95] {
        let channels = (0..500).map(id).collect();
        let query = RangeQuery { channels, column, from: Minute(0), to: Minute(120), step_minutes: 60 };
        for series in range(&files, &[], &query).expect("answers") {
            let alone = RangeQuery { channels: vec![series.channel.clone()], ..query.clone() };
            assert_eq!(range(&files, &[], &alone).expect("answers"), [series]);
        }
    }
}

#[test]
fn stated_minutes_have_no_percentile_over_longer_steps() {
    let mut rows = Rows::new();
    for (minute, mean, calls) in [(0, 100.0, 1), (1, 400.0, 3), (5, 70.0, 2)] {
        let mut sample = Sample::new(id(0), Minute(minute));
        sample.counts.requests = calls;
        let summary = Summary { mean: Some(mean), p95: Some(mean * 2.0), ..Summary::default() };
        sample.latency = Distribution::Stated(Box::new(summary));
        rows.insert((id(0), Minute(minute)), sample);
    }
    let dir = tempfile::tempdir().expect("temporary directory");
    let files = write(&rows, dir.path());
    let ask = |column, step_minutes| {
        let query = RangeQuery { channels: vec![id(0)], column, from: Minute(0), to: Minute(10), step_minutes };
        let series = range(&files, &[], &query).expect("answers").remove(0);
        series.points.into_iter().map(|(_, value)| value).collect::<Vec<_>>()
    };
    assert_eq!(ask(Column::LatencyP95, 1)[..2], [Some(200.0), Some(800.0)]);
    assert_eq!(ask(Column::LatencyP95, 5), [None, Some(140.0)], "two stated minutes, one stated minute");
    assert_eq!(ask(Column::LatencyMean, 5), [Some(325.0), Some(70.0)], "weighted by calls");

    let mut only_mean = Sample::new(id(0), Minute(6));
    only_mean.counts.requests = 1;
    only_mean.latency = Distribution::Stated(Box::new(Summary { mean: Some(10.0), ..Summary::default() }));
    let rows: Rows = [sample(0, 5, &[70.0]), only_mean].map(|s| ((s.channel.clone(), s.minute), s)).into();
    let dir = tempfile::tempdir().expect("temporary directory");
    let files = write(&rows, dir.path());
    let (channels, column) = (vec![id(0)], Column::LatencyP95);
    let query = RangeQuery { channels, column, from: Minute(5), to: Minute(10), step_minutes: 5 };
    let series = range(&files, &[], &query).expect("answers").remove(0);
    assert_eq!(series.points, [(Minute(5), None)], "half of the calls are unknown");
}

#[test]
fn roll_ups_answer_for_whole_days_and_for_minutes_that_are_gone() {
    let rows: Rows =
        (0..180).map(|minute| ((id(0), Minute(minute)), sample(0, minute, &[f64::from(minute + 1)]))).collect();
    let dir = tempfile::tempdir().expect("temporary directory");
    let files = write_day(&rows, dir.path());
    // Whoever opened the minutes would notice.
    std::fs::remove_file(dir.path().join(&files[0].path)).expect("removed");
    let ask = |snapshot: &Snapshot, from, to, step_minutes| {
        let (channels, column) = (vec![id(0)], Column::Requests);
        let query = RangeQuery { channels, column, from: Minute(from), to: Minute(to), step_minutes };
        let series = range(snapshot, &[], &query)?.remove(0);
        Ok::<Vec<_>, QueryError>(series.points.into_iter().map(|(_, value)| value).collect())
    };
    let all = snapshot(dir.path(), files.clone());
    assert_eq!(ask(&all, 0, 180, 60).expect("hours"), [Some(60.0); 3]);
    assert_eq!(ask(&all, 5, 20, 5).expect("five minutes"), [Some(5.0); 3]);
    assert!(ask(&all, 1, 20, 5).is_err_and(|error| error.is_stale()), "a cut window needs its minutes");
    assert!(ask(&all, 0, 180, 7).is_err_and(|error| error.is_stale()), "so does a step across windows");

    let expired = snapshot(dir.path(), files[1..].to_vec());
    assert_eq!(
        ask(&expired, 31, 180, 60).expect("hours"),
        [Some(25.0), Some(60.0), Some(60.0)],
        "a cut window is a gap"
    );
    assert_eq!(channels(&expired).expect("known"), BTreeSet::from([id(0)]));
    let (column, from, to) = (Column::Requests, Minute(0), Minute(180));
    let query = RangeQuery { channels: vec![id(0)], column, from, to, step_minutes: 60 };
    let more = Amendment { sample: sample(0, 2, &[1.0, 2.0]), mode: Mode::Add };
    let series = range(&expired, &[more], &query).expect("answers").remove(0);
    let values: Vec<_> = series.points.into_iter().map(|(_, value)| value).collect();
    assert_eq!(values, [Some(62.0), Some(60.0), Some(60.0)], "what still comes adds up");
}

#[test]
fn a_deleted_file_is_stale_and_too_large_an_answer_is_refused() {
    let gone = snapshot(Path::new("/nonexistent"), vec![live("f.parquet", Minute(0), Minute(9))]);
    let query =
        RangeQuery { channels: vec![id(0)], column: Column::Requests, from: Minute(0), to: Minute(5), step_minutes: 1 };
    assert!(range(&gone, &[], &query).is_err_and(|error| error.is_stale()));
    let huge = RangeQuery { to: Minute(u32::MAX), ..query };
    let refused = range(&snapshot(Path::new("/"), Vec::new()), &[], &huge).expect_err("too many values");
    assert!(refused.to_string().contains("longer step"), "{refused}");
}
