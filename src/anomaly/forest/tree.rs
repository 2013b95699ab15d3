//! One tree as flat arrays.
//!
//! Nodes are numbered like a heap: the root is 1, the children of i are 2i and 2i + 1. A path that ends early goes on
//! through cuts that part nothing down to the last level, so that the walk of every row is [`DEPTH`] equal steps without
//! a question whether it has arrived.

use serde::{Deserialize, Serialize};

use super::table::Table;

/// Cuts on every path.
pub const DEPTH: usize = 8;
/// Places for cuts; number 0 is not used.
pub const CUTS: usize = 1 << DEPTH;
/// Cuts and, behind them, the ends of paths.
pub const NODES: usize = 2 * CUTS;
/// No value reaches this, see [`super::rows`].
pub const NEVER: f32 = f32::MAX;

/// A grown tree.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tree {
    /// From where on a row goes right.
    pub threshold: Table<f32, CUTS>,
    /// What is compared with it.
    pub side: Side,
    /// The mean path of the rows that were grown through a node, in shares of c(rows of the tree); for the last level
    /// the path of a row that ends there.
    pub expected: Table<f32, NODES>,
    /// The middle of each feature: what a missing value counts as.
    pub middle: Vec<f32>,
}

/// What a cut looks at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Side {
    /// One feature.
    One(Table<u8, CUTS>),
    /// A weighted sum of features.
    Sum(Vec<Term>),
}

/// One feature and its weight in each cut.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// Number of the feature.
    pub feature: Table<u8, CUTS>,
    /// Its weight; 0 where the cut has fewer terms.
    pub weight: Table<f32, CUTS>,
}

impl Tree {
    /// A tree without a cut, whose cuts will be of `terms` features.
    pub fn bare(terms: usize, middle: Vec<f32>) -> Self {
        let side = if terms <= 1 {
            Side::One(Table::of(0))
        } else {
            Side::Sum(vec![Term { feature: Table::of(0), weight: Table::of(0.0) }; terms])
        };
        Self { threshold: Table::of(NEVER), side, expected: Table::of(0.0), middle }
    }

    /// Whether the row whose features `value` knows goes right at `node`, which must be a cut.
    pub fn goes_right(&self, node: usize, value: impl Fn(u8) -> f32) -> bool {
        let at = node % CUTS;
        let seen = match &self.side {
            Side::One(feature) => value(feature[at]),
            Side::Sum(terms) => terms.iter().map(|term| term.weight[at] * value(term.feature[at])).sum(),
        };
        seen >= self.threshold[at]
    }

    /// Whether all tables fit to rows of `features` features, which a saved tree need not do.
    pub fn fits(&self, features: usize) -> bool {
        let known = |table: &Table<u8, CUTS>| table.iter().all(|feature| usize::from(*feature) < features);
        self.middle.len() == features
            && match &self.side {
                Side::One(feature) => known(feature),
                Side::Sum(terms) => terms.iter().all(|term| known(&term.feature)),
            }
    }
}
