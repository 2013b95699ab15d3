//! How long an answer takes and how long it is.
//!
//! An answer is prefill, then decoding: the first token comes after reading the prompt, every further one after one
//! more step. Load shows in both, as in measured servers: steps slow down with the size of the batch, and requests
//! beyond it wait until places come free. Noise multiplies and is lognormal, which is what repeated runs of one
//! request against commercial APIs look like.

use rand::RngExt;
use rand_distr::{Distribution, LogNormal};

use crate::sim::world::Ask;
use crate::sim::world::profile::Profile;
use crate::stats::seed::Seed;

/// Median length of an answer in tokens: short chat turns, so that a demo shows many of them.
const MEDIAN_COMPLETION_TOKENS: f64 = 60.0;
/// Spread of the length: the 95th percentile is 2.7 times the median.
const COMPLETION_SPREAD: f64 = 0.6;
/// Longest answer in tokens. Keeps every answer below the time limit of the demo's client.
const MAX_COMPLETION_TOKENS: u32 = 240;
/// Longest prompt that is charged for in time; longer ones are as slow as this.
const MAX_PREFILL_TOKENS: u32 = 16_384;
/// Share of prompts whose beginning is found in the provider's cache, and how much of the prompt that is.
const CACHE_HIT_RATE: f64 = 0.3;
const CACHED_PART: f64 = 0.6;
/// How much slower everything is when the other customers' load is twice its mean.
const BACKGROUND_WEIGHT: f64 = 0.4;
/// Longest wait for a place, in multiples of a median answer's decoding time.
const MAX_QUEUE_ROUNDS: f64 = 2.0;
/// Noise is cut at this factor, up and down: the model has no tail of minutes.
const MAX_NOISE: f64 = 2.0;

/// An answer: its size and its timing, without its words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// Tokens in the answer, at least 1.
    pub completion_tokens: u32,
    /// Prompt tokens that came from the cache.
    pub cached_tokens: u32,
    /// Milliseconds from the request to the first token, waiting included.
    pub first_token_ms: f64,
    /// Milliseconds from each token to the next.
    pub per_token_ms: f64,
}

impl Answer {
    /// Milliseconds from the request to the last token.
    #[must_use]
    pub fn total_ms(&self) -> f64 {
        self.first_token_ms + f64::from(self.completion_tokens.saturating_sub(1)) * self.per_token_ms
    }
}

/// The answer of `profile` to `ask` while `in_flight` other requests are being served and the load of its other customers
/// is `busy` times its mean.
#[must_use]
pub fn serve(profile: &Profile, luck: Seed, ask: Ask, in_flight: u32, busy: f64) -> Answer {
    let completion_tokens = match ask.answer_tokens {
        Some(known) => known.min(ask.max_tokens.unwrap_or(known)).max(1),
        None => completion_tokens(luck.child("length"), ask.max_tokens),
    };
    let cached_tokens = cached_tokens(luck.child("cache"), ask.prompt_tokens);
    let slow = 1.0 + BACKGROUND_WEIGHT * (busy - 1.0);
    let full = f64::from(in_flight) / f64::from(profile.batch.max(1));
    let decode_ms = profile.decode_ms_per_token * (1.0 + profile.contention * full.min(1.0)) * slow;
    let queue_rounds = (full - 1.0).clamp(0.0, MAX_QUEUE_ROUNDS);
    let queue_ms = queue_rounds * MEDIAN_COMPLETION_TOKENS * decode_ms;
    let fresh_tokens = (ask.prompt_tokens - cached_tokens).min(MAX_PREFILL_TOKENS);
    let prefill_ms = (profile.base_ms + f64::from(fresh_tokens) * profile.prefill_ms_per_token) * slow;
    Answer {
        completion_tokens,
        cached_tokens,
        first_token_ms: queue_ms + prefill_ms * noise(luck.child("prefill"), profile.noise),
        per_token_ms: decode_ms * noise(luck.child("decode"), profile.noise),
    }
}

/// The length of the answer before and after the caller's own limit.
fn completion_tokens(luck: Seed, max_tokens: Option<u32>) -> u32 {
    let wanted = MEDIAN_COMPLETION_TOKENS * lognormal(luck, COMPLETION_SPREAD);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float casts saturate")]
    let wanted = wanted.round() as u32;
    wanted.clamp(1, max_tokens.unwrap_or(MAX_COMPLETION_TOKENS).clamp(1, MAX_COMPLETION_TOKENS))
}

/// How much of the prompt the cache already holds.
fn cached_tokens(luck: Seed, prompt_tokens: u32) -> u32 {
    if luck.rng().random::<f64>() >= CACHE_HIT_RATE {
        return 0;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a u32")]
    let cached = (f64::from(prompt_tokens) * CACHED_PART) as u32;
    cached
}

fn noise(luck: Seed, sigma: f64) -> f64 {
    lognormal(luck, sigma).clamp(1.0 / MAX_NOISE, MAX_NOISE)
}

/// One draw with median 1; a `sigma` that is no standard deviation counts as 0.
fn lognormal(luck: Seed, sigma: f64) -> f64 {
    LogNormal::new(0.0, sigma).map_or(1.0, |law| law.sample(&mut luck.rng()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::world::profile::cast;

    fn quiet(name: &str) -> Profile {
        let mut profile = cast().into_iter().find(|profile| profile.name == name).expect("a known channel");
        profile.noise = 0.0;
        profile
    }

    fn uncached(profile: &Profile, prompt_tokens: u32, in_flight: u32) -> Answer {
        let ask = Ask { index: 0, prompt_tokens, max_tokens: None, answer_tokens: None };
        let mean_hour = profile.background.peak_hour + 6.0;
        (0..1_000)
            .map(|seed| serve(profile, Seed::new(seed), ask, in_flight, profile.background.at(mean_hour)))
            .find(|answer| answer.cached_tokens == 0)
            .expect("most prompts are not cached")
    }

    #[test]
    fn the_own_node_behaves_as_it_was_measured() {
        let node = quiet("kestrel-70b");
        // (prompt tokens, measured prefill ms, measured decode ms per token), batch of one.
        for (prompt, prefill, decode) in [(512, 55.5, 30.5), (2_048, 136.6, 31.2), (8_192, 848.4, 31.4)] {
            let answer = uncached(&node, prompt, 0);
            assert!((answer.first_token_ms / prefill - 1.0).abs() < 0.3, "{prompt}: {answer:?}");
            assert!((answer.per_token_ms / decode - 1.0).abs() < 0.05, "{prompt}: {answer:?}");
        }
        let full = uncached(&node, 512, 64);
        assert!((full.per_token_ms / 50.0 - 1.0).abs() < 0.05, "a batch of 64 decodes at 50 ms: {full:?}");
    }

    #[test]
    fn load_beyond_the_batch_waits() {
        let node = quiet("kestrel-70b");
        let (full, over) = (uncached(&node, 512, 64), uncached(&node, 512, 96));
        assert!(over.first_token_ms > full.first_token_ms + 1_000.0);
        assert!((over.per_token_ms - full.per_token_ms).abs() < 1e-9, "a full batch does not get fuller");
    }
}
