//! Which columns earn their place.

use linfa::DatasetBase;
use linfa::traits::Fit as _;
use linfa_elasticnet::ElasticNet;
use ndarray::{Array1, Array2};

use crate::forecast::structural::design::Column;
use crate::forecast::structural::normal_equations::NormalEquations;
use crate::stats::cholesky::NotPositiveDefinite;

/// Columns that are not change points are stretched by this, which divides their penalty.
const FREE: f64 = 100.0;
/// Share of the penalty that is absolute; the quadratic rest keeps neighbouring change points from taking turns.
const ABSOLUTE: f64 = 0.9;
/// Change points smaller than this (standard units over the whole history) are none.
const NOTHING: f64 = 1e-3;

/// The columns to keep, ascending. `independent` is the share of steps that are independent of each other.
pub fn select(
    columns: &[Column],
    equations: &NormalEquations,
    independent: f64,
) -> Result<Vec<usize>, NotPositiveDefinite> {
    let steps = (equations.rows * independent).max(8.0);
    let mut kept: Vec<usize> = (0..columns.len()).collect();
    let mut periods: Vec<usize> = columns.iter().filter_map(|column| Some(column.harmonic()?.0)).collect();
    periods.dedup();
    for period in periods {
        kept = fewest_terms(columns, equations, &kept, period, steps)?;
    }
    let changes = changes(columns, equations, &kept, steps)?;
    kept.retain(|column| !columns[*column].is_change() || changes.contains(column));
    Ok(kept)
}

/// `kept` with as many Fourier terms of `period` as AICc likes best.
fn fewest_terms(
    columns: &[Column],
    equations: &NormalEquations,
    kept: &[usize],
    period: usize,
    steps: f64,
) -> Result<Vec<usize>, NotPositiveDefinite> {
    let most = kept.iter().filter_map(|column| columns[*column].harmonic());
    let most = most.filter(|harmonic| harmonic.0 == period).map(|harmonic| harmonic.1).max().unwrap_or(0);
    let mut best = (f64::INFINITY, kept.to_vec());
    for terms in 0..=most {
        let too_fine =
            |column: &usize| columns[*column].harmonic().is_some_and(|(p, term)| p == period && term > terms);
        let subset: Vec<usize> = kept.iter().copied().filter(|column| !too_fine(column)).collect();
        let (coefficients, _) = equations.solve(&subset)?;
        let variance = equations.left_over(&subset, &coefficients) / equations.rows;
        #[expect(clippy::cast_precision_loss, reason = "some dozen")]
        let k = subset.len() as f64 + 2.0;
        let correction = if steps - k > 1.0 { 2.0 * k * (k + 1.0) / (steps - k - 1.0) } else { 4.0 * k * k };
        let criterion = steps * variance.max(1e-12).ln() + 2.0 * k + correction;
        if criterion < best.0 {
            best = (criterion, subset);
        }
    }
    Ok(best.1)
}

/// The change points that an elastic net keeps beside the other columns `kept`.
fn changes(
    columns: &[Column],
    equations: &NormalEquations,
    kept: &[usize],
    steps: f64,
) -> Result<Vec<usize>, NotPositiveDefinite> {
    let candidates: Vec<usize> = kept.iter().copied().filter(|column| columns[*column].is_change()).collect();
    if candidates.is_empty() {
        return Ok(candidates);
    }
    let size = kept.len();
    let (solution, factor) = equations.solve(kept)?;
    let noise = (equations.left_over(kept, &solution) / equations.rows).sqrt();
    let stretch = |at: usize| if columns[kept[at]].is_change() { 1.0 } else { FREE };
    // X'X = L L', so that the transpose of L stands for X, and L' b for y. Rows are scaled to one history's worth of
    // observations each, as linfa divides the sum of squares by the number of rows.
    #[expect(clippy::cast_precision_loss, reason = "some dozen")]
    let scale = (size as f64 / equations.rows).sqrt();
    let root = |row: usize, column: usize| if column >= row { factor[column * size + row] * scale } else { 0.0 };
    let matrix = Array2::from_shape_fn((size, size), |(row, column)| root(row, column) * stretch(column));
    let response =
        Array1::from_shape_fn(size, |row| (row..size).map(|column| root(row, column) * solution[column]).sum());
    // What pure noise would reach (Donoho and Johnstone 1994); a change column has a deviation of about 0.2.
    #[expect(clippy::cast_precision_loss, reason = "some dozen")]
    let penalty = 0.2 * noise * (2.0 * (candidates.len() as f64 + 1.0).ln() / steps).sqrt();
    let net = ElasticNet::params()
        .penalty(penalty.max(1e-9))
        .l1_ratio(ABSOLUTE)
        .with_intercept(false)
        .tolerance(1e-5)
        .max_iterations(2_000)
        .fit(&DatasetBase::new(matrix, response));
    // A search that fails leaves all candidates to the ridge regression.
    let Ok(net) = net else { return Ok(candidates) };
    let weights = kept.iter().zip(net.hyperplane());
    Ok(weights
        .filter(|(column, b)| columns[**column].is_change() && b.abs() > NOTHING)
        .map(|(column, _)| *column)
        .collect())
}
