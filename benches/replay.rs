//! Speed of the replay: simulated calls a second on one core, decisions included.
//!
//! `cargo bench --bench replay` prints a table for the scenario `ramp` as it is, some six calls a second, and one for the
//! same story with so many calls and as much more room for them that there are two hundred: calls cost by their number,
//! minutes by that of channels. Under `cargo test` everything is small and only seen to work. Time is CPU time, user +
//! system, on one thread.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot go on should say why and stop")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

#[path = "common/cpu.rs"]
mod cpu;

use std::hint::black_box;
use std::sync::Arc;

use cpu::{cpu_ms, measure};
use foreroute::sim::replay::run::run;
use foreroute::sim::replay::scene::{Demand, Scene};
use foreroute::sim::replay::truth::Truth;
use foreroute::sim::scenario::play::{POLICIES, history, router};
use foreroute::sim::scenario::{Scenario, Traces};

const RAMP: &str = include_str!("../tests/scenarios/acceptance/ramp.toml");
/// Calls a second that our own engine should decide on.
const MARK: f64 = 500_000.0;
/// Demand in multiples of the scenario's.
const TIMES: [u32; 2] = [1, 36];

fn main() {
    let full = std::env::args().any(|word| word == "--bench");
    let scenario = Scenario::parse(RAMP).expect("sound");
    for times in TIMES {
        let mut scene = scenario.scene(42, &Traces::new()).expect("sound");
        raise(&mut scene, times);
        if !full {
            (scene.past_min, scene.length_min) = (5, 5);
        }
        println!("{times} times the demand of the scenario");
        table(&scene);
    }
}

/// `times` as many calls, and as much more room for them.
fn raise(scene: &mut Scene, times: u32) {
    for class in &mut scene.classes {
        if let Demand::Poisson { rate, .. } = &mut class.demand {
            *rate *= f64::from(times);
        }
    }
    for channel in &mut scene.channels {
        channel.profile.batch *= times;
        channel.profile.max_in_flight *= times;
        channel.quota.requests = channel.quota.requests.map(|requests| requests * times);
        channel.quota.tokens = channel.quota.tokens.map(|tokens| tokens * u64::from(times));
    }
}

fn table(scene: &Scene) {
    let start = cpu_ms();
    let past = history(scene);
    let calls: u64 = past.iter().flatten().map(|sample| sample.counts.requests).sum();
    told("past", calls, cpu_ms() - start, "");
    let truth = Arc::new(Truth::of(scene));
    let drawn = measure(2, || assert!(black_box(Truth::of(scene)).steps() > 0));
    println!("  truth: {drawn:.1} CPU-ms for {} min", scene.length_min);
    for policy in POLICIES {
        let mut router = router(policy, scene, &truth).expect("a known policy");
        let start = cpu_ms();
        router.learn(&past);
        let learnt = cpu_ms() - start;
        let start = cpu_ms();
        let trail = run(scene, router.as_mut());
        let (calls, ms) = (trail.calls.iter().map(|n| u64::from(*n)).sum(), cpu_ms() - start);
        let is_met = per_second(calls, ms) >= MARK;
        let verdict = if policy == "foreroute" { verdict(is_met) } else { "" };
        told(policy, calls, ms, verdict);
        if learnt >= 1.0 {
            println!("  {policy}: learnt the past in {learnt:.0} CPU-ms");
        }
    }
}

const fn verdict(is_met: bool) -> &'static str {
    if is_met { ", mark >= 500,000 met" } else { ", mark >= 500,000 MISSED" }
}

fn per_second(calls: u64, ms: f64) -> f64 {
    calls as f64 / ms.max(1e-3) * 1e3
}

fn told(what: &str, calls: u64, ms: f64, verdict: &str) {
    println!("  {what}: {calls} calls in {ms:.1} CPU-ms, {:.0} calls/s{verdict}", per_second(calls, ms));
}
