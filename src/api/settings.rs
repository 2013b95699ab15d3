//! What the interface needs to know besides the engine: plain data.

use std::time::Duration;

use crate::collect::sources::otlp;
use crate::config::valid::{Server, Slack};

/// Everything an operator or a test can tune.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// `[server]` of the configuration: address, tokens, sizes, times, rates.
    pub server: Server,
    /// The slash command of Slack that is answered, if there is one.
    pub slack: Option<Slack>,
    /// How OpenTelemetry is understood.
    pub otlp: otlp::Options,
    /// Bounds that are not worth a line in the configuration.
    pub limits: Limits,
}

/// Bounds that keep one caller from harming the others. The defaults suit a gateway that sends batches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Memory for all bodies that are being worked on at once, in bytes; past it callers are told to come back. Never
    /// less than one body of the largest size, as sent and decompressed.
    pub in_flight_bytes: usize,
    /// Most calls in one body of `/v1/calls`; further ones are rejected.
    pub body_calls: usize,
    /// Rejected lines that an answer lists; the rest is only counted.
    pub listed_rejects: usize,
    /// Largest request head (request line and headers), in bytes.
    pub head_bytes: usize,
    /// Connections open at once; further ones wait to be taken.
    pub connections: usize,
    /// Queries that run at once; further ones wait for [`Limits::query_wait`].
    pub queries: usize,
    /// Longest time a query waits for its turn before the caller is told to come back.
    pub query_wait: Duration,
    /// Most values (points times columns) a range query returns.
    pub points: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            in_flight_bytes: 128 << 20,
            body_calls: 200_000,
            listed_rejects: 100,
            head_bytes: 32 << 10,
            connections: 2_048,
            queries: 2,
            query_wait: Duration::from_secs(5),
            points: 50_000,
        }
    }
}
