//! Pull and weight of the rows of a leaf, added up in each bin of each feature.

use std::ops::{AddAssign, Sub, SubAssign};

use crate::stats::boost::bins::{Binned, Column};

/// Pull and weight of some rows.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Sums {
    /// Negative gradients times weight.
    pub(super) pull: f64,
    /// Weight: the number of rows where all weights are equal.
    pub(super) weight: f64,
}

impl AddAssign for Sums {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        self.pull += other.pull;
        self.weight += other.weight;
    }
}

impl SubAssign for Sums {
    #[inline]
    fn sub_assign(&mut self, other: Self) {
        self.pull -= other.pull;
        self.weight -= other.weight;
    }
}

impl Sub for Sums {
    type Output = Self;

    #[inline]
    fn sub(mut self, other: Self) -> Self {
        self -= other;
        self
    }
}

/// Where the bins of each column begin in a histogram, which is one slice for all columns.
#[derive(Debug)]
pub(super) struct Layout {
    starts: Vec<usize>,
}

/// The bins that a byte can address. A column is filled through a window of so many cells, which spares the check of
/// each access; what lies behind the column's own bins is not touched.
const WINDOW: usize = 256;

impl Layout {
    pub(super) fn new(data: &Binned) -> Self {
        let ends = data.columns.iter().scan(0, |end, column| {
            *end += column.len();
            Some(*end)
        });
        Self { starts: std::iter::once(0).chain(ends).collect() }
    }

    /// A histogram of empty bins.
    pub(super) fn empty(&self) -> Vec<Sums> {
        vec![Sums::default(); self.starts.last().copied().unwrap_or(0) + WINDOW]
    }

    /// The bins of column number `column`.
    pub(super) fn bins<'a>(&self, histogram: &'a [Sums], column: usize) -> &'a [Sums] {
        &histogram[self.starts[column]..self.starts[column + 1]]
    }

    /// Adds up `rows` in the bins of `column`. `members` are pull and weight in the order of `rows`.
    pub(super) fn fill(&self, histogram: &mut [Sums], number: usize, column: &Column, rows: &[u32], members: &Members) {
        let start = self.starts[number];
        histogram[start..self.starts[number + 1]].fill(Sums::default());
        let Some(window) = histogram[start..].first_chunk_mut::<WINDOW>() else { return };
        let bins = &column.bins[..];
        if members.weighted.is_empty() {
            for (&row, &pull) in rows.iter().zip(&members.pulls) {
                window[usize::from(bins[row as usize])] += Sums { pull, weight: 1.0 };
            }
        } else {
            for (&row, &sums) in rows.iter().zip(&members.weighted) {
                window[usize::from(bins[row as usize])] += sums;
            }
        }
    }

    /// Takes the bins of `part` from those of `whole`: a leaf's histogram is its parent's without its sibling's.
    pub(super) fn subtract(&self, whole: &mut [Sums], part: &[Sums], column: usize) {
        let range = self.starts[column]..self.starts[column + 1];
        for (whole, &part) in whole[range.clone()].iter_mut().zip(&part[range]) {
            *whole -= part;
        }
    }
}

/// Pulls and weights of the rows of one leaf, gathered once for all columns.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// Where all weights are equal.
    pulls: Vec<f64>,
    /// Otherwise.
    weighted: Vec<Sums>,
}

impl Members {
    /// Gathers `rows`.
    pub(super) fn gather(&mut self, rows: &[u32], pulls: &[f64], weights: Option<&[f64]>) {
        self.pulls.clear();
        self.weighted.clear();
        match weights {
            None => self.pulls.extend(rows.iter().map(|&row| pulls[row as usize])),
            Some(weights) => self.weighted.extend(rows.iter().map(|&row| {
                let weight = weights[row as usize];
                Sums { pull: weight * pulls[row as usize], weight }
            })),
        }
    }

    /// The sum of all.
    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^31 rows")]
    pub(super) fn sums(&self) -> Sums {
        let mut sums = Sums { pull: self.pulls.iter().sum(), weight: self.pulls.len() as f64 };
        for &member in &self.weighted {
            sums += member;
        }
        sums
    }
}
