//! What a body would weigh once decoded, found without decoding it.
//!
//! Two bytes of protobuf can open a span, which takes some hundred bytes in memory: a body of a few megabytes, well
//! within any limit on bodies, could take a hundred times that. So before a body is decoded its messages are counted
//! where they lie, each with the size that it will have, and a body that would become too heavy is refused.

use std::mem::size_of;

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::metrics::v1::exemplar::Value as ExemplarValue;
use opentelemetry_proto::tonic::metrics::v1::summary_data_point::ValueAtQuantile;
use opentelemetry_proto::tonic::metrics::v1::{
    Exemplar, ExponentialHistogramDataPoint, HistogramDataPoint, Metric, NumberDataPoint, ResourceMetrics,
    ScopeMetrics, SummaryDataPoint,
};
use opentelemetry_proto::tonic::trace::v1::span::{Event, Link};
use opentelemetry_proto::tonic::trace::v1::{ResourceSpans, ScopeSpans, Span};

use crate::collect::sources::otlp::{Encoding, Signal};
use crate::stats::varint;

/// Deeper messages are not looked into: protobuf decoding stops at a hundred levels.
const MAX_DEPTH: usize = 100;
/// The heaviest thing that one `{` of JSON can open.
const JSON_OBJECT: usize = size_of::<Span>() + size_of::<ExemplarValue>();

/// A field that holds messages: its number, the size of each, and the fields inside that hold messages in turn.
struct Field {
    number: u64,
    size: usize,
    inside: &'static [Field],
}

const fn field(number: u64, size: usize, inside: &'static [Field]) -> Field {
    Field { number, size, inside }
}

const KEY_VALUE: usize = size_of::<KeyValue>();

static ANY_VALUE: [Field; 2] = [field(5, 24, &VALUES), field(6, 24, &PAIRS)];
static VALUES: [Field; 1] = [field(1, size_of::<AnyValue>(), &ANY_VALUE)];
static PAIRS: [Field; 1] = [field(1, KEY_VALUE, &PAIR)];
static PAIR: [Field; 1] = [field(2, 0, &ANY_VALUE)];

static RESOURCE: [Field; 2] = [field(1, KEY_VALUE, &PAIR), field(3, 96, &[])];
static SCOPE: [Field; 1] = [field(3, KEY_VALUE, &PAIR)];

static TRACES: [Field; 1] = [field(1, size_of::<ResourceSpans>(), &OF_RESOURCE_SPANS)];
static OF_RESOURCE_SPANS: [Field; 2] = [field(1, 0, &RESOURCE), field(2, size_of::<ScopeSpans>(), &OF_SCOPE_SPANS)];
static OF_SCOPE_SPANS: [Field; 2] = [field(1, 0, &SCOPE), field(2, size_of::<Span>(), &OF_SPAN)];
static OF_SPAN: [Field; 3] =
    [field(9, KEY_VALUE, &PAIR), field(11, size_of::<Event>(), &OF_EVENT), field(13, size_of::<Link>(), &OF_LINK)];
static OF_EVENT: [Field; 1] = [field(3, KEY_VALUE, &PAIR)];
static OF_LINK: [Field; 1] = [field(4, KEY_VALUE, &PAIR)];

static METRICS: [Field; 1] = [field(1, size_of::<ResourceMetrics>(), &OF_RESOURCE_METRICS)];
static OF_RESOURCE_METRICS: [Field; 2] =
    [field(1, 0, &RESOURCE), field(2, size_of::<ScopeMetrics>(), &OF_SCOPE_METRICS)];
static OF_SCOPE_METRICS: [Field; 2] = [field(1, 0, &SCOPE), field(2, size_of::<Metric>(), &OF_METRIC)];
static OF_METRIC: [Field; 6] = [
    field(5, 0, &NUMBERS),
    field(7, 0, &NUMBERS),
    field(9, 0, &HISTOGRAMS),
    field(10, 0, &EXPONENTIALS),
    field(11, 0, &SUMMARIES),
    field(12, KEY_VALUE, &PAIR),
];
static NUMBERS: [Field; 1] = [field(1, size_of::<NumberDataPoint>(), &OF_NUMBER)];
static OF_NUMBER: [Field; 2] = [field(7, KEY_VALUE, &PAIR), field(5, size_of::<Exemplar>(), &OF_EXEMPLAR)];
static HISTOGRAMS: [Field; 1] = [field(1, size_of::<HistogramDataPoint>(), &OF_HISTOGRAM)];
static OF_HISTOGRAM: [Field; 2] = [field(9, KEY_VALUE, &PAIR), field(8, size_of::<Exemplar>(), &OF_EXEMPLAR)];
static EXPONENTIALS: [Field; 1] = [field(1, size_of::<ExponentialHistogramDataPoint>(), &OF_EXPONENTIAL)];
static OF_EXPONENTIAL: [Field; 2] = [field(1, KEY_VALUE, &PAIR), field(11, size_of::<Exemplar>(), &OF_EXEMPLAR)];
static SUMMARIES: [Field; 1] = [field(1, size_of::<SummaryDataPoint>(), &OF_SUMMARY)];
static OF_SUMMARY: [Field; 2] = [field(7, KEY_VALUE, &PAIR), field(6, size_of::<ValueAtQuantile>(), &[])];
static OF_EXEMPLAR: [Field; 1] = [field(7, KEY_VALUE, &PAIR)];

/// Bytes that `body` will take at most once decoded.
pub(super) fn of(body: &[u8], signal: Signal, encoding: Encoding) -> usize {
    match encoding {
        Encoding::Protobuf => of_protobuf(body, signal),
        Encoding::Json => of_json(body),
    }
}

/// Bytes that the protobuf message `body` will take at most, as far as it is well formed: where it is not, counting
/// stops, as decoding will.
fn of_protobuf(body: &[u8], signal: Signal) -> usize {
    let fields = match signal {
        Signal::Traces => &TRACES,
        Signal::Metrics => &METRICS,
    };
    // Packed whole numbers take up to eight times their room on the wire, text as much as there.
    let mut total = body.len();
    let _ended_early = add(body, fields, 0, &mut total);
    total
}

/// Bytes that the JSON message `body` will take at most.
fn of_json(body: &[u8]) -> usize {
    let objects = body.iter().map(|&byte| usize::from(byte == b'{')).sum::<usize>();
    body.len().saturating_add(objects.saturating_mul(JSON_OBJECT))
}

/// Adds the weight of the messages in `body`; `None` where the bytes are not protobuf.
fn add(mut body: &[u8], fields: &'static [Field], depth: usize, total: &mut usize) -> Option<()> {
    while !body.is_empty() && depth < MAX_DEPTH {
        let key = varint::take(&mut body).ok()?;
        let length = match key & 7 {
            0 => {
                varint::take(&mut body).ok()?;
                0
            }
            1 => 8,
            2 => usize::try_from(varint::take(&mut body).ok()?).ok()?,
            5 => 4,
            _ => return None,
        };
        let (value, rest) = body.split_at_checked(length)?;
        body = rest;
        if let Some(known) = fields.iter().find(|field| field.number == key >> 3 && key & 7 == 2) {
            // Lists double as they grow, so at most half of a list is room that was never used.
            *total = total.saturating_add(2 * known.size);
            add(value, known.inside, depth + 1, total)?;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A message that holds `inner` in field `number`.
    fn wrap(number: u8, inner: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2];
        varint::put(&mut bytes, inner.len() as u64);
        bytes.extend_from_slice(inner);
        bytes
    }

    #[test]
    fn a_thousand_empty_spans_weigh_as_much_as_a_thousand_spans() {
        let empty_spans = wrap(2, &[]).repeat(1_000);
        let body = wrap(1, &wrap(2, &empty_spans));
        assert_eq!(body.len(), 2_000 + 6);
        assert!(of_protobuf(&body, Signal::Traces) > 1_000 * size_of::<Span>());
        assert!(of_protobuf(&body, Signal::Metrics) > 1_000 * size_of::<Metric>());
    }

    #[test]
    fn a_usual_body_weighs_little_more_than_itself() {
        let body = include_bytes!("../../../../tests/fixtures/otlp/traces-1.bin");
        let weight = of_protobuf(body, Signal::Traces);
        assert!(weight > body.len() && weight < 6 * body.len(), "{weight} for {} bytes", body.len());
        let json = include_bytes!("../../../../tests/fixtures/otlp/traces.otlp.json");
        assert!(of_json(json) < 20 * json.len(), "{} for {} bytes", of_json(json), json.len());
    }

    #[test]
    fn values_within_values_are_counted_as_deep_as_they_are_decoded() {
        let mut value = wrap(1, b"x");
        for _ in 0..300 {
            value = wrap(5, &wrap(1, &value));
        }
        let body = wrap(1, &wrap(2, &wrap(2, &wrap(9, &wrap(2, &value)))));
        assert!(of_protobuf(&body, Signal::Traces) > 40 * size_of::<AnyValue>());
    }
}
