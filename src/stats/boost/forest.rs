//! Grown trees as flat arrays, and how they are asked.

use serde::{Deserialize, Serialize};

use crate::stats::boost::bins::Binned;
use crate::stats::boost::grow::{LEAF, Tree};
use crate::stats::boost::matrix::{Matrix, reading};

/// Set in a node's feature where missing values go left.
const MISSING_LEFT: u32 = 1 << 31;

/// Rows of a batch that are read together: 30 features of them fit the first cache beside a tree.
const BLOCK: usize = 128;

/// Walks at a time; divides [`BLOCK`].
const LANES: usize = 8;

/// A question of 16 bytes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Node {
    /// Readings up to this one go left.
    threshold: f32,
    /// Place of the feature in a row, with [`MISSING_LEFT`].
    feature: u32,
    /// Places of the next nodes, or of leaves with [`LEAF`] set; left, right.
    children: [u32; 2],
}

/// All trees of a model, one behind the other.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub(super) struct Forest {
    nodes: Vec<Node>,
    /// Gain of each node.
    gains: Vec<f64>,
    /// Values of the leaves: each tree has one more of them than it has nodes.
    leaves: Vec<f64>,
    /// The first node of each tree, ascending.
    roots: Vec<u32>,
}

/// A [`Forest`] that has not been checked yet.
#[derive(Deserialize)]
struct Parts {
    nodes: Vec<Node>,
    gains: Vec<f64>,
    leaves: Vec<f64>,
    roots: Vec<u32>,
}

impl TryFrom<Parts> for Forest {
    type Error = &'static str;

    fn try_from(Parts { nodes, gains, leaves, roots }: Parts) -> Result<Self, Self::Error> {
        let ends = roots.iter().skip(1).map(|&root| root as usize).chain([nodes.len()]);
        let spans_hold = roots.iter().zip(ends).all(|(&root, end)| (root as usize) < end && end <= nodes.len())
            && leaves.len() == nodes.len() + roots.len()
            && gains.len() == nodes.len();
        // Children lie behind their parent, so that every walk ends.
        let children_hold = nodes.iter().enumerate().all(|(at, node)| {
            node.children.iter().all(|&child| match child & LEAF {
                0 => (child as usize) > at && (child as usize) < nodes.len(),
                _ => ((child ^ LEAF) as usize) < leaves.len(),
            })
        });
        if spans_hold && children_hold {
            Ok(Self { nodes, gains, leaves, roots })
        } else {
            Err("nodes, leaves and roots of the trees do not belong together")
        }
    }
}

impl Forest {
    /// Appends `tree`, which has branches, with the values of its leaves.
    #[expect(clippy::cast_possible_truncation, reason = "100,000 trees of 65,536 leaves would not fit memory")]
    pub(super) fn push(&mut self, tree: &Tree, data: &Binned, values: &[f64]) {
        let (root, first_leaf) = (self.nodes.len() as u32, self.leaves.len() as u32);
        for branch in &tree.branches {
            let (split, column) = (&branch.split, &data.columns[branch.split.column]);
            self.nodes.push(Node {
                threshold: column.threshold(split.bin),
                feature: column.feature | if split.missing_left { MISSING_LEFT } else { 0 },
                children: branch.children.map(|child| child + if child & LEAF == 0 { root } else { first_leaf }),
            });
            self.gains.push(split.gain);
        }
        self.leaves.extend_from_slice(values);
        self.roots.push(root);
    }

    /// Number of trees.
    pub(super) fn trees(&self) -> usize {
        self.roots.len()
    }

    /// Drops all trees but the first `trees`.
    pub(super) fn truncate(&mut self, trees: usize) {
        if let Some(&root) = self.roots.get(trees) {
            self.nodes.truncate(root as usize);
            self.gains.truncate(root as usize);
            self.leaves.truncate(root as usize + trees);
            self.roots.truncate(trees);
        }
    }

    /// The sum of all trees for one row. Features that `row` does not have are missing.
    pub(super) fn sum(&self, row: &[f64]) -> f64 {
        let read = |_, feature: usize| row.get(feature).map_or(f32::NAN, |&value| reading(value));
        let mut sum = 0.0;
        for roots in self.roots.chunks(LANES) {
            let mut starts = [LEAF; LANES];
            starts[..roots.len()].copy_from_slice(roots);
            for leaf in self.walk(starts, read).into_iter().take(roots.len()) {
                sum += leaf;
            }
        }
        sum
    }

    /// Adds the sum of all trees to `sums`, for all rows of `matrix`: a block of rows through one tree after the other.
    pub(super) fn add(&self, matrix: &Matrix<'_>, sums: &mut [f64]) {
        let features = matrix.columns().len();
        let mut block = vec![0.0_f32; BLOCK * features];
        for (number, sums) in sums.chunks_mut(BLOCK).enumerate() {
            for (feature, column) in matrix.columns().iter().enumerate() {
                let readings = block.iter_mut().skip(feature).step_by(features);
                let values = column.iter().skip(number * BLOCK).take(BLOCK);
                readings.zip(values).for_each(|(read, &value)| *read = reading(value));
            }
            for &root in &self.roots {
                for (sums, rows) in sums.chunks_mut(LANES).zip(block.chunks_exact(LANES * features)) {
                    let read = |lane: usize, feature: usize| {
                        if feature < features { rows[lane * features + feature] } else { f32::NAN }
                    };
                    let leaves = self.walk([root; LANES], read);
                    sums.iter_mut().zip(leaves).for_each(|(sum, leaf)| *sum += leaf);
                }
            }
        }
    }

    /// Walks from each of `starts` to a leaf and returns the values found; `read` gives a feature of a lane's row.
    ///
    /// Several walks at a time, because a step waits for what the step before has loaded. Those that have arrived stand
    /// still until all have: a branch for each would be mispredicted once per walk, which costs more than the steps.
    #[inline]
    fn walk(&self, starts: [u32; LANES], read: impl Fn(usize, usize) -> f32) -> [f64; LANES] {
        let mut places = starts;
        while places.iter().fold(LEAF, |all, place| all & place) == 0 {
            for (lane, place) in places.iter_mut().enumerate() {
                // All bits set for a walk that has arrived: it looks at the first node and stays where it is.
                let arrived = 0_u32.wrapping_sub(*place >> 31);
                let node = &self.nodes[(*place & !arrived) as usize];
                let value = read(lane, (node.feature & !MISSING_LEFT) as usize);
                // A missing value compares with nothing: it is neither above nor at most the threshold.
                let (above, at_most) = (u32::from(value > node.threshold), u32::from(value <= node.threshold));
                let missing_right = 1 ^ (node.feature >> 31);
                let right = (above | (!at_most & missing_right)) as usize;
                *place = (*place & arrived) | (node.children[right] & !arrived);
            }
        }
        places.map(|place| self.leaves[(place ^ LEAF) as usize])
    }

    /// The gain of all splits on each of `features` features.
    pub(super) fn gains(&self, features: usize) -> Vec<f64> {
        let mut gains = vec![0.0; features];
        for (node, gain) in self.nodes.iter().zip(&self.gains) {
            if let Some(sum) = gains.get_mut((node.feature & !MISSING_LEFT) as usize) {
                *sum += gain;
            }
        }
        gains
    }
}
