//! Scores of rows.

use super::Forest;
use super::block::{ROWS, walk};
use super::rows::{fill, kept};
use super::tree::DEPTH;

impl Forest {
    /// Scores of `rows`, which lie one after the other: for each a number between 0 and 1, higher where it is odd, in
    /// `scores`. Rows and scores end where the shorter of both ends. The score of a row does not depend on other rows.
    pub fn score_all(&self, rows: &[f64], scores: &mut [f64]) {
        let features = self.features.max(1);
        self.score_each(scores, |index, row| {
            for (slot, value) in row.iter_mut().zip(rows.iter().skip(index * features)) {
                *slot = kept(*value);
            }
        });
    }

    /// Scores of as many rows as there are `scores`; `fetch` writes row number `index` to the slice.
    pub(super) fn score_each(&self, scores: &mut [f64], fetch: impl Fn(usize, &mut [f32])) {
        match self.features {
            0..=4 => self.score_padded::<4>(scores, fetch),
            5..=8 => self.score_padded::<8>(scores, fetch),
            9..=16 => self.score_padded::<16>(scores, fetch),
            17..=32 => self.score_padded::<32>(scores, fetch),
            _ => self.score_padded::<64>(scores, fetch),
        }
    }

    fn score_padded<const W: usize>(&self, scores: &mut [f64], fetch: impl Fn(usize, &mut [f32])) {
        let mut block = [[0.0; W]; ROWS];
        for (number, scores) in scores.chunks_mut(ROWS).enumerate() {
            for (at, row) in block.iter_mut().take(scores.len()).enumerate() {
                fetch(number * ROWS + at, &mut row[..self.features]);
            }
            let mut sums = [0.0; ROWS];
            walk(&self.trees, &block, &mut sums);
            for (score, sum) in scores.iter_mut().zip(sums) {
                *score = self.score_of(sum);
            }
        }
    }

    /// The score of one row, bit for bit that of [`Forest::score_all`]. Features that `row` lacks are missing.
    #[must_use]
    pub fn score(&self, row: &[f64]) -> f64 {
        let row = self.kept(row);
        let mut sum = 0.0;
        let mut filled = row.clone();
        for tree in &self.trees {
            filled.copy_from_slice(&row);
            fill(&mut filled, &tree.middle);
            let value = |feature: u8| filled.get(usize::from(feature)).copied().unwrap_or(0.0);
            let end = (0..DEPTH).fold(1, |node, _| 2 * node + usize::from(tree.goes_right(node, value)));
            sum += tree.expected[end];
        }
        self.score_of(sum)
    }

    /// `row` as trees see it.
    pub(super) fn kept(&self, row: &[f64]) -> Vec<f32> {
        let all = row.iter().copied().chain(std::iter::repeat(f64::NAN));
        all.take(self.features).map(kept).collect()
    }

    /// 2 to the minus mean share of the paths.
    pub(super) fn score_of(&self, sum: f32) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "at most 10,000 trees")]
        let trees = self.trees.len().max(1) as f64;
        (-f64::from(sum) / trees).exp2()
    }
}
