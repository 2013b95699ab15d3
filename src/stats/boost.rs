//! Gradient boosted regression trees on histograms: mean, median or any quantile of a target given features.
//!
//! A model is a start value plus the sum of many small trees; each tree is grown on where the sum so far is pulled to
//! (Friedman 2001, *Greedy function approximation: a gradient boosting machine*). Features are first cut into at most
//! 255 bins, so that a split is looked for among bins and not among rows, and trees grow leaf by leaf (Ke and others
//! 2017, *LightGBM*). Quantile models take the quantile of the residuals in each leaf as its value, as LightGBM does.
//!
//! Why not a crate: the pure ones for stable Rust know squared error only, and LightGBM itself is a C++ build. The tests
//! compare with LightGBM 4.7 on the same data and parameters.
//!
//! How: [`matrix::Matrix`] borrows feature columns, [`bins::Binned`] cuts them once for any number of models,
//! [`params::Booster`] is a checked set of parameters, [`Boosted`] the trained model.
//!
//! What happens at the edges:
//! - Missing features (NaN) have a bin of their own, and each split learns on which side they belong; where none was
//!   missing in training they go to the heavier side. Infinities count as the largest number.
//! - Features are read in single precision: values that differ by less than 1 part in 10 million are not told apart.
//! - Constant features are left out, and with fewer than twice [`params::Params::min_rows`] rows the model is its start value.
//! - Predictions never leave the range of the targets, which quantile boosting alone would not guarantee, and are
//!   finite for targets of any size.
//! - Equal data, parameters and seeds give bit-equal models: sums are taken in the order of rows, on one thread.

pub mod bins;
mod forest;
mod grow;
mod histogram;
pub mod matrix;
pub mod objective;
pub mod params;
mod sample;
mod scale;
mod split;
mod train;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::stats::boost::bins::Binned;
use crate::stats::boost::forest::Forest;
use crate::stats::boost::matrix::Matrix;
use crate::stats::boost::objective::Objective;
use crate::stats::boost::params::Booster;
use crate::stats::boost::scale::Scale;

/// A trained model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Boosted {
    objective: Objective,
    features: usize,
    /// Power of two that sums of trees are multiplied by.
    scale: f64,
    /// The prediction without trees, before scaling.
    start: f64,
    /// The smallest and the largest target.
    range: (f64, f64),
    forest: Forest,
}

/// Why a model could not be trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum FitError {
    /// No row, or none beside those kept aside.
    #[error("there is no row to train on")]
    NoRows,
    /// Targets or weights are not one per row.
    #[error("{what} are {found} for {rows} rows")]
    Length {
        /// `targets` or `weights`.
        what: &'static str,
        /// How many there are.
        found: usize,
        /// Rows of the matrix.
        rows: usize,
    },
    /// A target is NaN or infinite. Rows without a target have to be left out before.
    #[error("the target of row {row} is not finite")]
    Target {
        /// The row.
        row: usize,
    },
    /// A weight is negative, NaN or infinite.
    #[error("the weight of row {row} is not a finite number from 0")]
    Weight {
        /// The row.
        row: usize,
    },
    /// All rows to train on have weight 0.
    #[error("no row to train on has any weight")]
    NoWeight,
}

impl Boosted {
    /// Trains a model of `targets`, one for each row of `data`, with optional `weights`, from 0.
    ///
    /// # Errors
    /// See [`FitError`].
    pub fn fit(booster: &Booster, data: &Binned, targets: &[f64], weights: Option<&[f64]>) -> Result<Self, FitError> {
        check(data, targets, weights)?;
        let scale = Scale::of(targets);
        let scaled = targets.iter().map(|&target| scale.down(target)).collect();
        let trained = train::train(booster, data, scaled, weights, scale)?;
        let low = targets.iter().copied().fold(f64::INFINITY, f64::min);
        let high = targets.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Ok(Self {
            objective: booster.params().objective,
            features: data.features(),
            scale: scale.up(1.0),
            start: trained.start,
            range: (low, high),
            forest: trained.forest,
        })
    }

    /// The prediction for one row of features, in the order of the matrix. Features beyond the end of `row` are missing.
    #[must_use]
    pub fn predict(&self, row: &[f64]) -> f64 {
        self.finish(self.start + self.forest.sum(row))
    }

    /// The predictions for all rows of `matrix`: bit for bit those of [`Boosted::predict`], in less time.
    #[must_use]
    pub fn predict_all(&self, matrix: &Matrix<'_>) -> Vec<f64> {
        let mut sums = vec![0.0; matrix.rows()];
        self.forest.add(matrix, &mut sums);
        for sum in &mut sums {
            *sum = self.finish(self.start + *sum);
        }
        sums
    }

    /// Number of trees, after early stopping.
    #[must_use]
    pub fn trees(&self) -> usize {
        self.forest.trees()
    }

    /// What predictions stand for.
    #[must_use]
    pub fn objective(&self) -> Objective {
        self.objective
    }

    /// The share of each feature in the gain of all splits; all zero without any.
    #[must_use]
    pub fn importance(&self) -> Vec<f64> {
        let mut gains = self.forest.gains(self.features);
        let total: f64 = gains.iter().sum();
        if total > 0.0 {
            for gain in &mut gains {
                *gain /= total;
            }
        }
        gains
    }

    fn finish(&self, sum: f64) -> f64 {
        // Not `clamp`, which panics on a range that a damaged checkpoint turned around.
        (sum * self.scale).max(self.range.0).min(self.range.1)
    }
}

fn check(data: &Binned, targets: &[f64], weights: Option<&[f64]>) -> Result<(), FitError> {
    let rows = data.rows();
    for (what, found) in [("targets", Some(targets.len())), ("weights", weights.map(<[f64]>::len))] {
        if let Some(found) = found.filter(|&found| found != rows) {
            return Err(FitError::Length { what, found, rows });
        }
    }
    if let Some(row) = targets.iter().position(|target| !target.is_finite()) {
        return Err(FitError::Target { row });
    }
    let valid = |weight: &f64| weight.is_finite() && *weight >= 0.0;
    match weights.and_then(|weights| weights.iter().position(|weight| !valid(weight))) {
        Some(row) => Err(FitError::Weight { row }),
        None => Ok(()),
    }
}
