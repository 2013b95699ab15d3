//! From the readings of one detector on one series to its vote.
//!
//! Readings of different detectors cannot be compared; how rarely a healthy series gives them can. A voice keeps two tails
//! of one detector's readings, of single ones and of several in a row, and votes with the rarer of the two.
//!
//! Warm-up is that of a [`Tail`]. A minute costs O(1), and now and then a fit of the tails.

use serde::{Deserialize, Serialize};

use crate::anomaly::detector::{Band, Reading};
use crate::anomaly::sustained::Sustained;
use crate::anomaly::tail::{Tail, TailSetting};
use crate::anomaly::verdict::Vote;
use crate::forecast::model::ParameterError;

/// The tails of one detector's readings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Voice {
    sustained: Sustained,
    once: Tail,
    in_a_row: Tail,
    /// The newest reading, alone and in a row, until it is decided whether the tails learn it.
    fresh: Option<[f64; 2]>,
}

/// What a detector says of a step, comparable with what others say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Opinion {
    /// How rare it is.
    pub vote: Vote,
    /// What was expected.
    pub expected: Band,
}

impl Voice {
    /// A voice that has heard nothing.
    ///
    /// # Errors
    /// [`ParameterError`] if a parameter lies outside its range.
    pub fn new(setting: TailSetting) -> Result<Self, ParameterError> {
        Ok(Self {
            sustained: Sustained::default(),
            once: Tail::new(setting)?,
            in_a_row: Tail::new(setting)?,
            fresh: None,
        })
    }

    /// A step of which `detector` has nothing to say.
    pub fn skip(&mut self) {
        self.sustained.with(0.0);
    }

    /// The opinion of `detector`, whose reading of this step is `reading`, which [`Voice::settle`] has the tails learn or
    /// not. `None` while they warm up.
    pub fn hear(&mut self, detector: &'static str, reading: Reading) -> Option<Opinion> {
        let Reading { oddness, expected } = reading;
        let (once, in_a_row) = (oddness.abs(), self.sustained.with(oddness).abs());
        let opinion = match (self.once.p(once), self.in_a_row.p(in_a_row)) {
            (Some(once), Some(in_a_row)) => Some(Opinion { vote: Vote { detector, p: once.min(in_a_row) }, expected }),
            _ => None,
        };
        self.fresh = Some([once, in_a_row]);
        opinion
    }

    /// Has the tails learn the newest reading, if it `counts`.
    pub fn settle(&mut self, counts: bool) {
        if let Some([once, in_a_row]) = self.fresh.take().filter(|_| counts) {
            self.once.learn(once);
            self.in_a_row.learn(in_a_row);
        }
    }

    /// Takes over what `other` has learnt of readings.
    pub fn take_tails(&mut self, other: Self) {
        (self.once, self.in_a_row) = (other.once, other.in_a_row);
    }

    /// Fits the tails to all that they learnt.
    pub fn fit(&mut self) {
        self.once.fit();
        self.in_a_row.fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_that_is_rare_in_this_series_has_a_small_p() {
        let mut voice = Voice::new(TailSetting::default()).expect("valid");
        let reading = |oddness| Reading { oddness, expected: Band::UNKNOWN };
        let mut last = None;
        for step in 0..300 {
            last = voice.hear("peers", reading(f64::from(step * 37 % 101) / 20.0));
            voice.settle(true);
        }
        let usual = last.expect("warm").vote;
        let rare = voice.hear("peers", reading(40.0)).expect("warm").vote;
        assert_eq!(rare.detector, "peers");
        assert!(usual.p > 1e-3 && rare.p < 1e-3, "{usual:?} {rare:?}");
        voice.skip();
        voice.skip();
        let calm = voice.hear("peers", reading(0.0)).expect("warm").vote;
        assert!(calm.p > 0.5, "what was odd before the gap is no longer in a row: {calm:?}");
    }
}
