//! What a call costs the fast lane: ordinary days, and channels that come and go.

use std::hint::black_box;

use foreroute::domain::call::Outcome;
use foreroute::domain::time::Timestamp;
use foreroute::policy::fast::lane::{CallEnd, Lane, LaneSetting};
use foreroute::stats::seed::Seed;
use rand::RngExt as _;

use crate::cpu::cpu_ms;

/// Different calls that are heard over and over.
const CALLS: usize = 8_192;
/// Microseconds between two calls of a channel: ten a second.
const GAP: i64 = 100_000;

/// Nanoseconds of CPU time for a call heard, `rounds` of them on each of `channels` lanes in turn; the share `failing` of
/// calls fails.
pub fn heard(channels: usize, rounds: usize, failing: f64) -> f64 {
    let setting = LaneSetting::default();
    let mut lanes: Vec<Lane> = (0..channels as u64).map(|channel| Lane::new(Seed::new(channel))).collect();
    let mut rng = Seed::new(1).rng();
    let calls: Vec<CallEnd> = (0..CALLS)
        .map(|_| CallEnd {
            at: Timestamp::default(),
            outcome: if rng.random::<f64>() < failing { Outcome::ServerError } else { Outcome::Ok },
            latency_ms: Some(60.0 + 100.0 * rng.random::<f64>()),
            limit_ms: Some(159.0),
            retry_after_s: None,
            probe: false,
        })
        .collect();
    let mut at = Timestamp::from_seconds(1_000_000);
    let start = cpu_ms();
    for round in 0..rounds {
        at = at.plus_micros(GAP);
        for (channel, lane) in lanes.iter_mut().enumerate() {
            lane.begin(at);
            black_box(lane.hear(&setting, &CallEnd { at, ..calls[(round + 37 * channel) % CALLS] }));
        }
    }
    (cpu_ms() - start) * 1e6 / (rounds * channels) as f64
}

/// Nanoseconds of CPU time to ask one lane how its channel stands and what its last minute is like.
pub fn asked(rounds: usize) -> f64 {
    let setting = LaneSetting::default();
    let mut lane = Lane::new(Seed::new(1));
    let at = Timestamp::from_seconds(1_000_000);
    let (outcome, latency_ms, limit_ms) = (Outcome::Ok, Some(60.0), Some(159.0));
    for call in 0..600 {
        let at = at.plus_micros(call * GAP);
        lane.hear(&setting, &CallEnd { at, outcome, latency_ms, limit_ms, retry_after_s: None, probe: false });
    }
    let now = at.plus_micros(600 * GAP);
    let start = cpu_ms();
    for _ in 0..rounds {
        black_box((lane.standing(&setting, black_box(now)), lane.present(black_box(now))));
    }
    (cpu_ms() - start) * 1e6 / rounds as f64
}
