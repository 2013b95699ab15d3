//! Isolation forests: what few random cuts part from everything else is odd.
//!
//! A tree cuts a sample of 256 rows at random until rows stand alone or eight cuts are made; a row that ends after few
//! cuts is odd (Liu, Ting and Zhou 2008, *Isolation forest*). The score of a row is 2 to the minus mean share of its
//! path in the path that is to be expected, c(n): 0.5 is ordinary, towards 1 is odd. Cuts go across one feature, or
//! with an extension level across several at once (Hariri, Carrasco Kind and Brunner 2019, *Extended isolation
//! forest*), which sees rows that break a correlation while each of their features is ordinary.
//!
//! Density and distances (LOF, nearest neighbours) need all rows for each score. This needs the trees, of fixed size,
//! whatever number of rows they were grown from.
//!
//! Differences to the papers:
//! - A feature that is constant in a node is not cut there (as in scikit-learn): such a cut would part nothing.
//! - The weights of an extended cut are divided by the feature's deviation in the tree's sample (as in SCiForest: Liu,
//!   Ting and Zhou 2010), so that units do not decide.
//! - A path is divided by the c(n) of its own tree, so that trees of samples of different size can stand in one forest.
//!
//! Degenerate input: a missing value (NaN) counts as the middle of what the tree has seen, when growing and when
//! scoring (isotree's `missing_action="impute"`), so that absence is never odd by itself; what is infinite counts as
//! the largest number. A feature that is constant or never known is not looked at. If all rows are equal, every row has
//! 0.5 for its score. Fewer rows than the sample size are all taken; there must be [`MINIMUM`].
//!
//! A forest knows no more of a feature than the range in its sample: a value beyond it counts as the outermost one, and in
//! a feature that was constant nothing is odd. Detectors of one series see that; what a forest sees and they do not is
//! several features that do not go together.
//!
//! Numbers are kept as `f32`: features should be of ordinary size, as those of [`crate::anomaly::features`] are.

use serde::{Deserialize, Serialize};

mod blame;
mod block;
mod grow;
mod learn;
mod params;
mod path;
mod reservoir;
mod rows;
mod score;
mod stream;
mod table;
mod tree;

pub use blame::Blame;
pub use learn::ForestError;
pub use params::{ForestModel, ForestParams};
pub use path::expected_path;
pub use stream::{StreamForest, StreamParams};

use tree::Tree;

/// Rows below which no forest is grown.
pub const MINIMUM: usize = 2;
/// The most features a row may have.
pub const MAX_FEATURES: usize = 64;

/// A grown forest, of some 3.4 KB a tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Forest {
    features: usize,
    trees: Vec<Tree>,
}

/// A forest as it was read.
#[derive(Deserialize)]
struct Unchecked {
    features: usize,
    trees: Vec<Tree>,
}

impl TryFrom<Unchecked> for Forest {
    type Error = &'static str;

    fn try_from(read: Unchecked) -> Result<Self, Self::Error> {
        let Unchecked { features, trees } = read;
        let fits = features <= MAX_FEATURES && trees.iter().all(|tree| tree.fits(features));
        if fits { Ok(Self { features, trees }) } else { Err("trees and number of features do not fit") }
    }
}

impl Forest {
    /// Features of a row.
    #[must_use]
    pub const fn features(&self) -> usize {
        self.features
    }

    /// Trees that have been grown.
    #[must_use]
    pub fn trees(&self) -> usize {
        self.trees.len()
    }
}

#[cfg(test)]
mod tests;
