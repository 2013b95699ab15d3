//! A chat client that measures: latency to the last byte, time to the first token, tokens by the usage block.

use std::time::Duration;

use serde_json::{Value, json};

use crate::clock::Stopwatch;
use crate::domain::call::{Call, Outcome};
use crate::domain::units::Millis;
use crate::sim::demand::Arrival;

/// Time limit of a call. Longer than any answer of the world, so that a time-out means that something is broken.
const TIMEOUT: Duration = Duration::from_mins(1);
/// Longest answer that is read.
const MAX_ANSWER_BYTES: usize = 4 << 20;

/// An HTTP client for chat completions. Cheap to clone; clones share their connections.
#[derive(Debug, Clone)]
pub(super) struct Client {
    http: reqwest::Client,
}

/// Why a call has no usable answer.
enum Broken {
    Transport(reqwest::Error),
    Status(u16),
    Unusable,
}

/// What the client takes from an answer.
#[derive(Debug, Default)]
struct Reading {
    first_token: Option<Duration>,
    usage: Option<Usage>,
}

#[derive(Debug, Clone, Copy)]
struct Usage {
    prompt: u64,
    completion: u64,
    cached: Option<u64>,
}

impl Client {
    pub(super) fn new() -> reqwest::Result<Self> {
        Ok(Self { http: reqwest::Client::builder().timeout(TIMEOUT).no_proxy().build()? })
    }

    /// Makes the call and fills in what was seen of it.
    pub(super) async fn complete(&self, url: &str, model: &str, arrival: &Arrival, call: &mut Call) {
        let request = self.http.post(url).json(&body(model, arrival));
        let watch = Stopwatch::start();
        let read = async {
            let response = request.send().await.map_err(Broken::Transport)?;
            if !response.status().is_success() {
                return Err(Broken::Status(response.status().as_u16()));
            }
            if arrival.stream { stream(response, &watch).await } else { whole(response).await }
        };
        let read = read.await;
        call.latency = millis(watch.elapsed());
        match read {
            Ok(reading) => {
                call.ttft = reading.first_token.and_then(millis);
                call.tokens_prompt = reading.usage.map(|usage| usage.prompt);
                call.tokens_completion = reading.usage.map(|usage| usage.completion);
                call.tokens_cached = reading.usage.and_then(|usage| usage.cached);
            }
            Err(broken) => call.outcome = outcome(&broken),
        }
    }
}

fn body(model: &str, arrival: &Arrival) -> Value {
    // This world's tokenizer takes a word for a token.
    let prompt = vec!["word"; arrival.prompt_tokens as usize].join(" ");
    let mut body = json!({"model": model, "messages": [{"role": "user", "content": prompt}], "seed": arrival.index});
    if arrival.stream {
        body["stream"] = json!(true);
        body["stream_options"] = json!({"include_usage": true});
    }
    body
}

async fn whole(mut response: reqwest::Response) -> Result<Reading, Broken> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Broken::Transport)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_ANSWER_BYTES {
            return Err(Broken::Unusable);
        }
    }
    let value: Value = serde_json::from_slice(&bytes).map_err(|_| Broken::Unusable)?;
    Ok(Reading { first_token: None, usage: usage(&value) })
}

/// Reads server-sent events up to `[DONE]`; an answer that ends without it is not complete.
async fn stream(mut response: reqwest::Response, watch: &Stopwatch) -> Result<Reading, Broken> {
    let mut reading = Reading::default();
    let mut pending = Vec::new();
    let mut done = false;
    while let Some(chunk) = response.chunk().await.map_err(Broken::Transport)? {
        pending.extend_from_slice(&chunk);
        if pending.len() > MAX_ANSWER_BYTES {
            return Err(Broken::Unusable);
        }
        while let Some(end) = pending.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = pending.drain(..=end).collect();
            let Some(data) = line.strip_prefix(b"data:").map(<[u8]>::trim_ascii) else { continue };
            if data == b"[DONE]" {
                done = true;
                continue;
            }
            let event: Value = serde_json::from_slice(data).map_err(|_| Broken::Unusable)?;
            if event["choices"][0]["delta"]["content"].as_str().is_some_and(|text| !text.is_empty()) {
                reading.first_token.get_or_insert_with(|| watch.elapsed());
            }
            reading.usage = usage(&event).or(reading.usage);
        }
    }
    if done { Ok(reading) } else { Err(Broken::Unusable) }
}

fn usage(value: &Value) -> Option<Usage> {
    let usage = &value["usage"];
    Some(Usage {
        prompt: usage["prompt_tokens"].as_u64()?,
        completion: usage["completion_tokens"].as_u64()?,
        cached: usage["prompt_tokens_details"]["cached_tokens"].as_u64(),
    })
}

fn outcome(broken: &Broken) -> Outcome {
    match broken {
        Broken::Status(status) => Outcome::from_status(*status),
        Broken::Transport(error) if error.is_timeout() => Outcome::Timeout,
        Broken::Transport(_) => Outcome::NetworkError,
        Broken::Unusable => Outcome::ServerError,
    }
}

fn millis(elapsed: Duration) -> Option<Millis> {
    Millis::new(elapsed.as_secs_f64() * 1e3).ok()
}
