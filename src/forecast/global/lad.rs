//! Linear regression for the median: the sum of absolute errors is minimised by least squares whose weights are
//! the inverse of the last errors (iteratively reweighted least squares; Schlossmacher, *An iterative technique for
//! absolute deviations curve fitting*, 1973), with a ridge penalty.

use crate::forecast::global::rows::{Rows, WIDTH};
use crate::stats::cholesky;

/// Coefficients of the origin features, the target features, and the intercept.
pub(super) type Coefficients = [f64; WIDTH];

/// Errors below this count as this large, lest a row that fits gain all the weight.
const LEAST_ERROR: f64 = 0.3;
/// In the first round from nothing, outcomes up to this size have full weight.
const ORDINARY: f64 = 2.0;

/// How a regression is made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Regression<'a> {
    /// Where the penalty draws the coefficients; `None` for zero.
    pub(super) toward: Option<&'a Coefficients>,
    /// Penalty per row.
    pub(super) penalty: f64,
    /// Rounds of reweighting.
    pub(super) rounds: usize,
}

impl Regression<'_> {
    /// The coefficients for the rows of `pool` at the horizon numbered `at`; `None` if the system cannot be solved.
    pub(super) fn solve(&self, pool: &[&Rows], at: usize) -> Option<Coefficients> {
        let home = self.toward.copied().unwrap_or([0.0; WIDTH]);
        let mut found = home;
        for round in 0..self.rounds {
            let blind = round == 0 && self.toward.is_none();
            found = self.round(pool, at, &found, blind)?;
        }
        found.iter().all(|value| value.is_finite()).then_some(found)
    }

    fn round(&self, pool: &[&Rows], at: usize, last: &Coefficients, blind: bool) -> Option<Coefficients> {
        let mut gram = [[0.0; WIDTH]; WIDTH];
        let mut right = [0.0; WIDTH];
        let mut rows = 0.0;
        for part in pool {
            part.each(at, |row, truth| {
                let error = (truth - cholesky::dot(row, last)).abs();
                let weight = if blind { (ORDINARY / error.max(1e-9)).min(1.0) } else { 1.0 / error.max(LEAST_ERROR) };
                rows += 1.0;
                add(&mut gram, &mut right, row, weight, truth);
            });
        }
        let penalty = self.penalty * f64::max(rows, 1.0);
        for (at, row) in gram.iter_mut().enumerate() {
            row[at] += penalty;
            right[at] += penalty * self.toward.map_or(0.0, |home| home[at]);
        }
        cholesky::solve(gram.as_flattened_mut(), &mut right).ok()?;
        Some(right)
    }
}

/// Adds a row to the lower triangle of X'WX and to X'Wy.
fn add(gram: &mut [[f64; WIDTH]; WIDTH], right: &mut Coefficients, row: &Coefficients, weight: f64, truth: f64) {
    for (at, sums) in gram.iter_mut().enumerate() {
        let weighted = weight * row[at];
        right[at] += weighted * truth;
        for (sum, value) in sums[..=at].iter_mut().zip(row) {
            *sum += weighted * value;
        }
    }
}
