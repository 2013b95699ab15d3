//! Responses with their timing: the wait is part of the answer.

use std::convert::Infallible;

use bytes::Bytes;
use futures::stream;
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};

use crate::domain::time::Timestamp;
use crate::sim::endpoint::tally::Place;
use crate::sim::endpoint::wire;
use crate::sim::loopback::{self, Body};
use crate::sim::world::service::Answer;
use crate::sim::world::{Ask, Refusal};

/// Shortest time between two chunks of a stream, in milliseconds: tokens that come faster share a chunk, as they do
/// behind real load balancers.
const CHUNK_MS: f64 = 25.0;

/// What answers are made of. A word is a token.
const WORDS: [&str; 12] =
    ["the", "river", "bends", "past", "stone", "and", "reed", "while", "night", "carries", "lanterns", "home"];

/// The request being answered.
#[derive(Debug)]
pub(super) struct Served {
    /// Its `x-request-id`.
    pub(super) id: String,
    /// When it had been read.
    pub(super) arrived_at: Timestamp,
    /// What it asks for.
    pub(super) ask: Ask,
}

/// A 429 or 5xx, after its wait.
pub(super) async fn refuse(place: Place, served: &Served, refusal: &Refusal) -> Response<Body> {
    place.channel.clock.sleep_until(after(served.arrived_at, refusal.after_ms)).await;
    let (kind, message) = match refusal.status {
        429 => ("rate_limit_error", "the channel is at its limit; retry later"),
        503 => ("server_error", "the channel is overloaded; retry later"),
        _ => ("server_error", "the channel failed while serving the request"),
    };
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = wire::error(status, kind, message);
    if let Some(seconds) = refusal.retry_after_s {
        wire::set_header(&mut response, "retry-after", &seconds.to_string());
    }
    response
}

/// The answer in one piece, when it is complete.
pub(super) async fn whole(place: Place, served: &Served, answer: Answer) -> Response<Body> {
    place.channel.clock.sleep_until(after(served.arrived_at, answer.total_ms())).await;
    let message = json!({"role": "assistant", "content": words(0, answer.completion_tokens)});
    let value = json!({
        "id": served.id,
        "object": "chat.completion",
        "created": served.arrived_at.seconds(),
        "model": place.channel.profile.model,
        "choices": [{"index": 0, "message": message, "finish_reason": finish(&served.ask, &answer)}],
        "usage": wire::usage(served.ask.prompt_tokens, &answer),
    });
    loopback::json(StatusCode::OK, &value)
}

/// The answer as server-sent events, each when its tokens are there.
pub(super) fn stream(place: Place, served: &Served, answer: Answer, with_usage: bool) -> Response<Body> {
    let events = events(place.channel.profile.model, served, &answer, with_usage);
    let (clock, start) = (place.channel.clock.clone(), served.arrived_at);
    // The place travels with the stream: it is given back when the last event is sent or the caller hangs up.
    let paced = stream::unfold((events.into_iter(), place), move |(mut events, place)| {
        let clock = clock.clone();
        async move {
            let event = events.next()?;
            clock.sleep_until(after(start, event.at_ms)).await;
            Some((Ok::<_, Infallible>(Frame::data(event.bytes)), (events, place)))
        }
    });
    let mut response = Response::new(StreamBody::new(paced).boxed_unsync());
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// One server-sent event (or several that leave together) and when it leaves, in milliseconds after the request.
#[derive(Debug)]
struct Event {
    at_ms: f64,
    bytes: Bytes,
}

fn events(model: &str, served: &Served, answer: &Answer, with_usage: bool) -> Vec<Event> {
    let chunk = |choices: Value, usage: Option<Value>| {
        let mut value = json!({
            "id": served.id, "object": "chat.completion.chunk", "created": served.arrived_at.seconds(),
            "model": model, "choices": choices,
        });
        if let Some(usage) = usage {
            value["usage"] = usage;
        }
        format!("data: {value}\n\n")
    };
    let mut events: Vec<Event> = pieces(answer)
        .into_iter()
        .map(|piece| {
            let mut delta = json!({"content": words(piece.first, piece.tokens)});
            if piece.first == 0 {
                delta["role"] = json!("assistant");
            }
            let text = chunk(json!([{"index": 0, "delta": delta, "finish_reason": null}]), None);
            Event { at_ms: piece.at_ms, bytes: text.into() }
        })
        .collect();
    let reason = finish(&served.ask, answer);
    let mut last = chunk(json!([{"index": 0, "delta": {}, "finish_reason": reason}]), None);
    if with_usage {
        last += &chunk(json!([]), Some(wire::usage(served.ask.prompt_tokens, answer)));
    }
    last += "data: [DONE]\n\n";
    events.push(Event { at_ms: answer.total_ms(), bytes: last.into() });
    events
}

/// Tokens `first .. first + tokens` of an answer, sent together.
#[derive(Debug, PartialEq)]
struct Piece {
    at_ms: f64,
    first: u32,
    tokens: u32,
}

/// Cuts an answer into chunks: the first token alone, then whatever has come since the last chunk.
fn pieces(answer: &Answer) -> Vec<Piece> {
    let mut pieces = vec![Piece { at_ms: answer.first_token_ms, first: 0, tokens: 1 }];
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float casts saturate")]
    let step = (CHUNK_MS / answer.per_token_ms.max(0.01)).ceil().max(1.0) as u32;
    let mut first = 1;
    while first < answer.completion_tokens {
        let tokens = step.min(answer.completion_tokens - first);
        let at_ms = answer.first_token_ms + f64::from(first + tokens - 1) * answer.per_token_ms;
        pieces.push(Piece { at_ms, first, tokens });
        first += tokens;
    }
    pieces
}

/// Why the answer ends: because it is complete, or because the caller's limit cut it.
fn finish(ask: &Ask, answer: &Answer) -> &'static str {
    if ask.max_tokens == Some(answer.completion_tokens) { "length" } else { "stop" }
}

/// `count` words of the endless text, from word `first` on, each with the blank that separates it from the last.
fn words(first: u32, count: u32) -> String {
    let mut text = String::new();
    for word in WORDS.iter().cycle().skip(first as usize % WORDS.len()).take(count as usize) {
        if first > 0 || !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

fn after(start: Timestamp, ms: f64) -> Timestamp {
    #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
    let micros = (ms * 1_000.0) as i64;
    start.plus_micros(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_hold_every_token_once_and_end_on_time() {
        for (tokens, per_token_ms) in [(1, 6.0), (2, 30.0), (100, 6.0), (240, 0.0)] {
            let answer = Answer { completion_tokens: tokens, cached_tokens: 0, first_token_ms: 200.0, per_token_ms };
            let pieces = pieces(&answer);
            assert_eq!(pieces.iter().map(|piece| piece.tokens).sum::<u32>(), tokens);
            assert!(pieces.windows(2).all(|pair| pair[0].first + pair[0].tokens == pair[1].first));
            let last = pieces.last().expect("an answer has a token").at_ms;
            assert!((last - answer.total_ms()).abs() < 1e-6, "{tokens} tokens end at {last}");
        }
    }

    #[test]
    fn pieces_of_the_text_join_to_the_text() {
        assert_eq!(words(0, 5) + &words(5, 20), words(0, 25));
    }
}
