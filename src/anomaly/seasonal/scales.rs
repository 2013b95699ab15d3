//! How far off values usually are, by part of the season.

use serde::{Deserialize, Serialize};

use super::SeasonalSetting;
use crate::anomaly::spread::{Clip, Spread};

/// Parts of the season with a scale of their own.
pub(super) const PARTS: usize = 24;

/// Deviations after which a part of the season trusts its own scale.
const TRUSTED: u32 = 6;

/// How much quicker the scale of a part learns than that of all, as it sees fewer values.
const PART_RATE: f64 = 4.0;

/// Scales of the errors against one level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Scales {
    all: Spread,
    parts: Vec<Spread>,
    clip: Clip,
    rate: f64,
    floor: f64,
    most: f64,
    warm_up: u32,
}

impl Scales {
    pub(super) fn new(setting: &SeasonalSetting) -> Self {
        Self {
            all: Spread::NEW,
            parts: vec![Spread::NEW; PARTS],
            clip: Clip::NEW,
            rate: setting.scale_rate,
            floor: setting.floor,
            most: setting.clip,
            warm_up: setting.warm_up,
        }
    }

    /// Errors learnt so far.
    pub(super) const fn seen(&self) -> u32 {
        self.all.seen()
    }

    /// The scale in `part` of the season.
    pub(super) fn of(&self, part: usize) -> f64 {
        let all = self.all.value();
        let own = self.parts.get(part).filter(|part| part.seen() >= TRUSTED).map_or(all, Spread::value);
        own.max(self.floor * all)
    }

    /// Learns an error and returns how much of it may be learnt by others.
    pub(super) fn learn(&mut self, part: usize, error: f64) -> f64 {
        let (is_warm, scale) = (self.seen() >= self.warm_up, self.of(part));
        let cut = if is_warm { self.clip.cut(error, scale, self.most) } else { error };
        self.all.learn(cut, error, self.rate);
        if let Some(part) = self.parts.get_mut(part) {
            part.learn(cut, error, PART_RATE * self.rate);
        }
        cut
    }
}
