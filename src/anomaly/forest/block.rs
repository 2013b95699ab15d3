//! Walking many rows through many trees.
//!
//! A block of rows goes through one tree after the other, so that tree and rows stay in the nearest cache. Eight rows walk
//! side by side: none waits for the memory of another. Rows are padded to a power of two of features, with which the
//! compiler proves every index.

use super::rows::fill;
use super::table::Table;
use super::tree::{CUTS, DEPTH, Side, Term, Tree};

/// Rows of a block: with 64 features still half of a small first cache.
pub const ROWS: usize = 64;
/// Rows that walk side by side.
const LANES: usize = 8;

/// Adds the path of each of `rows` in each of `trees` to its sum, always in the order of the trees.
pub fn walk<const W: usize>(trees: &[Tree], rows: &[[f32; W]; ROWS], sums: &mut [f32; ROWS]) {
    let gaps = rows.iter().flatten().any(|value| value.is_nan());
    for tree in trees {
        if gaps {
            let mut filled = *rows;
            for row in &mut filled {
                fill(row, &tree.middle);
            }
            walk_one(tree, &filled, sums);
        } else {
            walk_one(tree, rows, sums);
        }
    }
}

/// Adds the path of each of `rows`, which have no gaps, in `tree` to its sum.
fn walk_one<const W: usize>(tree: &Tree, rows: &[[f32; W]; ROWS], sums: &mut [f32; ROWS]) {
    let (rows, _) = rows.as_chunks::<LANES>();
    let (sums, _) = sums.as_chunks_mut::<LANES>();
    for (rows, sums) in rows.iter().zip(sums) {
        let ends = match &tree.side {
            Side::One(feature) => ends(&tree.threshold, rows, |node, row| one(feature, node, row)),
            Side::Sum(terms) => ends(&tree.threshold, rows, |node, row| sum(terms, node, row)),
        };
        for (sum, end) in sums.iter_mut().zip(ends) {
            *sum += tree.expected[CUTS + end % CUTS];
        }
    }
}

/// Where the paths of `rows` end if `seen` is what a cut compares.
fn ends<const W: usize>(
    threshold: &Table<f32, CUTS>,
    rows: &[[f32; W]; LANES],
    seen: impl Fn(usize, &[f32; W]) -> f32,
) -> [usize; LANES] {
    let mut nodes = [1; LANES];
    for _ in 0..DEPTH {
        for (node, row) in nodes.iter_mut().zip(rows) {
            let at = *node % CUTS;
            *node = 2 * at + usize::from(seen(at, row) >= threshold[at]);
        }
    }
    nodes
}

fn one<const W: usize>(feature: &Table<u8, CUTS>, node: usize, row: &[f32; W]) -> f32 {
    row[usize::from(feature[node]) % W]
}

fn sum<const W: usize>(terms: &[Term], node: usize, row: &[f32; W]) -> f32 {
    terms.iter().map(|term| term.weight[node] * one(&term.feature, node, row)).sum()
}
