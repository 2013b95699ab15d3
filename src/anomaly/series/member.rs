//! The detectors of a series, which differ with what is known of it.

use serde::{Deserialize, Serialize};

use crate::anomaly::series::SeriesSetting;
use crate::anomaly::series::plain::Plain;
use crate::anomaly::series::share::Share;
use crate::anomaly::voice::Opinion;
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;

/// The detectors of a series with the tails of their readings.
///
/// A share is judged by its counts alone: what plain numbers would be odd, as the first failure after hours without one, is
/// mostly chance, and what is none the counts see sooner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum Members {
    /// Those of plain numbers.
    Plain(Box<Plain>),
    /// That of a share of calls.
    Share(Box<Share>),
}

/// What the detectors of a series say of a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Said {
    /// One for each detector; `None` where there is nothing to say.
    pub(super) opinions: [Option<Opinion>; Plain::NAMES.len()],
    /// How surprised they are together; `None` while all of them warm up.
    pub(super) surprise: Option<f64>,
}

impl Members {
    pub(super) fn new(setting: &SeriesSetting) -> Result<Self, ParameterError> {
        Ok(match setting.counts {
            Some(counts) => Self::Share(Box::new(Share::new(counts, setting.tail)?)),
            None => Self::Plain(Box::new(Plain::new(setting)?)),
        })
    }

    /// A step of which nothing is known.
    pub(super) fn skip(&mut self) {
        match self {
            Self::Plain(plain) => plain.skip(),
            Self::Share(share) => share.skip(),
        }
    }

    /// Judges a value, which [`Members::settle`] has the tails learn or not.
    pub(super) fn observe(&mut self, news: Observation) -> Said {
        match self {
            Self::Plain(plain) => plain.observe(news),
            Self::Share(share) => share.observe(news),
        }
    }

    /// Has the tails learn the newest step, if it `counts`.
    pub(super) fn settle(&mut self, counts: bool) {
        match self {
            Self::Plain(plain) => plain.settle(counts),
            Self::Share(share) => share.settle(counts),
        }
    }

    /// Takes over what `other`, which is of the same kind, has learnt of readings.
    pub(super) fn take_tails(&mut self, other: Self) {
        match (self, other) {
            (Self::Plain(plain), Self::Plain(other)) => plain.take_tails(*other),
            (Self::Share(share), Self::Share(other)) => share.take_tail(*other),
            (Self::Plain(_), Self::Share(_)) | (Self::Share(_), Self::Plain(_)) => {}
        }
    }

    /// Fits the tails to all that they learnt.
    pub(super) fn fit(&mut self) {
        match self {
            Self::Plain(plain) => plain.fit(),
            Self::Share(share) => share.fit(),
        }
    }
}
