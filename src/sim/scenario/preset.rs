//! What channels can be like.
//!
//! The demo's four channels, mocks that answer in a set time, and nodes as they were measured: a straight line through
//! the prefill times of `Mutinifni/splitwise-sim` (`data/perf_model.csv`, commit 8f99e7dc9b40, eight-way tensor
//! parallel, batch of one; relative least squares over prompts of 128 to 8,192 tokens), and the medians of its time per
//! token at 512 prompt tokens, alone and in a batch of 64:
//!
//! | preset | prefill ms | ms per token alone | in a batch of 64 |
//! |---|---|---|---|
//! | `llama2-70b-h100` | 32.3 + 0.062 n | 30.6 | 50.2 |
//! | `llama2-70b-a100` | 36.0 + 0.133 n | 45.0 | 71.6 |
//! | `bloom-176b-h100` | 21.9 + 0.128 n | 36.2 | 63.8 |
//! | `bloom-176b-a100` | 33.7 + 0.286 n | 49.3 | 96.6 |
//!
//! Prefill grows faster than a line: it is up to a third below what was measured at both ends and a fifth above it in
//! the middle.

use crate::sim::world::day::Shape;
use crate::sim::world::profile::{ListPrice, Profile, cast, mock};

/// Milliseconds that the preset `mock` takes.
const MOCK_MS: f64 = 60.0;

/// The preset called `name`.
#[must_use]
pub fn preset(name: &str) -> Option<Profile> {
    all().into_iter().find(|profile| profile.name == name)
}

/// All presets.
#[must_use]
pub fn all() -> Vec<Profile> {
    let mut all = cast();
    all.push(mock(MOCK_MS));
    all.push(node("llama2-70b-h100", "llama2-70b", 0.9, (32.3, 0.062), (30.6, 50.2)));
    all.push(node("llama2-70b-a100", "llama2-70b", 0.7, (36.0, 0.133), (45.0, 71.6)));
    all.push(node("bloom-176b-h100", "bloom-176b", 2.0, (21.9, 0.128), (36.2, 63.8)));
    all.push(node("bloom-176b-a100", "bloom-176b", 1.6, (33.7, 0.286), (49.3, 96.6)));
    all
}

/// A node of eight cards that serves nobody else.
fn node(
    name: &'static str,
    model: &'static str,
    usd_per_mtok: f64,
    (base_ms, prefill_ms_per_token): (f64, f64),
    (alone_ms, full_ms): (f64, f64),
) -> Profile {
    let steady = Shape { peak_hour: 12.0, swing: 0.0, second: 0.0 };
    Profile {
        name,
        model,
        provider: "own",
        price: ListPrice { prompt: usd_per_mtok, completion: usd_per_mtok, cached: usd_per_mtok },
        base_ms,
        prefill_ms_per_token,
        decode_ms_per_token: alone_ms,
        contention: full_ms / alone_ms - 1.0,
        batch: 64,
        max_in_flight: 128,
        noise: 0.08,
        throttle_rate: 0.0,
        failure_rate: 0.002,
        background: steady,
        demand_share: 0.0,
        demand: steady,
    }
}
