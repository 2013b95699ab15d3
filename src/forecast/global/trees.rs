//! What lines cannot say: boosted trees of the same features, learnt from all series.
//!
//! One set forecasts the outcome itself, another what the lines of a series leave. The former knows when a deviation
//! is a spike that will pass, the latter keeps the extremes of the lines; their mean errs less than either. The trees
//! are few and small, because there are many forecasts to make and little left to learn.

use serde::{Deserialize, Serialize};

use crate::forecast::global::horizons::{MOST, around};
use crate::forecast::global::linear::Linear;
use crate::forecast::global::rows::{Rows, WIDTH};
use crate::forecast::global::state::{ORIGIN, TARGET};
use crate::stats::boost::Boosted;
use crate::stats::boost::bins::Binned;
use crate::stats::boost::matrix::Matrix;
use crate::stats::boost::objective::Objective;
use crate::stats::boost::params::{Booster, Params};
use crate::stats::cholesky::dot;

/// Target features that trees on what is left do not see: the patterns of steps, which the lines know step by step
/// and trees only at the horizons.
const LINEAR_ONLY: std::ops::Range<usize> = ORIGIN + 1..ORIGIN + TARGET - 1;
const FEATURES: usize = ORIGIN + TARGET;

/// Boosted trees at each horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Trees {
    /// Of the outcome, and of what the lines of a series leave.
    whole: Vec<Boosted>,
    rest: Vec<Boosted>,
}

impl Trees {
    /// Trees on the rows of all series, each with its lines; `None` if there is nothing to learn from.
    pub(super) fn train(horizons: &[usize], pool: &[(&Rows, Linear)]) -> Option<Self> {
        let whole = booster(30, 0.15)?;
        let rest = booster(20, 0.1)?;
        let mut trees = Self { whole: Vec::new(), rest: Vec::new() };
        for at in 0..horizons.len() {
            let mut columns = vec![Vec::new(); FEATURES];
            let (mut outcomes, mut left) = (Vec::new(), Vec::new());
            for (rows, linear) in pool {
                let coefficients = linear.at(at);
                rows.each(at, |row, outcome| {
                    columns.iter_mut().zip(row).for_each(|(column, value)| column.push(*value));
                    outcomes.push(outcome);
                    left.push(outcome - dot(row, &coefficients));
                });
            }
            let all = columns.iter().map(Vec::as_slice).collect();
            let kept = columns.iter().enumerate().filter(|(at, _)| !LINEAR_ONLY.contains(at));
            let kept = kept.map(|(_, column)| column.as_slice()).collect();
            trees.whole.push(boost(&whole, all, &outcomes)?);
            trees.rest.push(boost(&rest, kept, &left)?);
        }
        Some(trees)
    }

    /// What the trees say at each horizon needed for `steps` steps ahead; `row` is asked for the features there.
    pub(super) fn at(&self, horizons: &[usize], steps: usize, row: impl Fn(usize) -> [f64; WIDTH]) -> Leaning {
        let mut leaning = Leaning { whole: [0.0; MOST], rest: [0.0; MOST] };
        let (_, last, _) = around(horizons, steps.max(1));
        for (at, &horizon) in horizons.iter().enumerate().take(last + 1) {
            let (Some(whole), Some(rest)) = (self.whole.get(at), self.rest.get(at)) else { continue };
            let mut features = row(horizon);
            leaning.whole[at] = whole.predict(&features[..FEATURES]);
            features.copy_within(LINEAR_ONLY.end..FEATURES, LINEAR_ONLY.start);
            leaning.rest[at] = rest.predict(&features[..FEATURES - LINEAR_ONLY.len()]);
        }
        leaning
    }
}

/// What the trees say at the horizons, from one origin.
pub(super) struct Leaning {
    whole: [f64; MOST],
    rest: [f64; MOST],
}

impl Leaning {
    /// The forecast `ahead` steps on, given that of the lines.
    pub(super) fn join(&self, horizons: &[usize], ahead: usize, lines: f64) -> f64 {
        let (before, after, share) = around(horizons, ahead);
        let between = |values: &[f64; MOST]| values[before] + (values[after] - values[before]) * share;
        f64::midpoint(between(&self.whole), lines + between(&self.rest))
    }
}

fn booster(trees: usize, learning_rate: f64) -> Option<Booster> {
    let objective = Objective::Absolute;
    let params = Params { objective, trees, leaves: 8, learning_rate, min_rows: 80, lambda: 5.0, ..Params::default() };
    Booster::new(params).ok()
}

fn boost(booster: &Booster, columns: Vec<&[f64]>, outcomes: &[f64]) -> Option<Boosted> {
    let matrix = Matrix::new(columns).ok()?;
    Boosted::fit(booster, &Binned::new(&matrix), outcomes, None).ok()
}
