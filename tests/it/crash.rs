//! Death at any instant: a real server under load is killed with SIGKILL again and again, and in the end every
//! acknowledged call is in the store exactly once.
//!
//! Most calls are dated back by hours and days. They come after their minute's late window, so every publication
//! rewrites files of many hours and every finished day is compacted: the kills fall into publication, compaction and
//! catalog changes, not only into appends.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use foreroute::clock::Clock;
use foreroute::domain::time::Timestamp;
use foreroute::stats::seed::Seed;
use rand::RngExt;
use serde_json::Value;

use crate::site::{Site, pause_ms, whole};

const KILLS: u64 = 50;
const SENDERS: u64 = 2;
const CALLS_PER_BATCH: u64 = 20;
const CHANNELS: u64 = 5;

/// Acknowledged calls by channel.
type Totals = BTreeMap<String, u64>;

/// Posts one batch; the answer if it was acknowledged.
async fn post(site: &Site, key: &str, body: String) -> Option<Value> {
    let request = site.client.post(site.url("/v1/calls")).header("Idempotency-Key", key);
    let answer = request.header("Content-Type", "application/x-ndjson").body(body).send().await.ok()?;
    if answer.status() != 200 {
        return None;
    }
    // Without a whole answer the batch was not acknowledged as far as its sender knows.
    answer.json().await.ok()
}

/// Calls by channel as the running server counts them, in time and late.
async fn totals(site: &Site) -> Totals {
    let mut totals = Totals::new();
    for table in ["samples", "late"] {
        let sql = format!("SELECT channel, SUM(requests) AS n FROM {table} GROUP BY channel");
        for row in site.sql(&sql).await {
            let channel = row[0].as_str().expect("a channel").to_owned();
            *totals.entry(channel).or_default() += whole(&row[1]);
        }
    }
    totals
}

/// A batch that can be made again from its seed: most calls lie hours or days back.
fn batch(seed: Seed, now: Timestamp) -> (String, Totals) {
    let mut rng = seed.rng();
    let (mut body, mut totals) = (String::new(), Totals::new());
    for _ in 0..CALLS_PER_BATCH {
        let channel = format!("channel-{}", rng.random_range(0..CHANNELS));
        let age_s = if rng.random_bool(0.3) { rng.random_range(0..30) } else { rng.random_range(120..3 * 86_400) };
        let ts = now.plus_seconds(-age_s);
        let latency_ms: u32 = rng.random_range(20..5_000);
        writeln!(body, r#"{{"ts":"{ts}","channel":"{channel}","status":200,"latency_ms":{latency_ms}}}"#)
            .expect("writing to a string");
        *totals.entry(channel).or_default() += 1;
    }
    (body, totals)
}

/// Sends batch after batch until told to stop; each is repeated with its key until it is acknowledged.
async fn send(site: Arc<Site>, sender: u64, stop: Arc<AtomicBool>) -> (Totals, u64) {
    let (seed, now) = (Seed::new(7).nth(sender), Clock::system().now());
    let mut acknowledged = Totals::new();
    for number in 0.. {
        if stop.load(Ordering::SeqCst) {
            return (acknowledged, number);
        }
        let (body, totals) = batch(seed.nth(number), now);
        while post(&site, &format!("{sender}-{number}"), body.clone()).await.is_none() {
            pause_ms(5).await;
        }
        for (channel, calls) in totals {
            *acknowledged.entry(channel).or_default() += calls;
        }
    }
    unreachable!("the loop has no end but the one above")
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_lose_nothing_and_count_nothing_twice() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let site = Arc::new(Site::new(dir.path(), "[store]\nlate_window = \"1m\"\nflush_every = \"1s\"\n"));
    let stop = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> =
        (0..SENDERS).map(|sender| tokio::spawn(send(Arc::clone(&site), sender, Arc::clone(&stop)))).collect();
    let mut rng = Seed::new(7).child("kills").rng();
    for kill in 0..KILLS {
        let server = site.serve().await;
        // Every fifth server lives through a publication and its maintenance at least, the others may die in them.
        let life_ms = if kill % 5 == 0 { rng.random_range(1_000..2_500) } else { rng.random_range(0..1_200) };
        pause_ms(life_ms).await;
        server.kill();
    }
    let server = site.serve().await;
    stop.store(true, Ordering::SeqCst);
    let mut acknowledged = Totals::new();
    let mut sent = Vec::new();
    for sender in senders {
        let (totals, batches) = sender.await.expect("a sender ends");
        sent.push(batches);
        for (channel, calls) in totals {
            *acknowledged.entry(channel).or_default() += calls;
        }
    }
    assert!(sent.iter().sum::<u64>() > KILLS, "the load was real: {sent:?}");
    assert_eq!(totals(&site).await, acknowledged, "log:\n{}", site.log());

    // Batches sent again with their old keys change nothing.
    let (body, _) = batch(Seed::new(7).nth(0).nth(sent[0] - 1), Clock::system().now());
    let again = post(&site, &format!("0-{}", sent[0] - 1), body).await.expect("acknowledged");
    assert_eq!(again["duplicate"], Value::Bool(true), "{again}");
    assert_eq!(totals(&site).await, acknowledged);

    // A server that is asked to stop does so, and what it leaves is whole.
    assert_eq!(server.stop(), Some(0), "log:\n{}", site.log());
    let verified = site.command("inspect").arg("--verify").output().expect("inspect runs");
    assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stdout));
    let server = site.serve().await;
    assert_eq!(totals(&site).await, acknowledged);
    server.kill();
}
