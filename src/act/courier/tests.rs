//! Against a real socket on loopback, with a clock that only the test moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::*;
use crate::act::receiver::Kind;
use crate::act::receiver::tests::receiver;
use crate::domain::time::Timestamp;

/// Answers one connection after the other with `answers`, counts them, and keeps the heads of the requests.
async fn serve(answers: &'static [&'static str]) -> (String, Arc<AtomicUsize>, Arc<std::sync::Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
    let address = listener.local_addr().expect("bound");
    let (count, heads) = (Arc::new(AtomicUsize::new(0)), Arc::new(std::sync::Mutex::new(Vec::new())));
    let (counted, kept) = (count.clone(), heads.clone());
    tokio::spawn(async move {
        for answer in answers {
            let (mut socket, _) = listener.accept().await.expect("accepts");
            let mut request = [0_u8; 8_192];
            let read = socket.read(&mut request).await.expect("reads");
            kept.lock().expect("not poisoned").push(String::from_utf8_lossy(&request[..read]).into_owned());
            counted.fetch_add(1, Ordering::SeqCst);
            socket
                .write_all(format!("HTTP/1.1 {answer}\r\nconnection: close\r\n\r\n").as_bytes())
                .await
                .expect("writes");
        }
    });
    (format!("http://{address}/services/hunter4"), count, heads)
}

fn message() -> Message {
    Message { id: "n-1".to_owned(), body: b"{}".to_vec() }
}

const START: Timestamp = Timestamp::from_seconds(1_795_000_000);

/// Delivers while the clock runs fast.
async fn deliver(url: &str) -> Result<(), DeliveryError> {
    let clock = Clock::manual(START);
    let courier = Courier::new(clock.clone(), Seed::new(1)).expect("a courier");
    let (_stop, mut stopped) = watch::channel(false);
    let receiver = receiver(Kind::Webhook, url);
    let delivery = tokio::spawn(async move { courier.deliver(&receiver, &message(), &mut stopped).await });
    while !delivery.is_finished() {
        clock.set(clock.now().plus_seconds(1));
        tokio::task::yield_now().await;
    }
    delivery.await.expect("no panic")
}

#[tokio::test]
async fn what_may_pass_is_tried_again_and_then_given_up() {
    let (url, count, heads) = serve(&["503 Busy", "429 Slow", "200 OK"]).await;
    assert_eq!(deliver(&url).await, Ok(()));
    assert_eq!(count.load(Ordering::SeqCst), 3);
    let heads = heads.lock().expect("not poisoned").clone();
    for head in &heads {
        let head = head.to_lowercase();
        assert!(head.contains("authorization: bearer hunter2") && head.contains("idempotency-key: n-1"), "{head}");
        assert!(head.contains("foreroute-signature: v1=") && head.contains("foreroute-timestamp: 17950"), "{head}");
    }
    let (url, count, _) = serve(&["500 No", "500 No", "500 No", "200 OK"]).await;
    assert_eq!(deliver(&url).await, Err(DeliveryError::Status(500)));
    assert_eq!(count.load(Ordering::SeqCst), 3, "three tries");
}

#[tokio::test]
async fn what_is_refused_is_not_tried_again_and_redirects_are_not_followed() {
    for (answer, status) in
        [(&["404 No", "200 OK"] as &[_], 404), (&["307 Away\r\nlocation: http://127.0.0.1:1/", "200 OK"], 307)]
    {
        let (url, count, _) = serve(answer).await;
        assert_eq!(deliver(&url).await, Err(DeliveryError::Status(status)));
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }
}

#[test]
fn the_wait_that_is_asked_for_is_kept_under_a_cap() {
    let asked = |status: u16, wait: &str| {
        let answer = hyper::Response::builder().status(status).header("retry-after", wait).body("").expect("an answer");
        match judge(&Response::from(answer)) {
            Err(Tried::Again(_, asked_s)) => asked_s,
            Err(Tried::Refused(_)) | Ok(()) => Some(-1.0),
        }
    };
    assert_eq!([asked(429, "20"), asked(503, "86400"), asked(408, "soon")], [Some(20.0), Some(60.0), None]);
    assert_eq!([asked(200, "20"), asked(404, "20")], [Some(-1.0); 2]);
}

#[tokio::test]
async fn errors_name_no_address_and_a_stop_ends_the_waiting() {
    let told = deliver("http://127.0.0.1:1/services/hunter4").await.expect_err("nobody listens there").to_string();
    assert!(told.starts_with("cannot be reached") && !told.contains("hunter"), "{told}");
    let courier = Courier::new(Clock::manual(START), Seed::new(1)).expect("a courier");
    let (stop, mut stopped) = watch::channel(false);
    let (url, ..) = serve(&["503 Busy"]).await;
    stop.send_replace(true);
    let outcome = courier.deliver(&receiver(Kind::Webhook, &url), &message(), &mut stopped).await;
    assert_eq!(outcome, Err(DeliveryError::Stopping));
}

#[test]
fn waits_grow_are_repeatable_and_differ_between_receivers() {
    let courier = Courier::new(Clock::manual(START), Seed::new(1)).expect("a courier");
    let one = receiver(Kind::Slack, "http://h/");
    let waits: Vec<f64> = (1..3).map(|tried| courier.wait_s(&one, &message(), tried)).collect();
    assert!((0.5..1.5).contains(&waits[0]) && (2.0..6.0).contains(&waits[1]), "{waits:?}");
    assert!((courier.wait_s(&one, &message(), 1) - waits[0]).abs() < 1e-12);
    let other = Message { id: "n-2".to_owned(), ..message() };
    assert!((courier.wait_s(&one, &other, 1) - waits[0]).abs() > 1e-9);
}
