//! What predictions come near to: its pull on each row, the value of a leaf, the loss.

use serde::{Deserialize, Serialize};

use crate::stats::quantile::quantile_select;

/// What a prediction stands for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub enum Objective {
    /// The mean: squared error.
    Squared,
    /// The median: absolute error. The same trees as `Quantile(0.5)`.
    Absolute,
    /// The quantile at this level: pinball loss.
    Quantile(f64),
}

impl Objective {
    /// The level of the quantile that is sought, `None` for the mean.
    pub(super) fn level(self) -> Option<f64> {
        match self {
            Self::Squared => None,
            Self::Absolute => Some(0.5),
            Self::Quantile(level) => Some(level),
        }
    }

    /// The loss of a row whose target exceeds its prediction by `residual`.
    #[must_use]
    pub fn loss(self, residual: f64) -> f64 {
        match self {
            Self::Squared => residual * residual,
            Self::Absolute => residual.abs(),
            Self::Quantile(level) => residual * if residual < 0.0 { level - 1.0 } else { level },
        }
    }

    /// Writes the negative gradient of the loss at each residual: where trees have to pull the prediction.
    pub(super) fn pull(self, residuals: &[f64], pulls: &mut [f64]) {
        match self.level() {
            // Without the factor 2, as everybody does, so that the second derivative is 1.
            None => pulls.copy_from_slice(residuals),
            Some(level) => {
                for (pull, &residual) in pulls.iter_mut().zip(residuals) {
                    *pull = level - f64::from(u8::from(residual <= 0.0));
                }
            }
        }
    }

    /// The constant that suits the residuals of `rows` best: their mean, drawn towards zero by `lambda` rows more, or
    /// their quantile. Zero for no rows.
    ///
    /// The mean pull in a leaf says on which side of the quantile it lies, but not how far off, which is why a leaf of
    /// the quantile objective is looked at once more (`RenewTreeOutput` of LightGBM; Friedman 2001, section 4.3).
    pub(super) fn constant(self, rows: &[u32], errors: Errors<'_>, lambda: f64, scratch: &mut Scratch) -> f64 {
        match (self.level(), errors.weights) {
            (None, _) => {
                let (mut sum, mut total) = (0.0, 0.0);
                for &row in rows {
                    sum += errors.weight(row) * errors.residual(row);
                    total += errors.weight(row);
                }
                if total > 0.0 { sum / (total + lambda) } else { 0.0 }
            }
            (Some(level), None) => {
                scratch.values.clear();
                scratch.values.extend(rows.iter().map(|&row| errors.residual(row)));
                quantile_select(&mut scratch.values, level).unwrap_or(0.0)
            }
            (Some(level), Some(_)) => {
                scratch.weighted.clear();
                scratch.weighted.extend(rows.iter().map(|&row| (errors.residual(row), errors.weight(row))));
                weighted_quantile(&mut scratch.weighted, level).unwrap_or(0.0)
            }
        }
    }
}

/// How far predictions are off, for every row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Errors<'a> {
    /// Target minus prediction.
    pub(super) residuals: &'a [f64],
    /// Weights with a mean of 1; `None` where all are equal.
    pub(super) weights: Option<&'a [f64]>,
}

impl Errors<'_> {
    fn residual(&self, row: u32) -> f64 {
        self.residuals[row as usize]
    }

    fn weight(&self, row: u32) -> f64 {
        self.weights.map_or(1.0, |weights| weights[row as usize])
    }

    /// The mean loss of `rows`; zero if they have no weight.
    pub(super) fn loss(&self, objective: Objective, rows: &[u32]) -> f64 {
        let (mut sum, mut total) = (0.0, 0.0);
        for &row in rows {
            sum += self.weight(row) * objective.loss(self.residual(row));
            total += self.weight(row);
        }
        if total > 0.0 { sum / total } else { 0.0 }
    }
}

/// Memory for the search of quantiles.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    values: Vec<f64>,
    weighted: Vec<(f64, f64)>,
}

/// The smallest value with at least the part `level` of the weight at or below it: with weights there is no neighbour
/// that interpolation by rank could mean. Rows without weight do not count.
fn weighted_quantile(weighted: &mut [(f64, f64)], level: f64) -> Option<f64> {
    weighted.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let total: f64 = weighted.iter().map(|&(_, weight)| weight).sum();
    let mut below = 0.0;
    let mut reached = None;
    for &(value, weight) in weighted.iter().filter(|&&(_, weight)| weight > 0.0) {
        below += weight;
        reached = Some(value);
        if below >= level * total {
            break;
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constant_of_a_leaf_minimises_its_loss() {
        let residuals = [4.0, -1.0, 0.5, 2.0, 100.0];
        let (rows, mut scratch) = ([0, 1, 2, 3], Scratch::default());
        let mut constant = |objective: Objective, weights: Option<&[f64]>| {
            objective.constant(&rows, Errors { residuals: &residuals, weights }, 0.0, &mut scratch)
        };
        assert_eq!(constant(Objective::Squared, None).to_bits(), 1.375_f64.to_bits());
        assert_eq!(constant(Objective::Absolute, None).to_bits(), 1.25_f64.to_bits());
        // Half of the weight lies on 4, which is then the smallest value with six tenths of it at or below.
        let weights = [3.0, 1.0, 1.0, 1.0, 9.0];
        assert_eq!(constant(Objective::Quantile(0.6), Some(&weights)).to_bits(), 4.0_f64.to_bits());
        assert_eq!(constant(Objective::Quantile(0.6), Some(&[0.0; 5])).to_bits(), 0.0_f64.to_bits());
    }
}
