//! Decisions about two channels, of which one dies.

use std::path::Path;

use crate::clock::Clock;
use crate::config;
use crate::domain::batch::Batch;
use crate::domain::call::{Call, Outcome};
use crate::domain::ids::ChannelId;
use crate::domain::record::{Cell, DECISIONS, Record};
use crate::domain::time::{Minute, Timestamp};
use crate::domain::units::Millis;
use crate::engine::{Engine, Settings};
use crate::policy::decision::Trigger;
use crate::store::StoreOptions;
use crate::store::query::{self, RecordQuery};

const START: Timestamp = Timestamp::from_seconds(1_795_000_000 / 86_400 * 86_400);

fn name(of: &str) -> ChannelId {
    ChannelId::new(of).expect("valid name")
}

fn open(dir: &Path, clock: &Clock) -> Engine {
    open_class(dir, clock, "chat")
}

fn open_class(dir: &Path, clock: &Clock, class: &str) -> Engine {
    let file = format!(
        r#"
        [[channel]]
        name = "eu"
        prices = [{{ prompt_usd_per_mtok = 1.0, completion_usd_per_mtok = 2.0 }}]
        [[channel]]
        name = "us"
        prices = [{{ prompt_usd_per_mtok = 2.0, completion_usd_per_mtok = 4.0 }}]
        [[route]]
        class = {class:?}
        objective = {{ latency = {{ percentile = 95, ms = 2000 }}, error_ratio = 0.05 }}
        [decide]
        directory = {:?}
        "#,
        dir.join("out")
    );
    let config = config::parse(&file, &|_| Ok(String::new())).expect("a valid file").config;
    Engine::open(&dir.join("data"), StoreOptions::default(), Settings::of(&config), clock.clone())
        .expect("the store opens")
        .0
}

/// `seconds` of ten calls each, taken in turn by both channels; those to `eu` fail if it is `dead`.
async fn calls(engine: &Engine, clock: &Clock, from: Timestamp, seconds: i64, dead: bool) {
    for second in 0..seconds {
        let at = from.plus_seconds(second);
        clock.set(at.plus_seconds(1));
        let mut batch = Batch { watched: Some((at, at.plus_seconds(1))), ..Batch::new(clock.now()) };
        for call in 0..10 {
            let channel = name(if call % 2 == 0 { "eu" } else { "us" });
            let outcome = if dead && channel.as_str() == "eu" { Outcome::ServerError } else { Outcome::Ok };
            batch.calls.push(Call {
                outcome,
                latency: Millis::new(400.0 + f64::from((call * 37) % 101)).ok(),
                tokens_prompt: Some(300),
                tokens_completion: Some(100),
                ..Call::new(at.plus_micros(i64::from(call) * 50_000), channel)
            });
        }
        engine.accept(batch).await.expect("accepted");
    }
}

fn rows(engine: &Engine) -> Vec<Record> {
    let view = engine.view(None, Minute(0), Minute(u32::MAX));
    let (from, to) = (START.plus_seconds(-60), START.plus_seconds(86_400));
    let wanted = RecordQuery { table: &DECISIONS, from, to, first: None, limit: 10_000 };
    query::records(&view.snapshot, &view.fresh_records, &wanted).expect("the files can be read")
}

#[tokio::test]
async fn a_channel_that_dies_is_left_within_the_second_and_generations_survive_a_restart() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(START);
    let engine = open(dir.path(), &clock);
    calls(&engine, &clock, START, 120, false).await;
    engine.0.decide_for_test(clock.now());
    let before = engine.decision("chat").expect("a decision");
    assert!(before.decision.plan.share(&name("eu")) > 0.1, "{:?}", before.decision.plan);

    let mut news = engine.decisions_of("chat");
    news.mark_unchanged();
    let died = START.plus_seconds(120);
    calls(&engine, &clock, died, 2, true).await;
    let told = news.borrow_and_update().clone().expect("a decision");
    assert_eq!(told.decision.trigger, Trigger::Trip);
    assert!(told.decision.issued.seconds_since(died) < 2.0, "within a second of the call that showed it");
    assert!(told.decision.plan.share(&name("eu")) < 1e-9 && told.decision.plan.share(&name("us")) > 0.99);
    assert!(told.decision.generation > before.decision.generation);

    engine.write_decisions();
    let file = std::fs::read(dir.path().join("out/chat.json")).expect("the file");
    assert_eq!(file, told.json);
    let made = rows(&engine);
    let newest = made.iter().rfind(|row| row.get("change").and_then(Cell::text) == Some("made"));
    let shares = newest.and_then(|row| row.get("shares")?.text().map(str::to_owned)).expect("shares");
    assert!(shares.contains("\"us\":1.0"), "{shares}");
    assert!(made.iter().any(|row| row.get("change").and_then(Cell::text) == Some("held")));
    engine.shutdown().await.expect("it stops");

    let again = open(dir.path(), &clock);
    let held = again.decision("chat").expect("the last decision");
    assert_eq!(held.decision.generation, told.decision.generation);
    assert_eq!(held.decision.plan.shares, told.decision.plan.shares);
    calls(&again, &clock, died.plus_seconds(60), 60, false).await;
    again.0.decide_for_test(clock.now());
    let next = again.decision("chat").expect("a decision");
    assert!(next.decision.generation > told.decision.generation);
    again.shutdown().await.expect("it stops");

    let renamed = open_class(dir.path(), &clock, "talk");
    assert_eq!(
        (renamed.decision("chat"), renamed.decision("talk")),
        (None, None),
        "a class that is gone has no decision"
    );
}
