//! A fitted structural model: a curve, and a level that follows what the curve leaves.

use serde::{Deserialize, Serialize};

use crate::forecast::history::{Grid, History, Observation};
use crate::forecast::model::{FitError, Predict};
use crate::forecast::saved::Saved;
use crate::forecast::standard::Standard;
use crate::forecast::structural::design::{Column, columns};
use crate::forecast::structural::normal_equations::NormalEquations;
use crate::forecast::structural::selection::select;
use crate::forecast::structural::{NAME, StructuralParams};
use crate::stats::cholesky::NotPositiveDefinite;
use crate::stats::quantile::quantile_select;

/// Residuals beyond this many deviations lose weight in proportion (Huber 1964).
const HUBER: f64 = 1.345;
/// Rounds of fitting and weighting, each before and after columns are chosen.
const ROUNDS: usize = 2;
/// Smoothings of the level that are tried.
const SMOOTHINGS: [f64; 6] = [0.0, 0.01, 0.03, 0.1, 0.2, 0.3];

/// A fitted structural model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Structural {
    grid: Grid,
    /// Steps of the history, the unit of time of the trend.
    length: f64,
    standard: Standard,
    intercept: f64,
    terms: Vec<(Column, f64)>,
    /// The next step.
    position: usize,
    /// Of what the curve leaves, in standard units.
    level: f64,
    /// Share of news that the level takes.
    smoothing: f64,
    /// Standard deviation of what the curve leaves, in standard units.
    noise: f64,
}

/// Fits `params` to `history`, which is long enough.
pub fn fit(params: &StructuralParams, history: &History<'_>) -> Result<Structural, FitError> {
    let standard = Standard::of(history.values);
    let columns = columns(params, &history.grid, history.len(), history.observed());
    #[expect(clippy::cast_precision_loss, reason = "at most some ten thousand steps")]
    let length = history.len() as f64;
    let rows = Rows::of(history, &columns, length, &standard);
    let no_solution =
        |error: NotPositiveDefinite| FitError::NoSolution { model: NAME.into(), reason: error.to_string() };
    let (kept, coefficients, intercept) = rows.solve(&columns).map_err(no_solution)?;
    let terms = kept.iter().zip(coefficients).map(|(column, b)| (columns[*column].clone(), b)).collect();
    let mut model = Structural {
        grid: history.grid,
        length,
        standard,
        intercept,
        terms,
        position: 0,
        level: 0.0,
        smoothing: 0.0,
        noise: 0.0,
    };
    model.find_smoothing(history);
    Ok(model)
}

impl Structural {
    /// The curve at step `index` in standard units.
    fn curve(&self, index: usize) -> f64 {
        let sum: f64 = self.terms.iter().map(|(column, b)| b * column.at(index, self.length, &self.grid)).sum();
        self.intercept + sum
    }

    /// Shares of the history at which the slope of the trend changes, and by how much of the series' unit per step.
    pub fn changes(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        self.terms.iter().filter_map(|(column, b)| match column {
            Column::Change(at) => Some((*at, (self.standard.back(*b) - self.standard.back(0.0)) / self.length)),
            _ => None,
        })
    }

    /// Finds the smoothing whose level predicts the next step of `history` best, and goes to its end with it.
    fn find_smoothing(&mut self, history: &History<'_>) {
        let left: Vec<f64> = (0..history.len())
            .map(|index| self.standard.to(history.observation(index).value) - self.curve(index))
            .collect();
        let mut sizes: Vec<f64> = left.iter().filter(|value| value.is_finite()).map(|value| value.abs()).collect();
        self.noise = 1.4826 * quantile_select(&mut sizes, 0.5).unwrap_or(0.0);
        let mut best = (f64::INFINITY, 0.0);
        for smoothing in SMOOTHINGS {
            (self.level, self.smoothing) = (0.0, smoothing);
            let mut sum = 0.0;
            for value in left.iter().filter(|value| value.is_finite()) {
                sum += (value - self.level).abs();
                self.follow(*value);
            }
            // Only a clear gain is worth a level that moves.
            if sum < best.0 * 0.995 {
                best = (sum, smoothing);
            }
        }
        (self.level, self.smoothing) = (0.0, best.1);
        for value in left.iter().filter(|value| value.is_finite()) {
            self.follow(*value);
        }
        self.position = history.len();
    }

    fn follow(&mut self, left: f64) {
        let limit = 3.0 * self.noise;
        self.level += self.smoothing * (left - self.level).clamp(-limit, limit);
    }
}

impl Predict for Structural {
    fn update(&mut self, news: Observation) {
        if news.is_known() {
            self.follow(self.standard.to(news.value) - self.curve(self.position));
        }
        self.position += 1;
    }

    fn predict(&self, path: &mut [f64]) {
        for (step, value) in path.iter_mut().enumerate() {
            *value = self.standard.back(self.curve(self.position + step) + self.level);
        }
    }

    fn save(&self) -> Saved {
        Saved::Structural(self.clone())
    }
}

/// The regression: known steps only.
struct Rows {
    /// Row-major, one row a known step.
    matrix: Vec<f64>,
    response: Vec<f64>,
    size: usize,
}

impl Rows {
    fn of(history: &History<'_>, columns: &[Column], length: f64, standard: &Standard) -> Self {
        let (mut matrix, mut response) = (Vec::with_capacity(history.len() * columns.len()), Vec::new());
        for index in (0..history.len()).filter(|index| history.observation(*index).is_known()) {
            // Far values would only cost precision; Huber's rule decides about the rest.
            response.push(standard.to(history.observation(index).value).clamp(-1e3, 1e3));
            matrix.extend(columns.iter().map(|column| column.at(index, length, &history.grid)));
        }
        Self { matrix, response, size: columns.len() }
    }

    /// Kept columns, their coefficients, and the intercept.
    fn solve(&self, columns: &[Column]) -> Result<(Vec<usize>, Vec<f64>, f64), NotPositiveDefinite> {
        let all: Vec<usize> = (0..self.size).collect();
        let mut weights = vec![1.0; self.response.len()];
        // Weights come from the richest curve first: a curve without change points would take its own misfit for
        // outliers.
        let (_, _, left) = self.weighted(&all, &mut weights)?;
        let equations = NormalEquations::of(&self.matrix, self.size, &self.response, &weights);
        let kept = select(columns, &equations, independent_share(&left, &weights))?;
        let (coefficients, intercept, _) = self.weighted(&kept, &mut weights)?;
        Ok((kept, coefficients, intercept))
    }

    /// Coefficients of the columns `kept`, intercept and residuals after [`ROUNDS`] of weighting.
    fn weighted(&self, kept: &[usize], weights: &mut [f64]) -> Result<(Vec<f64>, f64, Vec<f64>), NotPositiveDefinite> {
        let (mut coefficients, mut intercept, mut left) = (Vec::new(), 0.0, Vec::new());
        for _ in 0..ROUNDS {
            let equations = NormalEquations::of(&self.matrix, self.size, &self.response, weights);
            (coefficients, _) = equations.solve(kept)?;
            intercept = equations.intercept(kept, &coefficients);
            left = self.left(kept, &coefficients, intercept);
            weigh(&left, weights);
        }
        Ok((coefficients, intercept, left))
    }

    /// What the curve leaves of each row.
    fn left(&self, kept: &[usize], coefficients: &[f64], intercept: f64) -> Vec<f64> {
        let curve = |row: &[f64]| kept.iter().zip(coefficients).map(|(column, b)| row[*column] * b).sum::<f64>();
        let rows = self.matrix.chunks_exact(self.size).zip(&self.response);
        rows.map(|(row, value)| value - intercept - curve(row)).collect()
    }
}

/// Share of values that are as good as independent, from the weighted autocorrelation at lag 1.
fn independent_share(left: &[f64], weights: &[f64]) -> f64 {
    let shrunk: Vec<f64> = left.iter().zip(weights).map(|(value, weight)| value * weight.sqrt()).collect();
    let square: f64 = shrunk.iter().map(|value| value * value).sum();
    let product: f64 = shrunk.iter().zip(shrunk.iter().skip(1)).map(|(a, b)| a * b).sum();
    let rho = if square > 0.0 { (product / square).clamp(0.0, 0.98) } else { 0.0 };
    (1.0 - rho) / (1.0 + rho)
}

/// The square of Huber's weight: no value adds more to the sum of squares than one at the limit, and a far value
/// pulls the less the farther it lies.
fn weigh(left: &[f64], weights: &mut [f64]) {
    let mut sizes: Vec<f64> = left.iter().map(|value| value.abs()).collect();
    let limit = HUBER * 1.4826 * quantile_select(&mut sizes, 0.5).unwrap_or(0.0);
    for (weight, value) in weights.iter_mut().zip(left) {
        *weight = if limit > 1e-9 && value.abs() > limit { (limit / value.abs()).powi(2) } else { 1.0 };
    }
}
