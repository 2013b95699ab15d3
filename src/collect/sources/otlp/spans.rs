//! GenAI spans to calls.
//!
//! A call is a span that has `gen_ai.*` attributes, an operation that asks a model (or none named) and a model.
//! Spans of agents, tools and workflows wrap such calls and are ignored, as is a span whose child in the same body is
//! a call itself: frameworks and the client libraries below them both report the one call, and the inner span is the
//! one that was on the wire.

use std::collections::HashSet;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

use crate::collect::source::Admission;
use crate::collect::sources::otlp::attributes::Attributes;
use crate::collect::sources::otlp::channel::{ChannelRule, PROVIDER};
use crate::collect::sources::otlp::{Reading, errors};
use crate::domain::call::{Call, Outcome};
use crate::domain::time::Timestamp;
use crate::domain::units::{MicroUsd, Millis};

const OPERATION: &str = "gen_ai.operation.name";
/// Operations that ask a model. Any other named operation is something around or beside a call.
const MODEL_OPERATIONS: [&str; 7] =
    ["chat", "text_completion", "generate_content", "embeddings", "completion", "responses", "image_generation"];

const TOKENS_PROMPT: [&str; 2] = ["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"];
const TOKENS_COMPLETION: [&str; 2] = ["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"];
const TOKENS_CACHED: [&str; 5] = [
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.usage.cache_read_input_tokens",
    "gen_ai.usage.input_tokens.cached",
    "gen_ai.usage.cached_input_tokens",
    "gen_ai.usage.prompt_tokens_details.cached_tokens",
];
const COST_USD: [&str; 3] = ["gen_ai.usage.cost", "gen_ai.cost.total_cost", "gen_ai.usage.total_cost"];
const STATUS: [&str; 2] = ["http.response.status_code", "http.status_code"];
/// Attributes that carry the time to the first token, in seconds.
const TTFT_SECONDS: [&str; 3] =
    ["gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token", "gen_ai.response.time_to_first_token"];
/// Events that mark the first (or every) piece of a streamed answer.
const TTFT_EVENTS: [&str; 4] =
    ["gen_ai.first_token", "first_token", "gen_ai.content.chunk", "llm.content.completion.chunk"];

/// A field at fault and what is wrong with it.
type Fault = (&'static str, String);

/// Adds the calls of `request` to `reading`.
pub(super) fn read(
    request: &ExportTraceServiceRequest,
    rule: &ChannelRule,
    admission: &Admission,
    reading: &mut Reading,
) {
    let outer = parents_of_calls(request);
    let mut position = 0;
    for resource_spans in &request.resource_spans {
        let resource = Attributes(resource_spans.resource.as_ref().map_or(&[], |resource| &resource.attributes));
        for span in resource_spans.scope_spans.iter().flat_map(|scope| &scope.spans) {
            position += 1;
            if !is_call(span) || outer.contains(&(&*span.trace_id, &*span.span_id)) {
                reading.ignored += 1;
                continue;
            }
            match call(span, resource, rule, admission) {
                Ok(call) => reading.harvest.batch.calls.push(call),
                Err((field, problem)) => reading.harvest.reject(position, field, problem),
            }
        }
    }
}

/// Trace and span ids of the spans that are parents of a call.
fn parents_of_calls(request: &ExportTraceServiceRequest) -> HashSet<(&[u8], &[u8])> {
    let scopes = request.resource_spans.iter().flat_map(|resource| &resource.scope_spans);
    let calls = scopes.flat_map(|scope| &scope.spans).filter(|span| is_call(span));
    calls.filter(|call| !call.parent_span_id.is_empty()).map(|call| (&*call.trace_id, &*call.parent_span_id)).collect()
}

fn is_call(span: &Span) -> bool {
    let attributes = Attributes(&span.attributes);
    match attributes.text(OPERATION) {
        Some(operation) => MODEL_OPERATIONS.contains(&operation),
        // Before operations had names, a provider or a request was what marked a call.
        None => attributes.first_text(&PROVIDER).is_some() || attributes.any_begins("gen_ai.request."),
    }
}

fn call(span: &Span, resource: Attributes<'_>, rule: &ChannelRule, admission: &Admission) -> Result<Call, Fault> {
    let own = Attributes(&span.attributes);
    let ts = instant(span.start_time_unix_nano).ok_or(("startTimeUnixNano", "is missing".to_owned()))?;
    admission.check_ts(ts).map_err(|problem| ("startTimeUnixNano", problem))?;
    let name = rule.name(own, resource).ok_or(("gen_ai.request.model", "is missing".to_owned()))?;
    let mut call = Call::new(ts, admission.channel(&name).map_err(|problem| ("channel", problem))?);
    call.outcome = outcome(span);
    call.latency = Some(latency(span)?);
    call.ttft = first_token(span)?;
    call.tokens_prompt = tokens(own, &TOKENS_PROMPT)?;
    call.tokens_completion = tokens(own, &TOKENS_COMPLETION)?;
    call.tokens_cached = tokens(own, &TOKENS_CACHED)?;
    if let Some((field, usd)) = own.first_number(&COST_USD) {
        call.cost = Some(MicroUsd::from_usd(usd).map_err(|error| (field, error.to_string()))?);
    }
    if let Some(resent) = own.number("http.request.resend_count") {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float casts saturate")]
        let resent = resent as u32;
        call.retries = resent;
    }
    call.probe = own.truth("foreroute.probe");
    Ok(call)
}

/// The instant `nanos` after 1970, `None` for the protocol's "unknown".
pub(super) fn instant(nanos: u64) -> Option<Timestamp> {
    let micros = i64::try_from(nanos / 1_000).ok()?;
    (nanos > 0).then(|| Timestamp::from_micros(micros))
}

#[expect(clippy::cast_precision_loss, reason = "spans of years still keep their microseconds")]
fn millis_between(from_nanos: u64, to_nanos: u64) -> Option<f64> {
    Some(to_nanos.checked_sub(from_nanos)? as f64 / 1e6)
}

fn latency(span: &Span) -> Result<Millis, Fault> {
    let ms = millis_between(span.start_time_unix_nano, span.end_time_unix_nano)
        .ok_or(("endTimeUnixNano", "is before the start of the span".to_owned()))?;
    Millis::new(ms).map_err(|error| ("endTimeUnixNano", format!("makes a duration that {error}")))
}

fn first_token(span: &Span) -> Result<Option<Millis>, Fault> {
    if let Some((field, seconds)) = Attributes(&span.attributes).first_number(&TTFT_SECONDS) {
        return Millis::new(seconds * 1e3).map(Some).map_err(|error| (field, error.to_string()));
    }
    let marks = span.events.iter().filter(|event| TTFT_EVENTS.contains(&event.name.as_str()));
    let first = marks.map(|event| event.time_unix_nano).min();
    let ms = first.and_then(|first| millis_between(span.start_time_unix_nano, first));
    Ok(ms.and_then(|ms| Millis::new(ms).ok()))
}

/// A status says most, then the named error, then the exception's class, then the span's own verdict.
fn outcome(span: &Span) -> Outcome {
    let own = Attributes(&span.attributes);
    if let Some((_, status)) = own.first_number(&STATUS)
        && (400.0..600.0).contains(&status)
    {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 400 and 600")]
        return Outcome::from_status(status as u16);
    }
    if let Some(error_type) = own.text("error.type") {
        return errors::outcome(error_type);
    }
    if span.status.as_ref().is_none_or(|status| status.code != StatusCode::Error as i32) {
        return Outcome::Ok;
    }
    let exception = span.events.iter().find_map(|event| Attributes(&event.attributes).text("exception.type"));
    exception.map_or(Outcome::ServerError, errors::outcome)
}

fn tokens(own: Attributes<'_>, names: &[&'static str]) -> Result<Option<u64>, Fault> {
    let Some((field, number)) = own.first_number(names) else { return Ok(None) };
    if !number.is_finite() || number.fract() != 0.0 {
        return Err((field, "must be a whole number".to_owned()));
    }
    if number < 0.0 {
        return Err((field, "is negative".to_owned()));
    }
    if number > 1e9 {
        return Err((field, "is larger than 1000000000 tokens".to_owned()));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10^9 by the checks above")]
    Ok(Some(number as u64))
}
