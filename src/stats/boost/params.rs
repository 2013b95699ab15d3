//! What to learn, and within which bounds.

use thiserror::Error;

use crate::stats::boost::objective::Objective;
use crate::stats::seed::Seed;

/// Parameters of gradient boosting. The defaults are those of LightGBM.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Params {
    /// What predictions come near to.
    pub objective: Objective,
    /// Trees at most, 1 ..= 100,000.
    pub trees: usize,
    /// Leaves of a tree at most, 2 ..= 65,536.
    pub leaves: usize,
    /// Splits between root and leaf at most; `None` leaves it to the number of leaves.
    pub depth: Option<u32>,
    /// Part of each tree's answer that is added, above 0, at most 1.
    pub learning_rate: f64,
    /// Rows in a leaf at least, from 1; with weights, rows of mean weight.
    pub min_rows: usize,
    /// Added to the number of rows in a leaf where gains and means are computed, from 0.
    pub lambda: f64,
    /// Gain of a split at least, from 0: the fall of half the sum of squares, twice (as LightGBM counts it).
    pub min_gain: f64,
    /// Part of the rows that each tree is grown on, above 0, at most 1.
    pub row_fraction: f64,
    /// Part of the features that each tree may use, above 0, at most 1.
    pub column_fraction: f64,
    /// Rows kept aside in order to stop early.
    pub holdout: Holdout,
    /// Trees without a gain on the rows kept aside after which training ends, from 1.
    pub patience: usize,
    /// Chooses rows and features.
    pub seed: Seed,
}

/// Rows that are not trained on, but tell how many trees are best.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Holdout {
    /// None: all trees are kept.
    None,
    /// So many rows at the end, the newest where rows are in the order of time.
    Last(usize),
    /// This part of the rows, above 0 and below 1, by chance.
    Fraction(f64),
}

impl Default for Params {
    fn default() -> Self {
        Self {
            objective: Objective::Squared,
            trees: 100,
            leaves: 31,
            depth: None,
            learning_rate: 0.1,
            min_rows: 20,
            lambda: 0.0,
            min_gain: 0.0,
            row_fraction: 1.0,
            column_fraction: 1.0,
            holdout: Holdout::None,
            patience: 10,
            seed: Seed::new(0),
        }
    }
}

/// A parameter outside its range, named.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{parameter} must be {needed}, is {found}")]
pub struct ParameterError {
    /// The parameter's name.
    pub parameter: &'static str,
    /// Its range in words.
    pub needed: &'static str,
    /// What was given.
    pub found: String,
}

/// Checked [`Params`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Booster {
    params: Params,
}

impl Booster {
    /// Checks `params`.
    ///
    /// # Errors
    /// The first parameter outside the range that its field states.
    pub fn new(params: Params) -> Result<Self, ParameterError> {
        let p = &params;
        if let Objective::Quantile(level) = p.objective {
            check("objective", "a quantile level above 0 and below 1", &level, level > 0.0 && level < 1.0)?;
        }
        check("trees", "1 to 100000", &p.trees, (1..=100_000).contains(&p.trees))?;
        check("leaves", "2 to 65536", &p.leaves, (2..=65_536).contains(&p.leaves))?;
        check("depth", "at least 1", &p.depth.unwrap_or(1), p.depth != Some(0))?;
        for (name, value) in [
            ("learning_rate", p.learning_rate),
            ("row_fraction", p.row_fraction),
            ("column_fraction", p.column_fraction),
        ] {
            check(name, "above 0 and at most 1", &value, value > 0.0 && value <= 1.0)?;
        }
        check("min_rows", "at least 1", &p.min_rows, p.min_rows >= 1)?;
        for (name, value) in [("lambda", p.lambda), ("min_gain", p.min_gain)] {
            check(name, "finite and at least 0", &value, value.is_finite() && value >= 0.0)?;
        }
        if let Holdout::Fraction(part) = p.holdout {
            check("holdout", "a fraction above 0 and below 1", &part, part > 0.0 && part < 1.0)?;
        }
        check("patience", "at least 1", &p.patience, p.patience >= 1)?;
        Ok(Self { params })
    }

    /// The parameters.
    #[must_use]
    pub fn params(&self) -> &Params {
        &self.params
    }
}

fn check(
    parameter: &'static str,
    needed: &'static str,
    found: &dyn ToString,
    holds: bool,
) -> Result<(), ParameterError> {
    if holds { Ok(()) } else { Err(ParameterError { parameter, needed, found: found.to_string() }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_outside_its_range_is_named() {
        let refused = |params| Booster::new(params).expect_err("out of range").parameter;
        assert!(Booster::new(Params::default()).is_ok());
        assert_eq!(refused(Params { objective: Objective::Quantile(1.0), ..Params::default() }), "objective");
        assert_eq!(refused(Params { learning_rate: f64::NAN, ..Params::default() }), "learning_rate");
        assert_eq!(refused(Params { holdout: Holdout::Fraction(1.0), ..Params::default() }), "holdout");
        let error = Booster::new(Params { leaves: 1, ..Params::default() }).expect_err("one leaf is no tree");
        assert_eq!(error.to_string(), "leaves must be 2 to 65536, is 1");
    }
}
