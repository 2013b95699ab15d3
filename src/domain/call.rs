//! One request served by a channel.

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::domain::units::{MicroUsd, Millis};

/// How a call ended. Throttling and time-outs are failures of their own kind, because routing treats them
/// differently from a broken channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// An answer that could be used.
    Ok,
    /// The channel refused for load or quota (HTTP 429).
    Throttled,
    /// No answer in time (HTTP 408, 504, or the caller's own limit).
    Timeout,
    /// The request was at fault (other HTTP 4xx).
    ClientError,
    /// The channel was at fault (other HTTP 5xx, or an unusable answer).
    ServerError,
    /// No connection: DNS, TCP or TLS failed before an answer began.
    NetworkError,
}

impl Outcome {
    /// Every outcome with its stable wire code (the WAL stores the code) and name.
    pub const ALL: [Self; 6] =
        [Self::Ok, Self::Throttled, Self::Timeout, Self::ClientError, Self::ServerError, Self::NetworkError];

    /// The outcome an HTTP status code stands for: 408 and 504 are time-outs, 429 is throttling, everything
    /// below 400 is a success.
    #[must_use]
    pub const fn from_status(status: u16) -> Self {
        match status {
            429 => Self::Throttled,
            408 | 504 => Self::Timeout,
            500.. => Self::ServerError,
            400.. => Self::ClientError,
            _ => Self::Ok,
        }
    }

    /// Name in call records and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Throttled => "throttled",
            Self::Timeout => "timeout",
            Self::ClientError => "client_error",
            Self::ServerError => "server_error",
            Self::NetworkError => "network_error",
        }
    }

    /// The outcome called `name`; `error` alone means the channel was at fault.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        if name == "error" {
            return Some(Self::ServerError);
        }
        Self::ALL.into_iter().find(|outcome| outcome.name() == name)
    }

    /// Whether the call failed in any way.
    #[must_use]
    pub const fn is_failure(self) -> bool {
        !matches!(self, Self::Ok)
    }
}

/// One request served by a channel. Fields that the source does not know are `None`, never zero.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// When the call was sent. Its minute is the minute of this instant.
    pub ts: Timestamp,
    /// The channel that served it.
    pub channel: ChannelId,
    /// How it ended.
    pub outcome: Outcome,
    /// Time from sending to the last byte. Enters the latency distribution only if the call succeeded: a fast
    /// refusal must not make a channel look quick.
    pub latency: Option<Millis>,
    /// Time from sending to the first token of a streamed answer.
    pub ttft: Option<Millis>,
    /// Prompt tokens, cached ones included.
    pub tokens_prompt: Option<u64>,
    /// Completion tokens, reasoning tokens included.
    pub tokens_completion: Option<u64>,
    /// Prompt tokens that were served from a cache.
    pub tokens_cached: Option<u64>,
    /// What the call cost. Where the source does not say, the price list fills it in before the call is logged.
    pub cost: Option<MicroUsd>,
    /// Attempts beyond the first that this call needed.
    pub retries: u32,
    /// Calls in flight on the channel when this one was sent, if known.
    pub in_flight: Option<u32>,
    /// Calls waiting in the channel's queue when this one was sent, if known.
    pub queue: Option<u32>,
    /// How long the channel asked to be left alone (`Retry-After`), if it did. The fast lane hears it as the call comes in; it is
    /// not kept.
    pub retry_after: Option<Millis>,
    /// Whether this was a synthetic probe. Probes feed the probe columns only, never the demand columns.
    pub probe: bool,
}

impl Call {
    /// A successful call with nothing known but when and where; sources fill in the rest.
    #[must_use]
    pub const fn new(ts: Timestamp, channel: ChannelId) -> Self {
        Self {
            ts,
            channel,
            outcome: Outcome::Ok,
            latency: None,
            ttft: None,
            tokens_prompt: None,
            tokens_completion: None,
            tokens_cached: None,
            cost: None,
            retries: 0,
            in_flight: None,
            queue: None,
            retry_after: None,
            probe: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_codes_map_to_outcomes() {
        assert_eq!(Outcome::from_status(200), Outcome::Ok);
        assert_eq!(Outcome::from_status(429), Outcome::Throttled);
        assert_eq!(Outcome::from_status(408), Outcome::Timeout);
        assert_eq!(Outcome::from_status(504), Outcome::Timeout);
        assert_eq!(Outcome::from_status(404), Outcome::ClientError);
        assert_eq!(Outcome::from_status(529), Outcome::ServerError);
    }

    #[test]
    fn names_round_trip() {
        for outcome in Outcome::ALL {
            assert_eq!(Outcome::parse(outcome.name()), Some(outcome));
        }
        assert_eq!(Outcome::parse("error"), Some(Outcome::ServerError));
        assert_eq!(Outcome::parse("fine"), None);
    }
}
