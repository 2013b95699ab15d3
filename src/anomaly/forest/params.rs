//! How a forest is grown.

use std::ops::RangeInclusive;

use linfa::ParamGuard;
use serde::{Deserialize, Serialize};

use super::{MAX_FEATURES, MINIMUM};
use crate::forecast::model::ParameterError;
use crate::stats::seed::Seed;

/// The largest sample of a tree: its logarithm is the number of cuts on a path.
const MAX_SAMPLE: usize = 256;
/// The most trees: far beyond what changes a score.
const MAX_TREES: usize = 10_000;

/// Parameters that have not been checked, which linfa calls hyperparameters: `ForestParams::default().trees(50).check()`.
/// The defaults are those of the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ForestParams(ForestModel);

/// A forest that has not been grown, with checked parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Settings", into = "Settings")]
pub struct ForestModel(Settings);

/// The parameters themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Settings {
    trees: usize,
    sample: usize,
    extension: usize,
    seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { trees: 100, sample: MAX_SAMPLE, extension: 0, seed: 0 }
    }
}

impl ForestParams {
    /// Trees, 1 to 10,000; 100.
    #[must_use]
    pub fn trees(mut self, trees: usize) -> Self {
        self.0.0.trees = trees;
        self
    }

    /// Rows that a tree is grown from, 2 to 256; 256. The paper finds that more rows hide what is odd behind what is
    /// ordinary.
    #[must_use]
    pub fn sample(mut self, rows: usize) -> Self {
        self.0.0.sample = rows;
        self
    }

    /// Features beyond the first that a cut looks at, at most 63 and as many as there are. 0, the default, is the
    /// standard forest.
    #[must_use]
    pub fn extension(mut self, level: usize) -> Self {
        self.0.0.extension = level;
        self
    }

    /// Root of everything random; 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.0.0.seed = seed;
        self
    }
}

impl ForestModel {
    /// Trees to grow.
    #[must_use]
    pub const fn trees(&self) -> usize {
        self.0.trees
    }

    /// Rows that a tree is grown from at most.
    #[must_use]
    pub const fn sample(&self) -> usize {
        self.0.sample
    }

    /// Features beyond the first that a cut looks at.
    #[must_use]
    pub const fn extension(&self) -> usize {
        self.0.extension
    }

    /// Root of everything random.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.0.seed
    }

    /// What tree number `index` draws from.
    pub(super) fn seed_of(&self, index: u64) -> Seed {
        Seed::new(self.0.seed).child("forest").nth(index)
    }

    /// What the reservoir draws from when row number `index` comes.
    pub(super) fn seed_of_row(&self, index: u64) -> Seed {
        Seed::new(self.0.seed).child("reservoir").nth(index)
    }
}

impl TryFrom<Settings> for ForestModel {
    type Error = ParameterError;

    fn try_from(settings: Settings) -> Result<Self, ParameterError> {
        ForestParams(Self(settings)).check()
    }
}

impl From<ForestModel> for Settings {
    fn from(model: ForestModel) -> Self {
        model.0
    }
}

impl ParamGuard for ForestParams {
    type Checked = ForestModel;
    type Error = ParameterError;

    fn check_ref(&self) -> Result<&ForestModel, ParameterError> {
        let within = |parameter, needed, found: usize, range: RangeInclusive<usize>| {
            let error = ParameterError { parameter, needed, found: found.to_string() };
            if range.contains(&found) { Ok(()) } else { Err(error) }
        };
        let settings = &self.0.0;
        within("trees", "1 to 10,000", settings.trees, 1..=MAX_TREES)?;
        within("sample", "2 to 256", settings.sample, MINIMUM..=MAX_SAMPLE)?;
        within("extension", "at most 63", settings.extension, 0..=MAX_FEATURES - 1)?;
        Ok(&self.0)
    }

    fn check(self) -> Result<ForestModel, ParameterError> {
        self.check_ref().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameter_out_of_range_is_named() {
        let named = |params: ForestParams| params.check().expect_err("out of range").parameter;
        assert_eq!(named(ForestParams::default().trees(0)), "trees");
        assert_eq!(named(ForestParams::default().sample(1)), "sample");
        assert_eq!(named(ForestParams::default().extension(64)), "extension");
        assert_eq!(ForestParams::default().check().expect("in range").trees(), 100);
    }
}
