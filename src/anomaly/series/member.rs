//! One detector of a series with the tails of its readings.

use serde::{Deserialize, Serialize};

use crate::anomaly::detector::{Band, Detector, Reading};
use crate::anomaly::level::{Level, LevelSetting};
use crate::anomaly::seasonal::{Seasonal, SeasonalSetting};
use crate::anomaly::sustained::Sustained;
use crate::anomaly::tail::{Tail, TailSetting};
use crate::anomaly::verdict::Vote;
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;

/// A detector whose state can be saved.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
enum Kind {
    Level(Level),
    Seasonal(Seasonal),
}

/// One detector of a series with the tails of its readings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Member {
    kind: Kind,
    sustained: Sustained,
    once: Tail,
    in_a_row: Tail,
}

/// What a member says of a step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Opinion {
    pub(super) vote: Vote,
    pub(super) expected: Band,
}

impl Member {
    pub(super) fn level(setting: LevelSetting, tail: TailSetting) -> Result<Self, ParameterError> {
        Self::of(Kind::Level(Level::new(setting)?), tail)
    }

    pub(super) fn seasonal(setting: SeasonalSetting, tail: TailSetting) -> Result<Self, ParameterError> {
        Self::of(Kind::Seasonal(Seasonal::new(setting)?), tail)
    }

    fn of(kind: Kind, tail: TailSetting) -> Result<Self, ParameterError> {
        Ok(Self { kind, sustained: Sustained::default(), once: Tail::new(tail)?, in_a_row: Tail::new(tail)? })
    }

    /// A step of which nothing is known.
    pub(super) fn skip(&mut self) {
        self.detector().observe(Observation::of(f64::NAN));
        self.sustained.with(0.0);
    }

    /// Judges a value; the tails learn it if it `counts`. `None` while anything warms up.
    pub(super) fn observe(&mut self, news: Observation, counts: bool) -> Option<Opinion> {
        let name = self.detector().name();
        let Reading { oddness, expected } = self.detector().observe(news)?;
        let (once, in_a_row) = (oddness.abs(), self.sustained.with(oddness).abs());
        let vote = match (self.once.p(once), self.in_a_row.p(in_a_row)) {
            (Some(once), Some(in_a_row)) => Some(Vote { detector: name, p: once.min(in_a_row) }),
            _ => None,
        };
        if counts {
            self.once.learn(once);
            self.in_a_row.learn(in_a_row);
        }
        vote.map(|vote| Opinion { vote, expected })
    }

    /// Takes over what `other` has learnt of readings.
    pub(super) fn take_tails(&mut self, other: Self) {
        (self.once, self.in_a_row) = (other.once, other.in_a_row);
    }

    /// Fits the tails to all that they learnt.
    pub(super) fn fit(&mut self) {
        self.once.fit();
        self.in_a_row.fit();
    }

    fn detector(&mut self) -> &mut dyn Detector {
        match &mut self.kind {
            Kind::Level(level) => level,
            Kind::Seasonal(seasonal) => seasonal,
        }
    }
}
