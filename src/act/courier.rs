//! Brings messages to receivers: in bounded time, with few tries, and without telling anybody where they went.

use std::time::Duration;

use rand::RngExt;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use tokio::sync::watch;

use crate::act::receiver::{Message, Receiver};
use crate::act::sign::{SIGNATURE_HEADER, TIMESTAMP_HEADER};
use crate::clock::Clock;
use crate::stats::seed::Seed;
use crate::telemetry::names::Metric;

/// What we call ourselves.
const USER_AGENT: &str = concat!("foreroute/", env!("CARGO_PKG_VERSION"));
/// Tries of one message.
const TRIES: u32 = 3;
/// Wait after the first failure; four times as long after the second.
const FIRST_WAIT_S: f64 = 1.0;
/// The longest wait that a receiver may ask for.
const LONGEST_WAIT_S: f64 = 60.0;

/// Why a message did not arrive. Holds neither address nor secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// An answer other than 2xx.
    #[error("answered with HTTP status {0}")]
    Status(u16),
    /// No answer in time.
    #[error("no answer within the time limit")]
    Timeout,
    /// No connection, or a broken one.
    #[error("cannot be reached: {0}")]
    Connection(String),
    /// The program stops; the message waits for its next start.
    #[error("the program stops before another try")]
    Stopping,
}

/// Why one try failed.
#[derive(Debug, Clone, PartialEq)]
pub struct Setback {
    /// Why.
    pub error: DeliveryError,
    /// Whether another try may help.
    pub may_help: bool,
    /// Seconds after which the receiver wants to be asked again, at most a minute.
    pub asked_s: Option<f64>,
}

/// What came of one try.
enum Tried {
    /// Another try may help, after the wait that was asked for.
    Again(DeliveryError, Option<f64>),
    /// It was refused for good.
    Refused(DeliveryError),
}

/// Brings messages to receivers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Courier {
    client: Client,
    clock: Clock,
    seed: Seed,
}

impl Courier {
    /// A courier whose waits between tries are drawn from `seed`.
    ///
    /// # Errors
    /// If TLS cannot be set up.
    pub fn new(clock: Clock, seed: Seed) -> Result<Self, reqwest::Error> {
        // A redirect could lead a notice and its token anywhere.
        let client = Client::builder().user_agent(USER_AGENT).redirect(reqwest::redirect::Policy::none());
        Ok(Self { client: client.build()?, clock, seed })
    }

    /// Brings `message` to `receiver`: up to three tries with growing waits in between. An answer that says that the
    /// request is at fault ends it, except for 408 and 429; `Retry-After` is honoured up to a minute. When `stop` turns
    /// true, a try under way is finished and no other is begun.
    ///
    /// # Errors
    /// [`DeliveryError`] of the last try.
    pub async fn deliver(
        &self,
        receiver: &Receiver,
        message: &Message,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(), DeliveryError> {
        let outcome = self.try_all(receiver, message, stop).await;
        let word = match &outcome {
            Ok(()) => "delivered",
            Err(DeliveryError::Stopping) => return outcome,
            Err(_) => "failed",
        };
        metrics::counter!(Metric::Notices.name(), "receiver" => receiver.name().to_owned(), "outcome" => word)
            .increment(1);
        outcome
    }

    /// One try to bring `message` to `receiver`, for who decides alone when to try again.
    ///
    /// # Errors
    /// [`Setback`]: why it did not arrive, and whether another try may help.
    pub async fn attempt(&self, receiver: &Receiver, message: &Message) -> Result<(), Setback> {
        self.try_once(receiver, message).await.map_err(|tried| match tried {
            Tried::Again(error, asked_s) => Setback { error, may_help: true, asked_s },
            Tried::Refused(error) => Setback { error, may_help: false, asked_s: None },
        })
    }

    async fn try_all(
        &self,
        receiver: &Receiver,
        message: &Message,
        stop: &mut watch::Receiver<bool>,
    ) -> Result<(), DeliveryError> {
        let mut tried = 0;
        loop {
            let (error, asked_s) = match self.try_once(receiver, message).await {
                Ok(()) => return Ok(()),
                Err(Tried::Refused(error)) => return Err(error),
                Err(Tried::Again(error, asked_s)) => (error, asked_s),
            };
            tried += 1;
            if tried == TRIES {
                return Err(error);
            }
            tracing::debug!(receiver = receiver.name(), %error, tried, "a notice will be sent again");
            let wait_s = self.wait_s(receiver, message, tried).max(asked_s.unwrap_or(0.0));
            let until = self.clock.now().plus_micros(micros(wait_s));
            tokio::select! {
                () = self.clock.sleep_until(until) => {}
                _ = stop.wait_for(|stop| *stop) => return Err(DeliveryError::Stopping),
            }
        }
    }

    /// Seconds until the next try after `tried`: 1 and 4, each times 0.5 to 1.5, so that receivers which failed together
    /// are not asked again together.
    fn wait_s(&self, receiver: &Receiver, message: &Message, tried: u32) -> f64 {
        let seed = self.seed.child(receiver.name()).child(&message.id).nth(u64::from(tried));
        FIRST_WAIT_S * 4_f64.powi(tried.cast_signed() - 1) * (0.5 + seed.rng().random::<f64>())
    }

    async fn try_once(&self, receiver: &Receiver, message: &Message) -> Result<(), Tried> {
        let mut request = self
            .client
            .post(receiver.url().clone())
            .timeout(receiver.timeout())
            .header(CONTENT_TYPE, "application/json")
            .header("idempotency-key", &message.id)
            .body(message.body.clone());
        if let Some(token) = receiver.token() {
            request = request.header(AUTHORIZATION, token);
        }
        if let Some(signer) = receiver.signer() {
            let now = self.clock.now();
            let signature = signer.sign(now, &message.body);
            request = request.header(TIMESTAMP_HEADER, now.seconds()).header(SIGNATURE_HEADER, signature);
        }
        match request.send().await {
            Ok(answer) => judge(&answer),
            Err(error) if error.is_timeout() => Err(Tried::Again(DeliveryError::Timeout, None)),
            Err(error) => Err(Tried::Again(DeliveryError::Connection(reasons(&error)), None)),
        }
    }
}

fn judge(answer: &Response) -> Result<(), Tried> {
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let error = DeliveryError::Status(status.as_u16());
    let may_help = matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
    if !(status.is_server_error() || may_help) {
        return Err(Tried::Refused(error));
    }
    let asked = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.trim().parse::<f64>().ok());
    Err(Tried::Again(error, asked.map(|seconds| seconds.clamp(0.0, LONGEST_WAIT_S))))
}

/// The causes of `error` without itself, which names the address.
fn reasons(error: &reqwest::Error) -> String {
    let mut reasons = Vec::new();
    let mut cause: Option<&dyn std::error::Error> = std::error::Error::source(error);
    while let Some(inner) = cause {
        reasons.push(inner.to_string());
        cause = inner.source();
    }
    if reasons.is_empty() { "the exchange broke off".to_owned() } else { reasons.join(": ") }
}

fn micros(seconds: f64) -> i64 {
    i64::try_from(Duration::from_secs_f64(seconds.max(0.0)).as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
