//! The normal equations of the regression.
//!
//! Steps are taken in blocks which, lag by lag, stay in the first-level cache while every pair of lags is multiplied.

use crate::stats::cholesky::dot;

/// Steps in a block.
const BLOCK: usize = 64;

/// X'X and X'y.
pub(super) struct Normal {
    /// X'X row by row; only the lower triangle is filled.
    pub gram: Vec<f64>,
    /// X'y.
    pub right: Vec<f64>,
    /// Steps that took part: those without a gap in themselves, their lags and their window.
    pub rows: usize,
}

/// The columns of one block, lag by lag, and the targets behind the last lag.
struct Block {
    columns: Vec<f64>,
    centres: [f64; BLOCK],
    /// NaN for rows with a gap.
    check: [f64; BLOCK],
}

impl Normal {
    /// Sums over all of `values`, less the mean of the `window` values before each target and divided by `unit`, which
    /// keeps the squares of huge and of tiny values inside the floats.
    pub(super) fn of(values: &[f64], lags: &[usize], window: usize, unit: f64) -> Self {
        let count = lags.len();
        let mut normal = Self { gram: vec![0.0; count * count], right: vec![0.0; count], rows: 0 };
        let mut block = Block { columns: vec![0.0; (count + 1) * BLOCK], centres: [0.0; BLOCK], check: [0.0; BLOCK] };
        let longest = lags.last().copied().unwrap_or(0).max(window);
        let mut start = longest;
        while start < values.len() {
            let len = BLOCK.min(values.len() - start);
            block.fill(values, lags, window, unit, start, len);
            normal.rows += block.check[..len].iter().filter(|check| check.is_finite()).count();
            normal.add(&block);
            start += len;
        }
        normal
    }

    fn add(&mut self, block: &Block) {
        let count = self.right.len();
        let (columns, targets) = block.columns.split_at(count * BLOCK);
        for (row, left) in columns.chunks_exact(BLOCK).enumerate() {
            let sums = &mut self.gram[row * count..][..=row];
            for (sum, right) in sums.iter_mut().zip(columns.chunks_exact(BLOCK)) {
                *sum += dot(left, right);
            }
            self.right[row] += dot(left, targets);
        }
    }
}

impl Block {
    /// Fills in the `len` targets from `start` on; rows with a gap and those behind `len` are zero.
    fn fill(&mut self, values: &[f64], lags: &[usize], window: usize, unit: f64, start: usize, len: usize) {
        #[expect(clippy::cast_precision_loss, reason = "windows are short")]
        let size = window as f64;
        for (row, centre) in self.centres[..len].iter_mut().enumerate() {
            let before = &values[start + row - window..start + row];
            *centre = before.iter().map(|value| value / size).sum();
        }
        self.check = [0.0; BLOCK];
        for (column, lag) in self.columns.chunks_exact_mut(BLOCK).zip(lags.iter().chain([&0])) {
            let lagged = &values[start - lag..start - lag + len];
            column[len..].fill(0.0);
            let rows = column.iter_mut().zip(lagged).zip(&self.centres).zip(&mut self.check);
            for (((entry, value), centre), check) in rows {
                *entry = value / unit - centre / unit;
                // Zero times a NaN or an infinity is NaN, which no later sum undoes.
                *check += *entry * 0.0;
            }
        }
        for (row, _) in self.check[..len].iter().enumerate().filter(|(_, check)| !check.is_finite()) {
            self.columns.iter_mut().skip(row).step_by(BLOCK).for_each(|entry| *entry = 0.0);
        }
    }
}
