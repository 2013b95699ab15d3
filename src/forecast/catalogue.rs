//! The models by name, for the command line, the configuration and registries.

use std::collections::BTreeSet;

use crate::forecast::arima::AutoArimaModel;
use crate::forecast::ets::EtsModel;
use crate::forecast::global::{Cycles, GlobalLagModel};
use crate::forecast::holt_winters::{HoltWintersModel, HoltWintersParams};
use crate::forecast::lag_ridge::LagRidgeModel;
use crate::forecast::model::{Fit, ParameterError};
use crate::forecast::naive::NaiveModel;
use crate::forecast::naive::drift::DriftModel;
use crate::forecast::naive::median::{self, MedianModel};
use crate::forecast::naive::seasonal::SeasonalNaiveModel;
use crate::forecast::profile::level::{ProfileModel, ProfileParams};
use crate::forecast::scale::OnScale;
use crate::forecast::select::{Selection, SelectionOptions, candidates};
use crate::forecast::structural::{StructuralModel, StructuralParams};
use crate::forecast::theta::ThetaModel;

/// Values that `median` looks at: those of a day, but no fewer than an hour of minutes has. Over a shorter window
/// the median follows the noise of thin series, where it is wanted most.
fn median_window(step_s: u32) -> usize {
    (86_400 / step_s.max(1) as usize).clamp(60, median::LONGEST_WINDOW)
}

/// What a model is told of the series besides its history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting<'a> {
    /// Lengths of the seasons in steps, as they were given.
    pub seasons: &'a [usize],
    /// Length of a step in seconds.
    pub step_s: u32,
    /// Steps ahead that are to be forecast, at least 1.
    pub horizon: usize,
}

impl Setting<'_> {
    /// The shortest season above one step.
    ///
    /// # Errors
    /// If there is none, for models that are nothing without it.
    pub fn season(&self) -> Result<usize, ParameterError> {
        let shortest = self.seasons.iter().copied().filter(|&season| season > 1).min();
        shortest.ok_or_else(|| ParameterError {
            parameter: "season",
            needed: "at least 2 steps for this model",
            found: self.seasons.first().map_or_else(|| "not given".to_owned(), ToString::to_string),
        })
    }

    /// The two shortest different seasons above one step, ascending, as far as there are any.
    #[must_use]
    pub fn two_seasons(&self) -> Vec<usize> {
        let seasons: BTreeSet<usize> = self.seasons.iter().copied().filter(|&season| season > 1).collect();
        seasons.into_iter().take(2).collect()
    }
}

/// A named model.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The name: lower case, words joined by hyphens.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// The history it needs, in words.
    pub needs: &'static str,
    build: fn(&Setting<'_>) -> Result<Box<dyn Fit>, ParameterError>,
}

impl Entry {
    /// The model for series of that `setting`.
    ///
    /// # Errors
    /// If the setting lacks what the model cannot do without, such as a season.
    pub fn build(&self, setting: &Setting<'_>) -> Result<Box<dyn Fit>, ParameterError> {
        (self.build)(setting)
    }
}

/// Name of the choice among the others.
pub const CHAMPION: &str = "champion";

/// Every model, simple ones first.
pub const CATALOGUE: &[Entry] = &[
    Entry { name: "naive", about: "the last value stays", needs: "1 value", build: |_| Ok(Box::new(NaiveModel)) },
    Entry {
        name: "seasonal-naive",
        about: "the value one season ago (the shortest season)",
        needs: "half a season",
        build: |setting| Ok(Box::new(SeasonalNaiveModel::new(setting.season()?)?)),
    },
    Entry {
        name: "drift",
        about: "a line through the first and the last value",
        needs: "2 values",
        build: |_| Ok(Box::new(DriftModel)),
    },
    Entry {
        name: "median",
        about: "the median of the last day, at least of 60 values",
        needs: "1 value",
        build: |setting| Ok(Box::new(MedianModel::new(median_window(setting.step_s))?)),
    },
    Entry {
        name: "ets",
        about: "exponential smoothing of automatic form (error, trend, shortest season)",
        needs: "10 values",
        build: |setting| match setting.season() {
            Ok(season) => Ok(Box::new(EtsModel::seasonal(season)?)),
            Err(_) => Ok(Box::new(EtsModel::new())),
        },
    },
    Entry {
        name: "lag-ridge",
        about: "ridge regression on lags of up to two seasons, on a scale of even noise",
        needs: "12 values",
        build: |setting| {
            let model = LagRidgeModel::new(&setting.two_seasons())?;
            Ok(Box::new(OnScale::new(Box::new(model), None)))
        },
    },
    Entry {
        name: "holt-winters",
        about: "level, fading trend and up to two seasons, with bounded errors",
        needs: "two of the shortest season, at least 8 values",
        build: |setting| Ok(Box::new(HoltWintersModel::new(HoltWintersParams::seasonal(setting.two_seasons()))?)),
    },
    Entry {
        name: "theta",
        about: "the standard theta method (shortest season)",
        needs: "8 values",
        build: |setting| Ok(Box::new(with_season(ThetaModel::standard(), setting)?)),
    },
    Entry {
        name: "optimised-theta",
        about: "theta with its coefficient estimated (shortest season)",
        needs: "8 values",
        build: |setting| Ok(Box::new(with_season(ThetaModel::optimised(), setting)?)),
    },
    Entry {
        name: "arima",
        about: "ARIMA of automatic order (shortest season up to 24 steps)",
        needs: "20 values",
        build: |setting| match setting.season() {
            Ok(season @ ..=24) => Ok(Box::new(AutoArimaModel::seasonal(season)?)),
            _ => Ok(Box::new(AutoArimaModel::default())),
        },
    },
    Entry {
        name: "profile",
        about: "a level over a robust, smoothed profile of up to two seasons",
        needs: "two of the shortest season, at least 8 values",
        build: |setting| Ok(Box::new(ProfileModel::new(ProfileParams::usual(setting.two_seasons()))?)),
    },
    Entry {
        name: "global",
        about: "lag features over a daily profile, for minutes: at its best with a pool of many series",
        needs: "two seasons of 96 steps or more, or two of the second season",
        build: |setting| Ok(Box::new(OnScale::new(Box::new(GlobalLagModel::alone(cycles(setting)?)), None))),
    },
    Entry {
        name: "structural",
        about: "a trend with change points and Fourier terms for all seasons",
        needs: "20 values",
        build: |setting| {
            let seasons = setting.seasons.iter().copied().filter(|&season| season > 1).collect();
            Ok(Box::new(StructuralModel::new(StructuralParams { seasons, ..StructuralParams::default() })?))
        },
    },
    Entry {
        name: CHAMPION,
        about: "what would have forecast this series best so far, several models weighted by their errors",
        needs: "1 value",
        build: champion,
    },
];

/// The choice among the candidates for such seasons, whatever the length: those that want more refuse when fitted.
fn champion(setting: &Setting<'_>) -> Result<Box<dyn Fit>, ParameterError> {
    let seasons = setting.two_seasons();
    let options =
        SelectionOptions { horizon: setting.horizon, season: seasons.first().copied(), domain: None, seed: 0 };
    Ok(Box::new(Selection::new(candidates(&seasons, usize::MAX, setting.horizon), options)?))
}

/// The cycles of the lag features: a long season and its 24th part, or two short seasons.
fn cycles(setting: &Setting<'_>) -> Result<Cycles, ParameterError> {
    let season = setting.season()?;
    match setting.two_seasons().get(1) {
        _ if season >= 96 => Cycles::new(season, (season / 24).max(4)),
        Some(&second) => Cycles::new(second, season),
        None => Cycles::new(season, 4),
    }
}

/// `model` with the shortest season, if it is long enough for the test of seasonality.
fn with_season(model: ThetaModel, setting: &Setting<'_>) -> Result<ThetaModel, ParameterError> {
    match setting.season() {
        Ok(season @ 4..) => model.seasonal(season),
        _ => Ok(model),
    }
}

/// The model called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_model_can_be_built() {
        let names: BTreeSet<&str> = CATALOGUE.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), CATALOGUE.len());
        for entry in CATALOGUE {
            let built =
                entry.build(&Setting { seasons: &[24, 168], step_s: 3_600, horizon: 48 }).expect("has all it may need");
            assert!(built.minimum() > 0, "{}", entry.name);
            assert!(find(entry.name).is_some() && !entry.about.is_empty() && !entry.needs.is_empty());
        }
        assert!(find("no such model").is_none());
        let wrong = Setting { seasons: &[1], step_s: 60, horizon: 1 }.season().expect_err("no season");
        assert_eq!(wrong.to_string(), "season must be at least 2 steps for this model, is 1");
    }
}
