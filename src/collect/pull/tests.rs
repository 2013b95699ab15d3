//! The loop against a real socket on loopback, with a clock that stands still.

use std::sync::Mutex;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::fetch::{EndpointError, client};
use super::*;
use crate::collect::schedule::CronExpr;

const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// Answers every connection with the next of `answers`, then closes; an empty answer is silence with an open line.
async fn serve(answers: Vec<String>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        let mut silent = Vec::new();
        for answer in answers {
            let (mut socket, _) = listener.accept().await.expect("accepts");
            let mut request = [0_u8; 4_096];
            let read = socket.read(&mut request).await.expect("reads");
            let head = String::from_utf8_lossy(&request[..read]).to_lowercase();
            assert!(head.contains("user-agent: foreroute/") && head.contains("authorization: bearer k"), "{head}");
            if answer.is_empty() {
                silent.push(socket);
            } else {
                socket.write_all(answer.as_bytes()).await.expect("writes");
            }
        }
        // Keeps the silent lines open.
        std::future::pending::<()>().await;
        drop(silent);
    });
    format!("http://{address}/metrics")
}

fn http(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

fn fetcher(url: &str) -> Fetcher {
    let auth = Auth::Bearer(Secret::new("k"));
    let endpoint = Endpoint::new(url, &auth, Duration::from_millis(300), 64).expect("valid endpoint");
    Fetcher::new(client().expect("client"), endpoint)
}

/// Counts what it is given; its "position" is the number of bytes that were accepted.
#[derive(Default)]
struct Bytes {
    accepted: usize,
    pending: usize,
}

impl Source for Bytes {
    fn name(&self) -> &'static str {
        "bytes"
    }

    fn parse(&mut self, body: &[u8], admission: &Admission) -> Result<Harvest, CollectFailure> {
        self.pending = self.accepted + body.len();
        let mut batch = Batch::new(admission.at);
        batch.cursors.insert("bytes".into(), self.pending.to_string());
        Ok(Harvest { batch, ..Harvest::default() })
    }
}

impl PullSource for Bytes {
    fn resume(&mut self, cursor: &str) -> Result<(), String> {
        self.accepted = cursor.parse().map_err(|_| "is not a number".to_owned())?;
        Ok(())
    }

    fn accepted(&mut self) {
        self.accepted = self.pending;
    }
}

/// Refuses the batch numbered `refuse` and moves the clock on by a minute after each.
struct Engine {
    clock: Clock,
    refuse: usize,
    last: usize,
    seen: Mutex<Vec<Batch>>,
}

impl Inlet for Engine {
    fn admission(&self) -> Admission {
        Admission::open(self.clock.now())
    }

    async fn accept(&self, _source: &str, harvest: Harvest) -> Result<(), String> {
        let mut seen = self.seen.lock().expect("not poisoned");
        seen.push(harvest.batch);
        if seen.len() < self.last {
            self.clock.set(self.clock.now().plus_seconds(60));
        }
        if seen.len() == self.refuse + 1 { Err("full".into()) } else { Ok(()) }
    }
}

#[tokio::test]
async fn failures_have_names_and_limits_hold() {
    let long = "x".repeat(65);
    let answers = vec![http("200 OK", "a 1\n"), http("503 Busy", ""), http("200 OK", &long), String::new()];
    let limited = fetcher(&serve(answers).await);
    assert_eq!(limited.fetch().await, Ok(b"a 1\n".to_vec()));
    assert_eq!(limited.fetch().await, Err(CollectFailure::Status(503)));
    assert_eq!(limited.fetch().await, Err(CollectFailure::TooLarge { limit: 64 }));
    assert_eq!(limited.fetch().await, Err(CollectFailure::Timeout));
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("loopback").local_addr().expect("bound");
    let refused = fetcher(&format!("http://{nobody}/")).fetch().await;
    assert!(matches!(refused, Err(CollectFailure::Connect(ref why)) if why.contains("refused")), "{refused:?}");
}

#[tokio::test]
async fn a_slow_fetch_never_has_a_second_one_on_top() {
    let fetcher = fetcher(&serve(vec![String::new(), http("200 OK", "a 1\n")]).await);
    let (slow, second) = tokio::join!(fetcher.fetch(), fetcher.fetch());
    assert_eq!((slow, second), (Err(CollectFailure::Timeout), Err(CollectFailure::Overlap)));
    assert!(fetcher.fetch().await.is_ok(), "the next one may run");
}

#[tokio::test]
async fn a_refused_harvest_is_contained_in_the_next_and_failures_are_data() {
    let answers = vec![http("200 OK", "1234"), http("200 OK", "12"), http("500 No", ""), http("200 OK", "1")];
    let fetcher = fetcher(&serve(answers).await);
    let clock = Clock::manual(START);
    let mut schedule = Schedule::new(CronExpr::every_minute(), START);
    let engine = Engine { clock: clock.clone(), refuse: 1, last: 4, seen: Mutex::default() };
    clock.set(START.plus_seconds(150)); // two ticks at once: one is missed
    let mut source = Scrape { fetcher, source: Bytes::default() };
    let running = run(&mut source, &mut schedule, &clock, &engine);
    let four_passes = async {
        while engine.seen.lock().expect("not poisoned").len() < 4 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! { () = running => {}, () = four_passes => {} }
    let seen = engine.seen.into_inner().expect("not poisoned");
    let cursors: Vec<_> = seen.iter().map(|batch| batch.cursors.get("bytes").map(String::as_str)).collect();
    assert_eq!(cursors, [Some("4"), Some("6"), None, Some("5")], "the refused 2 bytes were not counted");
    assert_eq!((seen[0].gauges[0].metric.as_str(), seen[0].gauges[0].value), (MISSED, 1.0));
    let failure = &seen[2].gauges[0];
    assert_eq!((failure.metric.as_str(), failure.labels["reason"].as_str()), (FAILURES, "status"));
}

#[test]
fn bad_endpoints_are_refused_without_showing_the_credential() {
    let new = |url: &str, auth: &Auth| Endpoint::new(url, auth, Duration::from_secs(1), 1).map(|_| ());
    assert!(matches!(new("metrics", &Auth::None), Err(EndpointError::Url { .. })));
    assert!(matches!(new("ftp://a/b", &Auth::None), Err(EndpointError::Scheme(_))));
    let bad = new("http://a/", &Auth::Bearer(Secret::new("a\u{7f}b"))).expect_err("a control character");
    assert_eq!(bad.to_string(), "the credential cannot be sent as the header `authorization`");
}
