//! The two halves of every model: unfitted with checked parameters ([`Fit`]), and fitted ([`Predict`]).

use std::fmt::Debug;

use thiserror::Error;

pub use crate::domain::parameter::ParameterError;
use crate::forecast::history::{History, Observation};
use crate::forecast::saved::Saved;

/// A model with checked parameters that has not seen data yet.
pub trait Fit: Debug + Send + Sync {
    /// The name in registries, tables and on the command line, with what tells it from its siblings: `theta`,
    /// `holt-winters`, ...
    fn name(&self) -> String;

    /// Observed steps below which [`Fit::fit`] refuses.
    fn minimum(&self) -> usize;

    /// Learns from `history`.
    ///
    /// # Errors
    /// If there are fewer observed steps than [`Fit::minimum`], or the values leave the domain of the model.
    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError>;
}

/// Paths up to this length need no memory of their own in [`Predict::predict_at`].
const NEAR: usize = 64;

/// Writes the values at `horizons` of the path that `predict` writes.
pub(crate) fn all_the_way(predict: impl FnOnce(&mut [f64]), horizons: &[usize], values: &mut [f64]) {
    let steps = horizons.last().copied().unwrap_or(0);
    let (mut near, mut far) = ([0.0; NEAR], Vec::new());
    let path = if steps <= NEAR {
        &mut near[..steps]
    } else {
        far.resize(steps, 0.0);
        far.as_mut_slice()
    };
    predict(path);
    for (value, horizon) in values.iter_mut().zip(horizons) {
        *value = path[horizon - 1];
    }
}

/// A fitted model, which stands after the last step it was told of.
///
/// Equal histories and updates give bit-equal paths; there is no chance in here.
pub trait Predict: Debug + Send + Sync {
    /// Moves on by one step in O(1): states follow the news, parameters stay. A gap moves time on only.
    fn update(&mut self, news: Observation);

    /// Writes the expected path of the next `path.len()` steps, always finite.
    fn predict(&self, path: &mut [f64]);

    /// Writes the values of the same path, but for rounding, at `horizons` (ascending, 1 is the first step ahead), one
    /// for each. This is what a tracker asks every minute, so a model that need not go all the way should not.
    fn predict_at(&self, horizons: &[usize], values: &mut [f64]) {
        all_the_way(|path| self.predict(path), horizons, values);
    }

    /// Writes quantiles of the model's own at `levels` for each step of `out` (row-major: step, then level) and
    /// returns true; models that only know a path leave `out` alone and return false.
    fn quantiles(&self, _levels: &[f64], _out: &mut [f64]) -> bool {
        false
    }

    /// Everything there is to keep.
    fn save(&self) -> Saved;
}

/// Why a model could not be fitted. None of these is a fault of the program: the next model is tried.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum FitError {
    /// The history is too short for this model.
    #[error("{model} needs at least {needed} observed steps, there are {observed}")]
    TooShort {
        /// The model's name.
        model: String,
        /// Its minimum.
        needed: usize,
        /// What there is.
        observed: usize,
    },
    /// Values leave the domain, for example zeros under a multiplicative season.
    #[error("{model} needs {needed}")]
    Domain {
        /// The model's name.
        model: String,
        /// The condition in words, for example "values above zero".
        needed: String,
    },
    /// The search for parameters or the solution of a linear system did not come to an end.
    #[error("{model} found no solution: {reason}")]
    NoSolution {
        /// The model's name.
        model: String,
        /// What went wrong.
        reason: String,
    },
}

impl FitError {
    /// Refuses a history with fewer observed steps than `needed`.
    ///
    /// # Errors
    /// [`FitError::TooShort`] in that case.
    pub fn unless_enough(model: &str, needed: usize, history: &History<'_>) -> Result<(), Self> {
        let observed = history.observed();
        if observed >= needed {
            return Ok(());
        }
        Err(Self::TooShort { model: model.to_owned(), needed, observed })
    }
}
