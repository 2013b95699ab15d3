//! Growing one tree.

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::path::expected_path;
use super::rows::kept;
use super::tree::{DEPTH, Tree};

mod cut;
mod sample;

pub use sample::Sample;

/// A tree that grows: what is drawn from, and what has been cut so far.
struct Grower<'a> {
    sample: &'a Sample,
    rng: Xoshiro256PlusPlus,
    tree: Tree,
    /// Features in an order that is shuffled as far as it is looked at.
    features: Vec<u8>,
    /// Cuts on the longest path: ceil(log2(rows)).
    limit: usize,
    /// What a path is divided by: c(rows), so that a row's path is a share of what is to be expected.
    whole: f64,
}

/// A tree over `sample` with cuts across `terms` features.
pub fn tree(sample: &Sample, terms: usize, rng: Xoshiro256PlusPlus) -> Tree {
    let features: Vec<u8> = (0..u8::try_from(sample.features()).unwrap_or(u8::MAX)).collect();
    let terms = terms.clamp(1, features.len().max(1));
    let limit = (sample.len().max(1).next_power_of_two().ilog2() as usize).min(DEPTH);
    let whole = expected_path(sample.len()).max(1.0);
    let tree = Tree::bare(terms, sample.middle().to_vec());
    let mut rows: Vec<u16> = (0..u16::try_from(sample.len()).unwrap_or(u16::MAX)).collect();
    let mut grower = Grower { sample, rng, tree, features, limit, whole };
    grower.grow(1, 0, &mut rows);
    grower.tree
}

impl Grower<'_> {
    /// Grows what is below `node`, which is `depth` cuts below the root, and returns the sum of all paths of `rows`.
    fn grow(&mut self, node: usize, depth: usize, rows: &mut [u16]) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "at most 256 rows and 8 cuts")]
        let (size, cuts) = (rows.len() as f64, depth as f64);
        let may_cut = depth < self.limit && rows.len() > 1;
        if !(may_cut && self.cut(node, rows)) {
            let path = (cuts + expected_path(rows.len())) / self.whole;
            self.end(node, depth, path);
            return path * size;
        }
        let split = self.part(node, rows);
        let (left, right) = rows.split_at_mut(split);
        let sum = self.grow(2 * node, depth + 1, left) + self.grow(2 * node + 1, depth + 1, right);
        self.tree.expected[node] = kept(sum / size);
        sum
    }

    /// Writes `path` to `node` and to all that is below it.
    fn end(&mut self, node: usize, depth: usize, path: f64) {
        for below in 0..=DEPTH - depth {
            let first = node << below;
            self.tree.expected[first..first + (1 << below)].fill(kept(path));
        }
    }

    /// Sorts `rows` into those that go left at `node` and, from the number returned on, those that go right.
    fn part(&self, node: usize, rows: &mut [u16]) -> usize {
        let mut lefts = 0;
        for at in 0..rows.len() {
            let value = |feature| self.sample.column(feature)[usize::from(rows[at])];
            if !self.tree.goes_right(node, value) {
                rows.swap(lefts, at);
                lefts += 1;
            }
        }
        lefts
    }

    /// The next feature of a random order, of which `seen` have been taken.
    fn next_feature(&mut self, seen: usize) -> u8 {
        let other = self.rng.random_range(seen..self.features.len());
        self.features.swap(seen, other);
        self.features[seen]
    }
}
