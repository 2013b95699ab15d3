//! Synthetic calls: one small question to every channel on its own schedule, over the OpenAI-compatible interface.
//!
//! A probe finds out about channels without traffic, which no counter tells anything about, and about answers that are
//! fast and wrong. Its call is marked as one, so that it feeds the probe columns and the cost, never the demand.
//!
//! The question, the reading of the answer and the money are pure ([`answer`], [`sse`], [`budget`]); here is only the
//! exchange itself.

use reqwest::{Client, Response};

use crate::clock::{Clock, Stopwatch};
use crate::collect::pull::fetch::{EndpointError, failure};
use crate::collect::pull::{Auth, Endpoint, gauge};
use crate::collect::source::{CollectFailure, Harvest};
use crate::collect::sources::probe::answer::{Answer, Question};
use crate::collect::sources::probe::budget::{Budget, Refusal};
use crate::collect::sources::probe::sse::Decoder;
use crate::domain::batch::Batch;
use crate::domain::call::{Call, Outcome};
use crate::domain::ids::ChannelId;
use crate::domain::price::PriceList;
use crate::domain::time::Timestamp;
use crate::domain::units::{MicroUsd, Millis};

pub mod answer;
pub mod budget;
pub mod sse;

/// Gauge: 1 when no probe was sent, with the channel and the `reason` (`budget`, `no_price`).
pub const REFUSED: &str = "foreroute_probe_refused";

/// The probe of one channel.
#[derive(Debug)]
pub struct Probe {
    name: String,
    channel: ChannelId,
    question: Question,
    endpoint: Endpoint,
    client: Client,
    budget: Budget,
}

/// What came of one exchange.
#[derive(Debug)]
struct Exchange {
    outcome: Outcome,
    answer: Answer,
    ttft: Option<Millis>,
    /// Whether the server may have worked, and will charge, although it did not say how much.
    charged: bool,
}

impl Probe {
    /// A probe, as the source `name`, that asks `question` of the server whose interface begins at `base_url` (such as
    /// `https://api.openai.com/v1`). `ceiling` is what the probes of one UTC day may cost.
    ///
    /// # Errors
    /// [`EndpointError`] if the address or the credential cannot be used.
    pub fn new(
        name: &str,
        channel: ChannelId,
        question: Question,
        base_url: &str,
        access: (&Auth, std::time::Duration),
        ceiling: Option<MicroUsd>,
        client: Client,
    ) -> Result<Self, EndpointError> {
        let url = format!("{}/chat/completions", base_url.trim_end_matches('/'));
        let (auth, timeout) = access;
        let endpoint = Endpoint::new(&url, auth, timeout, 1_000_000)?;
        Ok(Self { name: name.to_owned(), channel, question, endpoint, client, budget: Budget::new(ceiling) })
    }

    /// The source's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The channel that it asks.
    #[must_use]
    pub const fn channel(&self) -> &ChannelId {
        &self.channel
    }

    /// Continues with the money that an earlier run spent today; whether the cursor could be read.
    pub fn resume(&mut self, cursor: &str) -> bool {
        self.budget.resume(cursor)
    }

    /// Asks once. A failing channel is a finding, not a failure of the probe: the harvest holds its call. If the budget
    /// refuses, the harvest says so instead.
    pub async fn run(&mut self, prices: &PriceList, clock: &Clock) -> Harvest {
        let sent_at = clock.now();
        let worst = prices.cost(&self.channel, sent_at, self.question.worst_usage());
        if let Err(refusal) = self.budget.ask(sent_at, worst) {
            return self.refused(refusal, sent_at);
        }
        let watch = Stopwatch::start();
        let exchange = self.exchange(watch).await;
        let latency = elapsed(watch);
        let usage = exchange.answer.usage;
        let cost = prices.cost(&self.channel, sent_at, usage);
        let booked = if exchange.charged { cost.or(worst) } else { cost };
        self.budget.book(sent_at, booked.unwrap_or_default());
        let call = Call {
            outcome: exchange.outcome,
            latency,
            ttft: exchange.ttft,
            tokens_prompt: usage.prompt,
            tokens_completion: usage.completion,
            tokens_cached: usage.cached,
            cost,
            probe: true,
            ..Call::new(sent_at, self.channel.clone())
        };
        let mut batch = Batch::new(clock.now());
        batch.calls.push(call);
        batch.cursors.insert(self.name.clone(), self.budget.encode());
        Harvest { batch, ..Harvest::default() }
    }

    fn refused(&self, refusal: Refusal, at: Timestamp) -> Harvest {
        tracing::debug!(source = self.name, %refusal, "no probe sent");
        let labels = [("source", &*self.name), ("channel", self.channel.as_str()), ("reason", refusal.reason())];
        let mut batch = Batch::new(at);
        batch.gauges.push(gauge(REFUSED, at, &labels, 1.0));
        Harvest { batch, ..Harvest::default() }
    }

    async fn exchange(&self, watch: Stopwatch) -> Exchange {
        let failed = |outcome, charged| Exchange { outcome, answer: Answer::default(), ttft: None, charged };
        let request = self.endpoint.dress(self.client.post(self.endpoint.url())).json(&self.question.body());
        let response = match request.send().await.map_err(failure) {
            Ok(response) => response,
            Err(CollectFailure::Timeout) => return failed(Outcome::Timeout, true),
            Err(_) => return failed(Outcome::NetworkError, false),
        };
        let outcome = Outcome::from_status(response.status().as_u16());
        if outcome.is_failure() {
            return failed(outcome, false);
        }
        let mut answer = Answer::default();
        let mut ttft = None;
        let read = self.read(response, &mut answer, || ttft = ttft.or_else(|| elapsed(watch))).await;
        let outcome = match read {
            Ok(()) => answer.judge(&self.question.expect),
            Err(CollectFailure::Timeout) => Outcome::Timeout,
            Err(CollectFailure::Connect(_)) => Outcome::NetworkError,
            Err(_) => Outcome::ServerError,
        };
        // Without a stream the first token comes with the last: that is no measurement.
        let ttft = ttft.filter(|_| self.question.stream);
        Exchange { outcome, answer, ttft, charged: true }
    }

    /// Reads the body; `on_token` is called for every piece that brings a token.
    async fn read(
        &self,
        mut response: Response,
        answer: &mut Answer,
        mut on_token: impl FnMut(),
    ) -> Result<(), CollectFailure> {
        let limit = self.endpoint.max_body_bytes();
        let (mut decoder, mut body, mut seen) = (Decoder::default(), Vec::new(), 0);
        let streamed = response
            .headers()
            .get(reqwest::header::CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        while let Some(chunk) = response.chunk().await.map_err(failure)? {
            seen += chunk.len();
            if seen > limit {
                return Err(CollectFailure::TooLarge { limit });
            }
            if !streamed {
                body.extend_from_slice(&chunk);
                continue;
            }
            let events = decoder.push(&chunk).map_err(|error| CollectFailure::Parse(error.to_string()))?;
            for event in events {
                if answer.take(&event) {
                    on_token();
                }
            }
        }
        if !streamed {
            answer.take(&String::from_utf8_lossy(&body));
        }
        Ok(())
    }
}

fn elapsed(watch: Stopwatch) -> Option<Millis> {
    Millis::new(watch.elapsed().as_secs_f64() * 1_000.0).ok()
}

#[cfg(test)]
mod tests;
