//! Speed of the planner: one class with ten channels, and a thousand channels that each of twenty classes may use.
//!
//! `cargo bench --bench policy` prints one table, with microlp on the same programmes beside our simplex. Under `cargo test`
//! everything is small and only seen to work. Time is CPU time, user + system, on one thread.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot go on should say why and stop")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

#[path = "common/cpu.rs"]
mod cpu;
#[path = "policy/world.rs"]
mod world;

use std::hint::black_box;

use cpu::{cpu_ms, measure};
use foreroute::policy::decision::Trigger;
use foreroute::policy::pareto;
use foreroute::policy::planner::{self, Setting};
use foreroute::policy::steering::Steering;
use foreroute::stats::simplex;
use microlp::{ComparisonOp, OptimizationDirection, Problem};

/// What one class with ten channels may take, and twenty with a thousand, in CPU milliseconds.
const MARKS: [f64; 2] = [0.2, 50.0];
/// Classes of the large question.
const CLASSES: u64 = 20;

fn main() {
    let is_bench = std::env::args().any(|word| word == "--bench");
    let (many, repeats, minutes) = if is_bench { (1_000, 200, 30) } else { (20, 1, 2) };
    println!("{:58} {:>10} {:>10}", "CPU-ms, one thread", "mean", "slowest");
    for (ample, what) in [(true, "ample room"), (false, "scarce room")] {
        steer(&format!("1 class, 10 channels, {what}"), 10, 1, (minutes * 20, ample), MARKS[0]);
        steer(&format!("{CLASSES} classes, {many} channels, {what}"), many, CLASSES, (minutes, ample), MARKS[1]);
    }
    let setting = Setting::default();
    let input = world::question(10, 1, 0, true);
    let ms = measure(repeats, || assert!(!black_box(planner::propose(&setting, &input)).0.shares.is_empty()));
    println!("{:58} {ms:10.4}", "one plan of 10 channels, without memory");
    let ms = measure(repeats, || assert!(!black_box(pareto::front(&setting, &input)).is_empty()));
    println!("{:58} {ms:10.4}", "the front of 10 channels");
    for channels in [10, 100, 300] {
        solvers(channels, repeats);
    }
}

/// Minutes of decisions on `classes`, each of which may use all channels; all that a minute costs but gathering the input.
fn steer(what: &str, channels: usize, classes: u64, (minutes, ample): (u64, bool), mark: f64) {
    let setting = Setting::default();
    let mut steerings = vec![Steering::new(); usize::try_from(classes).expect("few")];
    let (mut worst, mut sum) = (0.0_f64, 0.0);
    for minute in 0..minutes {
        let inputs: Vec<_> = (0..classes).map(|class| world::question(channels, class, minute, ample)).collect();
        let begin = cpu_ms();
        for (steering, input) in steerings.iter_mut().zip(&inputs) {
            black_box(steering.decide(&setting, input, Trigger::Minute));
        }
        let took = cpu_ms() - begin;
        (worst, sum) = (worst.max(took), sum + took);
    }
    let mean = sum / minutes as f64;
    let verdict = if mean <= mark { "met" } else { "MISSED" };
    println!("{what:58} {mean:10.4} {worst:10.4} mark <= {mark} {verdict} by the mean");
}

/// The same programme by our simplex and by microlp.
fn solvers(channels: usize, repeats: u32) {
    let (columns, rhs, slacks) = world::programme(channels, 3);
    let ours = measure(repeats, || assert!(simplex::minimise(black_box(&columns), rhs, slacks).is_some()));
    let theirs = measure(repeats, || {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let variables: Vec<_> =
            columns.iter().map(|column| problem.add_var(column.cost, (column.low, column.high))).collect();
        for (row, right) in rhs.iter().enumerate() {
            let terms: Vec<_> = variables.iter().zip(&columns).map(|(one, column)| (*one, column.rows[row])).collect();
            problem.add_constraint(&terms, ComparisonOp::Eq, *right);
        }
        assert!(black_box(problem.solve()).is_ok());
    });
    println!("a programme of {channels:4} columns and 6 rows: simplex {ours:.4}, microlp {theirs:.4}");
}
