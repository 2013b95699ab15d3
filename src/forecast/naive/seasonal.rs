//! The last season repeated.

use serde::{Deserialize, Serialize};

use crate::forecast::history::{History, Observation};
use crate::forecast::model::{Fit, FitError, ParameterError, Predict};
use crate::forecast::saved::Saved;

/// Each phase of the season keeps its last known value (Hyndman and Athanasopoulos, *Forecasting: principles and
/// practice*, section 5.2): where the last season has a gap, an earlier one speaks, and where no season has a value
/// of the phase, the last value of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeasonalNaiveModel {
    season: usize,
}

/// A fitted [`SeasonalNaiveModel`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeasonalNaive {
    /// The last known value of each phase.
    phases: Vec<Option<f64>>,
    /// Phase of the next step.
    next: usize,
    last: f64,
}

impl SeasonalNaiveModel {
    /// The model for a season of `season` steps, at least 2.
    ///
    /// # Errors
    /// If `season` is below 2.
    pub fn new(season: usize) -> Result<Self, ParameterError> {
        if season < 2 {
            return Err(ParameterError { parameter: "season", needed: "at least 2", found: season.to_string() });
        }
        Ok(Self { season })
    }
}

impl Fit for SeasonalNaiveModel {
    fn name(&self) -> String {
        format!("seasonal-naive-{}", self.season)
    }

    /// Half a season: below that most of the path would be the last value.
    fn minimum(&self) -> usize {
        self.season.div_ceil(2)
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        FitError::unless_enough(&self.name(), self.minimum(), history)?;
        let mut fitted = SeasonalNaive { phases: vec![None; self.season], next: 0, last: 0.0 };
        for index in 0..history.len() {
            fitted.update(history.observation(index));
        }
        Ok(Box::new(fitted))
    }
}

impl Predict for SeasonalNaive {
    fn update(&mut self, news: Observation) {
        if news.is_known() {
            if let Some(phase) = self.phases.get_mut(self.next) {
                *phase = Some(news.value);
            }
            self.last = news.value;
        }
        self.next = if self.next + 1 < self.phases.len() { self.next + 1 } else { 0 };
    }

    fn predict(&self, path: &mut [f64]) {
        let ahead = self.phases.iter().cycle().skip(self.next);
        for (step, phase) in path.iter_mut().zip(ahead) {
            *step = phase.unwrap_or(self.last);
        }
    }

    fn predict_at(&self, horizons: &[usize], values: &mut [f64]) {
        for (value, horizon) in values.iter_mut().zip(horizons) {
            let phase = self.phases[(self.next + horizon - 1) % self.phases.len()];
            *value = phase.unwrap_or(self.last);
        }
    }

    fn save(&self) -> Saved {
        Saved::SeasonalNaive(self.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::Grid;

    fn fit(season: usize, values: &[f64]) -> Result<Box<dyn Predict>, FitError> {
        let grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };
        SeasonalNaiveModel::new(season).expect("a season").fit(&History::new(grid, values))
    }

    #[test]
    fn the_last_season_comes_again_and_gaps_fall_back() {
        const GAP: f64 = f64::NAN;
        let mut fitted = fit(3, &[1.0, 2.0, 3.0, 4.0, GAP, 6.0, 7.0]).expect("long enough");
        let mut path = vec![0.0; 4];
        fitted.predict(&mut path);
        assert_eq!(path, [2.0, 6.0, 7.0, 2.0], "the second phase is known from the first season only");

        fitted.update(Observation::of(GAP));
        fitted.update(Observation::of(8.0));
        fitted.predict(&mut path);
        assert_eq!(path, [7.0, 2.0, 8.0, 7.0]);
        let mut again = vec![0.0; 4];
        fitted.save().restore().predict(&mut again);
        assert_eq!(path, again);
    }

    #[test]
    fn a_phase_never_seen_takes_the_last_value() {
        let mut path = vec![0.0; 4];
        fit(4, &[1.0, 2.0, f64::NAN]).expect("half a season").predict(&mut path);
        assert_eq!(path, [2.0, 1.0, 2.0, 2.0]);
        assert!(fit(4, &[1.0, f64::NAN]).is_err());
        assert!(SeasonalNaiveModel::new(1).is_err());
    }
}
