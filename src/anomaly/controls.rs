//! What operators may say about alarms of a series, in their own units.
//!
//! Controls are no part of a detector's state: they may change from one step to the next, and nothing has to be learnt anew.

use serde::{Deserialize, Serialize};

use crate::anomaly::detector::Band;
use crate::domain::time::Timestamp;
use crate::forecast::history::Span;
use crate::forecast::model::ParameterError;

/// Which deviations matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// Too high as well as too low.
    #[default]
    Both,
    /// Only what is too high, such as latency and errors.
    Up,
    /// Only what is too low, such as throughput.
    Down,
}

/// What a step without a value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Missing {
    /// The step is absent, which is told and raises no alarm.
    #[default]
    Tell,
    /// So many absent steps in a row, and every further one, are an anomaly.
    Alarm {
        /// How many.
        after: u32,
    },
}

/// Quiet after an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rest {
    /// Steps after an alarm in which there is no further one ..
    pub steps: u32,
    /// .. unless it is rarer than the first by so many powers of ten.
    pub renewal: f64,
}

/// What operators may say about alarms of a series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Controls {
    /// Alarms a day that a healthy series may raise.
    pub alarms_per_day: f64,
    /// Which deviations matter.
    pub direction: Direction,
    /// Least deviation from what was expected, in the unit of the series.
    pub least_deviation: f64,
    /// The same as a part of what was expected.
    pub least_relative: f64,
    /// Least number of calls behind a value; below it a step is thin. Values whose calls are unknown pass.
    pub least_calls: f64,
    /// What a step without a value means.
    pub missing: Missing,
    /// Quiet after an alarm; none if absent.
    pub rest: Option<Rest>,
    /// Stretches in which nothing is an anomaly and nothing is learnt.
    pub maintenance: Vec<Span>,
}

/// Alarms a day of a healthy series, unless something else is wanted: one in ten days.
pub const ALARMS_PER_DAY: f64 = 0.1;

impl Default for Controls {
    fn default() -> Self {
        Self {
            alarms_per_day: ALARMS_PER_DAY,
            direction: Direction::Both,
            least_deviation: 0.0,
            least_relative: 0.0,
            least_calls: 0.0,
            missing: Missing::Tell,
            rest: None,
            maintenance: Vec::new(),
        }
    }
}

impl Controls {
    /// # Errors
    /// [`ParameterError`] that names the first control outside its range.
    pub fn check(&self) -> Result<(), ParameterError> {
        if !(self.alarms_per_day > 0.0 && self.alarms_per_day.is_finite()) {
            let found = self.alarms_per_day.to_string();
            return Err(ParameterError { parameter: "alarms_per_day", needed: "a number above 0", found });
        }
        let least = [
            ("least_deviation", self.least_deviation),
            ("least_relative", self.least_relative),
            ("least_calls", self.least_calls),
            ("renewal", self.rest.map_or(0.0, |rest| rest.renewal)),
        ];
        match least.into_iter().find(|(_, value)| value.is_nan() || *value < 0.0) {
            Some((parameter, value)) => {
                Err(ParameterError { parameter, needed: "0 or more", found: value.to_string() })
            }
            None => Ok(()),
        }
    }

    /// Whether nothing is to be said of the step that begins at `at`.
    #[must_use]
    pub fn excuses(&self, at: Timestamp) -> bool {
        self.maintenance.iter().any(|stretch| stretch.from <= at && at < stretch.to)
    }

    /// Whether `value` is far enough from what was `expected`, and on a side that matters. Where nothing was expected,
    /// there is no side.
    #[must_use]
    pub fn allow(&self, value: f64, expected: Band) -> bool {
        let off = value - expected.middle;
        if off.is_nan() {
            return true;
        }
        let is_wanted = match self.direction {
            Direction::Both => true,
            Direction::Up => off > 0.0,
            Direction::Down => off < 0.0,
        };
        is_wanted && off.abs() >= self.least_deviation && off.abs() >= self.least_relative * expected.middle.abs()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_deviations_and_the_wrong_side_are_let_pass() {
        let expected = Band::around(100.0, 5.0);
        let controls =
            Controls { direction: Direction::Up, least_deviation: 10.0, least_relative: 0.2, ..Controls::default() };
        let allowed = [90.0, 105.0, 119.0, 121.0, 50.0].map(|value| controls.allow(value, expected));
        assert_eq!(allowed, [false, false, false, true, false]);
        assert!(controls.allow(5.0, Band::UNKNOWN));
    }

    #[test]
    fn maintenance_ends_before_its_end() {
        let (from, to) = (Timestamp::from_seconds(60), Timestamp::from_seconds(120));
        let controls = Controls { maintenance: vec![Span { from, to }], ..Controls::default() };
        assert!(controls.excuses(from) && !controls.excuses(to));
    }

    #[test]
    fn controls_are_checked() {
        let wrong = Controls { least_relative: -0.1, ..Controls::default() };
        assert_eq!(wrong.check().expect_err("negative").parameter, "least_relative");
        assert!(Controls::default().check().is_ok());
    }
}
