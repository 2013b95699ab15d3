//! A level that shifted: when it has settled, and what still belongs to it once it was adopted.
//!
//! Of an odd column's values two exponential means are kept, one of about a quarter of an hour and one of about two
//! hours, and the mean distance from the slow one. The level has settled once it was odd for long enough, nearly without
//! a break, and both means agree to a quarter of the way that it went. A plain comparison of the newest value with an
//! older one would call every noisy column unsettled for ever.
//!
//! An adopted level excuses values up to half of that way around it, so a further shift, or a deeper one, is news.

use serde::{Deserialize, Serialize};

/// Weight of a new value in the means, once there are enough of them.
const FAST: f64 = 1.0 / 15.0;
const SLOW: f64 = 1.0 / 120.0;
/// Share of minutes since the first that must have been odd.
const ODD_SHARE: f64 = 0.9;

/// What an odd column's values settle at. O(1) a minute.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Level {
    /// What was expected when it began.
    origin: f64,
    fast: f64,
    slow: f64,
    deviation: f64,
    minutes: u32,
    odd: u32,
}

impl Level {
    /// A level that begins with `value`, where `expected` was usual (itself where unknown).
    pub(super) fn new(value: f64, expected: f64) -> Self {
        let origin = if expected.is_finite() { expected } else { value };
        Self { origin, fast: value, slow: value, deviation: 0.0, minutes: 0, odd: 0 }
    }

    /// Hears of `minutes` more minutes, of which the last has a value, odd or not.
    pub(super) fn learn(&mut self, minutes: u32, value: f64, is_odd: bool) {
        self.minutes = self.minutes.saturating_add(minutes);
        self.odd = self.odd.saturating_add(u32::from(is_odd));
        let young = 1.0 / f64::from(self.minutes.max(1));
        self.fast += (value - self.fast) * young.max(FAST);
        self.slow += (value - self.slow) * young.max(SLOW);
        self.deviation += ((value - self.slow).abs() - self.deviation) * young.max(SLOW);
    }

    /// Whether it has held for `minutes`.
    pub(super) fn has_settled(&self, minutes: u32) -> bool {
        let way = (self.slow - self.origin).abs();
        let is_steady = (self.fast - self.slow).abs() <= (way / 4.0).max(2.0 * self.deviation);
        self.minutes >= minutes && f64::from(self.odd) >= ODD_SHARE * f64::from(self.minutes) && is_steady
    }

    /// Whether `value` belongs to it, once it is adopted.
    pub(super) fn excuses(&self, value: f64) -> bool {
        let reach = ((self.slow - self.origin).abs() / 2.0).max(4.0 * self.deviation);
        (value - self.slow).abs() <= reach
    }
}

/// A level that was adopted, until the detectors have learnt it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Adopted {
    pub(super) level: Level,
    /// Minutes in a row in which the detectors found nothing odd.
    pub(super) calm: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(values: impl Iterator<Item = f64>) -> Level {
        let mut level = Level::new(200.0, 100.0);
        for value in values {
            level.learn(1, value, true);
        }
        level
    }

    #[test]
    fn a_steady_level_settles_and_a_ramp_does_not() {
        let noisy = |minute: u32| 200.0 + f64::from(minute * 7 % 11) - 5.0;
        assert!(!level((0..359).map(noisy)).has_settled(360));
        let settled = level((0..360).map(noisy));
        assert!(settled.has_settled(360));
        assert!(settled.excuses(240.0) && settled.excuses(160.0) && !settled.excuses(260.0) && !settled.excuses(100.0));
        let ramp = |minute: u32| 200.0 * 1.02f64.powf(f64::from(minute));
        assert!(!level((0..360).map(ramp)).has_settled(360));
    }

    #[test]
    fn a_column_odd_now_and_then_is_no_shift() {
        let mut level = Level::new(200.0, 100.0);
        for minute in 0..400 {
            level.learn(1, 200.0, minute % 2 == 0);
        }
        assert!(!level.has_settled(360));
        let unknown = Level::new(5.0, f64::NAN);
        assert!(unknown.excuses(5.0) && !unknown.excuses(6.0), "no way and no noise excuses nothing but the level");
    }
}
