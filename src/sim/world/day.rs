//! The time of day, and how demand and load follow it.

use std::f64::consts::TAU;

use crate::domain::time::Timestamp;

const HOURS_PER_DAY: f64 = 24.0;
const SECONDS_PER_HOUR: f64 = 3_600.0;

/// Which hour of the simulated day a real instant is.
///
/// Only the hour runs faster than the clock: timestamps stay real and a call of two seconds still takes two seconds,
/// because latency that was sped up would no longer be latency. With `speed` 1 it is the real UTC hour.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Day {
    start: Timestamp,
    speed: f64,
}

impl Day {
    /// A day that is at its real UTC hour at `start` and then passes `speed` times as fast as the clock.
    /// A `speed` that is not finite or not positive counts as 1.
    #[must_use]
    pub fn new(start: Timestamp, speed: f64) -> Self {
        Self { start, speed: if speed.is_finite() && speed > 0.0 { speed } else { 1.0 } }
    }

    /// The simulated hour of the day at `now`, 0 ..< 24.
    #[must_use]
    pub fn hour(&self, now: Timestamp) -> f64 {
        let start_hours = self.start.seconds_since(Timestamp::from_seconds(0)) / SECONDS_PER_HOUR;
        let passed_hours = now.seconds_since(self.start) / SECONDS_PER_HOUR;
        (start_hours.rem_euclid(HOURS_PER_DAY) + passed_hours * self.speed).rem_euclid(HOURS_PER_DAY)
    }
}

/// A daily curve with mean 1: a wave with one peak a day, sharpened by a second one with two.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shape {
    /// UTC hour of the peak.
    pub peak_hour: f64,
    /// Height of the first wave, 0 ..= 1. Peak and trough differ by twice as much.
    pub swing: f64,
    /// Height of the second wave; together with `swing` at most 1, so that the curve stays above zero.
    pub second: f64,
}

impl Shape {
    /// The curve at `hour`; its mean over the day is 1.
    #[must_use]
    pub fn at(&self, hour: f64) -> f64 {
        let phase = (hour - self.peak_hour) / HOURS_PER_DAY * TAU;
        // A replay asks for every call, and most curves have one wave.
        let second = if self.second == 0.0 { 0.0 } else { self.second * (2.0 * phase).cos() };
        (1.0 + self.swing * phase.cos() + second).max(0.0)
    }

    /// The largest value the curve takes.
    #[must_use]
    pub fn max(&self) -> f64 {
        1.0 + self.swing.abs() + self.second.abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hour_runs_faster() {
        let start = Timestamp::parse_rfc3339("2026-11-20T23:30:00Z").expect("valid RFC 3339");
        let near = |a: f64, b: f64| (a - b).abs() < 1e-6;
        assert!(near(Day::new(start, 1.0).hour(start), 23.5));
        assert!(near(Day::new(start, 60.0).hour(start.plus_seconds(60)), 0.5), "one minute is an hour, over midnight");
        assert!(near(Day::new(start, f64::NAN).hour(start.plus_seconds(1_800)), 0.0));
    }

    #[test]
    fn shapes_have_mean_one_and_stay_below_their_maximum() {
        let shape = Shape { peak_hour: 14.0, swing: 0.6, second: 0.2 };
        let values: Vec<f64> = (0..1_440).map(|minute| shape.at(f64::from(minute) / 60.0)).collect();
        assert!((values.iter().sum::<f64>() / 1_440.0 - 1.0).abs() < 1e-9);
        assert!(values.iter().all(|value| (0.0..=shape.max()).contains(value)));
        assert!((shape.at(14.0) - shape.max()).abs() < 1e-12);
    }
}
