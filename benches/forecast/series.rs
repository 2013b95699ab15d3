//! What the models are measured on: minute latencies and rows for regression trees, the same for every run and reader.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution as _, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Milliseconds around 400 with a daily and an hourly course, a level that wanders, noise of about a tenth, and now and
/// then a value three times as large.
#[expect(clippy::cast_precision_loss, reason = "steps are few")]
pub fn minutes(len: usize, seed: u64) -> Vec<f64> {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut wander = 0.0;
    (0..len)
        .map(|step| {
            let turn = |season: f64| (std::f64::consts::TAU * step as f64 / season).sin();
            let mut noise = || -> f64 { StandardNormal.sample(&mut rng) };
            wander = 0.98 * wander + 0.02 * noise();
            let value = 400.0 * (0.3 * turn(1_440.0) + 0.1 * turn(60.0) + wander + 0.1 * noise()).exp();
            if rng.random_bool(0.002) { 3.0 * value } else { value }
        })
        .collect()
}

/// Columns of features and a target that depends on a few of them.
pub fn rows(count: usize, features: usize) -> (Vec<Vec<f64>>, Vec<f64>) {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let columns: Vec<Vec<f64>> = (0..features).map(|_| (0..count).map(|_| rng.random()).collect()).collect();
    let target = |row: usize| {
        let at = |feature: usize| columns[feature][row];
        let noise: f64 = StandardNormal.sample(&mut rng);
        (6.0 * at(0)).sin() + at(1) * at(2) + f64::from(u8::from(at(3) > 0.5)) + (0.1 + 0.2 * at(4)) * noise
    };
    let targets = (0..count).map(target).collect();
    (columns, targets)
}

/// Leaves the series and the rows for `benches/peers/forecast.py`: one value a line, and one row a line with the target
/// last.
pub fn write(dir: &Path, series: &[f64], columns: &[Vec<f64>], targets: &[f64]) -> std::io::Result<()> {
    let mut file = std::io::BufWriter::new(File::create(dir.join("series.csv"))?);
    for value in series {
        writeln!(file, "{value}")?;
    }
    let mut file = std::io::BufWriter::new(File::create(dir.join("rows.csv"))?);
    for (row, target) in targets.iter().enumerate() {
        for column in columns {
            write!(file, "{},", column[row])?;
        }
        writeln!(file, "{target}")?;
    }
    Ok(())
}
