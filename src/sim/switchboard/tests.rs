use super::*;
use crate::sim::world::World;
use crate::stats::seed::Seed;

const NOON: Timestamp = Timestamp::from_seconds(1_795_003_200);

async fn started() -> (Arc<Stage>, Clock, Switchboard, reqwest::Client) {
    let (stage, clock) = (Arc::new(Stage::new(World::demo(Seed::new(7)))), Clock::manual(NOON));
    let board = Switchboard::start(Arc::clone(&stage), 0, clock.clone()).await.expect("a free port");
    (stage, clock, board, reqwest::Client::new())
}

async fn answer(sent: reqwest::RequestBuilder) -> (u16, Value) {
    let answer = sent.send().await.expect("an answer");
    (answer.status().as_u16(), answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn a_fault_is_made_listed_and_taken_back() {
    let (stage, clock, board, client) = started().await;
    let url = format!("{}/faults", board.url());
    let body = r#"{"channel":"harbor-mini","kind":"down","for_s":120}"#;
    let (status, made) = answer(client.post(&url).body(body)).await;
    assert_eq!((status, &made["channel"], &made["by"]), (201, &json!("harbor-mini"), &json!("hand")));
    assert_eq!(made["until"], NOON.plus_seconds(120).to_string());
    let (_, listed) = answer(client.get(&url)).await;
    assert_eq!(listed["faults"], json!([made]));

    clock.set(NOON.plus_seconds(10));
    let (status, ended) = answer(client.delete(format!("{url}/harbor-mini"))).await;
    assert_eq!((status, &ended["faults"][0]["until"]), (200, &json!(NOON.plus_seconds(10).to_string())));
    assert_eq!(answer(client.get(&url)).await.1["faults"], json!([]));
    assert_eq!(stage.unrepaired().faults()[0].to, NOON.plus_seconds(10));
    board.stop().await;
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_what_is_expected() {
    let (stage, _, board, client) = started().await;
    let url = format!("{}/faults", board.url());
    for (body, expected) in [
        ("{", "expected {"),
        (r#"{"channel":"harbor-mini","kind":"tired"}"#, "`throttled`"),
        (r#"{"channel":"x","kind":"down"}"#, "there are: harbor-large, "),
        (r#"{"channel":"harbor-mini","kind":"down","for_s":0}"#, "`for_s` is 0"),
        (r#"{"channel":"harbor-mini","kind":"down","seconds":5}"#, "unknown field `seconds`"),
    ] {
        let (status, refused) = answer(client.post(&url).body(body)).await;
        let why = refused["error"].as_str().expect("a reason");
        assert!(status == 400 && why.contains(expected), "{status} {why}");
    }
    assert_eq!(answer(client.delete(format!("{url}/x"))).await.0, 404);
    assert_eq!(answer(client.put(&url)).await.0, 405);
    assert_eq!(answer(client.get(board.url())).await.0, 404);
    assert!(stage.cases().cases().is_empty());
    board.stop().await;
}

#[tokio::test]
async fn the_workshop_repairs_what_a_playbook_names_and_nothing_else() {
    let (stage, clock, board, client) = started().await;
    let span = (NOON, NOON.plus_seconds(600));
    stage.cases_mut().add("kestrel-70b", FaultKind::Step(5.0), span).expect("there is room");
    let notice = client.post(board.workshop()).body(r#"{"type":"incident","channel":"kestrel-70b"}"#);
    assert_eq!(answer(notice).await, (200, json!({"faults": []})));
    assert_eq!(stage.cases().current(NOON).count(), 1);

    let order = client.post(board.workshop()).body(r#"{"type":"playbook","channel":"kestrel-70b"}"#);
    assert_eq!(answer(order).await.0, 202);
    assert_eq!(stage.cases().current(NOON).count(), 1, "it is taken on, not done");
    clock.set(NOON.plus_seconds(60));
    while stage.cases().cases()[0].repaired.is_none() {
        tokio::task::yield_now().await;
    }
    assert_eq!(stage.cases().current(clock.now()).count(), 0);
    assert_eq!(stage.unrepaired().faults()[0].to, span.1, "what would have been is remembered");
    board.stop().await;
}
