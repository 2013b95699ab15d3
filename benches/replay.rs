//! Speed of the replay: simulated calls a second on one core, decisions included.
//!
//! `cargo bench --bench replay` prints one table. Under `cargo test` everything is small and only seen to work. Time is
//! CPU time, user + system, on one thread.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot go on should say why and stop")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

#[path = "common/cpu.rs"]
mod cpu;

use std::hint::black_box;
use std::sync::Arc;

use cpu::{cpu_ms, measure};
use foreroute::sim::replay::run::run;
use foreroute::sim::replay::truth::Truth;
use foreroute::sim::scenario::play::{POLICIES, history, router};
use foreroute::sim::scenario::{Scenario, Traces};

const RAMP: &str = include_str!("../tests/scenarios/acceptance/ramp.toml");

fn main() {
    let full = std::env::args().any(|word| word == "--bench");
    let scenario = Scenario::parse(RAMP).expect("sound");
    let mut scene = scenario.scene(42, &Traces::new()).expect("sound");
    if !full {
        (scene.past_min, scene.length_min) = (5, 5);
    }
    let start = cpu_ms();
    let past = history(&scene);
    let calls: u64 = past.iter().flatten().map(|sample| sample.counts.requests).sum();
    told("past", calls, cpu_ms() - start);
    let truth = Arc::new(Truth::of(&scene));
    let drawn = measure(2, || assert!(black_box(Truth::of(&scene)).steps() > 0));
    println!("truth: {drawn:.1} CPU-ms for {} min", scene.length_min);
    for policy in POLICIES {
        let mut router = router(policy, &scene, &truth).expect("a known policy");
        router.learn(&past);
        let start = cpu_ms();
        let trail = run(&scene, router.as_mut());
        told(policy, trail.calls.iter().map(|n| u64::from(*n)).sum(), cpu_ms() - start);
    }
}

fn told(what: &str, calls: u64, ms: f64) {
    println!("{what}: {calls} calls in {ms:.1} CPU-ms, {:.0} calls/s", calls as f64 / ms.max(1e-3) * 1e3);
}
