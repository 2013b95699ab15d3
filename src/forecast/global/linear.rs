//! One set of coefficients for each horizon, of all series or of one.

use serde::{Deserialize, Serialize};

use crate::forecast::global::horizons::{MOST, around};
use crate::forecast::global::lad::{Coefficients, Regression};
use crate::forecast::global::rows::{Rows, WIDTH};
use crate::forecast::global::state::{ORIGIN, TARGET};
use crate::stats::cholesky::dot;

/// Of all series: rounds, and penalty per row towards zero.
const POOL_ROUNDS: usize = 12;
const POOL_PENALTY: f64 = 0.003;
/// Of one series: rounds from the pool's coefficients, and penalty per row towards them.
const OWN_ROUNDS: usize = 8;
const OWN_PENALTY: f64 = 0.03;

/// Coefficients at each horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Linear {
    horizons: Vec<usize>,
    /// [`WIDTH`] for each horizon.
    coefficients: Vec<f64>,
}

impl Linear {
    /// What suits all of `pool` best. A horizon without a solution forecasts the level over the profile.
    pub(super) fn of_pool(horizons: &[usize], pool: &[&Rows]) -> Self {
        let regression = Regression { toward: None, penalty: POOL_PENALTY, rounds: POOL_ROUNDS };
        let mut near = None;
        Self::new(horizons, |at| {
            near = regression.solve(pool, at, near.as_ref());
            near.unwrap_or([0.0; WIDTH])
        })
    }

    /// What suits `rows` best, drawn towards these coefficients.
    pub(super) fn towards(&self, rows: &Rows) -> Self {
        Self::new(&self.horizons, |at| {
            let home = self.at(at);
            let regression = Regression { toward: Some(&home), penalty: OWN_PENALTY, rounds: OWN_ROUNDS };
            regression.solve(&[rows], at, None).unwrap_or(home)
        })
    }

    fn new(horizons: &[usize], solve: impl FnMut(usize) -> Coefficients) -> Self {
        Self { horizons: horizons.to_vec(), coefficients: (0..horizons.len()).flat_map(solve).collect() }
    }

    /// The coefficients of the horizon numbered `at`.
    pub(super) fn at(&self, at: usize) -> Coefficients {
        let (rows, _) = self.coefficients.as_chunks::<WIDTH>();
        rows.get(at).copied().unwrap_or([0.0; WIDTH])
    }

    /// The coefficients of all horizons, one after the other.
    pub(super) fn all(&self) -> &[f64] {
        &self.coefficients
    }

    pub(super) fn horizons(&self) -> &[usize] {
        &self.horizons
    }

    /// Prepares forecasts from an origin.
    pub(super) fn from(&self, origin: &[f64; ORIGIN]) -> From<'_> {
        let mut sums = [0.0; MOST];
        let (rows, _) = self.coefficients.as_chunks::<WIDTH>();
        for (sum, row) in sums.iter_mut().zip(rows) {
            *sum = dot(origin, &row[..ORIGIN]) + row[WIDTH - 1];
        }
        From { linear: self, rows, sums }
    }
}

/// The forecasts from one origin.
pub(super) struct From<'a> {
    linear: &'a Linear,
    rows: &'a [Coefficients],
    /// What origin features and intercept contribute at each horizon.
    sums: [f64; MOST],
}

impl From<'_> {
    /// The forecast `ahead` steps on, in scales from the base. Coefficients between two horizons lie between theirs,
    /// rather than forecasts between forecasts: the features of each step itself would be lost between them.
    pub(super) fn ahead(&self, ahead: usize, target: &[f64; TARGET]) -> f64 {
        let (before, after, share) = around(&self.linear.horizons, ahead);
        let (Some(low), Some(high)) = (self.rows.get(before), self.rows.get(after)) else { return 0.0 };
        let mut sum = self.sums[before] + (self.sums[after] - self.sums[before]) * share;
        for (at, feature) in (ORIGIN..).zip(target) {
            sum += (low[at] + (high[at] - low[at]) * share) * feature;
        }
        sum
    }
}
