//! The classical detectors of one series by name, for the command line, the configuration and registries.
//!
//! Two detectors are told more than the values of one series and stand beside this list: [`super::surprise`] needs the
//! forecast of each value, [`super::peers`] the values of a whole pool.

use crate::anomaly::change::{self, ChangePoint};
use crate::anomaly::iqr::Iqr;
use crate::anomaly::saved::Saved;
use crate::anomaly::spot::{self, Spot};
use crate::anomaly::zscore::RobustZ;
use crate::anomaly::zscore::ewma::{self, EwmaZ};
use crate::forecast::model::ParameterError;

/// A named detector.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The name, as [`Detector::name`](crate::anomaly::detector::Detector::name) says it.
    pub name: &'static str,
    /// What it does, in a few words.
    pub about: &'static str,
    /// Known values before its first reading.
    pub warm_up: usize,
    build: fn() -> Result<Saved, ParameterError>,
}

impl Entry {
    /// The detector with its default parameters, which has seen nothing yet.
    ///
    /// # Errors
    /// None with the defaults as they are; the signature is that of every detector.
    pub fn build(&self) -> Result<Saved, ParameterError> {
        (self.build)()
    }
}

/// Every detector, simple ones first.
pub const CATALOGUE: &[Entry] = &[
    Entry {
        name: "zscore",
        about: "robust standard deviations from the median of the last four hours",
        warm_up: RobustZ::DEFAULT.warm_up,
        build: || Ok(Saved::RobustZ(RobustZ::new(RobustZ::DEFAULT)?)),
    },
    Entry {
        name: "ewma",
        about: "standard deviations of one-step errors from a moving mean, outliers clipped",
        warm_up: 15,
        build: || Ok(Saved::EwmaZ(EwmaZ::new(ewma::Params::default())?)),
    },
    Entry {
        name: "iqr",
        about: "interquartile ranges outside the middle half of the last day",
        warm_up: Iqr::DEFAULT.warm_up,
        build: || Ok(Saved::Iqr(Iqr::new(Iqr::DEFAULT)?)),
    },
    Entry {
        name: "change",
        about: "cumulative sum of robust deviations: a level that shifts, since when and by how much",
        warm_up: 60,
        build: || Ok(Saved::ChangePoint(ChangePoint::new(change::Params::default())?)),
    },
    Entry {
        name: "spot",
        about: "rarity by the extremes of the past, relative to the median of the last hour",
        warm_up: 1_060,
        build: || Ok(Saved::Spot(Box::new(Spot::new(spot::Params::default())?))),
    },
];

/// The detector called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static Entry> {
    CATALOGUE.iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests;
