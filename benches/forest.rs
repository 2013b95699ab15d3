//! Speed of the isolation forest: growing, scoring, following a stream.
//!
//! `cargo bench --bench forest` prints one table; `benches/peers/forest.py` measures scikit-learn on the same rows. Under
//! `cargo test` everything is small and only seen to work. Time is CPU time, user + system, on one thread.

#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
#![expect(clippy::expect_used, reason = "a benchmark that cannot go on should say why and stop")]
#![expect(clippy::cast_precision_loss, reason = "figures for people")]

#[path = "common/cpu.rs"]
mod cpu;
#[path = "forest/toy.rs"]
mod toy;

use std::hint::black_box;

use cpu::{cpu_ms, measure};
use foreroute::anomaly::features::{FEATURES, Features, TARGETS};
use foreroute::anomaly::forest::{ForestParams, StreamForest, StreamParams};
use foreroute::forecast::history::Observation;
use linfa::ParamGuard;

fn main() {
    let full = std::env::args().any(|word| word == "--bench");
    let (rows, channels, minutes) = if full { (1_000_000, 1_000, 1_000) } else { (500, 2, 70) };
    let data = toy::rows(rows);
    for extension in [0, 1, 7] {
        batch(&data, extension);
    }
    stream(channels, minutes);
}

/// Growing from all rows and scoring all of them.
fn batch(data: &[f64], extension: usize) {
    let model = ForestParams::default().extension(extension).check().expect("in range");
    let grow = measure(10, || assert!(black_box(model.grow(data, toy::FEATURES)).is_ok()));
    let forest = model.grow(data, toy::FEATURES).expect("enough rows");
    let mut scores = vec![0.0; data.len() / toy::FEATURES];
    let score = measure(2, || forest.score_all(data, black_box(&mut scores)));
    let per_second = scores.len() as f64 / score * 1e3;
    let auc = toy::auc(&scores);
    println!("extension {extension}: grow {grow:.2} CPU-ms, score {per_second:.0} rows/s, AUC {auc:.3}");
    let some = || data.chunks(toy::FEATURES).take(1_000);
    let one = measure(2, || assert!(some().map(|row| forest.score(row)).sum::<f64>() > 0.0));
    let blame = measure(2, || assert!(some().map(|row| forest.blame(row).ordinary).sum::<f64>() > 0.0));
    println!("extension {extension}: one row {one:.2} CPU-us, its blame {blame:.2} CPU-us");
}

/// All channels minute by minute: features, score, learning.
fn stream(channels: usize, minutes: usize) {
    let channel = |seed| {
        let params = StreamParams::default().with_forest(ForestParams::default().seed(seed)).expect("in range");
        (Features::default(), StreamForest::new(params, FEATURES).expect("in range"))
    };
    let mut all: Vec<_> = (0..channels as u64).map(channel).collect();
    let (mut last, mut growing) = (0.0, 0.0);
    for minute in 0..minutes {
        let start = cpu_ms();
        for (channel, (features, forest)) in all.iter_mut().enumerate() {
            let value = 50.0 + 10.0 * toy::normal((channel * minutes + minute) as u64).abs();
            let news = std::array::from_fn(|at| Observation::of(value / (1 + at) as f64 / 100.0));
            let row = features.next(&news, &[0.0; TARGETS]);
            black_box(forest.score(&row));
            forest.learn(&row);
        }
        last = cpu_ms() - start;
        growing = f64::max(growing, last);
    }
    println!("{channels} channels x {FEATURES} features: minute {minutes} {last:.0} CPU-ms, the slowest {growing:.0}");
}
