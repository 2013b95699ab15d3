//! The rows of the codec: calls, samples, gauges. A mask says which fields follow; absent ones cost nothing.

use std::collections::BTreeMap;

use super::CodecError;
use super::words::{Reader, Writer};
use crate::domain::call::{Call, Outcome};
use crate::domain::gauge::{Gauge, GaugeMinute};
use crate::domain::sample::{Counts, Distribution, ProbeResult, Sample, Summary};
use crate::domain::units::{MicroUsd, Millis};
use crate::stats::ddsketch::DdSketch;

/// Least bytes of a call: channel, mask, instant.
pub(super) const CALL_BYTES: usize = 3;
/// Least bytes of a sample: channel, minute, mask.
pub(super) const SAMPLE_BYTES: usize = 3;
/// Least bytes of a gauge reading: metric, labels, instant, value.
pub(super) const GAUGE_BYTES: usize = 11;
/// Least bytes of a gauge minute: minute, metric, labels, count, instant, four values.
pub(super) const GAUGE_MINUTE_BYTES: usize = 37;

/// Bits of a call's mask. The lowest three are the outcome's code.
mod call {
    pub(super) const OUTCOME: u64 = 0b111;
    pub(super) const PROBE: u64 = 1 << 3;
    pub(super) const LATENCY: u64 = 1 << 4;
    pub(super) const LATENCY_EXACT: u64 = 1 << 5;
    pub(super) const TTFT: u64 = 1 << 6;
    pub(super) const PROMPT: u64 = 1 << 7;
    pub(super) const COMPLETION: u64 = 1 << 8;
    pub(super) const CACHED: u64 = 1 << 9;
    pub(super) const COST: u64 = 1 << 10;
    pub(super) const RETRIES: u64 = 1 << 11;
    pub(super) const IN_FLIGHT: u64 = 1 << 12;
    pub(super) const QUEUE: u64 = 1 << 13;
}

/// Bits of a sample's mask. The lowest ten are `revision`, `coverage_s` and the eight counts, where not zero.
mod sample {
    pub(super) const NUMBERS: usize = 10;
    pub(super) const PROMPT: u64 = 1 << 10;
    pub(super) const COMPLETION: u64 = 1 << 11;
    pub(super) const CACHED: u64 = 1 << 12;
    pub(super) const COST: u64 = 1 << 13;
    pub(super) const LATENCY: u32 = 14;
    pub(super) const TTFT: u32 = 16;
    pub(super) const IN_FLIGHT: u64 = 1 << 18;
    pub(super) const QUEUE: u64 = 1 << 19;
    pub(super) const PROBE: u64 = 1 << 20;
    pub(super) const PROBE_OK: u64 = 1 << 21;
    pub(super) const PROBE_LATENCY: u64 = 1 << 22;
}

/// Two bits for the kind of a distribution.
const SKETCH: u64 = 1;
const STATED: u64 = 2;

/// `bit` if `there`.
const fn bit_if(there: bool, bit: u64) -> u64 {
    if there { bit } else { 0 }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a day of microseconds")]
fn ticks(duration: Millis) -> u64 {
    (duration.get() * 1_000.0).round() as u64
}

fn millis(ticks: u64) -> Result<Millis, CodecError> {
    #[expect(clippy::cast_precision_loss, reason = "what a day does not hold is refused below")]
    let ms = ticks as f64 / 1_000.0;
    Millis::new(ms).map_err(|_| CodecError::Malformed("a duration"))
}

/// Whether a duration loses something when it is kept in whole microseconds.
fn is_fractional(duration: Millis) -> bool {
    millis(ticks(duration)) != Ok(duration)
}

pub(super) fn put_call<'a>(out: &mut Writer<'a>, call: &'a Call) {
    let exact = call.probe && call.latency.is_some_and(is_fractional);
    let mask = call.outcome as u64
        | bit_if(call.probe, call::PROBE)
        | bit_if(call.latency.is_some() && !exact, call::LATENCY)
        | bit_if(exact, call::LATENCY_EXACT)
        | bit_if(call.ttft.is_some(), call::TTFT)
        | bit_if(call.tokens_prompt.is_some(), call::PROMPT)
        | bit_if(call.tokens_completion.is_some(), call::COMPLETION)
        | bit_if(call.tokens_cached.is_some(), call::CACHED)
        | bit_if(call.cost.is_some(), call::COST)
        | bit_if(call.retries > 0, call::RETRIES)
        | bit_if(call.in_flight.is_some(), call::IN_FLIGHT)
        | bit_if(call.queue.is_some(), call::QUEUE);
    out.channel(&call.channel);
    out.number(mask);
    out.instant(call.ts);
    match call.latency {
        Some(latency) if exact => out.float(latency.get()),
        Some(latency) => out.number(ticks(latency)),
        None => {}
    }
    let rest = [
        call.ttft.map(ticks),
        call.tokens_prompt,
        call.tokens_completion,
        call.tokens_cached,
        call.cost.map(|cost| crate::stats::varint::zigzag(cost.0)),
        (call.retries > 0).then_some(u64::from(call.retries)),
        call.in_flight.map(u64::from),
        call.queue.map(u64::from),
    ];
    for value in rest.into_iter().flatten() {
        out.number(value);
    }
}

pub(super) fn take_call(from: &mut Reader<'_>) -> Result<Call, CodecError> {
    let channel = from.channel()?;
    let mask = from.number()?;
    let mut call = Call::new(from.instant()?, channel);
    let code = usize::try_from(mask & call::OUTCOME).unwrap_or(usize::MAX);
    call.outcome = *Outcome::ALL.get(code).ok_or(CodecError::Malformed("an outcome"))?;
    call.probe = mask & call::PROBE != 0;
    if mask & call::LATENCY != 0 {
        call.latency = Some(millis(from.number()?)?);
    } else if mask & call::LATENCY_EXACT != 0 {
        call.latency = Some(Millis::new(from.float()?).map_err(|_| CodecError::Malformed("a duration"))?);
    }
    let mut number = |bit| if mask & bit == 0 { Ok(None) } else { from.number().map(Some) };
    call.ttft = number(call::TTFT)?.map(millis).transpose()?;
    call.tokens_prompt = number(call::PROMPT)?;
    call.tokens_completion = number(call::COMPLETION)?;
    call.tokens_cached = number(call::CACHED)?;
    call.cost = number(call::COST)?.map(|cost| MicroUsd(crate::stats::varint::unzigzag(cost)));
    call.retries = small(number(call::RETRIES)?)?.unwrap_or(0);
    call.in_flight = small(number(call::IN_FLIGHT)?)?;
    call.queue = small(number(call::QUEUE)?)?;
    Ok(call)
}

fn small(value: Option<u64>) -> Result<Option<u32>, CodecError> {
    value.map(|value| u32::try_from(value).map_err(|_| CodecError::Malformed("a count"))).transpose()
}

/// The numbers of a sample that are often zero, in the order of the mask.
fn numbers(sample: &Sample) -> [u64; sample::NUMBERS] {
    let Counts { requests, errors, timeouts, throttled, errors_client, errors_server, errors_network, retries } =
        sample.counts;
    let (revision, coverage) = (u64::from(sample.revision), u64::from(sample.coverage_s));
    [revision, coverage, requests, errors, timeouts, throttled, errors_client, errors_server, errors_network, retries]
}

const fn kind_of(distribution: &Distribution) -> u64 {
    match distribution {
        Distribution::Empty => 0,
        Distribution::Sketch(_) => SKETCH,
        Distribution::Stated(_) => STATED,
    }
}

pub(super) fn put_sample<'a>(out: &mut Writer<'a>, row: &'a Sample) {
    let numbers = numbers(row);
    let nonzero = numbers.iter().enumerate().fold(0, |mask, (at, &n)| mask | bit_if(n > 0, 1 << at));
    let probe_latency = row.probe.and_then(|probe| probe.latency_ms);
    let mask = nonzero
        | bit_if(row.tokens_prompt.is_some(), sample::PROMPT)
        | bit_if(row.tokens_completion.is_some(), sample::COMPLETION)
        | bit_if(row.tokens_cached.is_some(), sample::CACHED)
        | bit_if(row.cost.is_some(), sample::COST)
        | kind_of(&row.latency) << sample::LATENCY
        | kind_of(&row.ttft) << sample::TTFT
        | bit_if(row.in_flight_max.is_some(), sample::IN_FLIGHT)
        | bit_if(row.queue_max.is_some(), sample::QUEUE)
        | bit_if(row.probe.is_some(), sample::PROBE)
        | bit_if(row.probe.is_some_and(|probe| probe.ok), sample::PROBE_OK)
        | bit_if(probe_latency.is_some(), sample::PROBE_LATENCY);
    out.channel(&row.channel);
    out.minute(row.minute);
    out.number(mask);
    let rest = [
        row.tokens_prompt,
        row.tokens_completion,
        row.tokens_cached,
        row.cost.map(|cost| crate::stats::varint::zigzag(cost.0)),
        row.in_flight_max.map(u64::from),
        row.queue_max.map(u64::from),
    ];
    for value in numbers.into_iter().filter(|&n| n > 0).chain(rest.into_iter().flatten()) {
        out.number(value);
    }
    put_distribution(out, &row.latency);
    put_distribution(out, &row.ttft);
    if let Some(latency_ms) = probe_latency {
        out.float(latency_ms);
    }
}

pub(super) fn take_sample(from: &mut Reader<'_>) -> Result<Sample, CodecError> {
    let channel = from.channel()?;
    let mut row = Sample::new(channel, from.minute()?);
    let mask = from.number()?;
    let mut number = |bit| if mask & bit == 0 { Ok(None) } else { from.number().map(Some) };
    let mut numbers = [0; sample::NUMBERS];
    for (at, n) in numbers.iter_mut().enumerate() {
        *n = number(1 << at)?.unwrap_or(0);
    }
    let [
        revision,
        coverage,
        requests,
        errors,
        timeouts,
        throttled,
        errors_client,
        errors_server,
        errors_network,
        retries,
    ] = numbers;
    row.revision = small(Some(revision))?.unwrap_or(0);
    row.coverage_s = small(Some(coverage))?.unwrap_or(0);
    row.counts =
        Counts { requests, errors, timeouts, throttled, errors_client, errors_server, errors_network, retries };
    row.tokens_prompt = number(sample::PROMPT)?;
    row.tokens_completion = number(sample::COMPLETION)?;
    row.tokens_cached = number(sample::CACHED)?;
    row.cost = number(sample::COST)?.map(|cost| MicroUsd(crate::stats::varint::unzigzag(cost)));
    row.in_flight_max = small(number(sample::IN_FLIGHT)?)?;
    row.queue_max = small(number(sample::QUEUE)?)?;
    row.latency = take_distribution(from, mask >> sample::LATENCY & 0b11)?;
    row.ttft = take_distribution(from, mask >> sample::TTFT & 0b11)?;
    let latency_ms = if mask & sample::PROBE_LATENCY == 0 { None } else { Some(from.float()?) };
    if mask & sample::PROBE != 0 {
        row.probe = Some(ProbeResult { ok: mask & sample::PROBE_OK != 0, latency_ms });
    }
    Ok(row)
}

fn put_distribution(out: &mut Writer<'_>, distribution: &Distribution) {
    match distribution {
        Distribution::Empty => {}
        Distribution::Sketch(sketch) => out.sized(|bytes| sketch.encode(bytes)),
        Distribution::Stated(summary) => {
            let Summary { mean, p50, p90, p95, p99, max } = **summary;
            let values = [mean, p50, p90, p95, p99, max];
            let mask = values.iter().enumerate().fold(0, |mask, (at, value)| mask | bit_if(value.is_some(), 1 << at));
            out.number(mask);
            for value in values.into_iter().flatten() {
                out.float(value);
            }
        }
    }
}

fn take_distribution(from: &mut Reader<'_>, kind: u64) -> Result<Distribution, CodecError> {
    match kind {
        0 => Ok(Distribution::Empty),
        SKETCH => Ok(Distribution::Sketch(DdSketch::decode(from.sized()?)?)),
        STATED => {
            let mask = from.number()?;
            let mut float = |at: u32| if mask >> at & 1 == 0 { Ok(None) } else { from.float().map(Some) };
            let [mean, p50, p90, p95, p99, max] = [float(0)?, float(1)?, float(2)?, float(3)?, float(4)?, float(5)?];
            Ok(Distribution::Stated(Box::new(Summary { mean, p50, p90, p95, p99, max })))
        }
        _ => Err(CodecError::Malformed("a distribution")),
    }
}

fn put_labels<'a>(out: &mut Writer<'a>, labels: &'a BTreeMap<String, String>) {
    out.number(labels.len() as u64);
    for (name, value) in labels {
        out.name(name);
        out.name(value);
    }
}

fn take_labels(from: &mut Reader<'_>) -> Result<BTreeMap<String, String>, CodecError> {
    let pairs = from.list(2, |from| Ok((from.name()?.to_owned(), from.name()?.to_owned())))?;
    Ok(pairs.into_iter().collect())
}

pub(super) fn put_gauge<'a>(out: &mut Writer<'a>, gauge: &'a Gauge) {
    out.name(&gauge.metric);
    put_labels(out, &gauge.labels);
    out.instant(gauge.ts);
    out.float(gauge.value);
}

pub(super) fn take_gauge(from: &mut Reader<'_>) -> Result<Gauge, CodecError> {
    Ok(Gauge { metric: from.name()?.to_owned(), labels: take_labels(from)?, ts: from.instant()?, value: from.float()? })
}

pub(super) fn put_gauge_minute<'a>(out: &mut Writer<'a>, gauge: &'a GaugeMinute) {
    out.minute(gauge.minute);
    out.name(&gauge.metric);
    put_labels(out, &gauge.labels);
    out.number(u64::from(gauge.count));
    out.instant(gauge.last_ts);
    for value in [gauge.sum, gauge.min, gauge.max, gauge.last] {
        out.float(value);
    }
}

pub(super) fn take_gauge_minute(from: &mut Reader<'_>) -> Result<GaugeMinute, CodecError> {
    Ok(GaugeMinute {
        minute: from.minute()?,
        metric: from.name()?.to_owned(),
        labels: take_labels(from)?,
        count: from.small("a count of readings")?,
        last_ts: from.instant()?,
        sum: from.float()?,
        min: from.float()?,
        max: from.float()?,
        last: from.float()?,
    })
}
