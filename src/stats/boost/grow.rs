//! One tree, leaf by leaf: the leaf with the greatest gain is split next (Shi 2007, as in LightGBM), not the next level.
//!
//! Of two new leaves only the smaller one is added up; the other's histogram is what remains of their parent's.

use std::ops::Range;

use crate::stats::boost::bins::{Binned, Column};
use crate::stats::boost::histogram::{Layout, Members, Sums};
use crate::stats::boost::split::{Search, Split};

/// A child that is a leaf has this bit set above its leaf number.
pub(super) const LEAF: u32 = 1 << 31;

/// What bounds a tree, checked before.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    pub(super) leaves: usize,
    pub(super) depth: u32,
    pub(super) search: Search,
}

/// A split of a grown tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Branch {
    pub(super) split: Split,
    /// Numbers of the next branches, or of leaves with [`LEAF`] set; left, right.
    pub(super) children: [u32; 2],
}

/// The shape of a tree in terms of bins. Branch 0 is the root; without branches there is one leaf.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) branches: Vec<Branch>,
    /// The rows of each leaf, as a range of [`Grower::rows`].
    pub(super) leaves: Vec<Range<usize>>,
}

/// Where the gradients come from, and what may be split.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) data: &'a Binned,
    pub(super) pulls: &'a [f64],
    pub(super) weights: Option<&'a [f64]>,
    /// Numbers of the columns to look at.
    pub(super) columns: &'a [u32],
}

/// A leaf that may be split.
#[derive(Debug)]
struct Leaf {
    rows: Range<usize>,
    sums: Sums,
    depth: u32,
    /// The branch above and the side of it.
    above: Option<(usize, usize)>,
    /// The best split and the histogram it was found in.
    best: Option<(Split, Vec<Sums>)>,
}

/// Grows trees, and keeps the memory for the next one.
#[derive(Debug)]
pub(super) struct Grower {
    layout: Layout,
    bounds: Bounds,
    rows: Vec<u32>,
    scratch: Vec<u32>,
    members: Members,
    spare: Vec<Vec<Sums>>,
}

impl Grower {
    pub(super) fn new(data: &Binned, bounds: Bounds) -> Self {
        let (rows, scratch) = (Vec::new(), Vec::new());
        Self { layout: Layout::new(data), bounds, rows, scratch, members: Members::default(), spare: Vec::new() }
    }

    /// The rows of the last tree, leaf by leaf.
    pub(super) fn rows(&self) -> &[u32] {
        &self.rows
    }

    /// Grows a tree on `rows`.
    pub(super) fn grow(&mut self, task: &Task<'_>, rows: &[u32]) -> Tree {
        self.rows.clear();
        self.rows.extend_from_slice(rows);
        self.scratch.resize(rows.len(), 0);
        let mut root = Leaf { rows: 0..rows.len(), sums: Sums::default(), depth: 0, above: None, best: None };
        let histogram = self.histogram(task, &root.rows);
        root.sums = self.members.sums();
        self.consider(task, &mut root, histogram);
        let mut leaves = vec![root];
        let mut branches = Vec::new();
        while leaves.len() < self.bounds.leaves {
            let Some(next) = next(&leaves) else { break };
            let leaf = leaves.swap_remove(next);
            let Some((split, histogram)) = leaf.best else { break };
            let number = branches.len();
            if let Some((branch, side)) = leaf.above {
                set_child(&mut branches, branch, side, number);
            }
            let last = leaves.len() + 2 == self.bounds.leaves;
            let halves = self.split(task, &leaf.rows, leaf.sums, &split).map(|(rows, sums, side)| {
                let above = Some((number, side));
                Leaf { rows, sums, depth: leaf.depth + 1, above, best: None }
            });
            branches.push(Branch { split, children: [LEAF; 2] });
            if last {
                self.spare.push(histogram);
                leaves.extend(halves);
            } else {
                leaves.extend(self.weigh(task, halves, histogram));
            }
        }
        self.finish(leaves, branches)
    }

    /// Parts the rows of a leaf, and its sums.
    fn split(
        &mut self,
        task: &Task<'_>,
        rows: &Range<usize>,
        sums: Sums,
        split: &Split,
    ) -> [(Range<usize>, Sums, usize); 2] {
        let column = &task.data.columns[split.column];
        let middle = rows.start + part(&mut self.rows[rows.clone()], &mut self.scratch, column, split);
        [(rows.start..middle, split.left, 0), (middle..rows.end, sums - split.left, 1)]
    }

    /// Finds the best splits of two new leaves, given the histogram of both together.
    fn weigh(&mut self, task: &Task<'_>, halves: [Leaf; 2], mut whole: Vec<Sums>) -> [Leaf; 2] {
        if !halves.iter().any(|half| self.may_split(half)) {
            self.spare.push(whole);
            return halves;
        }
        let [mut left, mut right] = halves;
        let (small, large) =
            if left.rows.len() <= right.rows.len() { (&mut left, &mut right) } else { (&mut right, &mut left) };
        let histogram = self.histogram(task, &small.rows);
        for &column in task.columns {
            self.layout.subtract(&mut whole, &histogram, column as usize);
        }
        self.consider(task, small, histogram);
        self.consider(task, large, whole);
        [left, right]
    }

    fn may_split(&self, leaf: &Leaf) -> bool {
        leaf.depth < self.bounds.depth && leaf.sums.weight >= 2.0 * self.bounds.search.least
    }

    /// Adds up `rows` in the bins of the task's columns.
    fn histogram(&mut self, task: &Task<'_>, rows: &Range<usize>) -> Vec<Sums> {
        let mut histogram = self.spare.pop().unwrap_or_else(|| self.layout.empty());
        let rows = &self.rows[rows.clone()];
        self.members.gather(rows, task.pulls, task.weights);
        for &number in task.columns {
            let number = number as usize;
            self.layout.fill(&mut histogram, number, &task.data.columns[number], rows, &self.members);
        }
        histogram
    }

    /// Finds the best split of `leaf` in its `histogram`, which is kept only if there is one.
    fn consider(&mut self, task: &Task<'_>, leaf: &mut Leaf, histogram: Vec<Sums>) {
        let mut best: Option<Split> = None;
        if self.may_split(leaf) {
            for &number in task.columns {
                let number = number as usize;
                let bins = self.layout.bins(&histogram, number);
                let (values, missing) = match bins.split_last() {
                    Some((&missing, values)) if task.data.columns[number].missing => (values, Some(missing)),
                    _ => (bins, None),
                };
                let found = self.bounds.search.best(number, values, missing, leaf.sums);
                best = match (best, found) {
                    (Some(best), Some(found)) if found.gain > best.gain => Some(found),
                    (best, found) => best.or(found),
                };
            }
        }
        match best {
            Some(best) => leaf.best = Some((best, histogram)),
            None => self.spare.push(histogram),
        }
    }

    /// Numbers the leaves from left to right and takes their histograms back.
    fn finish(&mut self, mut leaves: Vec<Leaf>, mut branches: Vec<Branch>) -> Tree {
        leaves.sort_unstable_by_key(|leaf| leaf.rows.start);
        for (number, leaf) in leaves.iter_mut().enumerate() {
            if let Some((branch, side)) = leaf.above {
                set_child(&mut branches, branch, side, number | LEAF as usize);
            }
            self.spare.extend(leaf.best.take().map(|(_, histogram)| histogram));
        }
        Tree { branches, leaves: leaves.into_iter().map(|leaf| leaf.rows).collect() }
    }
}

impl Tree {
    /// The number of the leaf that `row` of the data falls into.
    pub(super) fn leaf(&self, data: &Binned, row: u32) -> usize {
        let mut next = if self.branches.is_empty() { LEAF } else { 0 };
        while next & LEAF == 0 {
            let branch = &self.branches[next as usize];
            let column = &data.columns[branch.split.column];
            let right = !goes_left(column.bins[row as usize], &branch.split, column.missing_bin());
            next = branch.children[usize::from(right)];
        }
        (next ^ LEAF) as usize
    }
}

/// The leaf to split next.
fn next(leaves: &[Leaf]) -> Option<usize> {
    let gains = leaves.iter().enumerate().filter_map(|(at, leaf)| Some((at, leaf.best.as_ref()?.0.gain)));
    gains.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at)
}

#[expect(clippy::cast_possible_truncation, reason = "trees have at most 65,536 leaves")]
fn set_child(branches: &mut [Branch], branch: usize, side: usize, child: usize) {
    if let Some(child_of) = branches.get_mut(branch).and_then(|branch| branch.children.get_mut(side)) {
        *child_of = child as u32;
    }
}

#[inline]
fn goes_left(bin: u8, split: &Split, missing: Option<u8>) -> bool {
    if missing == Some(bin) { split.missing_left } else { bin <= split.bin }
}

/// Moves the rows that go left to the front, both parts in their order, and returns their number.
fn part(rows: &mut [u32], scratch: &mut [u32], column: &Column, split: &Split) -> usize {
    let missing = column.missing_bin();
    let (mut left, mut right) = (0, 0);
    for at in 0..rows.len() {
        let row = rows[at];
        let is_left = goes_left(column.bins[row as usize], split, missing);
        // Written to both sides, counted on one: a branch on the data would be mispredicted half of the time.
        rows[left] = row;
        scratch[right] = row;
        left += usize::from(is_left);
        right += usize::from(!is_left);
    }
    rows[left..].copy_from_slice(&scratch[..right]);
    left
}
