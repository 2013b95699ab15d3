use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::*;
use crate::domain::call::Outcome;
use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::domain::units::Millis;

/// Every request that a collector saw: idempotency key and body.
type Seen = Arc<Mutex<Vec<(String, String)>>>;

/// A collector that gives the listed statuses in turn, then 200.
async fn collector(statuses: Vec<u16>) -> (String, Seen) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    let seen = Seen::default();
    let (statuses, log) = (Arc::new(Mutex::new(VecDeque::from(statuses))), Arc::clone(&seen));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (statuses, log) = (Arc::clone(&statuses), Arc::clone(&log));
            let service = service_fn(move |request: Request<hyper::body::Incoming>| {
                let (statuses, log) = (Arc::clone(&statuses), Arc::clone(&log));
                async move {
                    let key = request.headers()["idempotency-key"].to_str().expect("text").to_owned();
                    let body = request.into_body().collect().await.expect("a whole body").to_bytes();
                    log.lock().expect("no panic").push((key, String::from_utf8(body.to_vec()).expect("text")));
                    let status = statuses.lock().expect("no panic").pop_front().unwrap_or(200);
                    let response = Response::builder().status(status).header("retry-after", "0");
                    Ok::<_, Infallible>(response.body(Empty::<Bytes>::new()).expect("a valid response"))
                }
            });
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (url, seen)
}

fn call(second: i64) -> Call {
    let mut call = Call::new(Timestamp::from_seconds(second), ChannelId::new("c").expect("valid name"));
    call.latency = Millis::new(12.5).ok();
    call.tokens_prompt = Some(7);
    call
}

async fn report(url: &str, calls: Vec<Call>) -> Delivery {
    let reporter = Reporter::new(url, "run", Clock::system()).expect("a client");
    let (sink, queue) = Reporter::queue();
    for call in calls {
        sink.send(call).await.expect("room");
    }
    drop(sink);
    reporter.run(queue).await
}

#[tokio::test]
async fn a_batch_is_repeated_under_its_own_key_until_it_is_acknowledged() {
    let (url, seen) = collector(vec![429, 500]).await;
    let delivery = report(&url, (0..600).map(call).collect()).await;
    assert_eq!(delivery, Delivery { acknowledged: 600, lost: 0, batches: 2, resent: 2 });
    let seen = seen.lock().expect("no panic").clone();
    let keys: Vec<&str> = seen.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["run-0", "run-0", "run-0", "run-1"]);
    assert!(seen[0].1 == seen[1].1 && seen[1].1 == seen[2].1, "a repeated batch is the same batch");
    assert_eq!(seen[2].1.lines().count() + seen[3].1.lines().count(), 600);
}

#[tokio::test]
async fn what_is_refused_for_good_is_counted_and_not_repeated() {
    let (url, seen) = collector(vec![400]).await;
    assert_eq!(report(&url, vec![call(1)]).await, Delivery { acknowledged: 0, lost: 1, batches: 1, resent: 0 });
    assert_eq!(seen.lock().expect("no panic").len(), 1);
}

#[test]
fn lines_leave_out_what_is_unknown() {
    let mut failed = call(60);
    (failed.outcome, failed.latency, failed.tokens_prompt) = (Outcome::Throttled, None, None);
    assert_eq!(
        ndjson(&[call(0), failed]),
        concat!(
            r#"{"ts":"1970-01-01T00:00:00Z","channel":"c","outcome":"ok","latency_ms":12.5,"tokens_prompt":7}"#,
            "\n",
            r#"{"ts":"1970-01-01T00:01:00Z","channel":"c","outcome":"throttled"}"#,
            "\n"
        )
    );
}
