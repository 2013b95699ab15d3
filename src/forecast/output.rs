//! What a forecast says: for each step ahead a mean and quantiles.

use serde::{Deserialize, Serialize};

use crate::forecast::history::Grid;
use crate::forecast::model::ParameterError;

/// The probabilities at which quantiles are given: ascending, each strictly between 0 and 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Levels(Vec<f64>);

impl Levels {
    /// Sorts and checks `levels`; equal ones are given once.
    ///
    /// # Errors
    /// If there is none, or one is not strictly between 0 and 1.
    pub fn new(mut levels: Vec<f64>) -> Result<Self, ParameterError> {
        let wrong = |found| ParameterError { parameter: "levels", needed: "strictly between 0 and 1", found };
        if let Some(level) = levels.iter().find(|level| !(**level > 0.0 && **level < 1.0)) {
            return Err(wrong(level.to_string()));
        }
        if levels.is_empty() {
            return Err(wrong("empty".to_owned()));
        }
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        Ok(Self(levels))
    }

    /// The levels, ascending.
    #[must_use]
    pub fn as_slice(&self) -> &[f64] {
        &self.0
    }

    /// How many there are.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The same levels and the median.
    #[must_use]
    pub fn with_median(mut self) -> Self {
        if self.position(0.5).is_none() {
            self.0.insert(self.0.partition_point(|level| *level < 0.5), 0.5);
        }
        self
    }

    /// Where `level` stands, if it is one of them.
    #[must_use]
    pub fn position(&self, level: f64) -> Option<usize> {
        self.0.iter().position(|known| (known - level).abs() < 1e-9)
    }
}

impl Default for Levels {
    /// 5, 10, 25, 50, 75, 90 and 95 %: the 50, 80 and 90 % intervals and the median.
    fn default() -> Self {
        Self(vec![0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95])
    }
}

/// The next steps of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Where the forecast steps lie: step 0 is the first one ahead.
    pub grid: Grid,
    /// The model that made it.
    pub model: String,
    /// Expected value of each step, in the unit of the series.
    pub mean: Vec<f64>,
    /// At which probabilities quantiles are given.
    pub levels: Levels,
    /// Quantiles, row-major: all levels of step 0, then of step 1. They never cross.
    pub quantiles: Vec<f64>,
}

impl Forecast {
    /// Steps ahead.
    #[must_use]
    pub const fn horizon(&self) -> usize {
        self.mean.len()
    }

    /// The quantiles of step `step` in the order of the levels.
    #[must_use]
    pub fn at(&self, step: usize) -> &[f64] {
        let width = self.levels.len();
        &self.quantiles[step * width..(step + 1) * width]
    }

    /// The path of the quantile at `level`, if that is one of the levels.
    #[must_use]
    pub fn path(&self, level: f64) -> Option<Vec<f64>> {
        let at = self.levels.position(level)?;
        Some((0..self.horizon()).map(|step| self.at(step)[at]).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    #[test]
    fn levels_are_sorted_and_checked() {
        assert_eq!(Levels::new(vec![0.9, 0.1, 0.9]).expect("valid").as_slice(), [0.1, 0.9]);
        let wrong = Levels::new(vec![0.5, 1.0]).expect_err("1 is no quantile level");
        assert_eq!(wrong.to_string(), "levels must be strictly between 0 and 1, is 1");
        assert!(Levels::new(vec![f64::NAN]).is_err());
        assert!(Levels::new(Vec::new()).is_err());
        let with_median = Levels::new(vec![0.9, 0.1]).expect("valid").with_median();
        assert_eq!(with_median.as_slice(), [0.1, 0.5, 0.9]);
        assert_eq!(with_median.clone().with_median(), with_median);
    }

    #[test]
    fn a_path_is_one_level_over_all_steps() {
        let forecast = Forecast {
            grid: Grid { start: Timestamp::from_seconds(0), step_s: 60 },
            model: "naive".to_owned(),
            mean: vec![1.0, 2.0],
            levels: Levels::new(vec![0.1, 0.9]).expect("valid"),
            quantiles: vec![0.0, 2.0, 1.0, 3.0],
        };
        assert_eq!(forecast.at(1), [1.0, 3.0]);
        assert_eq!(forecast.path(0.9), Some(vec![2.0, 3.0]));
        assert_eq!(forecast.path(0.5), None);
    }
}
