//! One detector of a series with its voice.

use serde::{Deserialize, Serialize};

use crate::anomaly::detector::Detector;
use crate::anomaly::level::{Level, LevelSetting};
use crate::anomaly::seasonal::{Seasonal, SeasonalSetting};
use crate::anomaly::tail::TailSetting;
use crate::anomaly::voice::{Opinion, Voice};
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;

/// A detector whose state can be saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Kind {
    Level(Level),
    Seasonal(Seasonal),
}

/// One detector of a series with its voice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Member {
    kind: Kind,
    voice: Voice,
}

impl Member {
    pub(super) fn level(setting: LevelSetting, tail: TailSetting) -> Result<Self, ParameterError> {
        Ok(Self { kind: Kind::Level(Level::new(setting)?), voice: Voice::new(tail)? })
    }

    pub(super) fn seasonal(setting: SeasonalSetting, tail: TailSetting) -> Result<Self, ParameterError> {
        Ok(Self { kind: Kind::Seasonal(Seasonal::new(setting)?), voice: Voice::new(tail)? })
    }

    /// A step of which nothing is known.
    pub(super) fn skip(&mut self) {
        self.detector().observe(Observation::of(f64::NAN));
        self.voice.skip();
    }

    /// Judges a value; the tails learn it if it `counts`. `None` while anything warms up.
    pub(super) fn observe(&mut self, news: Observation, counts: bool) -> Option<Opinion> {
        let name = self.detector().name();
        let reading = self.detector().observe(news)?;
        self.voice.hear(name, reading, counts)
    }

    /// Takes over what `other` has learnt of readings.
    pub(super) fn take_tails(&mut self, other: Self) {
        self.voice.take_tails(other.voice);
    }

    /// Fits the tails to all that they learnt.
    pub(super) fn fit(&mut self) {
        self.voice.fit();
    }

    fn detector(&mut self) -> &mut dyn Detector {
        match &mut self.kind {
            Kind::Level(level) => level,
            Kind::Seasonal(seasonal) => seasonal,
        }
    }
}
