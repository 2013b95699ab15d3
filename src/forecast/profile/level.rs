//! A level, exponentially smoothed, over a seasonal profile that stays as it was learnt.
//!
//! It is Holt-Winters without trend and with a season that does not learn: what one pass over a week can add to the
//! robust profile of that week is mostly noise. The only parameter sought is the gain of the level, on a grid, by the
//! sum of squared one-step errors; errors beyond three deviations count as three, when the gain is sought and later,
//! so that an outlier does not jerk the level (see [`recursion`](crate::forecast::holt_winters::recursion)).
//!
//! A second season (the week over the day) is learnt from what the first one leaves, where there are at least three
//! of it; before, it stays flat. Needs two of the first season in known steps. Constants give flat paths; a gap
//! moves the season on and leaves the level. Values beyond 1e140 are refused, later read as gaps.

use serde::{Deserialize, Serialize};

use crate::forecast::history::{History, Observation};
use crate::forecast::holt_winters::params::{Trend, admissible};
use crate::forecast::holt_winters::recursion::{Form, Gains, Ring, States};
use crate::forecast::holt_winters::start::motion;
use crate::forecast::model::{Fit, FitError, ParameterError, Predict};
use crate::forecast::profile::robust::{RobustProfile, usual_window};
use crate::forecast::saved::Saved;

/// Gains of the level to choose from: the error is flat around its minimum, a finer choice would follow noise.
const GRID: [f64; 12] = [0.005, 0.01, 0.02, 0.04, 0.07, 0.12, 0.2, 0.3, 0.42, 0.55, 0.7, 0.9];

/// Seasons of a second length below which nothing is learnt of it.
const SECOND_AFTER: usize = 3;

/// Unchecked parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileParams {
    /// Lengths of at most two seasons in steps, ascending, each at least 2. Without any, the level is alone.
    pub seasons: Vec<usize>,
    /// Steps over which the profile is smoothed; the usual ones for each season if not given.
    pub window: Option<usize>,
    /// The share of the profile that is believed, 0 to 1; its reliability if not given.
    pub rho: Option<f64>,
    /// Gain of the level, 0 to 1; sought if not given.
    pub alpha: Option<f64>,
}

impl ProfileParams {
    /// Everything learnt from the data.
    #[must_use]
    pub const fn usual(seasons: Vec<usize>) -> Self {
        Self { seasons, window: None, rho: None, alpha: None }
    }
}

/// A level over a profile that has seen no data yet.
#[derive(Debug, Clone, PartialEq)]
pub struct ProfileModel(ProfileParams);

/// A fitted [`ProfileModel`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LevelOverProfile {
    alpha: f64,
    states: States,
}

impl ProfileModel {
    /// Checks `params`.
    ///
    /// # Errors
    /// If there are not at most two ascending seasons of at least 2, or `rho` or `alpha` is not between 0 and 1.
    pub fn new(params: ProfileParams) -> Result<Self, ParameterError> {
        let seasons = &params.seasons;
        let valid = seasons.len() <= 2 && seasons.iter().all(|season| *season >= 2);
        if !valid || !seasons.is_sorted_by(|a, b| a < b) {
            let needed = "at most two ascending lengths of at least 2";
            return Err(ParameterError { parameter: "seasons", needed, found: format!("{seasons:?}") });
        }
        for (parameter, share) in [("rho", params.rho), ("alpha", params.alpha)] {
            if let Some(share) = share.filter(|share| !(0.0..=1.0).contains(share)) {
                return Err(ParameterError { parameter, needed: "between 0 and 1", found: share.to_string() });
            }
        }
        Ok(Self(params))
    }

    /// The profiles of `rest`, each taken off it.
    fn seasons(&self, rest: &mut [f64]) -> Vec<Vec<f64>> {
        let mut seasons = Vec::with_capacity(self.0.seasons.len());
        for &season in &self.0.seasons {
            let enough = seasons.is_empty() || rest.len() >= SECOND_AFTER * season;
            let window = self.0.window.unwrap_or_else(|| usual_window(season));
            let profile = if enough { RobustProfile::estimate(rest, season, window) } else { None };
            let phases = profile.map_or_else(|| vec![0.0; season], |profile| profile.shrunk_by(self.0.rho));
            for (rest, phase) in rest.iter_mut().zip(phases.iter().cycle()) {
                *rest -= phase;
            }
            seasons.push(phases);
        }
        seasons
    }
}

const fn gains(alpha: f64) -> Gains {
    Gains { alpha, beta: 0.0, gamma: [0.0; 2], phi: 0.0 }
}

impl Fit for ProfileModel {
    fn name(&self) -> String {
        if self.0.seasons.is_empty() {
            return "level".to_owned();
        }
        let lengths: Vec<String> = self.0.seasons.iter().map(ToString::to_string).collect();
        format!("profile-{}", lengths.join("-"))
    }

    fn minimum(&self) -> usize {
        self.0.seasons.first().map_or(8, |season| 2 * season).max(8)
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        FitError::unless_enough(&self.name(), self.minimum(), history)?;
        let mut rest: Vec<f64> = (0..history.len()).map(|index| history.observation(index).value).collect();
        if rest.iter().any(|value| !value.is_nan() && admissible(Form::Additive, *value).is_nan()) {
            return Err(FitError::Domain { model: self.name(), needed: "values below 1e140 in size".to_owned() });
        }
        let seasons = self.seasons(&mut rest);
        let motion = motion(self.0.seasons.first().copied().unwrap_or(2), Trend::None, &rest);
        // The seasons do not learn, so the level alone runs over what they leave.
        let level = States { motion, seasons: Vec::new() };
        let loss = |alpha: f64| level.clone().run(Form::Additive, &gains(alpha), true, &rest);
        let tried = || GRID.map(|alpha| (loss(alpha), alpha));
        let best = || tried().into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).map(|best| best.1);
        let alpha = self.0.alpha.or_else(best).unwrap_or(GRID[0]);
        let mut states = level;
        states.run(Form::Additive, &gains(alpha), true, &rest);
        states.seasons = seasons.into_iter().map(|phases| Ring::at(phases, rest.len())).collect();
        Ok(Box::new(LevelOverProfile { alpha, states }))
    }
}

impl Predict for LevelOverProfile {
    fn update(&mut self, news: Observation) {
        let value = admissible(Form::Additive, news.value);
        self.states.run(Form::Additive, &gains(self.alpha), true, &[value]);
    }

    fn predict(&self, path: &mut [f64]) {
        self.states.ahead(Form::Additive, 0.0, path);
    }

    fn predict_at(&self, horizons: &[usize], values: &mut [f64]) {
        self.states.at(Form::Additive, 0.0, horizons, values);
    }

    fn save(&self) -> Saved {
        Saved::LevelOverProfile(self.clone())
    }
}

#[cfg(test)]
mod tests;
