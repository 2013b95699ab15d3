//! Playbooks in an engine with a clock of its own.

use std::path::Path;

use crate::clock::Clock;
use crate::config;
use crate::domain::batch::Batch;
use crate::domain::call::{Call, Outcome as CallOutcome};
use crate::domain::ids::ChannelId;
use crate::domain::record::Cell;
use crate::domain::time::{Minute, Timestamp};
use crate::domain::units::Millis;
use crate::engine::healing::round::Look;
use crate::engine::{Engine, Settings};
use crate::policy::healing::order::Outcome;
use crate::store::StoreOptions;

const START: Timestamp = Timestamp::from_seconds(1_795_000_000 / 86_400 * 86_400);

fn open(dir: &Path, clock: &Clock, mode: &str) -> Engine {
    let file = format!(
        r#"
        [heal]
        commands = {{ restart = ["/bin/true"] }}
        [[channel]]
        name = "eu"
        [[channel]]
        name = "us"
        [[route]]
        class = "chat"
        mode = "{mode}"
        objective = {{ latency = {{ percentile = 95, ms = 2000 }}, error_ratio = 0.05 }}
        [[playbook]]
        name = "dead"
        on = {{ tripped = true }}
        step = [{{ do = "drain" }}, {{ do = "command", command = "restart" }}]
        "#
    );
    let config = config::parse(&file, &|_| Ok(String::new())).expect("a valid file").config;
    Engine::open(&dir.join("data"), StoreOptions::default(), Settings::of(&config), clock.clone())
        .expect("the store opens")
        .0
}

/// Two seconds of calls on both channels; those on `eu` fail.
async fn die(engine: &Engine, clock: &Clock) {
    let at = clock.now();
    clock.set(at.plus_seconds(2));
    let mut batch = Batch { watched: Some((at, at.plus_seconds(2))), ..Batch::new(clock.now()) };
    for call in 0..40 {
        let channel = ChannelId::new(if call % 2 == 0 { "eu" } else { "us" }).expect("valid name");
        let outcome = if call % 2 == 0 { CallOutcome::ServerError } else { CallOutcome::Ok };
        let latency = Millis::new(100.0).ok();
        batch.calls.push(Call { outcome, latency, ..Call::new(at.plus_micros(i64::from(call) * 40_000), channel) });
    }
    engine.accept(batch).await.expect("accepted");
}

/// Outcomes of runs and steps that the table knows of.
fn outcomes(engine: &Engine) -> Vec<String> {
    let view = engine.view(None, Minute(0), Minute(u32::MAX));
    let rows = view.fresh_records.iter().filter(|row| row.table().name == "actions");
    let outcome =
        |name| move |row: &crate::domain::record::Record| row.get(name).and_then(Cell::text).map(str::to_owned);
    rows.map(|row| {
        format!("{}:{}", outcome("kind")(row).unwrap_or_default(), outcome("outcome")(row).unwrap_or_default())
    })
    .collect()
}

#[tokio::test]
async fn a_run_waits_for_people_and_goes_on_after_a_crash_with_the_same_keys() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(START);
    let engine = open(dir.path(), &clock, "approve");
    let heal = engine.settings().heal.clone().expect("playbooks");
    die(&engine, &clock).await;
    let (to_do, _) = engine.look(&heal, Look::First, &[]).expect("looked");
    assert!(to_do.is_empty());
    let [state] = &engine.playbooks()[..] else { unreachable!("one playbook") };
    let [run] = &state.runs[..] else { unreachable!("one run: {:?}", state.runs) };
    assert_eq!((run.state, engine.run_needs(&run.id)), ("asking", Some(1)));
    assert!(engine.approve_run(&run.id, "ada", " ").is_err(), "no reason");
    assert!(engine.approve_run(&run.id, "ada", "seen it").expect("it counts"));
    let (to_do, _) = engine.look(&heal, Look::Usual, &[]).expect("looked");
    let [(order, drain)] = &to_do[..] else { unreachable!("{to_do:?}") };
    assert_eq!(drain.key, format!("{}-1-1", run.id));

    // Killed before it was done: the same again; and what the table did not hear of is told again.
    let (order, drain) = (order.clone(), drain.clone());
    engine.shutdown().await.expect("it stops");
    let engine = open(dir.path(), &clock, "approve");
    assert_eq!(outcomes(&engine), ["run:asks", "drain:"]);
    let (to_do, _) = engine.look(&heal, Look::First, &[]).expect("looked");
    assert_eq!(to_do, [(order.clone(), drain.clone())]);
    let came = super::attempt::Came {
        order,
        attempt: drain,
        outcome: Outcome { is_ok: true, message: "calls are kept away".to_owned() },
        said: String::new(),
        at: clock.now(),
    };
    let (to_do, _) = engine.look(&heal, Look::Usual, &[came]).expect("looked");
    assert!(engine.0.deciding.pilot().drained().contains("eu"));
    let [(_, command)] = &to_do[..] else { unreachable!("{to_do:?}") };
    assert!(command.key.ends_with("-2-1"));

    // Killed again: nobody knows whether the command ran, and nothing would show it.
    engine.shutdown().await.expect("it stops");
    let engine = open(dir.path(), &clock, "approve");
    let (to_do, _) = engine.look(&heal, Look::First, &[]).expect("looked");
    assert!(to_do.is_empty() && engine.0.deciding.pilot().drained().is_empty());
    let last = engine.playbooks().remove(0).last.expect("it is over");
    assert!(last.why.contains("not done twice"), "{}", last.why);
    assert!(outcomes(&engine).contains(&"command:unknown".to_owned()), "{:?}", outcomes(&engine));
    engine.shutdown().await.expect("it stops");
}

#[tokio::test]
async fn where_it_may_only_advise_it_tells_once_what_it_would_do() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(START);
    let engine = open(dir.path(), &clock, "advise");
    let heal = engine.settings().heal.clone().expect("playbooks");
    die(&engine, &clock).await;
    for look in [Look::First, Look::Usual] {
        let (to_do, _) = engine.look(&heal, look, &[]).expect("looked");
        assert!(to_do.is_empty());
    }
    assert_eq!(outcomes(&engine), ["run:advised"]);
    assert!(engine.playbooks().iter().all(|state| state.runs.is_empty()));
    engine.shutdown().await.expect("it stops");
}
