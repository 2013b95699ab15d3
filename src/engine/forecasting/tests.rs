//! The engine's forecasts over simulated hours, with and without restarts.

use std::path::Path;

use crate::clock::Clock;
use crate::domain::batch::Batch;
use crate::domain::call::Call;
use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::record::{FORECAST_ACCURACY, FORECASTS};
use crate::domain::target::Target;
use crate::domain::time::{Minute, Timestamp};
use crate::domain::units::Millis;
use crate::engine::{Engine, ForecastRefusal, Settings};
use crate::forecast::output::Levels;
use crate::store::StoreOptions;
use crate::store::query::{self, RecordQuery};

const START_S: i64 = 1_795_000_000 / 86_400 * 86_400;
const LATENCY: Target = Target::Column(Column::LatencyP50);

fn at(minute: u32) -> Timestamp {
    Timestamp::from_seconds(START_S + 60 * i64::from(minute))
}

fn channel() -> ChannelId {
    ChannelId::new("openai-eu").expect("valid name")
}

fn open(dir: &Path, clock: &Clock) -> Engine {
    Engine::open(dir, StoreOptions::default(), Settings::default(), clock.clone()).expect("the store opens").0
}

/// Six calls in each of the minutes, with a latency that wanders; publication every ten minutes.
async fn live(engine: &Engine, clock: &Clock, minutes: std::ops::Range<u32>) {
    for minute in minutes {
        clock.set(at(minute));
        let mut batch = Batch::new(clock.now());
        batch.calls = (0..6_u32)
            .map(|call| {
                let wander = f64::from((minute / 7 + call * 5) % 11) * 12.0;
                Call { latency: Millis::new(300.0 + wander).ok(), ..Call::new(clock.now(), channel()) }
            })
            .collect();
        engine.accept(batch).await.expect("accepted");
        if minute % 10 == 9 {
            engine.flush().await.expect("published");
        }
    }
}

fn bits(engine: &Engine) -> Vec<u64> {
    let seen = engine.forecast(&channel(), LATENCY, 60, &Levels::default()).expect("there is a fit").forecast;
    seen.mean.iter().chain(&seen.quantiles).map(|value| value.to_bits()).collect()
}

#[tokio::test]
async fn a_restarted_engine_forecasts_what_one_that_never_stopped_does() {
    let (running_dir, stopped_dir) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("another"));
    let clock = Clock::manual(at(0));
    let running = open(running_dir.path(), &clock);
    live(&running, &clock, 0..150).await;
    assert!(running.refit(&channel()).await, "two hours are enough");
    live(&running, &clock, 150..260).await;

    clock.set(at(0));
    let stopped = open(stopped_dir.path(), &clock);
    live(&stopped, &clock, 0..150).await;
    assert!(stopped.refit(&channel()).await);
    live(&stopped, &clock, 150..210).await;
    // As by kill -9: nothing is saved on the way out.
    drop(stopped);
    let again = open(stopped_dir.path(), &clock);
    live(&again, &clock, 210..260).await;
    assert_eq!(bits(&running), bits(&again));
    let expected = |engine: &Engine| engine.expectations(&channel(), Minute(0), Minute(u32::MAX));
    assert_eq!(expected(&running), expected(&again), "nor is it forgotten what was expected");
    assert!(expected(&again).minutes.len() > 50, "{:?}", expected(&again).minutes.len());
}

#[tokio::test]
async fn a_forecast_begins_now_and_its_accuracy_is_kept() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(at(0));
    let engine = open(dir.path(), &clock);
    live(&engine, &clock, 0..20).await;
    let refusal = engine.forecast(&channel(), LATENCY, 60, &Levels::default()).expect_err("too early");
    assert!(matches!(refusal, ForecastRefusal::NotYet { .. }), "{refusal}");
    live(&engine, &clock, 20..150).await;
    assert!(engine.refit(&channel()).await);
    live(&engine, &clock, 150..350).await;

    clock.set(at(350).plus_seconds(5));
    let seen = engine.forecast(&channel(), LATENCY, 60, &Levels::default()).expect("there is a fit");
    assert_eq!(seen.forecast.grid.start, at(350), "the open minutes are told of, the current one is ahead");
    let median = seen.forecast.path(0.5).expect("a default level");
    assert!(median.iter().all(|value| (300.0..430.0).contains(value)), "{median:?}");

    let told = engine.expectations(&channel(), at(300).minute(), at(350).minute());
    assert_eq!(told.minutes.len(), 50, "every minute since the fit was noted before it came");
    let slot = Target::ALL.into_iter().position(|target| target == LATENCY).expect("a series");
    let ordered = |[low, median, high]: [f32; 3]| low <= median && median <= high && (300.0..430.0).contains(&median);
    assert!(told.minutes.iter().all(|(_, row)| row[slot].is_some_and(ordered)), "{:?}", told.minutes);

    let view = engine.view(None, Minute(0), Minute(u32::MAX));
    let wanted = RecordQuery { table: &FORECAST_ACCURACY, from: at(0), to: at(1_000), first: None, limit: usize::MAX };
    let rows = query::records(&view.snapshot, &view.fresh_records, &wanted).expect("the files can be read");
    let of = |row: &crate::domain::record::Record| {
        row.get("column_name").and_then(|cell| cell.text()) == Some("latency_p50_ms")
            && row.get("role").and_then(|cell| cell.text()) == Some("champion")
    };
    let champion: Vec<_> = rows.iter().filter(|row| of(row)).collect();
    assert!(champion.len() >= 8, "two whole hours at four horizons: {}", champion.len());
    for row in champion {
        let coverage = row.get("coverage_90").and_then(crate::domain::record::Cell::float).expect("measured");
        assert!((0.3..=1.0).contains(&coverage), "{coverage}");
    }
}

#[tokio::test]
async fn a_forecast_acted_upon_meets_its_truth_although_the_engine_is_killed() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(at(0));
    let engine = open(dir.path(), &clock);
    live(&engine, &clock, 0..150).await;
    assert!(engine.refit(&channel()).await);
    let seen = engine.forecast(&channel(), LATENCY, 5, &Levels::default()).expect("there is a fit").forecast;
    engine.keep_forecast(&channel(), LATENCY, "quota", &seen);
    // As by kill -9: nothing is saved on the way out.
    drop(engine);
    let again = open(dir.path(), &clock);
    live(&again, &clock, 150..190).await;
    let view = again.view(None, Minute(0), Minute(u32::MAX));
    let wanted = RecordQuery { table: &FORECASTS, from: at(0), to: at(1_000), first: None, limit: usize::MAX };
    let rows = query::records(&view.snapshot, &view.fresh_records, &wanted).expect("the files can be read");
    assert_eq!(rows.len(), 2, "one minute and five minutes ahead");
    for row in rows {
        let actual = row.get("actual").and_then(crate::domain::record::Cell::float).expect("it came true");
        assert!((300.0..430.0).contains(&actual), "{actual}");
    }
}

#[tokio::test]
async fn a_young_channel_borrows_from_its_sibling_with_wider_intervals() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(at(0));
    let young = ChannelId::new("openai-us").expect("valid name");
    let models = [channel(), young.clone()].map(|name| (name, "gpt".to_owned())).into_iter().collect();
    let settings = Settings { models, ..Settings::default() };
    let engine = Engine::open(dir.path(), StoreOptions::default(), settings, clock.clone()).expect("the store opens").0;
    live(&engine, &clock, 0..150).await;
    assert!(engine.refit(&channel()).await);
    let mut first = Batch::new(clock.now());
    first.calls = vec![Call { latency: Millis::new(350.0).ok(), ..Call::new(clock.now(), young.clone()) }];
    engine.accept(first).await.expect("accepted");
    live(&engine, &clock, 150..170).await;
    assert!(engine.refit(&young).await, "one minute is enough to borrow");
    let width = |name: &ChannelId| {
        let seen = engine.forecast(name, LATENCY, 1, &Levels::default()).expect("fitted or borrowed").forecast;
        (seen.at(0)[6] - seen.at(0)[0], seen.model)
    };
    let ((own, _), (lent, model)) = (width(&channel()), width(&young));
    assert!(lent > own && model.ends_with("of a sibling"), "{own} {lent} {model}");
}

#[tokio::test]
async fn what_cannot_be_forecast_is_said() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(at(0));
    let engine = open(dir.path(), &clock);
    let nobody = ChannelId::new("nobody").expect("valid name");
    assert!(matches!(
        engine.forecast(&nobody, LATENCY, 1, &Levels::default()),
        Err(ForecastRefusal::NoChannel(name)) if name == nobody
    ));
    assert!(!engine.refit(&nobody).await);
    live(&engine, &clock, 0..60).await;
    let unknown = engine.forecast_with(&channel(), LATENCY, "prophet", 1, &Levels::default()).expect_err("no such");
    assert!(unknown.to_string().contains("seasonal-naive"), "{unknown}");
    let naive = engine.forecast_with(&channel(), LATENCY, "naive", 5, &Levels::default()).expect("fits anything");
    assert_eq!((naive.forecast.model.as_str(), naive.forecast.horizon()), ("naive", 5));
}
