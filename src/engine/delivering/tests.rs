//! Decisions about two channels, and what of them reaches a file and a socket.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::config;
use crate::domain::batch::Batch;
use crate::domain::call::{Call, Outcome};
use crate::domain::ids::ChannelId;
use crate::domain::units::Millis;
use crate::policy::authority::Mode;
use crate::store::StoreOptions;

const START: Timestamp = Timestamp::from_seconds(1_795_000_000 / 86_400 * 86_400);

fn open(dir: &Path, clock: &Clock, deliver: &str) -> Engine {
    let file = format!(
        r#"
        [[channel]]
        name = "eu"
        [[channel]]
        name = "us"
        [[route]]
        class = "chat"
        mode = "auto"
        objective = {{ latency = {{ percentile = 95, ms = 2000 }}, error_ratio = 0.05 }}
        {deliver}
        "#
    );
    let config = config::parse(&file, &|_| Ok("hunter2".to_owned())).expect("a valid file").config;
    let settings = Settings::of(&config);
    Engine::open(&dir.join("data"), StoreOptions::default(), settings, clock.clone()).expect("the store opens").0
}

/// `seconds` of ten calls each, taken in turn by both channels; those to `eu` fail if it is `dead`.
async fn calls(engine: &Engine, clock: &Clock, seconds: i64, dead: bool) {
    for _ in 0..seconds {
        let at = clock.now();
        clock.set(at.plus_seconds(1));
        let mut batch = Batch { watched: Some((at, clock.now())), ..Batch::new(clock.now()) };
        for call in 0..10 {
            let name = if call % 2 == 0 { "eu" } else { "us" };
            let outcome = if dead && name == "eu" { Outcome::ServerError } else { Outcome::Ok };
            let ended = at.plus_micros(i64::from(call) * 50_000);
            let latency = Millis::new(400.0 + f64::from((call * 37) % 101)).ok();
            batch.calls.push(Call { outcome, latency, ..Call::new(ended, ChannelId::new(name).expect("valid")) });
        }
        engine.accept(batch).await.expect("accepted");
    }
}

/// Waits, for real, until `holds`.
async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..2_000 {
        if holds() {
            return;
        }
        let clock = Clock::system();
        clock.sleep_until(clock.now().plus_micros(5_000)).await;
    }
    assert!(holds(), "{what} never came");
}

/// Ends `tasks` wherever they are, and `engine` once the threads that they left working let go of its store.
async fn kill(tasks: &mut JoinSet<()>, engine: Engine) {
    tasks.abort_all();
    while tasks.join_next().await.is_some() {}
    let left = Arc::downgrade(&engine.0);
    engine.shutdown().await.expect("it stops");
    until("the end of what threads were doing", || left.strong_count() == 0).await;
}

/// The weights in a patch, in the order of its steps.
fn weights(file: &Path) -> Vec<u64> {
    let steps: Vec<Value> =
        std::fs::read(file).ok().and_then(|it| serde_json::from_slice(&it).ok()).unwrap_or_default();
    steps.iter().filter_map(|step| step["value"].as_u64()).collect()
}

#[tokio::test]
async fn weights_follow_decisions_and_are_put_back_when_none_holds_or_may_act() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(START);
    let file = dir.path().join("patch.json");
    let deliver = format!(
        "[[deliver]]\nname = \"k8s\"\nkind = \"manifest\"\nfile = {file:?}\nbackends = [\"eu\", \"us\"]\nfallback = {{ eu = 3, us = 1 }}\n"
    );
    let engine = open(dir.path(), &clock, &deliver);
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    deliveries(&engine, &stopped, &mut tasks);
    calls(&engine, &clock, 60, false).await;
    engine.0.decide_for_test(clock.now());
    until("the first decision", || weights(&file).len() == 2).await;
    calls(&engine, &clock, 2, true).await;
    until("the dead channel's leave", || weights(&file) == [0, 100]).await;
    until("the standing", || engine.deliveries().iter().all(|it| it.classes.iter().all(|of| of.generation.is_some())))
        .await;
    assert!(engine.deliveries()[0].classes[0].holds);

    // Nobody renews the decision, because nobody calls the pilot.
    clock.set(clock.now().plus_seconds(600));
    until("the end of the lease", || weights(&file) == [75, 25]).await;
    until("the standing", || !engine.deliveries()[0].classes[0].holds).await;

    calls(&engine, &clock, 2, true).await;
    engine.0.decide_for_test(clock.now());
    until("another decision", || weights(&file) == [0, 100]).await;
    // The next process knows that weights of the last one, which was killed, are still there.
    kill(&mut tasks, engine).await;
    clock.set(clock.now().plus_seconds(600));
    let engine = open(dir.path(), &clock, &deliver);
    deliveries(&engine, &stopped, &mut tasks);
    until("the end of the lease", || weights(&file) == [75, 25]).await;
    calls(&engine, &clock, 2, true).await;
    engine.0.decide_for_test(clock.now());
    until("another decision", || weights(&file) == [0, 100]).await;
    engine.set_mode(None, Mode::Advise, "ada", "it is enough").expect("set");
    let time_goes_on = || clock.set(clock.now().plus_micros(100_000));
    until("the end of the right to act", || {
        time_goes_on();
        weights(&file) == [75, 25]
    })
    .await;
    until("the standing", || !engine.deliveries()[0].classes[0].holds).await;
    let notes = engine.0.store.newest_notes(100).expect("the journal");
    let outcomes: Vec<String> = notes
        .iter()
        .rev()
        .filter(|note| note.kind == "delivery")
        .filter_map(|note| Some(note.body.get("outcome")?.as_str()?.to_owned()))
        .collect();
    assert_eq!(outcomes.iter().filter(|outcome| *outcome == "put back").count(), 3, "{outcomes:?}");
    stop.send_replace(true);
    while tasks.join_next().await.is_some() {}
    engine.shutdown().await.expect("it stops");
}

#[tokio::test]
async fn what_was_only_advised_is_not_delivered_and_what_people_approve_is() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(START);
    let file = dir.path().join("patch.json");
    let deliver =
        format!("[[deliver]]\nname = \"k8s\"\nkind = \"manifest\"\nfile = {file:?}\nbackends = [\"eu\", \"us\"]\n");
    let engine = open(dir.path(), &clock, &deliver);
    engine.set_mode(None, Mode::Advise, "ada", "let us see").expect("set");
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    deliveries(&engine, &stopped, &mut tasks);
    calls(&engine, &clock, 60, false).await;
    engine.0.decide_for_test(clock.now());
    assert!(engine.decision("chat").is_some_and(|told| told.decision.expires > clock.now()), "one holds");
    engine.set_mode(None, Mode::Approve, "ada", "people look at it").expect("set");
    clock.set(clock.now().plus_seconds(2));
    until("a look at the mode", || engine.deliveries()[0].classes[0].acts).await;
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    assert!(!engine.deliveries()[0].classes[0].holds && weights(&file).is_empty(), "nobody said yes to it");

    calls(&engine, &clock, 5, true).await;
    engine.0.decide_for_test(clock.now());
    let proposal = engine.modes()[0].waiting.clone().expect("a proposal");
    engine.approve(&proposal.id(), "ada", "seen it").expect("approved");
    until("what was approved", || weights(&file) == [0, 100]).await;
    stop.send_replace(true);
    while tasks.join_next().await.is_some() {}
    assert_eq!(weights(&file), [50, 50], "nobody would put them back after the end");
    engine.shutdown().await.expect("it stops");
}

/// Answers each request with the next of `answers`, and tells of its idempotency key and body.
async fn listen(answers: &'static [&'static str]) -> (String, tokio::sync::mpsc::UnboundedReceiver<(String, Value)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("bound");
    let (got, received) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        for answer in answers {
            let (mut socket, _) = listener.accept().await.expect("accepts");
            let mut text = String::new();
            while text.split_once("\r\n\r\n").is_none_or(|(_, body)| serde_json::from_str::<Value>(body).is_err()) {
                let mut bytes = [0_u8; 8_192];
                let read = socket.read(&mut bytes).await.expect("reads");
                text.push_str(&String::from_utf8_lossy(&bytes[..read]));
            }
            let (head, body) = text.split_once("\r\n\r\n").expect("a request");
            let key =
                head.lines().find_map(|line| line.strip_prefix("idempotency-key: ")).unwrap_or_default().to_owned();
            let _told = got.send((key, serde_json::from_str(body).expect("JSON")));
            let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            socket.write_all(answer.as_bytes()).await.expect("writes");
        }
    });
    (format!("http://{address}/hook"), received)
}

#[tokio::test]
async fn what_is_on_its_way_is_tried_again_by_the_next_process_under_the_same_key() {
    let dir = tempfile::tempdir().expect("a directory");
    let clock = Clock::manual(START);
    let (url, mut received) = listen(&["503 Busy", "200 OK", "200 OK"]).await;
    let deliver = format!(
        "[[deliver]]\nname = \"gw\"\nkind = \"webhook\"\nurl = {url:?}\nsign = {{ env = \"KEY\" }}\nchannels = {{ eu = \"europe\" }}\n"
    );
    let engine = open(dir.path(), &clock, &deliver);
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    deliveries(&engine, &stopped, &mut tasks);
    calls(&engine, &clock, 60, false).await;
    engine.0.decide_for_test(clock.now());
    let (first_key, first) = received.recv().await.expect("a request");
    assert!(first["weights"]["europe"].is_number() && first["weights"]["us"].is_number(), "{first}");
    until("the failure", || engine.deliveries()[0].failures == 1).await;
    let waiting = engine.deliveries()[0].classes[0].waiting;
    assert_eq!(waiting, first["generation"].as_u64());
    // Before another try: nothing is told, nothing is written any more.
    kill(&mut tasks, engine).await;

    let engine = open(dir.path(), &clock, &deliver);
    deliveries(&engine, &stopped, &mut tasks);
    let (key, again) =
        tokio::time::timeout(Duration::from_secs(20), received.recv()).await.expect("in time").expect("a request");
    assert_eq!((&key, &again), (&first_key, &first), "the same request again");
    until("its arrival", || engine.deliveries()[0].classes[0].waiting.is_none()).await;
    calls(&engine, &clock, 2, true).await;
    let (key, next) =
        tokio::time::timeout(Duration::from_secs(20), received.recv()).await.expect("in time").expect("a request");
    assert!(next["generation"].as_u64() > first["generation"].as_u64() && key != first_key, "{next}");
    assert_eq!(next["weights"]["us"].as_f64(), Some(1.0), "{next}");
    stop.send_replace(true);
    while tasks.join_next().await.is_some() {}
    engine.shutdown().await.expect("it stops");
}
