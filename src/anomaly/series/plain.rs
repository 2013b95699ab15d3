//! The detectors of a series of plain numbers, with the tails of their readings.

use serde::{Deserialize, Serialize};

use crate::anomaly::detector::{Detector, Reading};
use crate::anomaly::fuse;
use crate::anomaly::level::Level;
use crate::anomaly::seasonal::Seasonal;
use crate::anomaly::series::SeriesSetting;
use crate::anomaly::series::member::Said;
use crate::anomaly::sustained::Sustained;
use crate::anomaly::tail::Tail;
use crate::anomaly::verdict::Vote;
use crate::anomaly::voice::Opinion;
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;

/// Readings in a row that slow detectors judge.
const IN_A_ROW: usize = 10;

/// The detectors of plain numbers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Plain {
    level: Level,
    seasonal: Seasonal,
    near: Sustained,
    far: Sustained,
    tails: [Tail; Plain::NAMES.len()],
    /// Readings of the newest step, until it is decided whether the tails learn them.
    fresh: [Option<f64>; Plain::NAMES.len()],
}

impl Plain {
    /// Prompt ones first, which are [`PROMPT`].
    pub(super) const NAMES: [&'static str; 4] = ["level", "seasonal", "sustained", "drift"];

    pub(super) fn new(setting: &SeriesSetting) -> Result<Self, ParameterError> {
        let tail = || Tail::new(setting.tail);
        Ok(Self {
            level: Level::new(setting.level)?,
            seasonal: Seasonal::new(setting.seasonal)?,
            near: Sustained::of(IN_A_ROW),
            far: Sustained::of(IN_A_ROW),
            tails: [tail()?, tail()?, tail()?, tail()?],
            fresh: [None; Self::NAMES.len()],
        })
    }

    /// A step of which nothing is known.
    pub(super) fn skip(&mut self) {
        self.level.observe(Observation::of(f64::NAN));
        self.seasonal.observe(Observation::of(f64::NAN));
        self.near.with(0.0);
        self.far.with(0.0);
    }

    /// Judges a value, which [`Plain::settle`] has the tails learn or not.
    pub(super) fn observe(&mut self, news: Observation) -> Said {
        let level = self.level.observe(news);
        let seasonal = self.seasonal.observe(news);
        let sum = |sustained: &mut Sustained, reading: Reading| Reading {
            oddness: sustained.with(reading.oddness),
            ..reading
        };
        let readings = [
            level,
            seasonal.map(|seen| seen.near),
            seasonal.map(|seen| sum(&mut self.near, seen.near)),
            seasonal.map(|seen| sum(&mut self.far, seen.far)),
        ];
        let mut opinions = [None; Self::NAMES.len()];
        self.fresh = readings.map(|reading| reading.map(|reading| reading.oddness.abs()));
        for (((opinion, reading), tail), detector) in
            opinions.iter_mut().zip(readings).zip(&self.tails).zip(Self::NAMES)
        {
            let Some(Reading { oddness, expected }) = reading else { continue };
            *opinion = tail.p(oddness.abs()).map(|p| Opinion { vote: Vote { detector, p }, expected });
        }
        Said { opinions, surprise: surprise(&opinions) }
    }

    /// Has the tails learn the newest step, if it `counts`.
    pub(super) fn settle(&mut self, counts: bool) {
        for (tail, fresh) in self.tails.iter_mut().zip(&mut self.fresh) {
            if let Some(size) = fresh.take().filter(|_| counts) {
                tail.learn(size);
            }
        }
    }

    /// Takes over what `other` has learnt of readings.
    pub(super) fn take_tails(&mut self, other: Self) {
        self.tails = other.tails;
    }

    /// Fits the tails to all that they learnt.
    pub(super) fn fit(&mut self) {
        self.tails.iter_mut().for_each(Tail::fit);
    }
}

/// How many of [`Plain::NAMES`] are prompt.
const PROMPT: usize = 2;

/// How surprised they are together; `None` while all of them warm up.
fn surprise(opinions: &[Option<Opinion>; Plain::NAMES.len()]) -> Option<f64> {
    let mut surprises = [0.0; Plain::NAMES.len()];
    let (prompt, slow) = surprises.split_at_mut(PROMPT);
    let known = |opinions: &[Option<Opinion>], into: &mut [f64]| {
        let said = opinions.iter().flatten().map(|opinion| fuse::surprise(opinion.vote.p));
        into.iter_mut().zip(said).map(|(place, surprise)| *place = surprise).count()
    };
    let (first, rest) = opinions.split_at(PROMPT);
    let (prompts, slows) = (known(first, prompt), known(rest, slow));
    let is_known = prompts + slows > 0;
    is_known.then(|| fuse::own(prompt.get(..prompts).unwrap_or(prompt), slow.get(..slows).unwrap_or(slow)))
}
