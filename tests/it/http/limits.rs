//! Limits and shutdown, as a client meets them.

use std::num::NonZeroU32;
use std::time::Duration;

use bytes::Bytes;
use foreroute::api::Settings;
use foreroute::config::valid::{Role, Server, Token, TokenHash};
use foreroute::engine;
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use super::server::{TestServer, json};

fn start(server: Server) -> TestServer {
    TestServer::start_with(Settings { server, ..Settings::default() }, engine::Settings::default())
}

#[tokio::test]
async fn large_bodies_are_refused_with_the_limit() {
    let server = start(Server { max_body_bytes: 1_000, max_line_bytes: 1_000, ..Server::default() });
    let (status, problem) = json(server.calls("x".repeat(1_001))).await;
    assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("1000 bytes")), "{problem}");
}

#[tokio::test]
async fn tokens_open_what_they_are_for_and_have_a_rate() {
    let token = |name: &str, role| Token { name: name.into(), role, hash: TokenHash::of(name) };
    let tokens = vec![token("reader", Role::Reader), token("writer", Role::Writer)];
    let per_token_per_s = NonZeroU32::new(1);
    let burst = NonZeroU32::new(3).expect("not zero");
    let server = start(Server { tokens, per_token_per_s, burst, ..Server::default() });
    let status = async |token: &str| {
        let response = server.get("/v1/channels").bearer_auth(token).send().await.expect("the server answers");
        response.status()
    };
    assert_eq!(status("reader").await, StatusCode::OK);
    assert_eq!(status("writer").await, StatusCode::FORBIDDEN);
    assert_eq!(status("guess").await, StatusCode::UNAUTHORIZED);
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(status("reader").await);
    }
    assert!(answers.contains(&StatusCode::TOO_MANY_REQUESTS), "{answers:?}");
}

#[tokio::test]
async fn slow_headers_are_hung_up_on() {
    let server = start(Server { header_timeout: Duration::from_millis(100), ..Server::default() });
    let address = server.url.trim_start_matches("http://");
    let mut connection = TcpStream::connect(address).await.expect("connection");
    connection.write_all(b"GET /livez HTTP/1.1\r\nhost: ").await.expect("bytes are sent");
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.expect("the server hangs up");
    assert!(!answer.starts_with(b"HTTP/1.1 200"));
}

#[tokio::test]
async fn stopping_lets_the_request_in_flight_finish() {
    let server = TestServer::start();
    let (feed, mut lines) = mpsc::channel::<Result<Bytes, std::io::Error>>(1);
    let body = futures::stream::poll_fn(move |context| lines.poll_recv(context));
    let request = server.calls(reqwest::Body::wrap_stream(body));
    let sending = tokio::spawn(request.send());
    let line = |second: u32| Bytes::from(format!("{{\"ts\":\"2026-11-20T11:58:{second:02}Z\",\"channel\":\"a\"}}\n"));
    // The second line fits into the channel only once the first has been taken: the request is under way.
    for second in 10..13 {
        feed.send(Ok(line(second))).await.expect("the request is read");
    }
    let (url, engine) = (server.url.clone(), server.engine.clone());
    let (stopped, _data) = server.stop();
    feed.send(Ok(line(13))).await.expect("the request is read to its end");
    drop(feed);
    let response = sending.await.expect("task ends").expect("the request is answered");
    assert_eq!(response.status(), StatusCode::OK);
    stopped.await.expect("task ends").expect("the server ends well");
    assert_eq!(engine.status().calls, 4);
    assert!(reqwest::get(format!("{url}/livez")).await.is_err(), "nobody listens any more");
}
