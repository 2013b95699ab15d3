//! Surprise against the season: how far is a value from what this time of the day usually brings, given how the day goes?
//!
//! What is expected is a profile with one value for each step of the season, plus a level that follows the last errors.
//! The quick level forgives a day that runs higher than usual and leaves what matters: a value that does not fit its
//! neighbours although they know the shape of the day. Nights are calmer than noons, so the scale is one for each of
//! 24 parts of the season, held above a part of the scale of all, as a part that was calm for a while says little.
//!
//! Errors are clipped before anything learns them, as in [`level`](super::level), and for the same reason. The profile
//! moves by a part of each clipped error once a season, so an anomaly of one day is not expected the next.
//!
//! Reference: additive Holt-Winters without trend in its robust form (Gelper, Fried and Croux, Journal of Forecasting 29,
//! 2010), with the profile as the seasonal states.
//!
//! Warm-up: one season, and [`SeasonalSetting::warm_up`] known values behind it. A gap moves time on only; a step of the
//! season that was a gap in the first season takes its first value as it comes. Memory is one number for each step of
//! the season, time O(1).

use serde::{Deserialize, Serialize};

use crate::anomaly::detector::{Band, Detector, Reading};
use crate::anomaly::level::{LARGEST, USUAL, above_zero, share};
use crate::anomaly::spread::{Clip, Spread, oddness};
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;

/// Parts of the season with a scale of their own.
const PARTS: usize = 24;

/// Longest season, in steps: a week of minutes has 10,080, a year of hours 8,760.
const LONGEST: usize = 100_000;

/// Deviations after which a part of the season trusts its own scale.
const TRUSTED: u32 = 6;

/// How much quicker the scale of a part learns than that of all, as it sees fewer values.
const PART_RATE: f64 = 4.0;

/// Parameters of [`Seasonal`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SeasonalSetting {
    /// Steps of the season, at least 2.
    pub season: usize,
    /// Part of an error by which the level moves, above 0 and at most 1.
    pub smoothing: f64,
    /// Part of an error by which the profile moves, once a season; above 0 and at most 1.
    pub profile_rate: f64,
    /// Part by which the scale moves with each value, above 0 and at most 1.
    pub scale_rate: f64,
    /// Least scale of a part of the season, as a part of the scale of all; above 0 and at most 1.
    pub floor: f64,
    /// Scales beyond which an error is learnt as if it were only that large, above 0.
    pub clip: f64,
    /// Known values behind the first season before the first reading.
    pub warm_up: u32,
}

impl SeasonalSetting {
    /// The setting that is meant for every series with a season of so many steps.
    #[must_use]
    pub const fn of(season: usize) -> Self {
        Self {
            season,
            smoothing: 0.4,
            profile_rate: 0.2,
            scale_rate: 1.0 / 1_000.0,
            floor: 0.3,
            clip: 4.0,
            warm_up: 20,
        }
    }

    /// # Errors
    /// [`ParameterError`] that names the first parameter outside its range.
    pub fn check(&self) -> Result<(), ParameterError> {
        if !(2..=LONGEST).contains(&self.season) {
            let (parameter, found) = ("season", self.season.to_string());
            return Err(ParameterError { parameter, needed: "2 to 100000 steps", found });
        }
        share("smoothing", self.smoothing)?;
        share("profile_rate", self.profile_rate)?;
        share("scale_rate", self.scale_rate)?;
        share("floor", self.floor)?;
        above_zero("clip", self.clip)
    }
}

/// Surprise against a robust seasonal profile and a level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seasonal {
    setting: SeasonalSetting,
    /// One expected value for each step of the season; NaN where none was seen.
    profile: Vec<f64>,
    level: f64,
    all: Spread,
    parts: Vec<Spread>,
    clip: Clip,
    /// Steps seen, gaps included.
    steps: u64,
}

impl Seasonal {
    /// A detector that knows nothing yet.
    ///
    /// # Errors
    /// [`ParameterError`] if a parameter lies outside its range.
    pub fn new(setting: SeasonalSetting) -> Result<Self, ParameterError> {
        setting.check()?;
        let (profile, parts) = (vec![f64::NAN; setting.season], vec![Spread::NEW; PARTS]);
        Ok(Self { setting, profile, level: 0.0, all: Spread::NEW, parts, clip: Clip::NEW, steps: 0 })
    }

    /// Which step of the season comes next.
    fn phase(&self) -> usize {
        usize::try_from(self.steps % self.setting.season as u64).unwrap_or(0)
    }

    fn scale(&self, part: usize) -> f64 {
        let all = self.all.value();
        let own = self.parts.get(part).filter(|part| part.seen() >= TRUSTED).map_or(all, Spread::value);
        own.max(self.setting.floor * all)
    }

    fn learn(&mut self, phase: usize, part: usize, error: f64) {
        let SeasonalSetting { smoothing, profile_rate, scale_rate, clip, warm_up, .. } = self.setting;
        let (is_warm, scale) = (self.all.seen() >= warm_up, self.scale(part));
        let error = if is_warm { self.clip.cut(error, scale, clip) } else { error };
        self.level += smoothing * error;
        if let Some(expected) = self.profile.get_mut(phase) {
            *expected += profile_rate * error;
        }
        self.all.learn(error, scale_rate);
        if let Some(part) = self.parts.get_mut(part) {
            part.learn(error, PART_RATE * scale_rate);
        }
    }
}

impl Detector for Seasonal {
    fn name(&self) -> &'static str {
        "seasonal"
    }

    fn observe(&mut self, news: Observation) -> Option<Reading> {
        let phase = self.phase();
        self.steps += 1;
        if !news.is_known() {
            return None;
        }
        let value = news.value.clamp(-LARGEST, LARGEST);
        let usual = self.profile.get(phase).copied().unwrap_or(f64::NAN);
        if usual.is_nan() {
            if let Some(first) = self.profile.get_mut(phase) {
                *first = value - self.level;
            }
            return None;
        }
        let part = phase * PARTS / self.setting.season;
        let (expected, scale) = (usual + self.level, self.scale(part));
        let reading = Reading {
            oddness: oddness(value - expected, scale, expected),
            expected: Band::around(expected, USUAL * scale),
        };
        let is_warm = self.all.seen() >= self.setting.warm_up;
        self.learn(phase, part, value - expected);
        is_warm.then_some(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seasonal(season: usize) -> Seasonal {
        Seasonal::new(SeasonalSetting { warm_up: 5, ..SeasonalSetting::of(season) }).expect("valid")
    }

    #[test]
    fn a_value_that_is_usual_at_noon_is_odd_at_night() {
        let mut detector = seasonal(24);
        let day = |step: u32| if (8..20).contains(&(step % 24)) { 100.0 } else { 10.0 } + f64::from(step * 7 % 5);
        let mut last = None;
        for step in 0..240 {
            last = detector.observe(Observation::of(day(step)));
        }
        assert!(last.is_some_and(|reading| reading.oddness.abs() < 4.0), "{last:?}");
        let night = detector.observe(Observation::of(100.0)).expect("warm");
        assert!(night.oddness > 10.0 && night.expected.high < 60.0, "{night:?}");
    }

    #[test]
    fn gaps_move_time_on_and_late_phases_take_their_first_value() {
        let mut detector = seasonal(4);
        for step in 0..40u32 {
            let value = if step < 8 && step % 4 == 2 { f64::NAN } else { f64::from(step % 4) };
            let reading = detector.observe(Observation::of(value));
            assert!(reading.is_none_or(|reading| reading.oddness.abs() < 1e-9), "{step}: {reading:?}");
        }
        assert_eq!(detector.phase(), 0);
    }

    #[test]
    fn parameters_are_checked_and_a_state_comes_back_bit_for_bit() {
        assert_eq!(Seasonal::new(SeasonalSetting::of(1)).expect_err("no season").parameter, "season");
        let mut detector = seasonal(7);
        for step in 0..100u32 {
            detector.observe(Observation::of(f64::from(step * step % 11).sqrt()));
        }
        let saved = postcard::to_allocvec(&detector).expect("saved");
        let mut restored: Seasonal = postcard::from_bytes(&saved).expect("restored");
        for value in [3.0, f64::NAN, 1e9, 0.5] {
            assert_eq!(restored.observe(Observation::of(value)), detector.observe(Observation::of(value)));
        }
    }
}
