//! Growing forests, and linfa's traits for both halves.

use linfa::DatasetBase;
use linfa::traits::{Fit, PredictInplace};
use ndarray::{Array1, ArrayBase, Data, Ix2};
use thiserror::Error;

use super::grow::{self, Sample};
use super::params::ForestModel;
use super::rows::kept;
use super::tree::Tree;
use super::{Forest, MAX_FEATURES, MINIMUM};
use crate::forecast::model::ParameterError;

/// Why a forest could not be grown.
#[derive(Debug, Error)]
pub enum ForestError {
    /// There are too few rows.
    #[error("a forest needs at least {MINIMUM} rows, there are {0}")]
    TooFewRows(usize),
    /// Rows have no features, or too many.
    #[error("a row must have 1 to {MAX_FEATURES} features, it has {0}")]
    Features(usize),
    /// A parameter is out of range.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// What linfa finds wrong with a data set.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
}

impl ForestModel {
    /// A forest over `rows`, which lie one after the other with `features` values each; a rest is left out. The cost
    /// does not depend on the number of rows.
    ///
    /// # Errors
    /// If there are fewer than [`MINIMUM`] rows, no features or more than [`MAX_FEATURES`].
    pub fn grow(&self, rows: &[f64], features: usize) -> Result<Forest, ForestError> {
        let count = rows.len().checked_div(features).unwrap_or(0);
        self.grow_from(count, features, |index, row| {
            for (slot, value) in row.iter_mut().zip(&rows[index * features..]) {
                *slot = kept(*value);
            }
        })
    }

    /// A forest over `count` rows; `fetch` writes one of them.
    fn grow_from(
        &self,
        count: usize,
        features: usize,
        fetch: impl Fn(usize, &mut [f32]),
    ) -> Result<Forest, ForestError> {
        if !(1..=MAX_FEATURES).contains(&features) {
            return Err(ForestError::Features(features));
        }
        if count < MINIMUM {
            return Err(ForestError::TooFewRows(count));
        }
        let trees = (0..self.trees() as u64).map(|number| self.grow_tree(number, count, features, &fetch));
        Ok(Forest { features, trees: trees.collect() })
    }

    /// Tree number `number` over `count` rows.
    pub(super) fn grow_tree(
        &self,
        number: u64,
        count: usize,
        features: usize,
        fetch: impl Fn(usize, &mut [f32]),
    ) -> Tree {
        let mut rng = self.seed_of(number).rng();
        let sample = Sample::draw(self.sample(), count, features, &mut rng, fetch);
        grow::tree(&sample, self.extension() + 1, rng)
    }
}

impl<D: Data<Elem = f64>, T> Fit<ArrayBase<D, Ix2>, T, ForestError> for ForestModel {
    type Object = Forest;

    fn fit(&self, dataset: &DatasetBase<ArrayBase<D, Ix2>, T>) -> Result<Forest, ForestError> {
        let rows = dataset.records();
        self.grow_from(rows.nrows(), rows.ncols(), |index, row| {
            for (slot, value) in row.iter_mut().zip(rows.row(index)) {
                *slot = kept(*value);
            }
        })
    }
}

/// `forest.predict(&records)` gives one score a row.
impl<D: Data<Elem = f64>> PredictInplace<ArrayBase<D, Ix2>, Array1<f64>> for Forest {
    /// Scores of the rows of `records`; features they lack are missing.
    fn predict_inplace<'a>(&'a self, records: &'a ArrayBase<D, Ix2>, scores: &mut Array1<f64>) {
        let mut found = vec![0.0; records.nrows()];
        self.score_each(&mut found, |index, row| {
            row.fill(f32::NAN);
            for (slot, value) in row.iter_mut().zip(records.row(index)) {
                *slot = kept(*value);
            }
        });
        *scores = Array1::from_vec(found);
    }

    fn default_target(&self, records: &ArrayBase<D, Ix2>) -> Array1<f64> {
        Array1::zeros(records.nrows())
    }
}
