//! Axes with ticks where people expect them: at whole hours and days, and at round numbers.

use std::ops::Range;

use chrono::{DateTime, Utc};
use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint, Ranged};

/// What lies along an axis of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Along {
    /// Instants.
    Time,
    /// Plain whole numbers: they count steps, and are kept as so many seconds.
    Steps,
}

/// Distances of ticks in seconds that are whole to a person: minutes, hours, days, weeks, and roughly months.
const SPANS_S: [f64; 20] = [
    1.0,
    10.0,
    60.0,
    300.0,
    600.0,
    1_800.0,
    3_600.0,
    7_200.0,
    10_800.0,
    21_600.0,
    43_200.0,
    86_400.0,
    172_800.0,
    345_600.0,
    604_800.0,
    1_209_600.0,
    2_592_000.0,
    7_776_000.0,
    15_552_000.0,
    31_536_000.0,
];

/// A linear axis with ticks of its own.
#[derive(Debug, Clone)]
pub struct Axis {
    range: Range<f64>,
    tick: f64,
}

impl Axis {
    /// An axis of values, with about `ticks` ticks at round numbers and a little air at both ends.
    #[must_use]
    pub fn of_values(low: f64, high: f64, ticks: f64) -> Self {
        // A constant series still wants an axis of some height.
        let air = if high > low { (high - low) * 0.06 } else { (high.abs() * 0.1).max(1.0) };
        let range = low - air..high + air;
        let tick = round_above((range.end - range.start) / ticks);
        Self { range, tick }
    }

    /// An axis of instants in seconds since 1970, or of plain numbers, with at most `ticks` ticks.
    #[must_use]
    pub fn of_time(range: Range<f64>, along: Along, ticks: f64) -> Self {
        let least = (range.end - range.start) / ticks;
        let tick = match along {
            Along::Time => SPANS_S.into_iter().find(|span| *span >= least).unwrap_or_else(|| round_above(least)),
            Along::Steps => round_above(least).max(1.0),
        };
        Self { range, tick }
    }

    /// The instant `at` as a label: no more of it than tells the ticks apart.
    #[must_use]
    pub fn time_label(&self, at: f64, along: Along) -> String {
        #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
        let second = at.round() as i64;
        if along == Along::Steps {
            return second.to_string();
        }
        let format = match self.tick {
            tick if tick < 60.0 => "%H:%M:%S",
            tick if tick < 86_400.0 && second.rem_euclid(86_400) != 0 => "%H:%M",
            tick if tick < 7_776_000.0 => "%-d %b",
            _ => "%b %Y",
        };
        DateTime::<Utc>::from_timestamp(second, 0).map_or_else(String::new, |at| at.format(format).to_string())
    }

    /// The value `value` as a label: with the prefix k, M or G, and as many decimals as the ticks need.
    #[must_use]
    pub fn value_label(&self, value: f64) -> String {
        let largest = self.range.start.abs().max(self.range.end.abs());
        let (unit, prefix) = match largest {
            size if !(1e-4..1e12).contains(&size) => return format!("{value:.1e}"),
            size if size >= 2e9 => (1e9, "G"),
            size if size >= 2e6 => (1e6, "M"),
            size if size >= 1e4 => (1e3, "k"),
            _ => (1.0, ""),
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 9")]
        let decimals = (-(self.tick / unit).log10().floor()).clamp(0.0, 9.0) as usize;
        // Adding zero turns -0 into 0.
        format!("{:.decimals$}{prefix}", value / unit + 0.0)
    }
}

/// The smallest of 1, 2, 5 times a power of ten that is not below `least`.
fn round_above(least: f64) -> f64 {
    let power = 10f64.powf(least.max(f64::MIN_POSITIVE).log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|factor| factor * power).find(|round| *round >= least).unwrap_or(10.0 * power)
}

impl Ranged for Axis {
    type ValueType = f64;
    type FormatOption = DefaultFormatting;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = (value - self.range.start) / (self.range.end - self.range.start);
        #[expect(clippy::cast_possible_truncation, reason = "float casts saturate, and NaN is 0")]
        let offset = (share * f64::from(limit.1 - limit.0)).round() as i32;
        limit.0.saturating_add(offset)
    }

    fn key_points<Hint: KeyPointHint>(&self, _hint: Hint) -> Vec<f64> {
        let first = (self.range.start / self.tick).ceil() * self.tick;
        let ticks = (0..100).map(|number| first + f64::from(number) * self.tick);
        ticks.take_while(|tick| *tick <= self.range.end).collect()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::coord::ranged1d::KeyPointWeight;

    struct Any;
    impl KeyPointHint for Any {
        fn max_num_points(&self) -> usize {
            10
        }
        fn weight(&self) -> KeyPointWeight {
            KeyPointWeight::Any
        }
        fn bold_points(&self) -> usize {
            10
        }
    }

    #[test]
    fn days_tick_at_midnight_and_hours_in_between() {
        let noon = 1_795_132_800.0 + 43_200.0;
        let axis = Axis::of_time(noon..noon + 86_400.0, Along::Time, 6.0);
        let labels: Vec<String> = axis.key_points(Any).into_iter().map(|at| axis.time_label(at, Along::Time)).collect();
        assert_eq!(labels, ["12:00", "18:00", "21 Nov", "06:00", "12:00"]);
        let axis = Axis::of_time(0.0..748.0, Along::Steps, 6.0);
        assert_eq!(axis.key_points(Any), [0.0, 200.0, 400.0, 600.0]);
    }

    #[test]
    fn values_tick_at_round_numbers() {
        let labels = |low, high| -> Vec<String> {
            let axis = Axis::of_values(low, high, 5.0);
            axis.key_points(Any).into_iter().map(|value| axis.value_label(value)).collect()
        };
        assert_eq!(labels(-1.0, 1.0), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
        assert_eq!(labels(0.0, 30_000.0), ["0k", "10k", "20k", "30k"]);
        assert_eq!(labels(7.0, 7.0), ["6.0", "6.5", "7.0", "7.5", "8.0"]);
    }
}
