//! The figures of the module's table, with fewer seeds: generated calls at ten a second, 2 % of which fail, with lognormal
//! latencies of median 60 ms whose 99th percentile is the limit.

use rand::RngExt;
use rand_distr::{Distribution, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::*;

const GAP_S: f64 = 0.1;
const SIGMA: f64 = 0.4;
const SEEDS: u64 = 30;

/// Calls of one channel.
struct Calls {
    rng: Xoshiro256PlusPlus,
    latency: LogNormal<f64>,
    /// Milliseconds: the 99th percentile of the latencies on an ordinary day.
    limit_ms: f64,
    second: f64,
}

impl Calls {
    fn new(seed: u64) -> Self {
        let latency = LogNormal::new(60.0_f64.ln(), SIGMA).expect("a distribution");
        let limit_ms = 60.0 * (SIGMA * crate::stats::normal::quantile(0.99)).exp();
        Self { rng: Seed::new(seed).child("calls").rng(), latency, limit_ms, second: 1_000.0 }
    }

    /// The next call, of which the share `failing` fails, `times` as slow as usual.
    fn next(&mut self, failing: f64, times: f64) -> CallEnd {
        self.second += GAP_S;
        let is_failed = self.rng.random::<f64>() < failing;
        CallEnd {
            at: at(self.second),
            outcome: if is_failed { Outcome::ServerError } else { Outcome::Ok },
            latency_ms: Some(times * self.latency.sample(&mut self.rng)),
            limit_ms: Some(self.limit_ms),
            retry_after_s: None,
            probe: false,
        }
    }
}

/// Calls until a fault trips after seventy ordinary seconds, sorted over seeds; those that do not within `most` are missing.
fn until_trip(failing: f64, times: f64, most: usize) -> Vec<usize> {
    let setting = LaneSetting::default();
    let mut found: Vec<usize> = (0..SEEDS)
        .filter_map(|seed| {
            let (mut lane, mut calls) = (Lane::new(Seed::new(seed)), Calls::new(seed));
            for _ in 0..700 {
                lane.hear(&setting, &calls.next(0.02, 1.0));
            }
            (1..=most).find(|_| matches!(lane.hear(&setting, &calls.next(failing, times)), Some(Shift::Tripped(_))))
        })
        .collect();
    found.sort_unstable();
    found
}

fn median(sorted: &[usize]) -> usize {
    sorted.get(sorted.len() / 2).copied().unwrap_or(usize::MAX)
}

#[test]
fn faults_trip_within_these_calls() {
    let dead = until_trip(1.0, 1.0, 100);
    assert_eq!((dead.len(), median(&dead), dead.last()), (30, 5, Some(&5)));
    let third = until_trip(0.3, 1.0, 1_000);
    assert!(third.len() == 30 && median(&third) <= 32 && third.last() <= Some(&150), "{third:?}");
    let slow = until_trip(0.02, 25.0, 100);
    assert!(slow.len() == 30 && median(&slow) == 5 && slow.last() <= Some(&8), "{slow:?}");
    // A tenth is for the planner: within a minute it seldom trips.
    let tenth = until_trip(0.1, 1.0, 600);
    assert!(tenth.len() <= 12, "{}", tenth.len());
}

#[test]
fn ordinary_days_with_bursts_practically_never_trip() {
    let setting = LaneSetting::default();
    let (mut lane, mut calls) = (Lane::new(Seed::new(0)), Calls::new(0));
    for count in 0..72_000 {
        let failing = if count % 36_000 < 3_000 { 0.05 } else { 0.02 };
        let shift = lane.hear(&setting, &calls.next(failing, 1.0));
        assert!(!matches!(shift, Some(Shift::Tripped(_))), "{count}");
    }
}

/// Lives through a fault of `length_s` with a probe each five seconds: probes within it, and seconds until returning.
fn episode(failing: f64, length_s: f64, seed: u64) -> (u32, f64) {
    let setting = LaneSetting::default();
    let (mut lane, mut calls) = (Lane::new(Seed::new(seed)), Calls::new(seed));
    for _ in 0..700 {
        lane.hear(&setting, &calls.next(0.02, 1.0));
    }
    let (over, mut next_probe, mut probes) = (calls.second + length_s, 0.0, 0);
    loop {
        let mut end = calls.next(if calls.second < over { failing } else { 0.02 }, 1.0);
        lane.on_time(&setting, end.at);
        match lane.standing(&setting, end.at) {
            Standing::Open { .. } => continue,
            Standing::HalfOpen { .. } if calls.second < next_probe => continue,
            Standing::HalfOpen { .. } => {
                next_probe = calls.second + 5.0;
                probes += u32::from(calls.second < over);
                // It began now, so it ends later.
                end.at = at(calls.second + 1e-3 * end.latency_ms.unwrap_or(0.0) + 1e-3);
                end.probe = true;
            }
            _ => {}
        }
        let shift = lane.hear(&setting, &end);
        if shift == Some(Shift::Recovered) && calls.second >= over {
            return (probes, calls.second - over);
        }
    }
}

#[test]
fn a_long_fault_costs_few_probes_and_its_end_is_seen_soon() {
    let lengths = (0..20_u32).map(|seed| (u64::from(seed), 600.0 + f64::from(seed)));
    let (mut probes, mut seconds): (Vec<u32>, Vec<f64>) =
        lengths.map(|(seed, length_s)| episode(1.0, length_s, seed)).unzip();
    probes.sort_unstable();
    seconds.sort_by(f64::total_cmp);
    assert!(probes.last() <= Some(&26), "{probes:?}");
    assert!(seconds[10] <= 32.0 && seconds[18] <= 50.0, "{seconds:?}");
}
