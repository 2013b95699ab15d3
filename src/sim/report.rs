//! Hands calls to a collector's `POST /v1/calls`, as an orchestrator's own reporter would.
//!
//! Calls are sent as NDJSON in batches, each under an `Idempotency-Key` of its own. A batch is sent again, under the
//! same key, until the collector has acknowledged it: so every call is counted once, however often it was sent.
//! While the collector says 429 the reporter waits as it was told; the calls wait in its queue.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::domain::call::Call;

/// Most calls in one batch.
const BATCH_CALLS: usize = 500;
/// Longest time that a call waits for company, in microseconds.
const LINGER_US: i64 = 200_000;
/// Calls that may wait in memory while the collector is busy; after that the callers wait.
const QUEUE_CALLS: usize = 50_000;
/// How often a batch is sent before it is given up.
const ATTEMPTS: u32 = 10;
/// Pause before the next attempt where the collector does not state one: doubles from 100 ms to 5 s.
const FIRST_PAUSE_US: i64 = 100_000;
const LONGEST_PAUSE_US: i64 = 5_000_000;
/// Longest `Retry-After` that is obeyed, in seconds.
const LONGEST_RETRY_AFTER_S: i64 = 30;
/// Time limit of one attempt.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Where calls go to be reported. Cheap to clone; the reporter ends when the last clone is gone.
pub type CallSink = mpsc::Sender<Call>;

/// What became of the calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivery {
    /// Calls in batches that were acknowledged.
    pub acknowledged: u64,
    /// Calls in batches that were refused for good or given up after ten attempts.
    pub lost: u64,
    /// Batches formed.
    pub batches: u64,
    /// Attempts beyond the first.
    pub resent: u64,
}

/// What the collector's answer to one attempt means.
enum Verdict {
    Acknowledged,
    Refused,
    /// Try again, after so many microseconds if the collector said so.
    Again(Option<i64>),
}

/// A reporter to one collector.
#[derive(Debug)]
pub struct Reporter {
    url: String,
    /// Beginning of every idempotency key; unique to one run, so that a later run is not taken for a repetition.
    run: String,
    client: reqwest::Client,
    clock: Clock,
    delivery: Delivery,
}

impl Reporter {
    /// A reporter to the collector at `base_url`, whose batches are named `{run}-0`, `{run}-1` and so on.
    ///
    /// # Errors
    /// If the HTTP client cannot be built.
    pub fn new(base_url: &str, run: &str, clock: Clock) -> reqwest::Result<Self> {
        let client = reqwest::Client::builder().timeout(TIMEOUT).no_proxy().build()?;
        let url = format!("{base_url}/v1/calls");
        Ok(Self { url, run: run.to_owned(), client, clock, delivery: Delivery::default() })
    }

    /// The queue of this reporter: what is put into the sink comes out of the receiver for [`Reporter::run`].
    #[must_use]
    pub fn queue() -> (CallSink, mpsc::Receiver<Call>) {
        mpsc::channel(QUEUE_CALLS)
    }

    /// Reports calls until every sink is gone and everything is delivered or given up.
    pub async fn run(mut self, mut calls: mpsc::Receiver<Call>) -> Delivery {
        while let Some(first) = calls.recv().await {
            let batch = self.gather(first, &mut calls).await;
            self.deliver(&batch).await;
        }
        self.delivery
    }

    /// Waits for more calls until the batch is full, the first one has waited long enough, or none can come.
    async fn gather(&self, first: Call, calls: &mut mpsc::Receiver<Call>) -> Vec<Call> {
        let deadline = self.clock.now().plus_micros(LINGER_US);
        let mut batch = vec![first];
        while batch.len() < BATCH_CALLS {
            let room = BATCH_CALLS - batch.len();
            tokio::select! {
                received = calls.recv_many(&mut batch, room) => if received == 0 { break },
                () = self.clock.sleep_until(deadline) => break,
            }
        }
        batch
    }

    async fn deliver(&mut self, batch: &[Call]) {
        let key = format!("{}-{}", self.run, self.delivery.batches);
        let body = ndjson(batch);
        self.delivery.batches += 1;
        let mut pause_us = FIRST_PAUSE_US;
        for attempt in 0..ATTEMPTS {
            self.delivery.resent += u64::from(attempt > 0);
            let wait_us = match self.send(&key, body.clone()).await {
                Verdict::Acknowledged => {
                    self.delivery.acknowledged += batch.len() as u64;
                    return;
                }
                Verdict::Refused => break,
                Verdict::Again(asked_us) => asked_us.unwrap_or(pause_us),
            };
            pause_us = (pause_us * 2).min(LONGEST_PAUSE_US);
            self.clock.sleep_until(self.clock.now().plus_micros(wait_us)).await;
        }
        self.delivery.lost += batch.len() as u64;
    }

    async fn send(&self, key: &str, body: String) -> Verdict {
        let request = self.client.post(&self.url).header("idempotency-key", key);
        let sent = request.header("content-type", "application/x-ndjson").body(body).send().await;
        let Ok(response) = sent else { return Verdict::Again(None) };
        match response.status().as_u16() {
            200..=299 => Verdict::Acknowledged,
            429 | 503 => {
                let header = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
                let seconds = header.and_then(|value| value.parse::<i64>().ok());
                Verdict::Again(seconds.map(|s| s.clamp(0, LONGEST_RETRY_AFTER_S) * 1_000_000))
            }
            408 | 500.. => Verdict::Again(None),
            _ => Verdict::Refused,
        }
    }
}

/// The calls as lines of `POST /v1/calls`; what is unknown is left out.
fn ndjson(calls: &[Call]) -> String {
    let mut text = String::with_capacity(calls.len() * 200);
    for call in calls {
        let mut line = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                line.insert(name.to_owned(), value);
            }
        };
        put("ts", Some(json!(call.ts.to_string())));
        put("channel", Some(json!(call.channel.as_str())));
        put("outcome", Some(json!(call.outcome.name())));
        put("latency_ms", call.latency.map(|ms| json!(ms.get())));
        put("ttft_ms", call.ttft.map(|ms| json!(ms.get())));
        put("tokens_prompt", call.tokens_prompt.map(Value::from));
        put("tokens_completion", call.tokens_completion.map(Value::from));
        put("tokens_cached", call.tokens_cached.map(Value::from));
        put("in_flight", call.in_flight.map(Value::from));
        // Writing to a string cannot fail.
        let _written = writeln!(text, "{}", Value::Object(line));
    }
    text
}

#[cfg(test)]
mod tests;
