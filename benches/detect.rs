//! Speed of the detectors: one minute of 1,000 channels with twelve series each; and of a call in the fast lane.
//!
//! `cargo bench --bench detect` prints one table. Under `cargo test` everything is small and only seen to work. Time is CPU
//! time, user + system, on one thread.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot go on should say why and stop")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

#[path = "common/cpu.rs"]
#[expect(dead_code, reason = "other benches need more of it")]
mod cpu;
#[path = "detect/lane.rs"]
mod lane;
#[path = "detect/machine.rs"]
mod machine;
#[path = "forecast/series.rs"]
#[expect(dead_code, reason = "other benches need more of it")]
mod series;

use std::hint::black_box;

use cpu::cpu_ms;
use foreroute::anomaly::catalogue::{CATALOGUE, Entry};
use foreroute::anomaly::detector::Detector as _;
use foreroute::anomaly::peers::{self, Peers};
use foreroute::anomaly::saved::Saved;
use foreroute::anomaly::surprise::Surprise;
use foreroute::forecast::history::Observation;
use foreroute::forecast::output::Levels;
use foreroute::stats::normal;

/// Values of a channel that are watched.
const COLUMNS: usize = 12;
/// Minutes that every detector has seen before it is measured, and those that are measured.
const SEEN: usize = 1_500;
const MINUTES: usize = 60;
/// Members of a pool of peers.
const MEMBERS: usize = 5;
/// What one minute of all detectors together may take, in CPU milliseconds.
const MARK: f64 = 250.0;

fn main() {
    let is_bench = std::env::args().any(|word| word == "--bench");
    let count = if is_bench { 1_000 * COLUMNS } else { 2 * COLUMNS };
    let seen = if is_bench { SEEN } else { 100 };
    println!("one minute of {count} series, CPU-ms, mean of {MINUTES} and the slowest");
    let mut total = (0.0, 0.0);
    for entry in CATALOGUE {
        let (mean, worst) = of_series(entry, count, seen);
        report(entry.name, mean, worst, None);
        total = (total.0 + mean, total.1 + worst);
    }
    for (name, (mean, worst)) in [("surprise, of forecasts that are there", surprise(count)), ("peers", pools(count))] {
        report(name, mean, worst, None);
        total = (total.0 + mean, total.1 + worst);
    }
    report("all of these", total.0, total.1, Some(MARK));
    outage(count, seen);
    let channels = count / COLUMNS;
    let (mean, worst) = machine::measure(channels, (!is_bench).then_some(10), if is_bench { MINUTES } else { 2 });
    report(&format!("the minute lane, {channels} channels with forests"), mean, worst, Some(MARK));
    fast_lane(channels, if is_bench { 5_000 } else { 10 });
}

/// Nanoseconds of a call in the fast lane.
fn fast_lane(channels: usize, rounds: usize) {
    let heard = [0.02, 0.3].map(|failing| lane::heard(channels, rounds, failing));
    println!("a call heard by one of {channels} fast lanes, CPU-ns: {:.0}; while 30 % fail: {:.0}", heard[0], heard[1]);
    println!("a fast lane asked, CPU-ns: {:.0}", lane::asked(1_000 * rounds));
}

fn report(what: &str, mean: f64, worst: f64, mark: Option<f64>) {
    let verdict = mark.map_or_else(String::new, |mark| {
        format!("mark <= {mark} {}", if worst <= mark { "met by the slowest" } else { "MISSED by the slowest" })
    });
    println!("{what:50} {mean:9.2} {worst:9.2} {verdict}");
}

/// Mean and slowest minute of `work`, which is told the minute.
fn minutes(mut work: impl FnMut(usize)) -> (f64, f64) {
    let (mut worst, start) = (0.0, cpu_ms());
    for minute in 0..MINUTES {
        let begin = cpu_ms();
        work(minute);
        worst = f64::max(worst, cpu_ms() - begin);
    }
    ((cpu_ms() - start) / MINUTES as f64, worst)
}

/// Detectors that have each seen a stretch of their own of one of sixteen series, and the series they go on with.
fn warm(entry: &Entry, count: usize, seen: usize) -> (Vec<Saved>, Vec<Vec<f64>>) {
    let values: Vec<Vec<f64>> = (0..16).map(|seed| series::minutes(2 * SEEN + MINUTES, seed)).collect();
    let detectors = (0..count).map(|at| {
        let mut detector = entry.build().expect("valid");
        for value in &values[at % values.len()][from(at)..from(at) + seen] {
            detector.observe(Observation::of(*value));
        }
        detector
    });
    (detectors.collect(), values)
}

/// Where the stretch of detector `at` begins: not two neighbours on the same series do the same work in the same minute.
const fn from(at: usize) -> usize {
    at * 37 % SEEN
}

fn of_series(entry: &Entry, count: usize, seen: usize) -> (f64, f64) {
    let (mut detectors, values) = warm(entry, count, seen);
    minutes(|minute| {
        for (at, detector) in detectors.iter_mut().enumerate() {
            let value = values[at % values.len()][from(at) + seen + minute];
            black_box(detector.observe(Observation::of(value)));
        }
    })
}

fn surprise(count: usize) -> (f64, f64) {
    let levels = Levels::default();
    let detector = Surprise::new(&levels, 0.0).expect("valid");
    let quantiles: Vec<f64> = levels.as_slice().iter().map(|level| 400.0 + 40.0 * normal::quantile(*level)).collect();
    let values = series::minutes(SEEN + MINUTES, 1);
    minutes(|minute| {
        for at in 0..count {
            black_box(detector.judge(black_box(&quantiles), Observation::of(values[minute + at % SEEN])));
        }
    })
}

fn pools(count: usize) -> (f64, f64) {
    let values: Vec<Vec<f64>> = (0..16).map(|seed| series::minutes(SEEN + MINUTES, seed)).collect();
    let mut pools: Vec<Peers> =
        (0..count / MEMBERS).map(|_| Peers::new(MEMBERS, peers::Params::default()).expect("valid")).collect();
    minutes(|minute| {
        for (at, pool) in pools.iter_mut().enumerate() {
            let members: [f64; MEMBERS] = std::array::from_fn(|member| values[(at + member) % 16][minute + at % SEEN]);
            black_box(pool.observe(&members));
        }
    })
}

/// The same minutes when every series triples at once, as in an outage.
fn outage(count: usize, seen: usize) {
    for entry in CATALOGUE {
        let (mut detectors, values) = warm(entry, count, seen);
        let (mean, worst) = minutes(|minute| {
            for (at, detector) in detectors.iter_mut().enumerate() {
                let value = values[at % values.len()][from(at) + seen + minute];
                black_box(detector.observe(Observation::of(3.0 * value)));
            }
        });
        report(&format!("{} while everything is three times as large", entry.name), mean, worst, None);
    }
}
