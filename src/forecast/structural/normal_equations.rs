//! Weighted least squares by its normal equations, of which every subset of columns can be solved again cheaply.

use crate::stats::cholesky::{self, NotPositiveDefinite};

/// Ridge added to each diagonal element as a share of the number of rows: keeps collinear columns apart.
pub const RIDGE: f64 = 1e-6;

/// Centred products of columns with each other and with the response.
#[derive(Debug, Clone)]
pub struct NormalEquations {
    size: usize,
    /// X'WX about the means, row by row.
    gram: Vec<f64>,
    /// X'Wy about the means.
    moment: Vec<f64>,
    /// y'Wy about the mean.
    square: f64,
    means: Vec<f64>,
    mean: f64,
    /// Sum of the weights.
    pub rows: f64,
}

impl NormalEquations {
    /// Of the rows of `matrix` (row-major, `size` columns) with response and weight each.
    pub fn of(matrix: &[f64], size: usize, response: &[f64], weights: &[f64]) -> Self {
        let rows = weights.iter().sum::<f64>();
        let mut means = vec![0.0; size];
        let mut mean = 0.0;
        for ((row, value), weight) in matrix.chunks_exact(size).zip(response).zip(weights) {
            mean += weight * value / rows;
            means.iter_mut().zip(row).for_each(|(mean, x)| *mean += weight * x / rows);
        }
        let mut this =
            Self { size, gram: vec![0.0; size * size], moment: vec![0.0; size], square: 0.0, means, mean, rows };
        let mut centred = vec![0.0; size];
        for ((row, value), weight) in matrix.chunks_exact(size).zip(response).zip(weights) {
            this.add(row, value - mean, *weight, &mut centred);
        }
        this
    }

    fn add(&mut self, row: &[f64], value: f64, weight: f64, centred: &mut [f64]) {
        for ((place, x), mean) in centred.iter_mut().zip(row).zip(&self.means) {
            *place = x - mean;
        }
        self.square += weight * value * value;
        for (i, x) in centred.iter().enumerate() {
            let scaled = weight * x;
            self.moment[i] += scaled * value;
            let line = &mut self.gram[i * self.size..=i * self.size + i];
            for (sum, other) in line.iter_mut().zip(&*centred) {
                *sum += scaled * other;
            }
        }
    }

    /// Coefficients and Cholesky factor (lower, row by row) of the ridge regression on the columns `kept` alone.
    pub fn solve(&self, kept: &[usize]) -> Result<(Vec<f64>, Vec<f64>), NotPositiveDefinite> {
        let size = kept.len();
        let mut factor = vec![0.0; size * size];
        for (i, row) in kept.iter().enumerate() {
            for (j, column) in kept[..=i].iter().enumerate() {
                factor[i * size + j] = self.gram[row.max(column) * self.size + row.min(column)];
            }
            factor[i * size + i] += RIDGE * self.rows;
        }
        let mut right: Vec<f64> = kept.iter().map(|column| self.moment[*column]).collect();
        cholesky::solve(&mut factor, &mut right)?;
        Ok((right, factor))
    }

    /// Residual sum of squares with `coefficients` of the columns `kept`, those of [`NormalEquations::solve`].
    pub fn left_over(&self, kept: &[usize], coefficients: &[f64]) -> f64 {
        let explained: f64 = kept.iter().zip(coefficients).map(|(column, b)| self.moment[*column] * b).sum();
        (self.square - explained).max(0.0)
    }

    /// What goes with `coefficients` of the columns `kept`.
    pub fn intercept(&self, kept: &[usize], coefficients: &[f64]) -> f64 {
        self.mean - kept.iter().zip(coefficients).map(|(column, b)| self.means[*column] * b).sum::<f64>()
    }
}
