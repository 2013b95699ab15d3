//! Which calls arrive when: a Poisson process whose rate follows the daily curve of a channel.
//!
//! The process is drawn by thinning (Lewis and Shedler, 1979): candidates come at the curve's largest rate and each
//! is kept with the ratio of the rate at its instant to the largest. So the stream is a function of seed and start
//! alone, whoever reads it and however late.

use rand::RngExt;
use rand_distr::{Distribution, Exp, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::domain::time::Timestamp;
use crate::sim::world::day::Day;
use crate::sim::world::profile::Profile;
use crate::stats::seed::Seed;

/// Median and spread of prompt lengths in tokens, and the longest one: chat with some context.
const MEDIAN_PROMPT_TOKENS: f64 = 400.0;
const PROMPT_SPREAD: f64 = 0.9;
const MAX_PROMPT_TOKENS: f64 = 6_000.0;
/// Share of callers that ask for a stream.
const STREAMED: f64 = 0.8;

/// One call to be made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Arrival {
    /// When to make it.
    pub at: Timestamp,
    /// Its number on the channel, counted from 0.
    pub index: u64,
    /// Tokens of its prompt.
    pub prompt_tokens: u32,
    /// Whether it asks for a stream.
    pub stream: bool,
}

/// The endless stream of calls to one channel, in order of time.
#[derive(Debug, Clone)]
pub struct Arrivals {
    rng: Xoshiro256PlusPlus,
    luck: Seed,
    profile: Profile,
    day: Day,
    gap: Exp<f64>,
    at: Timestamp,
    next: u64,
}

impl Arrivals {
    /// Calls to `profile` from `start` on, `rate` a second over all channels on daily average; `None` if the rate
    /// is not finite or not positive.
    #[must_use]
    pub fn new(seed: Seed, profile: &Profile, day: Day, start: Timestamp, rate: f64) -> Option<Self> {
        let largest = rate * profile.demand_share * profile.demand.max();
        let gap = (largest.is_finite() && largest > 0.0).then(|| Exp::new(largest).ok())??;
        let luck = seed.child("demand").child(profile.name);
        Some(Self { rng: luck.child("gaps").rng(), luck, profile: *profile, day, gap, at: start, next: 0 })
    }
}

impl Iterator for Arrivals {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        loop {
            #[expect(clippy::cast_possible_truncation, reason = "float casts saturate, and so does the sum")]
            let gap_us = (self.gap.sample(&mut self.rng) * 1e6) as i64;
            self.at = self.at.plus_micros(gap_us);
            let keep = self.profile.demand.at(self.day.hour(self.at)) / self.profile.demand.max();
            if self.rng.random::<f64>() < keep {
                break;
            }
        }
        let index = self.next;
        self.next += 1;
        let luck = self.luck.nth(index);
        let stream = luck.child("stream").rng().random::<f64>() < STREAMED;
        Some(Arrival { at: self.at, index, prompt_tokens: prompt_tokens(luck.child("prompt")), stream })
    }
}

fn prompt_tokens(luck: Seed) -> u32 {
    let factor = LogNormal::new(0.0, PROMPT_SPREAD).map_or(1.0, |law| law.sample(&mut luck.rng()));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a small range")]
    let tokens = (MEDIAN_PROMPT_TOKENS * factor).clamp(1.0, MAX_PROMPT_TOKENS).round() as u32;
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::world::profile::cast;

    const START: Timestamp = Timestamp::from_seconds(1_790_000_000);

    fn arrivals(seed: u64, profile: &Profile, pace: f64, per_second: f64) -> Arrivals {
        Arrivals::new(Seed::new(seed), profile, Day::new(START, pace), START, per_second).expect("a positive rate")
    }

    #[test]
    fn streams_repeat_by_seed_and_run_forward() {
        let profile = &cast()[0];
        let first: Vec<Arrival> = arrivals(7, profile, 1.0, 20.0).take(100).collect();
        assert_eq!(first, arrivals(7, profile, 1.0, 20.0).take(100).collect::<Vec<_>>());
        assert_ne!(first, arrivals(8, profile, 1.0, 20.0).take(100).collect::<Vec<_>>());
        assert!(first.windows(2).all(|pair| pair[0].at <= pair[1].at && pair[0].index + 1 == pair[1].index));
        assert!(Arrivals::new(Seed::new(7), profile, Day::new(START, 1.0), START, 0.0).is_none());
    }

    #[test]
    fn a_whole_day_has_the_mean_rate_and_the_shape() {
        // A day in 1,440 s: 60 times as fast.
        for profile in cast() {
            let day = Day::new(START, 60.0);
            let rate = 50.0 / profile.demand_share;
            let all: Vec<Arrival> =
                arrivals(7, &profile, 60.0, rate).take_while(|call| call.at < START.plus_seconds(1_440)).collect();
            let expected = 50.0 * 1_440.0;
            #[expect(clippy::cast_precision_loss, reason = "some ten thousand calls")]
            let seen = all.len() as f64;
            assert!((seen - expected).abs() < 5.0 * expected.sqrt(), "{}: {seen} calls", profile.name);
            let near_peak = |call: &&Arrival| (day.hour(call.at) - profile.demand.peak_hour).abs() < 1.0;
            let at_peak = all.iter().filter(near_peak).count();
            #[expect(clippy::cast_precision_loss, reason = "some thousand calls")]
            let share = at_peak as f64 / seen;
            assert!(
                share > 1.15 * 2.0 / 24.0,
                "{}: {share} of the calls in the two hours around the peak",
                profile.name
            );
        }
    }
}
