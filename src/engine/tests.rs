use std::path::Path;

use super::*;
use crate::domain::call::Call;
use crate::domain::ids::IdempotencyKey;
use crate::domain::price::Price;
use crate::domain::sample::Sample;
use crate::domain::time::Minute;
use crate::domain::units::MicroUsd;

const NOON_S: i64 = 1_795_000_000 / 3_600 * 3_600;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(NOON_S + seconds)
}

fn channel() -> ChannelId {
    ChannelId::new("openai-eu").expect("valid name")
}

fn batch(clock: &Clock, calls: usize) -> Batch {
    let now = clock.now();
    let mut batch = Batch::new(now);
    batch.calls = (0..calls).map(|_| Call::new(now, channel())).collect();
    batch
}

fn open(dir: &Path, clock: &Clock, settings: Settings) -> Engine {
    let (engine, _report) =
        Engine::open(dir, StoreOptions::default(), settings, clock.clone()).expect("the store opens");
    engine
}

/// Every minute known, published or not.
fn minutes(engine: &Engine) -> Vec<Sample> {
    let (from, to) = (Minute(0), Minute(u32::MAX));
    let view = engine.view(Some(&channel()), from, to);
    query::samples(&view.snapshot, &view.fresh, &channel(), from, to).expect("the files can be read")
}

fn requests(engine: &Engine) -> u64 {
    minutes(engine).iter().map(|minute| minute.counts.requests).sum()
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart_published_or_not() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let clock = Clock::manual(at(0));
    let engine = open(dir.path(), &clock, Settings::default());
    engine.accept(batch(&clock, 3)).await.expect("accepted");
    clock.set(at(700));
    engine.accept(batch(&clock, 5)).await.expect("accepted");
    let report = engine.flush().await.expect("published");
    assert_eq!(report.rows, 1, "the first minute is sealed, the second still open");
    assert_eq!(requests(&engine), 8);
    engine.accept(batch(&clock, 7)).await.expect("accepted");
    // No shutdown: what is open is in the checkpoint (5) and in the log (7).
    drop(engine);
    let again = open(dir.path(), &clock, Settings::default());
    assert_eq!(requests(&again), 15);
    clock.set(at(2_000));
    again.flush().await.expect("published");
    assert_eq!(requests(&again), 15);
    assert_eq!(minutes(&again).len(), 2);
}

#[tokio::test]
async fn a_key_counts_once_across_restarts() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let clock = Clock::manual(at(0));
    let mut keyed = batch(&clock, 4);
    keyed.key = IdempotencyKey::new("batch-1").ok();
    for round in 0..3 {
        let engine = open(dir.path(), &clock, Settings::default());
        let receipt = engine.accept(keyed.clone()).await.expect("accepted");
        assert_eq!((receipt.calls, receipt.duplicate), (4, round > 0));
        assert_eq!(requests(&engine), 4);
        engine.shutdown().await.expect("stopped");
    }
}

#[tokio::test]
async fn a_minute_that_opens_again_is_amended_not_doubled() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let clock = Clock::manual(at(0));
    let engine = open(dir.path(), &clock, Settings::default());
    engine.accept(batch(&clock, 2)).await.expect("accepted");
    clock.set(at(900));
    engine.flush().await.expect("published");
    // The clock steps back: calls of the published minute are on time again.
    clock.set(at(30));
    engine.accept(batch(&clock, 1)).await.expect("accepted");
    assert_eq!(requests(&engine), 3);
    clock.set(at(900));
    engine.flush().await.expect("published");
    let rows = minutes(&engine);
    assert_eq!((rows.len(), rows[0].counts.requests, rows[0].revision), (1, 3, 1));
}

#[tokio::test]
async fn prices_fill_in_the_cost_that_calls_do_not_state() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let clock = Clock::manual(at(0));
    let mut settings = Settings::default();
    let price =
        Price { valid_from: at(-1), prompt_usd_per_mtok: 2.0, completion_usd_per_mtok: 8.0, cached_usd_per_mtok: 1.0 };
    settings.prices.add(channel(), price);
    let engine = open(dir.path(), &clock, settings);
    let mut priced = batch(&clock, 2);
    priced.calls[0].tokens_prompt = Some(100);
    priced.calls[1].cost = Some(MicroUsd(7));
    engine.accept(priced).await.expect("accepted");
    assert_eq!(minutes(&engine)[0].cost, Some(MicroUsd(207)));
}

#[tokio::test]
async fn a_second_engine_on_the_same_store_is_refused() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let clock = Clock::manual(at(0));
    let _first = open(dir.path(), &clock, Settings::default());
    let second = Engine::open(dir.path(), StoreOptions::default(), Settings::default(), clock.clone());
    assert!(second.is_err_and(|error| error.to_string().contains("LOCK")));
}

#[tokio::test]
async fn pressure_stalls_first_and_refuses_then() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let clock = Clock::manual(at(0));
    let settings = Settings { queue_kib: 1, stall_ms: 20, ..Settings::default() };
    let engine = open(dir.path(), &clock, settings);
    let room = Arc::clone(&engine.0.queued_kib).acquire_owned().await.expect("the queue is open");
    assert_eq!(engine.accept(batch(&clock, 1)).await, Err(AcceptError::Busy { retry_after_s: 1 }));
    drop(room);
    assert!(engine.accept(batch(&clock, 1)).await.is_ok());
    assert_eq!(requests(&engine), 1, "a refused batch is not counted");
}

#[tokio::test]
async fn watched_time_makes_quiet_minutes_zeros() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let clock = Clock::manual(at(0));
    let engine = open(dir.path(), &clock, Settings::default());
    engine.accept(batch(&clock, 1)).await.expect("accepted");
    engine.accept(Batch { watched: Some((at(0), at(180))), ..Batch::new(at(180)) }).await.expect("accepted");
    clock.set(at(1_000));
    engine.flush().await.expect("published");
    let found: Vec<_> = minutes(&engine).iter().map(|row| (row.counts.requests, row.coverage_s)).collect();
    assert_eq!(found, [(1, 60), (0, 60), (0, 60)]);
}

/// `count` calls, each of a minute of its own, all of them late.
fn scattered(clock: &Clock, count: u32) -> Batch {
    let now = clock.now();
    let at = |n: u32| now.minute().minus(100 + n).start();
    Batch { calls: (0..count).map(|n| Call::new(at(n), channel())).collect(), ..Batch::new(now) }
}

#[tokio::test]
async fn too_many_rows_in_memory_are_published_early_or_refused() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let clock = Clock::manual(at(0));
    let engine = open(dir.path(), &clock, Settings { max_open_rows: 10, ..Settings::default() });
    engine.accept(scattered(&clock, 21)).await.expect("accepted");
    assert_eq!(engine.accept(batch(&clock, 1)).await, Err(AcceptError::Busy { retry_after_s: 2 }));
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    let _tasks = tasks::spawn(&engine, &stopped);
    // The clock stands still: only pressure can have woken housekeeping.
    while engine.status().publications == 0 {
        tokio::task::yield_now().await;
    }
    assert!(engine.accept(batch(&clock, 1)).await.is_ok());
}
