//! Answers as the protocol wants them: an export response, or a status message.

use opentelemetry_proto::tonic::collector::metrics::v1::{ExportMetricsPartialSuccess, ExportMetricsServiceResponse};
use opentelemetry_proto::tonic::collector::trace::v1::{ExportTracePartialSuccess, ExportTraceServiceResponse};
use prost::Message;
use serde::Serialize;

use crate::collect::sources::otlp::{Encoding, Reading, Signal};

/// Rejects that a partial success spells out; the rest is a number.
const SPELLED_OUT: usize = 3;

/// `google.rpc.Status`, the body of every OTLP error reply.
#[derive(Clone, PartialEq, Message, Serialize)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

/// The body of a 200 reply: plain success, or partial success with the number of rejected items and the first reasons.
#[must_use]
pub fn success(signal: Signal, encoding: Encoding, reading: &Reading) -> Vec<u8> {
    let rejected = i64::try_from(reading.harvest.rejected()).unwrap_or(i64::MAX);
    let message = reasons(reading);
    let partial = rejected > 0;
    match signal {
        Signal::Traces => {
            let told = ExportTracePartialSuccess { rejected_spans: rejected, error_message: message };
            encode(&ExportTraceServiceResponse { partial_success: partial.then_some(told) }, encoding)
        }
        Signal::Metrics => {
            let told = ExportMetricsPartialSuccess { rejected_data_points: rejected, error_message: message };
            encode(&ExportMetricsServiceResponse { partial_success: partial.then_some(told) }, encoding)
        }
    }
}

/// The body of a 4xx or 5xx reply. `code` is a gRPC status code: 3 for an invalid argument, 14 for unavailable.
#[must_use]
pub fn failure(encoding: Encoding, code: i32, message: &str) -> Vec<u8> {
    encode(&Status { code, message: message.to_owned() }, encoding)
}

fn encode<M: Message + Serialize>(message: &M, encoding: Encoding) -> Vec<u8> {
    match encoding {
        Encoding::Protobuf => message.encode_to_vec(),
        // These messages hold numbers and text only, which always serialise; an empty object is a valid reply.
        Encoding::Json => serde_json::to_vec(message).unwrap_or_else(|_| b"{}".to_vec()),
    }
}

fn reasons(reading: &Reading) -> String {
    let told = reading.harvest.rejects.iter().take(SPELLED_OUT).map(|reject| {
        let field = if reject.field.is_empty() { String::new() } else { format!("`{}` ", reject.field) };
        format!("item {}: {field}{}", reject.line, reject.problem)
    });
    let told = told.collect::<Vec<_>>().join("; ");
    match reading.harvest.rejected().saturating_sub(SPELLED_OUT as u64) {
        0 => told,
        more => format!("{told}; and {more} more"),
    }
}
