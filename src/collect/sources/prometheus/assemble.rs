//! From growth to partial minutes.
//!
//! # Which minute
//! A page tells how much was counted since the last page, not when. Growth is shared out over the minutes of the
//! interval in proportion to their seconds; sums are kept exactly (see
//! [`crate::collect::sources::prometheus::split`]). If the interval is longer than an hour (the program was not
//! running, the exporter was away), its growth cannot be placed any more: all of it goes to the minute of the last
//! page, where it is late and is kept aside, instead of making a wave in minutes that have live readers.
//!
//! # Coverage
//! Seconds between two pages that followed each other as planned are covered. If a page is missing in between, counts
//! are still spread, so that nothing is lost, but the time is a gap: its seconds are not covered. Since partial minutes
//! merge by the larger coverage, each carries all seconds of its minute that were covered so far.

use std::collections::BTreeMap;

use crate::collect::histogram;
use crate::collect::sources::prometheus::baseline::{Baseline, Deltas, HistogramDelta, Known};
use crate::collect::sources::prometheus::mapping::{Level, Measured};
use crate::collect::sources::prometheus::page::{Reading, Slot};
use crate::collect::sources::prometheus::split::{Splitter, minutes};
use crate::domain::call::Outcome;
use crate::domain::ids::ChannelId;
use crate::domain::sample::{Distribution, Sample};
use crate::domain::time::{Minute, Timestamp};
use crate::domain::units::MicroUsd;
use crate::stats::ddsketch::DdSketch;

/// The longest interval whose growth is shared out over its minutes.
const MAX_SPREAD_S: f64 = 3_600.0;

/// A page that comes later than this many planned intervals after the last one had a page missing before it.
const MISSING_AFTER: f64 = 1.5;

/// The interval between two pages.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// Its minutes with their weights; never empty.
    parts: Vec<(Minute, u64)>,
    /// Seconds covered so far of each of these minutes.
    coverage_s: Vec<u32>,
    /// Whether the interval itself is covered.
    covered: bool,
    /// The last minute and the microseconds of it that are covered: the state to carry on.
    pub state: (Minute, u64),
}

impl Interval {
    /// The interval from `before` to `at`, of pages planned every `every_s` seconds.
    #[must_use]
    pub fn new(before: &Baseline, at: Timestamp, every_s: f64) -> Self {
        let seconds = at.seconds_since(before.at);
        let covered = seconds > 0.0 && seconds <= every_s * MISSING_AFTER;
        let mut parts = if seconds <= MAX_SPREAD_S { minutes(before.at, at) } else { vec![(before.at.minute(), 1)] };
        if parts.is_empty() {
            // The clock stood still or stepped back: there is no other minute to put it.
            parts.push((at.minute(), 1));
        }
        let mut state = (at.minute(), 0);
        let mut coverage_s = Vec::with_capacity(parts.len());
        for &(minute, weight) in &parts {
            let earlier_us = if before.covered.0 == minute { before.covered.1 } else { 0 };
            let covered_us = (earlier_us + if covered { weight } else { 0 }).min(60_000_000);
            coverage_s.push(u32::try_from((covered_us + 500_000) / 1_000_000).unwrap_or(60));
            state = (minute, covered_us);
        }
        Self { parts, coverage_s, covered, state }
    }
}

/// What a mapping leaves open about requests and errors.
#[derive(Debug, Clone, Copy)]
pub struct Derivation {
    /// Whether failures are counted by a rule of their own.
    pub counts_failures: bool,
}

/// The partial minutes of every channel that `after` knows.
#[must_use]
pub fn samples(
    deltas: &Deltas,
    after: &Baseline,
    reading: &Reading,
    interval: &Interval,
    derivation: Derivation,
) -> Vec<Sample> {
    let none = BTreeMap::new();
    let mut samples = Vec::with_capacity(after.channels.len() * interval.parts.len());
    for (channel, memory) in &after.channels {
        let mut rows: Vec<_> = interval.parts.iter().map(|&(minute, _)| Sample::new(channel.clone(), minute)).collect();
        let slots = deltas.counters.get(channel).unwrap_or(&none);
        fill_counts(&mut rows, slots, interval, derivation);
        fill_sums(&mut rows, slots, memory.known, interval);
        let of_channel = deltas.histograms.iter().filter(|((owner, _, _), _)| owner == channel);
        for ((_, measure, _), delta) in of_channel {
            fill_distribution(&mut rows, *measure, delta, interval);
        }
        fill_levels(&mut rows, channel, reading);
        for (row, &coverage_s) in rows.iter_mut().zip(&interval.coverage_s) {
            row.coverage_s = coverage_s;
        }
        // In a gap, a row would claim that nothing happened; only what was counted may show.
        samples.extend(rows.into_iter().filter(|row| interval.covered || has_counts(row)));
    }
    samples
}

fn weights(interval: &Interval) -> Splitter {
    Splitter::new(interval.parts.iter().map(|&(_, weight)| weight))
}

/// Requests and errors by class. The classes are shared out, and everything else is summed from them, so that a minute
/// never has more errors than requests.
fn fill_counts(rows: &mut [Sample], slots: &BTreeMap<Slot, u64>, interval: &Interval, derivation: Derivation) {
    let of = |slot| slots.get(&slot).copied();
    let mut failures: Vec<(Option<Outcome>, u64)> = slots
        .iter()
        .filter_map(|(slot, &n)| if let Slot::Failures(class) = slot { Some((*class, n)) } else { None })
        .collect();
    if !derivation.counts_failures
        && let (Some(requests), Some(successes)) = (of(Slot::Requests), of(Slot::Successes))
    {
        failures.push((None, requests.saturating_sub(successes)));
    }
    let failed = failures.iter().fold(0_u64, |sum, (_, n)| sum.saturating_add(*n));
    let good = match of(Slot::Requests) {
        Some(requests) => requests.saturating_sub(failed),
        None => of(Slot::Successes).unwrap_or(0),
    };
    let mut splitter = weights(interval);
    for (row, n) in rows.iter_mut().zip(splitter.split(good)) {
        row.counts.requests = n;
    }
    for (class, n) in failures {
        for (row, n) in rows.iter_mut().zip(splitter.split(n)) {
            let counts = &mut row.counts;
            counts.requests += n;
            counts.errors += n;
            match class {
                Some(Outcome::Timeout) => counts.timeouts += n,
                Some(Outcome::Throttled) => counts.throttled += n,
                Some(Outcome::ClientError) => counts.errors_client += n,
                Some(Outcome::ServerError) => counts.errors_server += n,
                Some(Outcome::NetworkError) => counts.errors_network += n,
                Some(Outcome::Ok) | None => {}
            }
        }
    }
    for (row, n) in rows.iter_mut().zip(weights(interval).split(of(Slot::Retries).unwrap_or(0))) {
        row.counts.retries = n;
    }
}

/// Tokens and money, for the columns that the channel has counters for.
fn fill_sums(rows: &mut [Sample], slots: &BTreeMap<Slot, u64>, known: Known, interval: &Interval) {
    for slot in [Slot::TokensPrompt, Slot::TokensCompletion, Slot::TokensCached, Slot::Cost] {
        if !known.has(slot) {
            continue;
        }
        let parts = weights(interval).split(slots.get(&slot).copied().unwrap_or(0));
        for (row, n) in rows.iter_mut().zip(parts) {
            match slot {
                Slot::TokensPrompt => row.tokens_prompt = Some(n),
                Slot::TokensCompletion => row.tokens_completion = Some(n),
                Slot::TokensCached => row.tokens_cached = Some(n),
                _ => row.cost = Some(MicroUsd(i64::try_from(n).unwrap_or(i64::MAX))),
            }
        }
    }
}

/// One histogram's growth, shared out bucket by bucket, as sketches.
fn fill_distribution(rows: &mut [Sample], measure: Measured, delta: &HistogramDelta, interval: &Interval) {
    let mut splitter = weights(interval);
    let mut parts = vec![Vec::with_capacity(delta.counts.len()); rows.len()];
    for &count in &delta.counts {
        for (part, n) in parts.iter_mut().zip(splitter.split(count)) {
            part.push(n);
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a mean is a float")]
    let sum_ms = delta.sum_us as f64 / 1_000.0;
    let means = bucket_means(&delta.bounds_ms, &delta.counts, sum_ms);
    let alone = parts.len() == 1;
    for (row, counts) in rows.iter_mut().zip(parts) {
        if counts.iter().all(|&n| n == 0) {
            continue;
        }
        #[expect(clippy::cast_precision_loss, reason = "a mean is a float")]
        let sum = if alone { sum_ms } else { counts.iter().zip(&means).map(|(&n, mean)| n as f64 * mean).sum() };
        let sketch = histogram::spread(&delta.bounds_ms, &counts, Some(sum).filter(|sum| *sum > 0.0), None, None);
        merge_into(if measure == Measured::Latency { &mut row.latency } else { &mut row.ttft }, &sketch);
    }
}

fn merge_into(distribution: &mut Distribution, sketch: &DdSketch) {
    match distribution {
        Distribution::Sketch(known) => known.merge(sketch),
        _ => *distribution = Distribution::Sketch(sketch.clone()),
    }
}

/// The mean of each bucket under which the means add up to `sum`, as far as the bounds allow: every value lies the
/// same share of the way into its bucket; what is then left belongs to the open-ended one.
#[expect(clippy::cast_precision_loss, reason = "an estimate")]
fn bucket_means(bounds: &[f64], counts: &[u64], sum: f64) -> Vec<f64> {
    let edge = |index: usize| bounds.get(index).copied().unwrap_or(f64::INFINITY);
    let low = |index: usize| if index == 0 { 0.0 } else { edge(index - 1).max(0.0) };
    let width = |index: usize| if index < bounds.len() { (edge(index) - low(index)).max(0.0) } else { 0.0 };
    let total =
        |of: &dyn Fn(usize) -> f64| counts.iter().enumerate().map(|(n, &count)| of(n) * count as f64).sum::<f64>();
    let (least, room) = (total(&low), total(&width));
    let share = if room > 0.0 { ((sum - least) / room).clamp(0.0, 1.0) } else { 0.0 };
    let beyond = (sum - least - room).max(0.0) / counts.last().copied().unwrap_or(0).max(1) as f64;
    (0..counts.len()).map(|n| low(n) + share * width(n) + if n == bounds.len() { beyond } else { 0.0 }).collect()
}

/// Levels are as of the page, so they belong to the last minute.
fn fill_levels(rows: &mut [Sample], channel: &ChannelId, reading: &Reading) {
    let Some(row) = rows.last_mut() else { return };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float casts saturate")]
    let of = |level| reading.levels.get(&(channel.clone(), level)).map(|&value| value.round() as u32);
    row.in_flight_max = of(Level::InFlight);
    row.queue_max = of(Level::Queue);
}

fn has_counts(row: &Sample) -> bool {
    let sums = [row.tokens_prompt, row.tokens_completion, row.tokens_cached];
    row.counts.requests > 0
        || row.counts.retries > 0
        || sums.iter().any(|sum| sum.is_some_and(|n| n > 0))
        || row.cost.is_some_and(|cost| cost.0 > 0)
        || row.latency != Distribution::Empty
        || row.ttft != Distribution::Empty
}
