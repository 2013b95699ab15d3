//! Whom LiteLLM takes for the fastest: `router_strategy/lowest_latency.py`.
//!
//! A sample is seconds per completion token of a successful call; a time-out is a sample of 1,000, any other failure is
//! none. A deployment's score is the plain mean of its last ten samples. The lowest score takes everything; ties are
//! drawn. A deployment without samples gets a 0, which stays among its samples. The map of the whole group is forgotten
//! an hour after its first entry, because the cache in memory does not extend the life of a live key.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::domain::call::Outcome;
use crate::domain::time::Timestamp;
use crate::sim::replay::router::Attempt;

/// Samples that are kept of a deployment.
const KEPT: usize = 10;
/// The sample that stands for a time-out, in seconds per token.
const TIME_OUT: f64 = 1_000.0;

/// What may be set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LatencySetting {
    /// Seconds after which the samples of a group are forgotten.
    pub ttl_s: f64,
    /// Part of the lowest score by which another one may be above it and still be drawn.
    pub buffer: f64,
}

impl Default for LatencySetting {
    fn default() -> Self {
        Self { ttl_s: 3_600.0, buffer: 0.0 }
    }
}

/// The last samples of a deployment, in a ring.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Samples {
    values: [f64; KEPT],
    taken: usize,
}

impl Samples {
    fn push(&mut self, value: f64) {
        if let Some(place) = self.values.get_mut(self.taken % KEPT) {
            *place = value;
        }
        self.taken += 1;
    }

    fn mean(&self) -> f64 {
        let count = self.taken.min(KEPT);
        #[expect(clippy::cast_precision_loss, reason = "at most ten")]
        let divisor = count.max(1) as f64;
        self.values.iter().take(count).sum::<f64>() / divisor
    }
}

/// The map of one group.
#[derive(Debug, Clone, PartialEq)]
pub struct LatencyMap {
    setting: LatencySetting,
    /// Per channel of the scene; `None` if it is not in the map.
    samples: Vec<Option<Samples>>,
    dies: Option<Timestamp>,
    /// Who may be drawn, kept to be used again.
    lowest: Vec<usize>,
}

impl LatencyMap {
    /// An empty map for so many channels.
    #[must_use]
    pub fn new(setting: LatencySetting, channels: usize) -> Self {
        Self { setting, samples: vec![None; channels], dies: None, lowest: Vec::with_capacity(channels) }
    }

    fn forget(&mut self, now: Timestamp) {
        if self.dies.is_some_and(|dies| now >= dies) {
            self.dies = None;
            self.samples.fill(None);
        }
    }

    /// The fastest of `healthy`, drawn among equals.
    pub fn pick(&mut self, now: Timestamp, healthy: &[usize], rng: &mut Xoshiro256PlusPlus) -> Option<usize> {
        self.forget(now);
        // A map that lives keeps the 0 of those it had no samples of; one that does not is made up for this pick only.
        if self.dies.is_some() {
            for channel in healthy {
                if let Some(unseen @ None) = self.samples.get_mut(*channel) {
                    unseen.insert(Samples::default()).push(0.0);
                }
            }
        }
        let score = |channel: usize| self.samples.get(channel).copied().flatten().map_or(0.0, |known| known.mean());
        let best = healthy.iter().map(|channel| score(*channel)).fold(f64::INFINITY, f64::min);
        let most = best + self.setting.buffer * best;
        self.lowest.clear();
        self.lowest.extend(healthy.iter().copied().filter(|channel| score(*channel) <= most));
        let count = self.lowest.len();
        if count == 0 { None } else { self.lowest.get(rng.random_range(0..count)).copied() }
    }

    /// Takes in the end of an attempt.
    pub fn heard(&mut self, now: Timestamp, attempt: &Attempt) {
        let value = match attempt.end.outcome {
            Outcome::Ok => {
                let seconds = attempt.end.latency_ms.unwrap_or(0.0) / 1e3;
                seconds / f64::from(attempt.completion_tokens.max(1))
            }
            Outcome::Timeout => TIME_OUT,
            _ => return,
        };
        self.forget(now);
        if let Some(samples) = self.samples.get_mut(attempt.channel) {
            samples.get_or_insert_default().push(value);
            #[expect(clippy::cast_possible_truncation, reason = "seconds of a setting; float casts saturate")]
            self.dies.get_or_insert(now.plus_micros((self.setting.ttl_s * 1e6) as i64));
        }
    }
}
