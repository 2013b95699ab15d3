//! The models by name, for the command line, the configuration and registries.

mod entries;

use std::collections::BTreeSet;

use crate::forecast::global::Pools;
use crate::forecast::model::{Fit, ParameterError};

pub use entries::CATALOGUE;

/// What a model is told of the series besides its history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Setting<'a> {
    /// Lengths of the seasons in steps, as they were given.
    pub seasons: &'a [usize],
    /// Length of a step in seconds.
    pub step_s: u32,
    /// Steps ahead that are to be forecast, at least 1.
    pub horizon: usize,
    /// Pools of series of the same kind, where there are any.
    pub pools: Option<&'a Pools>,
    /// UTC days since 1970-01-01 that are unlike others, past and future.
    pub holidays: &'a [i64],
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
        self.all_seasons().into_iter().take(2).collect()
    }

    /// The pools; none if there are none.
    #[must_use]
    pub fn pools(&self) -> Pools {
        self.pools.cloned().unwrap_or_default()
    }

    /// All different seasons above one step, ascending.
    #[must_use]
    pub fn all_seasons(&self) -> Vec<usize> {
        let seasons: BTreeSet<usize> = self.seasons.iter().copied().filter(|&season| season > 1).collect();
        seasons.into_iter().collect()
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

/// The model called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::{Grid, History, Observation};

    /// Ten days of hours with a course, a trend, what looks like noise, and a gap near the end.
    fn hours() -> Vec<f64> {
        let at = |t: u32| {
            let turn = std::f64::consts::TAU * f64::from(t) / 24.0;
            50.0 + 20.0 * turn.sin() + 0.05 * f64::from(t) + f64::from((t * 7_919) % 97) / 10.0
        };
        (0..240).map(|t| if t == 220 { f64::NAN } else { at(t) }).collect()
    }

    #[test]
    fn values_at_horizons_are_those_of_the_path() {
        let values = hours();
        let (known, news) = values.split_at(200);
        let history = History::new(Grid { start: Timestamp::from_seconds(0), step_s: 3_600 }, known);
        for entry in CATALOGUE {
            let built = entry
                .build(&Setting { seasons: &[24], step_s: 3_600, horizon: 24, pools: None, holidays: &[] })
                .expect("has all it needs");
            let mut model = built.fit(&history).expect("long enough");
            for value in news {
                model.update(Observation::of(*value));
                let horizons = [1, 2, 7, 24, 90];
                let (mut path, mut values) = ([0.0; 90], [0.0; 5]);
                model.predict(&mut path);
                model.predict_at(&horizons, &mut values);
                for (value, horizon) in values.iter().zip(horizons) {
                    let expected = path[horizon - 1];
                    let name = entry.name;
                    assert!((value - expected).abs() <= 1e-9 * expected.abs(), "{name}: {horizon} {value} {expected}");
                }
            }
        }
    }

    #[test]
    fn names_are_unique_and_every_model_can_be_built() {
        let names: BTreeSet<&str> = CATALOGUE.iter().map(|entry| entry.name).collect();
        assert_eq!(names.len(), CATALOGUE.len());
        for entry in CATALOGUE {
            let built = entry
                .build(&Setting { seasons: &[24, 168], step_s: 3_600, horizon: 48, pools: None, holidays: &[] })
                .expect("has all it may need");
            assert!(built.minimum() > 0, "{}", entry.name);
            assert!(find(entry.name).is_some() && !entry.about.is_empty() && !entry.needs.is_empty());
        }
        let without = Setting { seasons: &[], step_s: 60, horizon: 1, pools: None, holidays: &[] };
        let refused = CATALOGUE.iter().filter(|entry| entry.build(&without).is_err()).map(|entry| entry.name);
        assert_eq!(refused.collect::<Vec<_>>(), ["seasonal-naive", "profile", "double-seasonal", "mstl", "global"]);
        assert!(find("no such model").is_none());
        let wrong = Setting { seasons: &[1], step_s: 60, horizon: 1, pools: None, holidays: &[] }
            .season()
            .expect_err("no season");
        assert_eq!(wrong.to_string(), "season must be at least 2 steps for this model, is 1");
    }
}
