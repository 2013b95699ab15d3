//! Detection over simulated hours, with and without restarts.

use std::collections::VecDeque;
use std::path::Path;

use crate::clock::Clock;
use crate::config;
use crate::domain::batch::Batch;
use crate::domain::call::{Call, Outcome};
use crate::domain::ids::ChannelId;
use crate::domain::record::{ANOMALIES, INCIDENTS, Record, RecordTable};
use crate::domain::time::{Minute, Timestamp};
use crate::domain::units::Millis;
use crate::engine::bus::Happening;
use crate::engine::{DetectSettings, Engine, OrderError, Settings};
use crate::incident::change::What;
use crate::incident::command::{Command, CommandError, Order};
use crate::incident::kind::Kind;
use crate::store::StoreOptions;
use crate::store::query::{self, RecordQuery};

const START_S: i64 = 1_795_000_000 / 86_400 * 86_400;

const FILE: &str = r#"
    [[channel]]
    name = "eu"
    provider = "acme"
    [[route]]
    class = "chat"
    objective = { error_ratio = 0.05 }
    [detect]
    forest = false
"#;

fn at(minute: u32) -> Timestamp {
    Timestamp::from_seconds(START_S + 60 * i64::from(minute))
}

fn eu() -> ChannelId {
    ChannelId::new("eu").expect("valid name")
}

fn open(dir: &Path, clock: &Clock) -> Engine {
    let config = config::parse(FILE, &|_| Ok(String::new())).expect("a valid file").config;
    Engine::open(dir, StoreOptions::default(), Settings::of(&config), clock.clone()).expect("the store opens").0
}

/// The same with a playbook that begins when `on` says so.
fn open_healing(dir: &Path, clock: &Clock, on: &str) -> Engine {
    let playbook = format!("[[playbook]]\nname = \"look\"\non = {{ {on} }}\nstep = [{{ do = \"probe\" }}]\n");
    let file = FILE.replace("[detect]", "mode = \"auto\"\n[detect]") + &playbook;
    let config = config::parse(&file, &|_| Ok(String::new())).expect("a valid file").config;
    Engine::open(dir, StoreOptions::default(), Settings::of(&config), clock.clone()).expect("the store opens").0
}

fn detect(engine: &Engine) -> DetectSettings {
    engine.settings().detect.clone().expect("detection is on")
}

/// Thirty calls in each of the minutes, of which so many fail, each minute judged ten seconds after its end.
async fn live(engine: &Engine, clock: &Clock, minutes: std::ops::Range<u32>, failing: u32) {
    for minute in minutes {
        clock.set(at(minute));
        let mut batch = Batch { watched: Some((at(minute), at(minute + 1))), ..Batch::new(clock.now()) };
        batch.calls = (0..30)
            .map(|call| {
                let wander = f64::from((minute * 31 + call * 17) % 101) * 2.0;
                let outcome = if call < failing { Outcome::ServerError } else { Outcome::Ok };
                Call { latency: Millis::new(300.0 + wander).ok(), outcome, ..Call::new(clock.now(), eu()) }
            })
            .collect();
        engine.accept(batch).await.expect("accepted");
        clock.set(at(minute + 1).plus_seconds(10));
        engine.catch_up(&detect(engine), at(minute + 1).minute(), VecDeque::new());
        if minute % 10 == 9 {
            engine.flush().await.expect("published");
        }
    }
}

fn records(engine: &Engine, table: &'static RecordTable) -> Vec<Record> {
    let view = engine.view(None, Minute(0), Minute(u32::MAX));
    let wanted = RecordQuery { table, from: at(0), to: at(100_000), first: None, limit: 10_000 };
    query::records(&view.snapshot, &view.fresh_records, &wanted).expect("the files can be read")
}

fn acknowledge() -> Command {
    Command::new("ada", "on it", Order::Acknowledge).expect("a name and a reason")
}

#[tokio::test]
async fn failing_calls_are_an_incident_in_situation_tables_and_stream() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(at(0));
    let engine = open_healing(dir.path(), &clock, r#"incidents = ["errors"], at_least = "P2""#);
    live(&engine, &clock, 0..300, 0).await;
    assert!(engine.situation().incidents.is_empty() && engine.heal_for_test().is_empty());
    let mut listener = engine.subscribe();
    live(&engine, &clock, 300..305, 15).await;
    let situation = engine.situation();
    assert_eq!(situation.minute, Some(at(304).minute()));
    let incident = situation.incidents.first().expect("half of all calls fail");
    assert_eq!((&incident.channel, incident.kind), (&eu(), Kind::Errors));
    assert_eq!(engine.heal_for_test(), ["an incident of errors of severity P1 is open"]);
    assert!(engine.burn_rate("chat", "error_ratio", 5).is_some_and(|rate| rate > 9.0));
    assert_eq!(engine.burn_rate("chat", "latency", 5), None, "not promised");

    let change = engine.order(incident.id, acknowledge()).await.expect("it is open");
    assert_eq!(change.what, What::Acknowledged);
    assert!(engine.situation().incidents[0].times.acknowledged.is_some());
    let again = engine.order(incident.id, acknowledge()).await;
    assert!(matches!(again, Err(OrderError::Refused(CommandError::Done))));

    engine.flush().await.expect("published");
    let rows = records(&engine, &INCIDENTS);
    let names: Vec<&str> = rows.iter().filter_map(|row| row.get("change")?.text()).collect();
    assert_eq!((names.first(), names.last()), (Some(&"opened"), Some(&"acknowledged")), "{names:?}");
    let odd = records(&engine, &ANOMALIES);
    assert!(odd.iter().any(|row| row.get("column_name").and_then(|cell| cell.text()) == Some("error_ratio")));

    let mut told = Vec::new();
    while let Ok(happening) = listener.try_recv() {
        told.push(happening);
    }
    assert!(told.iter().any(|it| matches!(it, Happening::Anomaly { column, .. } if column.name() == "error_ratio")));
    assert!(told.iter().any(|it| matches!(it, Happening::Incident(change) if change.what == What::Opened)));
    assert_eq!(told.iter().filter(|it| matches!(it, Happening::Sample(_))).count(), 5);
}

#[tokio::test]
async fn a_killed_engine_concludes_what_one_that_never_stopped_does_and_remembers_orders() {
    let (running_dir, killed_dir) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("another"));
    let clock = Clock::manual(at(0));
    let mut machines = Vec::new();
    for (dir, is_killed) in [(&running_dir, false), (&killed_dir, true)] {
        clock.set(at(0));
        let mut engine = open(dir.path(), &clock);
        live(&engine, &clock, 0..250, 0).await;
        engine.save_machine();
        live(&engine, &clock, 250..255, 15).await;
        let id = engine.situation().incidents.first().expect("it fails").id;
        engine.order(id, acknowledge()).await.expect("it is open");
        if is_killed {
            // As by kill -9: nothing is saved on the way out.
            drop(engine);
            engine = open(dir.path(), &clock);
            let orders = engine.resume(&detect(&engine));
            assert_eq!(orders.len(), 1);
            engine.catch_up(&detect(&engine), clock.now().plus_seconds(-10).minute(), orders);
        }
        live(&engine, &clock, 255..265, 0).await;
        let acknowledged = records(&engine, &INCIDENTS)
            .iter()
            .filter(|row| row.get("change").and_then(|cell| cell.text()) == Some("acknowledged"))
            .count();
        assert_eq!(acknowledged, 1, "told again, it is the same row");
        machines.push(format!("{:?}", *engine.0.watching.machine()));
    }
    assert!(machines[0] == machines[1], "the states differ");
}

#[tokio::test]
async fn a_first_start_learns_the_past_and_opens_nothing_for_it() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(at(0));
    let engine = open(dir.path(), &clock);
    live(&engine, &clock, 0..250, 0).await;
    engine.flush().await.expect("published");
    drop(engine);
    let again = open(dir.path(), &clock);
    assert!(again.resume(&detect(&again)).is_empty());
    live(&again, &clock, 250..253, 20).await;
    assert_eq!(again.situation().incidents.len(), 1, "judged at once, by what was learnt");
}

#[tokio::test]
async fn minutes_that_nobody_watched_are_passed_once_and_are_no_stall() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(at(0));
    let engine = open(dir.path(), &clock);
    clock.set(at(10));
    engine.catch_up(&detect(&engine), at(10).minute(), VecDeque::new());
    assert_eq!(engine.0.watching.machine().next(), None, "an empty store");
    assert_eq!(engine.0.alerting.last_beat(), at(10), "nothing to judge is not a detector that stalls");
    live(&engine, &clock, 10..12, 0).await;
    clock.set(at(2_000));
    engine.catch_up(&detect(&engine), at(2_000).minute(), VecDeque::new());
    assert_eq!(engine.0.watching.machine().next(), Some(at(2_000).minute()), "silence is not read again each minute");
    assert!(engine.situation().incidents.is_empty());
}

#[tokio::test]
async fn risks_learn_from_the_past_before_they_are_told() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(at(0));
    let engine = open_healing(dir.path(), &clock, "risk = 0.05");
    // Three minutes in a row break the promise now and then, a third of all hours or so, as no forecast can know.
    let begins = |minute: u32| minute.wrapping_mul(0x9e37_79b1).rotate_left(11).is_multiple_of(150);
    for minute in 0..900 {
        let failing = if (0..3).any(|back| minute >= back && begins(minute - back)) { 3 } else { 0 };
        live(&engine, &clock, minute..minute + 1, failing).await;
    }
    assert!(engine.wants_rehearsal("chat", &eu()));
    assert!(engine.refit(&eu()).await);
    assert!(!engine.wants_rehearsal("chat", &eu()));
    live(&engine, &clock, 900..901, 0).await;
    let situation = engine.situation();
    let risks: Vec<_> = situation.channels[&eu()].risks.iter().map(|(_, risk)| *risk).collect();
    // Four of the last five hours knew such minutes: the forecast calls none of them, what it is worth does.
    assert!(risks[2].chance < 0.05 && (0.3..0.9).contains(&risks[2].probability), "{risks:?}");
    let causes = engine.heal_for_test();
    assert!(causes.len() == 1 && causes[0].starts_with("the risk of breaking a promise is"), "{causes:?}: {risks:?}");
    assert!(risks[0].probability < risks[1].probability && risks[1].probability < risks[2].probability, "{risks:?}");
}
