//! Probes against a real socket on loopback that plays recorded streams.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::collect::pull::Secret;
use crate::collect::pull::fetch::client;
use crate::domain::price::Price;

const STREAM: &str = include_str!("../../../../tests/fixtures/probe/chat-completion-stream.sse");
const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// Answers every request with `status` and, where it is one, an event stream in two pieces; `None` stays silent.
async fn serve(answer: Option<(&'static str, &'static str)>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.expect("accepts");
            let mut request = [0_u8; 4_096];
            let read = socket.read(&mut request).await.expect("reads");
            let head = String::from_utf8_lossy(&request[..read]).to_lowercase();
            assert!(
                head.starts_with("post /v1/chat/completions") && head.contains("authorization: bearer k"),
                "{head}"
            );
            let Some((status, body)) = answer else {
                std::future::pending::<()>().await;
                return;
            };
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-type: text/event-stream\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            let (first, second) = body.split_at(length / 2);
            for piece in [head.as_str(), first, second] {
                socket.write_all(piece.as_bytes()).await.expect("writes");
                socket.flush().await.expect("flushes");
            }
        }
    });
    format!("http://{address}/v1/")
}

fn channel() -> ChannelId {
    ChannelId::new("c").expect("valid name")
}

fn probe(base: &str, ceiling: Option<MicroUsd>) -> Probe {
    let auth = Auth::Bearer(Secret::new("k"));
    let access = (&auth, Duration::from_millis(400));
    let client = client().expect("client");
    Probe::new("probe", channel(), Question::new("m"), base, access, ceiling, client).expect("valid endpoint")
}

fn prices() -> PriceList {
    let mut prices = PriceList::default();
    let price = Price {
        valid_from: Timestamp::from_seconds(0),
        prompt_usd_per_mtok: 2.0,
        completion_usd_per_mtok: 10.0,
        cached_usd_per_mtok: 1.0,
    };
    prices.add(channel(), price);
    prices
}

async fn ask(probe: &mut Probe) -> Harvest {
    probe.run(&prices(), &Clock::manual(NOW)).await
}

#[tokio::test]
async fn a_stream_gives_first_token_time_usage_and_cost() {
    let mut probe = probe(&serve(Some(("200 OK", STREAM))).await, None);
    let batch = ask(&mut probe).await.batch;
    let call = &batch.calls[0];
    assert_eq!((call.outcome, call.probe, call.ts), (Outcome::Ok, true, NOW));
    assert!(call.ttft.is_some() && call.ttft <= call.latency);
    assert_eq!((call.tokens_prompt, call.tokens_completion, call.tokens_cached), (Some(14), Some(3), Some(0)));
    assert_eq!(call.cost, Some(MicroUsd(14 * 2 + 3 * 10)));
    assert_eq!(batch.cursors["probe"], "b1 20833 58");
}

#[tokio::test]
async fn failures_are_findings() {
    let wrong = "data: {\"choices\":[{\"delta\":{\"content\":\"no\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let cases = [
        (Some(("429 Too Many", "{}")), Outcome::Throttled),
        (Some(("503 Busy", "")), Outcome::ServerError),
        (Some(("200 OK", wrong)), Outcome::ServerError),
        (Some(("200 OK", "data: {\"choices\":[]}\n\n")), Outcome::ServerError),
        (None, Outcome::Timeout),
    ];
    for (answer, outcome) in cases {
        let mut probe = probe(&serve(answer).await, None);
        let harvest = ask(&mut probe).await;
        assert_eq!(harvest.batch.calls[0].outcome, outcome, "{answer:?}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").await.expect("loopback").local_addr().expect("bound");
    let harvest = ask(&mut probe(&format!("http://{nobody}/v1"), None)).await;
    assert_eq!(harvest.batch.calls[0].outcome, Outcome::NetworkError);
}

#[tokio::test]
async fn the_daily_ceiling_stops_probes_and_says_so() {
    // The worst case of one probe is 48 prompt and 16 completion tokens: 256 micro-USD.
    let mut probe = probe(&serve(Some(("200 OK", STREAM))).await, Some(MicroUsd(300)));
    assert_eq!(ask(&mut probe).await.batch.calls.len(), 1);
    let refused = ask(&mut probe).await.batch;
    assert_eq!(refused.calls.len(), 0);
    let reading = &refused.gauges[0];
    assert_eq!((reading.metric.as_str(), reading.labels["reason"].as_str()), (REFUSED, "budget"));
    let mut restarted = self::probe("http://127.0.0.1:9/v1", Some(MicroUsd(300)));
    assert!(restarted.resume(&probe.budget.encode()));
    assert_eq!(ask(&mut restarted).await.batch.gauges.len(), 1, "a restart gives no new money");
}
