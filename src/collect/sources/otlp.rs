//! OpenTelemetry over HTTP: GenAI spans become calls, GenAI histograms become pieces of minutes, other metrics gauges.
//!
//! Follows OTLP 1.x, in protobuf and in JSON, and the GenAI semantic conventions with their old names beside the new
//! (`gen_ai.system` and `gen_ai.provider.name`, `prompt_tokens` and `input_tokens`), as SDKs in the field send both.
//!
//! # What is never kept
//! Nothing is copied out of a message but the attributes named in `spans.rs`, `metrics.rs` and `channel.rs`, so prompts,
//! completions, tool arguments and exception texts are gone once the body is read. Gauges carry labels of foreign
//! choice; there, names that can hold content are dropped and values are cut short.
//!
//! # Counting once
//! - An exporter that got no answer sends the same bytes again: the hash of the body is the batch's idempotency key.
//! - Instruments that never reset ("cumulative temporality") are turned into differences. The value last seen of each
//!   is a cursor in the batch and takes effect in [`Otlp::commit`], after the batch is durable. So neither a refused
//!   batch nor a restart loses or doubles anything.
//! - Where a channel sends spans, its histograms say the same thing again and are left out; see `feeds.rs`.

mod attributes;
mod baseline;
mod channel;
mod errors;
mod feeds;
mod metrics;
mod points;
mod reply;
mod spans;
mod weight;

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use prost::Message;
use serde::de::DeserializeOwned;
use xxhash_rust::xxh3::xxh3_128;

use crate::collect::source::{Admission, Harvest};
use crate::collect::sources::otlp::baseline::Baselines;
use crate::collect::sources::otlp::feeds::Feeds;
use crate::domain::batch::Batch;
use crate::domain::ids::IdempotencyKey;

pub use crate::collect::sources::otlp::channel::ChannelRule;
pub use crate::collect::sources::otlp::reply::{failure, success};

/// What an operator can choose about this source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// How a channel gets its name.
    pub channel: ChannelRule,
    /// Whether GenAI histograms count as calls where a channel sends no spans.
    pub genai_metrics: bool,
    /// Most exporters whose instruments are remembered; the one silent for longest makes room.
    pub max_exporters: usize,
    /// Most cumulative instruments remembered per exporter; points beyond are rejected.
    pub max_series: usize,
    /// Most labels kept per gauge, in order of their names.
    pub max_labels: usize,
    /// Most memory that one body may take once decoded, in bytes.
    pub max_decoded_bytes: usize,
}

impl Default for Options {
    /// A thousand exporters with two thousand instruments each is far beyond what one gateway has; 64 MB is ten times
    /// what the largest batch of an SDK takes.
    fn default() -> Self {
        Self {
            channel: ChannelRule::default(),
            genai_metrics: true,
            max_exporters: 1_000,
            max_series: 2_000,
            max_labels: 16,
            max_decoded_bytes: 64_000_000,
        }
    }
}

/// The two encodings of OTLP over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `application/x-protobuf`.
    Protobuf,
    /// `application/json`: field names in lowerCamelCase, ids in hexadecimal, 64-bit integers as text.
    Json,
}

impl Encoding {
    /// The encoding that a `Content-Type` names, if it is one of the two.
    #[must_use]
    pub fn from_content_type(value: &str) -> Option<Self> {
        let media_type = value.split(';').next().unwrap_or_default().trim();
        if media_type.eq_ignore_ascii_case(Self::Protobuf.content_type()) {
            Some(Self::Protobuf)
        } else if media_type.eq_ignore_ascii_case(Self::Json.content_type()) {
            Some(Self::Json)
        } else {
            None
        }
    }

    /// The `Content-Type` of requests and replies in this encoding.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Protobuf => "application/x-protobuf",
            Self::Json => "application/json",
        }
    }
}

/// The two signals that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// `/v1/traces`.
    Traces,
    /// `/v1/metrics`.
    Metrics,
}

/// What one body turned into.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// Calls, pieces of minutes, gauges, cursors and rejects. A reject's line is the position of the span or data
    /// point in the body, counted from 1.
    pub harvest: Harvest,
    /// Spans or data points that were understood but are not about model calls (or not about numbers).
    pub ignored: u64,
}

/// Where JSON stops being what it should be. The reader's own words are not kept: they quote the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("wrong at line {line} column {column}")]
pub struct Place {
    /// Line of the body, counted from 1.
    pub line: usize,
    /// Column of that line.
    pub column: usize,
}

/// Why a body as a whole could not be read.
#[derive(Debug, thiserror::Error)]
pub enum OtlpError {
    /// Not protobuf, or not this message.
    #[error("body is not an OTLP protobuf message")]
    Protobuf(#[source] prost::DecodeError),
    /// Not JSON, or not this message.
    #[error("body is not an OTLP JSON message")]
    Json(#[source] Place),
    /// Understood, but it holds more than may be decoded at once; the sender should send smaller batches.
    #[error("body would take {bytes} bytes of memory; at most {limit} are allowed")]
    TooLarge {
        /// Bytes that it would take at most.
        bytes: usize,
        /// Bytes allowed.
        limit: usize,
    },
}

/// The source. Reading changes nothing; [`Otlp::commit`] does, once what was read is durable.
///
/// Between reading a body of metrics and committing it no other body of metrics may be read, or both would be
/// compared with the same earlier values. Bodies of traces need no such care.
#[derive(Debug, Default)]
pub struct Otlp {
    options: Options,
    baselines: Baselines,
    feeds: Feeds,
}

impl Otlp {
    /// A source that remembers nothing yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { options, ..Self::default() }
    }

    /// Takes over what accepted batches say about where this source stands: after each batch, and for the cursors of
    /// the checkpoint at a start. An empty cursor forgets and need not be kept by whoever keeps cursors. Cursors of other sources are left alone.
    pub fn commit(&mut self, cursors: &BTreeMap<String, String>) {
        self.baselines.commit(cursors);
        self.feeds.commit(cursors);
    }

    /// Reads the body of a `/v1/traces` request.
    ///
    /// # Errors
    /// [`OtlpError`] if the body as a whole cannot be read; single bad spans are rejects.
    pub fn traces(&self, body: &[u8], encoding: Encoding, admission: &Admission) -> Result<Reading, OtlpError> {
        let request: ExportTraceServiceRequest = self.decode(body, Signal::Traces, encoding)?;
        let mut reading = begin(body, admission);
        spans::read(&request, &self.options.channel, admission, &mut reading);
        self.feeds.note_calls(&mut reading.harvest.batch);
        Ok(reading)
    }

    /// Reads the body of a `/v1/metrics` request.
    ///
    /// # Errors
    /// As [`Otlp::traces`].
    pub fn metrics(&self, body: &[u8], encoding: Encoding, admission: &Admission) -> Result<Reading, OtlpError> {
        let request: ExportMetricsServiceRequest = self.decode(body, Signal::Metrics, encoding)?;
        let mut reading = begin(body, admission);
        metrics::Pass::new(&self.options, &self.baselines, &self.feeds, admission, &mut reading).read(&request);
        Ok(reading)
    }

    fn decode<M>(&self, body: &[u8], signal: Signal, encoding: Encoding) -> Result<M, OtlpError>
    where
        M: Message + Default + DeserializeOwned,
    {
        let (bytes, limit) = (weight::of(body, signal, encoding), self.options.max_decoded_bytes);
        if bytes > limit {
            return Err(OtlpError::TooLarge { bytes, limit });
        }
        match encoding {
            Encoding::Protobuf => M::decode(body).map_err(OtlpError::Protobuf),
            Encoding::Json => serde_json::from_slice(body)
                .map_err(|error| OtlpError::Json(Place { line: error.line(), column: error.column() })),
        }
    }
}

/// An empty reading whose key is the hash of the body: time stamps in nanoseconds make equal bodies the same body.
fn begin(body: &[u8], admission: &Admission) -> Reading {
    let key = IdempotencyKey::new(&format!("otlp-{:032x}", xxh3_128(body))).ok();
    let batch = Batch { key, ..Batch::new(admission.at) };
    Reading { harvest: Harvest { batch, ..Harvest::default() }, ignored: 0 }
}

#[cfg(test)]
mod tests;
