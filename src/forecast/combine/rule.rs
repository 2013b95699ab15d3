//! How several paths become one.

use serde::{Deserialize, Serialize};

/// How the values of several models for one step become one value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Rule {
    /// The mean with these weights, one for each model; they need not add up to one.
    Weighted(Vec<f64>),
    /// The median: one model gone astray changes nothing.
    Median,
}

impl Rule {
    /// The value of `values` by this rule; the slice may be reordered. `values` is not empty and finite.
    pub(crate) fn join(&self, values: &mut [f64]) -> f64 {
        match self {
            Self::Weighted(weights) => {
                let total: f64 = weights.iter().sum();
                values.iter().zip(weights).map(|(value, weight)| value * weight).sum::<f64>() / total
            }
            Self::Median => {
                values.sort_unstable_by(f64::total_cmp);
                let middle = values.len() / 2;
                if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
            }
        }
    }

    /// Values for each step that have to be known at the same time to join those of `parts` models.
    pub(crate) const fn room(&self, parts: usize) -> usize {
        match self {
            Self::Weighted(_) => 1,
            Self::Median => parts,
        }
    }

    /// The rule for the models at the positions `kept` only.
    pub(crate) fn only(&self, kept: &[usize]) -> Self {
        match self {
            Self::Weighted(weights) => Self::Weighted(kept.iter().filter_map(|&at| weights.get(at).copied()).collect()),
            Self::Median => Self::Median,
        }
    }
}
