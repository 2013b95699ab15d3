//! A forest that follows drift.
//!
//! Recent ordinary rows are sampled into a reservoir; every so many of them the oldest tree gives way to one that is
//! grown from it. Growing all trees anew once the window has changed (Ding and Fei 2013, *iForestASD*) costs a hundred
//! times as much at once, and half-space trees (Tan, Ting and Liu 2011), which only count anew, keep cuts that were drawn
//! for the ranges of long ago.
//!
//! Whoever feeds it decides what is ordinary: a row that belongs to an incident must not be learnt, and a level that has
//! shifted for good must be. With the defaults trees are replaced within 25 hours of ordinary minutes.
//!
//! Warm-up: the first tree grows when [`StreamParams::warm_up`] rows have been learnt, then [`AT_ONCE`] a row until all
//! stand; there is no score before. A row costs at most that many trees (one after warm-up, and most rows none), each of
//! at most 256 rows.

use linfa::ParamGuard;
use serde::{Deserialize, Serialize};

use super::params::{ForestModel, ForestParams};
use super::reservoir::Reservoir;
use super::{Blame, Forest, MAX_FEATURES, MINIMUM};
use crate::forecast::model::ParameterError;

/// Trees that are grown at a row while the forest is not complete.
pub const AT_ONCE: usize = 2;
/// The most rows a reservoir may hold.
const MAX_ROWS: usize = 65_536;

/// How a forest follows its stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StreamParams {
    /// The forest: how many trees, of how many rows.
    pub forest: ForestModel,
    /// Rows in the reservoir, from the sample of a tree up to 65,536; 512.
    pub rows: usize,
    /// Learnt rows for which a row stays in the reservoir on average, not fewer than `rows`; 1,440, a day of minutes.
    pub memory: usize,
    /// Rows with which growing begins, 2 to `rows`; 128.
    pub warm_up: usize,
    /// Learnt rows from one replacement to the next, at least 1; 15.
    pub every: usize,
}

impl Default for StreamParams {
    fn default() -> Self {
        Self { forest: ForestModel::default(), rows: 512, memory: 1_440, warm_up: 128, every: 15 }
    }
}

/// A forest and what it learns from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct StreamForest {
    params: StreamParams,
    forest: Forest,
    reservoir: Reservoir,
    /// Rows learnt so far.
    learnt: u64,
    /// Trees grown so far.
    grown: u64,
}

/// A state as it was read.
#[derive(Deserialize)]
struct Unchecked {
    params: StreamParams,
    forest: Forest,
    reservoir: Reservoir,
    learnt: u64,
    grown: u64,
}

impl StreamForest {
    /// A forest without trees for rows of `features` features.
    ///
    /// # Errors
    /// If a parameter is outside the range stated in [`StreamParams`], or `features` is not 1 to [`MAX_FEATURES`].
    pub fn new(params: StreamParams, features: usize) -> Result<Self, ParameterError> {
        let refuse_unless = |fits: bool, parameter, needed, found: usize| {
            if fits { Ok(()) } else { Err(ParameterError { parameter, needed, found: found.to_string() }) }
        };
        let StreamParams { forest, rows, memory, warm_up, every } = params;
        refuse_unless((forest.sample()..=MAX_ROWS).contains(&rows), "rows", "from the sample to 65,536", rows)?;
        refuse_unless(memory >= rows, "memory", "not fewer than rows", memory)?;
        refuse_unless((MINIMUM..=rows).contains(&warm_up), "warm_up", "2 to rows", warm_up)?;
        refuse_unless(every > 0, "every", "at least 1", every)?;
        refuse_unless((1..=MAX_FEATURES).contains(&features), "features", "1 to 64", features)?;
        let forest = Forest { features, trees: Vec::with_capacity(forest.trees()) };
        Ok(Self { params, forest, reservoir: Reservoir::new(features, rows), learnt: 0, grown: 0 })
    }

    /// The score of `row`, see [`Forest::score`]; `None` while the forest is not complete and for a row of which nothing
    /// is known.
    #[must_use]
    pub fn score(&self, row: &[f64]) -> Option<f64> {
        (self.is_complete() && is_known(row)).then(|| self.forest.score(row))
    }

    /// What each feature contributes to the score of `row`, wherever there is one.
    #[must_use]
    pub fn blame(&self, row: &[f64]) -> Option<Blame> {
        (self.is_complete() && is_known(row)).then(|| self.forest.blame(row))
    }

    /// Learns an ordinary row. One of which nothing is known is left out.
    pub fn learn(&mut self, row: &[f64]) {
        if !is_known(row) {
            return;
        }
        let row = self.forest.kept(row);
        let mut rng = self.params.forest.seed_of_row(self.learnt).rng();
        self.reservoir.push(&row, self.params.memory, &mut rng);
        self.learnt += 1;
        if self.is_complete() {
            // Forests of different seeds take turns: else those of all channels would grow in the same minute.
            let turn = self.learnt.wrapping_add(self.params.forest.seed());
            if turn.is_multiple_of(self.params.every as u64) {
                self.grow();
            }
        } else if self.reservoir.len() >= self.params.warm_up {
            for _ in 0..AT_ONCE.min(self.params.forest.trees() - self.forest.trees()) {
                self.grow();
            }
        }
    }

    /// Whether all trees stand.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.forest.trees() == self.params.forest.trees()
    }

    /// Grows a tree from the reservoir, in place of the oldest once the forest is complete.
    fn grow(&mut self) {
        let (model, reservoir) = (&self.params.forest, &self.reservoir);
        let fetch = |index: usize, row: &mut [f32]| reservoir.fetch(index, row);
        let tree = model.grow_tree(self.grown, reservoir.len(), self.forest.features, fetch);
        let oldest = self.grown % model.trees() as u64;
        match usize::try_from(oldest).ok().and_then(|oldest| self.forest.trees.get_mut(oldest)) {
            Some(place) => *place = tree,
            None => self.forest.trees.push(tree),
        }
        self.grown += 1;
    }
}

impl TryFrom<Unchecked> for StreamForest {
    type Error = String;

    fn try_from(read: Unchecked) -> Result<Self, String> {
        let Unchecked { params, forest, reservoir, learnt, grown } = read;
        let empty = Self::new(params, forest.features).map_err(|error| error.to_string())?;
        let trees = usize::try_from(grown).unwrap_or(usize::MAX).min(params.forest.trees());
        if !reservoir.fits(forest.features, params.rows) || forest.trees() != trees {
            return Err("forest and reservoir do not fit".to_owned());
        }
        Ok(Self { forest, reservoir, learnt, grown, ..empty })
    }
}

/// Whether anything is known of `row`.
fn is_known(row: &[f64]) -> bool {
    row.iter().any(|value| !value.is_nan())
}

impl StreamParams {
    /// Checks `forest` on the way in.
    ///
    /// # Errors
    /// If a parameter of `forest` is out of range.
    pub fn with_forest(self, forest: ForestParams) -> Result<Self, ParameterError> {
        Ok(Self { forest: forest.check()?, ..self })
    }
}

#[cfg(test)]
mod tests;
