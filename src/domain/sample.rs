//! One channel's one minute, as a value that merges.
//!
//! A [`Sample`] is a commutative monoid: merging is associative, order-free and exact (integers and sketches only),
//! so it does not matter in which order calls arrive, in how many pieces, or where the pieces meet: in memory, in a
//! late amendment or in a roll-up. Percentiles are read from the merged sketch, never combined from percentiles.

use crate::domain::call::{Call, Outcome};
use crate::domain::ids::ChannelId;
use crate::domain::time::Minute;
use crate::domain::units::MicroUsd;
use crate::stats::ddsketch::DdSketch;

/// How often each thing happened. Probes are not counted here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Calls sent.
    pub requests: u64,
    /// Calls that failed in any way; the classes below add up to it where the source tells them apart.
    pub errors: u64,
    /// Of the errors: no answer in time.
    pub timeouts: u64,
    /// Of the errors: refused for load or quota.
    pub throttled: u64,
    /// Of the errors: the request was at fault.
    pub errors_client: u64,
    /// Of the errors: the channel was at fault.
    pub errors_server: u64,
    /// Of the errors: no connection.
    pub errors_network: u64,
    /// Attempts beyond the first.
    pub retries: u64,
}

impl Counts {
    fn record(&mut self, call: &Call) {
        self.requests += 1;
        self.retries += u64::from(call.retries);
        self.errors += u64::from(call.outcome.is_failure());
        match call.outcome {
            Outcome::Ok => {}
            Outcome::Throttled => self.throttled += 1,
            Outcome::Timeout => self.timeouts += 1,
            Outcome::ClientError => self.errors_client += 1,
            Outcome::ServerError => self.errors_server += 1,
            Outcome::NetworkError => self.errors_network += 1,
        }
    }

    fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.requests, other.requests),
            (&mut self.errors, other.errors),
            (&mut self.timeouts, other.timeouts),
            (&mut self.throttled, other.throttled),
            (&mut self.errors_client, other.errors_client),
            (&mut self.errors_server, other.errors_server),
            (&mut self.errors_network, other.errors_network),
            (&mut self.retries, other.retries),
        ] {
            *mine = mine.saturating_add(theirs);
        }
    }
}

/// Statistics that a source stated without the values behind them; they cannot be merged into percentiles.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Summary {
    /// Arithmetic mean.
    pub mean: Option<f64>,
    /// Median.
    pub p50: Option<f64>,
    /// 90th percentile.
    pub p90: Option<f64>,
    /// 95th percentile.
    pub p95: Option<f64>,
    /// 99th percentile.
    pub p99: Option<f64>,
    /// Largest value.
    pub max: Option<f64>,
}

/// The distribution of a duration in milliseconds over one minute (or a longer window after merging).
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Distribution {
    /// Nothing was measured.
    #[default]
    Empty,
    /// The values themselves, within the sketch's error.
    Sketch(DdSketch),
    /// Only a summary is known: the minute was recorded elsewhere. Boxed, because it is the rare case.
    Stated(Box<Summary>),
}

impl Distribution {
    /// Adds one value in milliseconds. A stated summary cannot take single values and stays as it is.
    pub fn insert(&mut self, ms: f64) {
        match self {
            Self::Empty => {
                let mut sketch = DdSketch::new();
                sketch.insert(ms);
                *self = Self::Sketch(sketch);
            }
            Self::Sketch(sketch) => sketch.insert(ms),
            Self::Stated(_) => {}
        }
    }

    /// Arithmetic mean, exact for sketches.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        match self {
            Self::Empty => None,
            Self::Sketch(sketch) => sketch.mean(),
            Self::Stated(summary) => summary.mean,
        }
    }

    /// Largest value, exact for sketches.
    #[must_use]
    pub fn max(&self) -> Option<f64> {
        match self {
            Self::Empty => None,
            Self::Sketch(sketch) => sketch.max(),
            Self::Stated(summary) => summary.max,
        }
    }

    /// The `q`-quantile; a stated summary knows only 0.5, 0.9, 0.95 and 0.99.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        match self {
            Self::Empty => None,
            Self::Sketch(sketch) => sketch.quantile(q),
            Self::Stated(summary) => [(0.5, summary.p50), (0.9, summary.p90), (0.95, summary.p95), (0.99, summary.p99)]
                .into_iter()
                .find(|&(level, _)| (level - q).abs() < 1e-9)
                .and_then(|(_, value)| value),
        }
    }

    /// The sketch, if there is one.
    #[must_use]
    pub const fn sketch(&self) -> Option<&DdSketch> {
        match self {
            Self::Sketch(sketch) => Some(sketch),
            _ => None,
        }
    }

    /// Joins `other`, seen over `their_calls` calls, to this one, seen over `my_calls`.
    ///
    /// Two sketches merge exactly. As soon as one side is only a summary, the percentiles of the whole are unknown:
    /// what remains is the mean (weighted by calls) and the maximum.
    fn merge(&mut self, my_calls: u64, other: &Self, their_calls: u64) {
        match (&mut *self, other) {
            (_, Self::Empty) => {}
            (Self::Empty, _) => self.clone_from(other),
            (Self::Sketch(mine), Self::Sketch(theirs)) => mine.merge(theirs),
            _ => {
                let mean = weighted_mean(self.mean(), my_calls, other.mean(), their_calls);
                let max = self.max().into_iter().chain(other.max()).reduce(f64::max);
                *self = Self::Stated(Box::new(Summary { mean, max, ..Summary::default() }));
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "weights of a mean")]
fn weighted_mean(a: Option<f64>, weight_a: u64, b: Option<f64>, weight_b: u64) -> Option<f64> {
    let (weight_a, weight_b) = (weight_a as f64, weight_b as f64);
    match (a, b) {
        (Some(a), Some(b)) if weight_a + weight_b > 0.0 => Some((a * weight_a + b * weight_b) / (weight_a + weight_b)),
        (Some(a), Some(b)) => Some(f64::midpoint(a, b)),
        (one, other) => one.or(other),
    }
}

/// What the probes of a minute found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProbeResult {
    /// Whether every probe of the minute got the right answer in time.
    pub ok: bool,
    /// The slowest probe, in milliseconds; `None` if none got an answer.
    pub latency_ms: Option<f64>,
}

/// One channel's one minute (or, after a roll-up, one longer window that starts at `minute`).
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The channel.
    pub channel: ChannelId,
    /// The minute, or the first minute of a rolled-up window.
    pub minute: Minute,
    /// Raised by one with each amendment after publication. For re-sent minutes the higher revision wins.
    pub revision: u32,
    /// Seconds of the minute during which the source was watching, 0 ..= 60 (more after a roll-up). A minute without
    /// calls that was watched is a row with `requests` 0; a minute that nobody watched has no row.
    pub coverage_s: u32,
    /// Event counts.
    pub counts: Counts,
    /// Prompt tokens, cached ones included.
    pub tokens_prompt: Option<u64>,
    /// Completion tokens.
    pub tokens_completion: Option<u64>,
    /// Prompt tokens served from a cache.
    pub tokens_cached: Option<u64>,
    /// Money spent.
    pub cost: Option<MicroUsd>,
    /// Latency of successful calls, in milliseconds.
    pub latency: Distribution,
    /// Time to first token of successful calls, in milliseconds.
    pub ttft: Distribution,
    /// Most calls seen in flight at once.
    pub in_flight_max: Option<u32>,
    /// Most calls seen waiting at once.
    pub queue_max: Option<u32>,
    /// Probe results, if the channel was probed.
    pub probe: Option<ProbeResult>,
}

impl Sample {
    /// A minute in which nothing is known yet.
    #[must_use]
    pub fn new(channel: ChannelId, minute: Minute) -> Self {
        Self {
            channel,
            minute,
            revision: 0,
            coverage_s: 0,
            counts: Counts::default(),
            tokens_prompt: None,
            tokens_completion: None,
            tokens_cached: None,
            cost: None,
            latency: Distribution::Empty,
            ttft: Distribution::Empty,
            in_flight_max: None,
            queue_max: None,
            probe: None,
        }
    }

    /// Adds one call of this channel and minute.
    pub fn record(&mut self, call: &Call) {
        debug_assert_eq!(call.channel, self.channel);
        if call.probe {
            self.record_probe(call);
            return;
        }
        self.counts.record(call);
        add(&mut self.tokens_prompt, call.tokens_prompt);
        add(&mut self.tokens_completion, call.tokens_completion);
        add(&mut self.tokens_cached, call.tokens_cached);
        self.cost = sum_cost(self.cost, call.cost);
        self.in_flight_max = self.in_flight_max.max(call.in_flight);
        self.queue_max = self.queue_max.max(call.queue);
        if !call.outcome.is_failure() {
            if let Some(latency) = call.latency {
                self.latency.insert(latency.get());
            }
            if let Some(ttft) = call.ttft {
                self.ttft.insert(ttft.get());
            }
        }
    }

    /// A probe's cost is real money; everything else about it stays out of the demand columns.
    fn record_probe(&mut self, call: &Call) {
        self.cost = sum_cost(self.cost, call.cost);
        let found =
            ProbeResult { ok: !call.outcome.is_failure(), latency_ms: call.latency.map(super::units::Millis::get) };
        self.probe = merge_probes(self.probe, Some(found));
    }

    /// Joins `other`, a further piece of the same channel's same window. Revisions are left to the caller.
    pub fn merge(&mut self, other: &Self) {
        self.latency.merge(self.counts.requests, &other.latency, other.counts.requests);
        self.ttft.merge(self.counts.requests, &other.ttft, other.counts.requests);
        self.counts.merge(&other.counts);
        add(&mut self.tokens_prompt, other.tokens_prompt);
        add(&mut self.tokens_completion, other.tokens_completion);
        add(&mut self.tokens_cached, other.tokens_cached);
        self.cost = sum_cost(self.cost, other.cost);
        self.in_flight_max = self.in_flight_max.max(other.in_flight_max);
        self.queue_max = self.queue_max.max(other.queue_max);
        self.probe = merge_probes(self.probe, other.probe);
        self.coverage_s = self.coverage_s.max(other.coverage_s);
    }
}

fn add(sum: &mut Option<u64>, value: Option<u64>) {
    if let Some(value) = value {
        *sum = Some(sum.unwrap_or(0).saturating_add(value));
    }
}

fn sum_cost(a: Option<MicroUsd>, b: Option<MicroUsd>) -> Option<MicroUsd> {
    match (a, b) {
        (Some(mut sum), Some(more)) => {
            sum += more;
            Some(sum)
        }
        (one, other) => one.or(other),
    }
}

fn merge_probes(a: Option<ProbeResult>, b: Option<ProbeResult>) -> Option<ProbeResult> {
    match (a, b) {
        (Some(a), Some(b)) => {
            let latency_ms = a.latency_ms.into_iter().chain(b.latency_ms).reduce(f64::max);
            Some(ProbeResult { ok: a.ok && b.ok, latency_ms })
        }
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::domain::units::Millis;
    use proptest::prelude::*;

    fn channel() -> ChannelId {
        ChannelId::new("c").expect("valid name")
    }

    fn call(outcome: Outcome, ms: f64) -> Call {
        let mut call = Call::new(Timestamp::from_seconds(30), channel());
        call.outcome = outcome;
        call.latency = Millis::new(ms).ok();
        call.tokens_prompt = Some(10);
        call.cost = Some(MicroUsd(3));
        call
    }

    fn sample_of(calls: &[Call]) -> Sample {
        let mut sample = Sample::new(channel(), Minute(0));
        for call in calls {
            sample.record(call);
        }
        sample
    }

    #[test]
    fn failures_do_not_make_a_channel_look_quick() {
        let sample =
            sample_of(&[call(Outcome::Ok, 900.0), call(Outcome::ServerError, 2.0), call(Outcome::Throttled, 1.0)]);
        assert_eq!(sample.latency.mean(), Some(900.0));
        assert_eq!((sample.counts.requests, sample.counts.errors, sample.counts.throttled), (3, 2, 1));
        assert_eq!(sample.tokens_completion, None, "unknown is not zero");
    }

    #[test]
    fn probes_stay_out_of_demand() {
        let mut probe = call(Outcome::Timeout, 50.0);
        probe.probe = true;
        let sample = sample_of(&[probe]);
        assert_eq!((sample.counts.requests, sample.cost), (0, Some(MicroUsd(3))));
        assert_eq!(sample.probe, Some(ProbeResult { ok: false, latency_ms: Some(50.0) }));
    }

    #[test]
    fn a_summary_cannot_pretend_to_have_percentiles_after_merging() {
        let mut stated = Sample::new(channel(), Minute(0));
        stated.counts.requests = 1;
        stated.latency =
            Distribution::Stated(Box::new(Summary { mean: Some(100.0), p95: Some(180.0), ..Summary::default() }));
        assert_eq!(stated.latency.quantile(0.95), Some(180.0));
        stated.merge(&sample_of(&[call(Outcome::Ok, 300.0)]));
        assert_eq!(stated.latency.quantile(0.95), None);
        assert_eq!(stated.latency.mean(), Some(200.0));
    }

    fn any_call() -> impl Strategy<Value = Call> {
        (0..6_usize, 0.0f64..1e5, any::<bool>(), 0..4_u32).prop_map(|(outcome, ms, probe, load)| {
            let mut call = call(Outcome::ALL[outcome], ms);
            call.probe = probe;
            call.in_flight = (load > 0).then_some(load);
            call
        })
    }

    proptest! {
        /// For any calls, any order and any cut into two pieces, the minute is the same.
        #[test]
        fn order_and_grouping_do_not_matter(calls in prop::collection::vec(any_call(), 0..40), cut in 0..40_usize, turn in 0..40_usize) {
            let whole = sample_of(&calls);
            let mut turned = calls.clone();
            turned.rotate_left(turn.min(calls.len()));
            let (left, right) = turned.split_at(cut.min(calls.len()));
            let mut merged = sample_of(left);
            merged.merge(&sample_of(right));
            prop_assert_eq!(whole, merged);
        }
    }
}
