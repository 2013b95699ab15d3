//! Surprise against the season: how far is a value from what this time of the day usually brings?
//!
//! What is expected is a profile with one value for each step of the season, plus a level that follows the day. There are
//! two levels, and a reading against each, because they see different things:
//!
//! - **near**, the median of the last few values less their profile. It forgives a day that runs higher than usual and
//!   leaves a value that does not fit its neighbours although they know the shape of the day. As a median it neither
//!   goes along with an outlier nor gives in to the first values of a shift.
//! - **far**, an exponentially weighted mean over hours. What stays off it for a while is odd although each value fits the
//!   one before.
//!
//! Nights are calmer than noons, so the scales of both are one for each of 24 parts of the season, held above a part of
//! the scale of all, as a part that was calm for a while says little. Errors are clipped before anything learns them, as in
//! [`level`](super::level), and for the same reason. The profile moves by a part of each clipped error against the far level
//! once a season, so an anomaly of one day is not expected the next; the near level would take the shape of the day
//! away from it.
//!
//! Reference: additive Holt-Winters without trend in its robust form (Gelper, Fried and Croux, Journal of Forecasting 29,
//! 2010), with the profile as the seasonal states and the far level as its level.
//!
//! Warm-up: one season, and [`SeasonalSetting::warm_up`] known values behind it. A gap moves time on only; a step of the
//! season that was a gap in the first season takes its first value as it comes. A season of one step is none: the two
//! levels alone. Memory is one number for each step of the season, time O(1).

mod scales;

use serde::{Deserialize, Serialize};

use crate::anomaly::detector::{Band, Reading};
use crate::anomaly::level::{LARGEST, USUAL, above_zero, share, within};
use crate::anomaly::spread::oddness;
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;
use crate::stats::robust::median_sorted;
use crate::stats::window::SortedWindow;
use scales::{PARTS, Scales};

/// Longest season, in steps: a week of minutes has 10,080, a year of hours 8,760.
const LONGEST: usize = 100_000;

/// Longest window of the near level.
const LONGEST_NEAR: usize = 1_000;

/// Parameters of [`Seasonal`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SeasonalSetting {
    /// Steps of the season; 1 if there is none.
    pub season: usize,
    /// Known values whose median is the near level, 1 to 1,000.
    pub near: usize,
    /// Part of an error by which the far level moves, above 0 and at most 1.
    pub far: f64,
    /// Part of an error by which the profile moves, once a season; above 0 and at most 1.
    pub profile_rate: f64,
    /// Part by which scales move with each value, above 0 and at most 1.
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
            near: 9,
            far: 0.005,
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
        within("season", self.season, 1, LONGEST)?;
        within("near", self.near, 1, LONGEST_NEAR)?;
        share("far", self.far)?;
        share("profile_rate", self.profile_rate)?;
        share("scale_rate", self.scale_rate)?;
        share("floor", self.floor)?;
        above_zero("clip", self.clip)
    }
}

/// Surprise against a robust seasonal profile and two levels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Seasonal {
    setting: SeasonalSetting,
    /// One expected value for each step of the season; NaN where none was seen.
    profile: Vec<f64>,
    /// The last values less their profile.
    last: SortedWindow,
    /// The far level.
    level: f64,
    near: Scales,
    far: Scales,
    /// Steps seen, gaps included.
    steps: u64,
}

/// What is said of one value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Readings {
    /// Against the near level.
    pub near: Reading,
    /// Against the far level.
    pub far: Reading,
}

impl Seasonal {
    /// A detector that knows nothing yet.
    ///
    /// # Errors
    /// [`ParameterError`] if a parameter lies outside its range.
    pub fn new(setting: SeasonalSetting) -> Result<Self, ParameterError> {
        setting.check()?;
        let (profile, last) = (vec![f64::NAN; setting.season], SortedWindow::new(setting.near));
        let (near, far) = (Scales::new(&setting), Scales::new(&setting));
        Ok(Self { setting, profile, last, level: 0.0, near, far, steps: 0 })
    }

    /// Judges the value of the next step and then learns it. `None` while the detector warms up and for a gap, which moves
    /// time on only.
    pub fn observe(&mut self, news: Observation) -> Option<Readings> {
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
        let near = median_sorted(self.last.sorted()).unwrap_or(self.level);
        let judge = |level: f64, scale: f64| {
            let expected = usual + level;
            let oddness = oddness(value - expected, scale, expected);
            Reading { oddness, expected: Band::around(expected, USUAL * scale) }
        };
        let readings = Readings { near: judge(near, self.near.of(part)), far: judge(self.level, self.far.of(part)) };
        let is_warm = self.far.seen() >= self.setting.warm_up;
        self.learn(phase, part, value - usual, near);
        is_warm.then_some(readings)
    }

    /// Learns what is `left` of a value without its profile.
    fn learn(&mut self, phase: usize, part: usize, left: f64, near: f64) {
        let SeasonalSetting { season, far, profile_rate, .. } = self.setting;
        self.near.learn(part, left - near);
        let error = self.far.learn(part, left - self.level);
        // A plain mean first, so that a strange first value is not the level for long.
        self.level += far.max(1.0 / f64::from(self.far.seen().max(1))) * error;
        if let (true, Some(expected)) = (season > 1, self.profile.get_mut(phase)) {
            *expected += profile_rate * error;
        }
        self.last.push(left);
    }

    /// Which step of the season comes next.
    fn phase(&self) -> usize {
        usize::try_from(self.steps % self.setting.season as u64).unwrap_or(0)
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
        assert!(last.is_some_and(|seen| seen.near.oddness.abs() < 4.0 && seen.far.oddness.abs() < 4.0), "{last:?}");
        let night = detector.observe(Observation::of(100.0)).expect("warm");
        assert!(night.near.oddness > 10.0 && night.near.expected.high < 60.0, "{night:?}");
        assert!(night.far.oddness > 10.0, "{night:?}");
    }

    #[test]
    fn a_shift_is_adopted_by_the_near_level_and_not_by_the_far_one() {
        for season in [1, 24] {
            let mut detector = seasonal(season);
            let value = |step: u32| f64::from(step * 7 % 5) + if step < 600 { 0.0 } else { 50.0 };
            let seen: Vec<_> = (0..620).map(|step| detector.observe(Observation::of(value(step)))).collect();
            let at = |step: usize| seen[step].expect("warm");
            assert!(at(600).near.oddness > 10.0 && at(603).near.oddness > 10.0, "{:?}", at(603));
            assert!(at(619).near.oddness.abs() < 4.0 && at(619).far.oddness > 8.0, "{:?}", at(619));
        }
    }

    #[test]
    fn gaps_move_time_on_and_late_phases_take_their_first_value() {
        let mut detector = seasonal(4);
        for step in 0..40u32 {
            let value = if step < 8 && step % 4 == 2 { f64::NAN } else { f64::from(step % 4) };
            let readings = detector.observe(Observation::of(value));
            assert!(readings.is_none_or(|seen| seen.near.oddness.abs() < 1e-9), "{step}: {readings:?}");
        }
        assert_eq!(detector.phase(), 0);
    }

    #[test]
    fn parameters_are_checked_and_a_state_comes_back_bit_for_bit() {
        assert_eq!(Seasonal::new(SeasonalSetting::of(0)).expect_err("no season").parameter, "season");
        let mut detector = seasonal(7);
        for step in 0..100u32 {
            detector.observe(Observation::of(f64::from(step * step % 11)));
        }
        let saved = postcard::to_allocvec(&detector).expect("saved");
        assert_eq!(postcard::from_bytes::<Seasonal>(&saved).expect("restored"), detector);
    }
}
