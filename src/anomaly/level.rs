//! Surprise against the level: how far is a value from where the series just was?
//!
//! The level is the median of the last [`LevelSetting::window`] values: one outlier does not move it, so that neither the
//! value behind the outlier is odd nor the second value of a shift any less than the first, and a shift is adopted once
//! it has more than half of the window. A moving mean goes a part of the way with the outlier and is wrong by that much
//! behind it. The unit is the exponentially weighted size of the errors, clipped at a few scales, so that an outlier does
//! not widen what is usual.
//!
//! Reference: Gelper, Fried and Croux, *Robust forecasting with exponential and Holt-Winters smoothing*, Journal of
//! Forecasting 29 (2010), for errors that are clipped before the scale learns them; the running median is Tukey's.
//!
//! Warm-up: [`LevelSetting::warm_up`] known values. A gap is skipped. A constant series has reading 0 until it moves,
//! then the largest there is. Values beyond 1e150 are cut to that size.

use serde::{Deserialize, Serialize};

use crate::anomaly::detector::{Band, Detector, Reading};
use crate::anomaly::spread::{Clip, Spread, oddness};
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;
use crate::stats::robust::median_sorted;
use crate::stats::window::SortedWindow;

/// Values are cut to this size, so that no sum or difference leaves the floats.
pub(super) const LARGEST: f64 = 1e150;

/// Longest window, as a new value moves its neighbours.
const LONGEST: usize = 1_000;

/// Half the width of the band of what is usual, in scales.
pub(super) const USUAL: f64 = 3.0;

/// Parameters of [`Level`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LevelSetting {
    /// Known values whose median is the level, 1 to 1,000.
    pub window: usize,
    /// Part by which the scale moves with each value, above 0 and at most 1.
    pub scale_rate: f64,
    /// Scales beyond which an error is learnt as if it were only that large, above 0.
    pub clip: f64,
    /// Known values before the first reading.
    pub warm_up: u32,
}

impl Default for LevelSetting {
    /// Few values, because minute data mostly wander; a scale of about five hours of minutes.
    fn default() -> Self {
        Self { window: 5, scale_rate: 1.0 / 300.0, clip: 4.0, warm_up: 20 }
    }
}

impl LevelSetting {
    /// # Errors
    /// [`ParameterError`] that names the first parameter outside its range.
    pub fn check(&self) -> Result<(), ParameterError> {
        within("window", self.window, 1, LONGEST)?;
        share("scale_rate", self.scale_rate)?;
        above_zero("clip", self.clip)
    }
}

/// That `value` lies in `least ..= most`.
pub(super) fn within(parameter: &'static str, value: usize, least: usize, most: usize) -> Result<(), ParameterError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    let needed = if least == 1 { "at least 1 and not too many" } else { "not too few and not too many" };
    Err(ParameterError { parameter, needed, found: value.to_string() })
}

/// That `value` lies above 0 and is at most 1.
pub(super) fn share(parameter: &'static str, value: f64) -> Result<(), ParameterError> {
    if value > 0.0 && value <= 1.0 {
        return Ok(());
    }
    Err(ParameterError { parameter, needed: "above 0 and at most 1", found: value.to_string() })
}

/// That `value` is a number above 0.
pub(super) fn above_zero(parameter: &'static str, value: f64) -> Result<(), ParameterError> {
    if value > 0.0 && value.is_finite() {
        return Ok(());
    }
    Err(ParameterError { parameter, needed: "a number above 0", found: value.to_string() })
}

/// Surprise against a robust level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Level {
    setting: LevelSetting,
    last: SortedWindow,
    spread: Spread,
    clip: Clip,
    known: u32,
}

impl Level {
    /// A detector that knows nothing yet.
    ///
    /// # Errors
    /// [`ParameterError`] if a parameter lies outside its range.
    pub fn new(setting: LevelSetting) -> Result<Self, ParameterError> {
        setting.check()?;
        let last = SortedWindow::new(setting.window);
        Ok(Self { setting, last, spread: Spread::NEW, clip: Clip::NEW, known: 0 })
    }

    fn learn(&mut self, value: f64, error: f64) {
        let LevelSetting { scale_rate, clip, warm_up, .. } = self.setting;
        let cut = if self.known < warm_up { error } else { self.clip.cut(error, self.spread.value(), clip) };
        self.spread.learn(cut, error, scale_rate);
        self.last.push(value);
    }
}

impl Detector for Level {
    fn name(&self) -> &'static str {
        "level"
    }

    fn observe(&mut self, news: Observation) -> Option<Reading> {
        if !news.is_known() {
            return None;
        }
        let value = news.value.clamp(-LARGEST, LARGEST);
        let Some(level) = median_sorted(self.last.sorted()) else {
            self.last.push(value);
            self.known = 1;
            return None;
        };
        let (error, scale) = (value - level, self.spread.value());
        let reading = Reading { oddness: oddness(error, scale, level), expected: Band::around(level, USUAL * scale) };
        let is_warm = self.known >= self.setting.warm_up;
        self.learn(value, error);
        self.known = self.known.saturating_add(1);
        is_warm.then_some(reading)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(values: &[f64]) -> Vec<Option<f64>> {
        let mut level = Level::new(LevelSetting { warm_up: 3, ..LevelSetting::default() }).expect("valid");
        values.iter().map(|value| level.observe(Observation::of(*value)).map(|reading| reading.oddness)).collect()
    }

    #[test]
    fn readings_are_errors_from_the_running_median_in_scales() {
        // pandas 2: Series([1, 2, 4, 3]).rolling(5, min_periods=1).median() -> 1, 1.5, 2, 2.5; errors 1, 2.5, 1; the scale
        // before the last is 1.25331 * (1 + 2.5) / 2.
        let last = readings(&[1.0, 2.0, 4.0, 3.0])[3].expect("warm");
        assert!((last - 1.0 / (1.253_314_137_315_5 * 1.75)).abs() < 1e-12, "{last}");
    }

    #[test]
    fn gaps_are_skipped_and_a_constant_series_is_never_odd_until_it_moves() {
        let seen = readings(&[5.0, 5.0, f64::NAN, 5.0, 5.0, 5.1]);
        assert_eq!(seen[2], None);
        assert_eq!(seen[4], Some(0.0));
        assert!(seen[5].is_some_and(|odd| odd > 1e6 && odd.is_finite()));
        assert!(readings(&[1e300, -1e300, 1e300, -1e300, 0.0]).iter().flatten().all(|odd| odd.is_finite()));
    }

    #[test]
    fn an_outlier_is_forgotten_and_a_shift_adopted() {
        let wave = |step: u32| f64::from(step % 7);
        let mut values: Vec<f64> = (0..200).map(wave).collect();
        values[150] = 1e6;
        let seen = readings(&values);
        assert!(seen[150].is_some_and(|odd| odd > 1e4) && seen[156].is_some_and(|odd| odd.abs() < 3.0));
        let shifted: Vec<f64> = (0..200).map(|step| wave(step) + if step < 100 { 0.0 } else { 1e5 }).collect();
        assert!(readings(&shifted)[150].is_some_and(|odd| odd.abs() < 4.0), "within fifty steps");
    }

    #[test]
    fn parameters_are_checked() {
        let wrong = LevelSetting { window: 0, ..LevelSetting::default() };
        assert_eq!(Level::new(wrong).expect_err("empty").parameter, "window");
    }
}
