//! How wrong forecasts were: sums over points that can be added up across folds, series and threads.
//!
//! - Errors of a point forecast (MAPE, sMAPE, MASE) are absolute errors, which the median of the forecast minimises;
//!   measuring the mean by them would reward a model for being biased low on skewed data. So they are taken of the
//!   median path, and the root mean squared error, which the mean minimises, of the mean path (Gneiting, *Making and
//!   evaluating point forecasts*, 2011).
//! - The quality of the whole distribution is the pinball loss per level, and the continuous ranked probability
//!   score as twice its mean over the levels (as in the M5 and GIFT-Eval protocols). It equals the integral only in
//!   the limit of evenly spread levels, so scores are comparable between equal levels only.
//! - Coverage and width are those of each central interval that the levels contain: 5 % and 95 % make the 90 % one.
//!
//! Every point weighs the same, whichever series it is of. Where all series give equally many points, this is the
//! mean over series that the M4 competition reports; RMSE, pinball and CRPS are in the unit of the values and follow
//! the largest series.
//!
//! Operators ask for the level of the next quarter of an hour rather than for each of its minutes. The error of that
//! mean over several steps ([`Tally::record_means`]) is taken of the mean path, because means add up and medians do not.
//!
//! A truth that is a gap is counted and measures nothing. MAPE has no value at a truth of zero, such points are left
//! out of it and counted; sMAPE of zero forecast as zero is 0. MASE leaves out points whose history has no scale (see
//! [`scale::naive_scale`]).

pub mod scale;
mod summary;
mod sums;

pub use summary::{Interval, Measures};

use serde::{Deserialize, Serialize};

use crate::forecast::output::Levels;
use sums::Mean;

/// One point of a forecast beside what came true.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome<'a> {
    /// What came true; NaN for a gap.
    pub truth: f64,
    /// Expected value.
    pub mean: f64,
    /// Median.
    pub median: f64,
    /// One quantile for each level of the tally, ascending.
    pub quantiles: &'a [f64],
    /// What absolute errors are divided by for MASE, if the history has such a scale.
    pub scale: Option<f64>,
}

/// A sum of errors over points of equal levels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tally {
    levels: Levels,
    gaps: u64,
    zero_truths: u64,
    magnitude: Mean,
    percentage: Mean,
    percentage_of_means: Mean,
    symmetric: Mean,
    scaled: Mean,
    squares: Mean,
    pinball: Vec<Mean>,
    intervals: Vec<IntervalTally>,
}

/// A central interval: from the quantile at `low` to the one at `high`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct IntervalTally {
    low: usize,
    high: usize,
    inside: Mean,
    width: Mean,
}

impl Tally {
    /// A sum of nothing yet.
    #[must_use]
    pub fn new(levels: Levels) -> Self {
        let intervals = central(&levels)
            .map(|(low, high)| IntervalTally { low, high, inside: Mean::default(), width: Mean::default() })
            .collect();
        Self {
            gaps: 0,
            zero_truths: 0,
            magnitude: Mean::default(),
            percentage: Mean::default(),
            percentage_of_means: Mean::default(),
            symmetric: Mean::default(),
            scaled: Mean::default(),
            squares: Mean::default(),
            pinball: vec![Mean::default(); levels.len()],
            intervals,
            levels,
        }
    }

    /// The levels whose quantiles are measured.
    #[must_use]
    pub const fn levels(&self) -> &Levels {
        &self.levels
    }

    /// Adds one point. Quantiles beyond the levels do not count; missing ones are not measured.
    pub fn record(&mut self, outcome: &Outcome<'_>) {
        let truth = outcome.truth;
        if !truth.is_finite() {
            self.gaps += 1;
            return;
        }
        let miss = (truth - outcome.median).abs();
        self.magnitude.add(truth.abs());
        self.squares.add((truth - outcome.mean).powi(2));
        self.symmetric.add(symmetric(truth, outcome.median));
        if truth == 0.0 {
            self.zero_truths += 1;
        } else {
            self.percentage.add(100.0 * miss / truth.abs());
        }
        if let Some(scale) = outcome.scale {
            self.scaled.add(miss / scale);
        }
        for ((sum, &level), &quantile) in self.pinball.iter_mut().zip(self.levels.as_slice()).zip(outcome.quantiles) {
            sum.add(pinball(level, truth, quantile));
        }
        for interval in &mut self.intervals {
            if let (Some(low), Some(high)) = (outcome.quantiles.get(interval.low), outcome.quantiles.get(interval.high))
            {
                interval.inside.add(f64::from(u8::from((*low..=*high).contains(&truth))));
                interval.width.add(high - low);
            }
        }
    }

    /// Adds a stretch of steps as one: the mean of its `truths` beside the mean of the `path` at the same steps. Gaps
    /// are left out on both sides; a stretch of gaps only, or of mean zero, measures nothing.
    pub fn record_means(&mut self, truths: &[f64], path: &[f64]) {
        let (mut truth, mut forecast) = (0.0, 0.0);
        for (known, expected) in truths.iter().zip(path).filter(|(known, _)| known.is_finite()) {
            truth += known;
            forecast += expected;
        }
        // Both sums are of equally many steps, so their ratio is that of the means.
        if truth != 0.0 {
            self.percentage_of_means.add(100.0 * (truth - forecast).abs() / truth.abs());
        }
    }

    /// Adds the points of `other`. Pinball and coverage can only be added at equal levels: where they differ, those
    /// of `other` are left out.
    pub fn merge(&mut self, other: &Self) {
        self.gaps += other.gaps;
        self.zero_truths += other.zero_truths;
        self.magnitude.merge(other.magnitude);
        self.percentage.merge(other.percentage);
        self.percentage_of_means.merge(other.percentage_of_means);
        self.symmetric.merge(other.symmetric);
        self.scaled.merge(other.scaled);
        self.squares.merge(other.squares);
        if self.levels != other.levels {
            return;
        }
        for (sum, more) in self.pinball.iter_mut().zip(&other.pinball) {
            sum.merge(*more);
        }
        for (sum, more) in self.intervals.iter_mut().zip(&other.intervals) {
            sum.inside.merge(more.inside);
            sum.width.merge(more.width);
        }
    }

    /// Points that were measured: truths that are no gaps.
    #[must_use]
    pub const fn points(&self) -> u64 {
        self.magnitude.count()
    }
}

/// The loss whose expectation the quantile at `level` minimises (Koenker and Bassett, 1978), in the unit of the
/// values: what the truth lies above the quantile costs `level`, what it lies below costs `1 - level`.
#[must_use]
pub fn pinball(level: f64, truth: f64, quantile: f64) -> f64 {
    let above = truth - quantile;
    if above >= 0.0 { level * above } else { (level - 1.0) * above }
}

/// Symmetric percentage error as the M4 competition defines it, 0 to 200; 0 where both are zero.
#[must_use]
pub fn symmetric(truth: f64, forecast: f64) -> f64 {
    let size = truth.abs() + forecast.abs();
    if size > 0.0 { 200.0 * (truth - forecast).abs() / size } else { 0.0 }
}

/// Pairs of positions whose levels are each other's complement, widest interval first.
fn central(levels: &Levels) -> impl Iterator<Item = (usize, usize)> {
    let below = levels.as_slice().iter().enumerate().filter(|(_, level)| **level < 0.5);
    below.filter_map(|(low, level)| levels.position(1.0 - level).map(|high| (low, high)))
}

#[cfg(test)]
mod tests;
