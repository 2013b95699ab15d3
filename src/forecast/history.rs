//! What a model is fitted to: a regular, gap-aware stretch of one series.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// Where the steps of a regular series lie in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grid {
    /// First instant of step 0.
    pub start: Timestamp,
    /// Length of a step in seconds, at least 1.
    pub step_s: u32,
}

impl Grid {
    /// First instant of step `index`.
    #[must_use]
    pub fn at(&self, index: usize) -> Timestamp {
        let steps = i64::try_from(index).unwrap_or(i64::MAX);
        self.start.plus_seconds(steps.saturating_mul(i64::from(self.step_s)))
    }

    /// First instant of the step `steps` steps before step 0.
    #[must_use]
    pub fn before(&self, steps: usize) -> Timestamp {
        let steps = i64::try_from(steps).unwrap_or(i64::MAX);
        self.start.plus_seconds(steps.saturating_mul(i64::from(self.step_s)).saturating_neg())
    }

    /// The grid that begins `steps` steps later.
    #[must_use]
    pub fn advanced(&self, steps: usize) -> Self {
        Self { start: self.at(steps), step_s: self.step_s }
    }
}

/// A stretch of time, from its first instant to the first one behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// First instant.
    pub from: Timestamp,
    /// First instant behind it.
    pub to: Timestamp,
}

impl Span {
    /// Whether the step that begins at `at` and takes `step_s` seconds lies in it, if only by a part.
    fn touches(&self, at: Timestamp, step_s: u32) -> bool {
        at < self.to && self.from < at.plus_seconds(i64::from(step_s))
    }
}

/// A regular stretch of one series, oldest step first. A gap is NaN; infinite values have no place here and are
/// read as gaps.
#[derive(Debug, Clone, Copy)]
pub struct History<'a> {
    /// Where the steps lie.
    pub grid: Grid,
    /// One value a step; NaN where nothing is known.
    pub values: &'a [f64],
    /// How many calls stand behind each value, where that is known: the noise of a value falls with their number.
    pub counts: Option<&'a [f64]>,
}

impl<'a> History<'a> {
    /// A history without counts.
    #[must_use]
    pub const fn new(grid: Grid, values: &'a [f64]) -> Self {
        Self { grid, values, counts: None }
    }

    /// The same history with the number of calls behind each value; ignored if the lengths differ.
    #[must_use]
    pub fn with_counts(self, counts: &'a [f64]) -> Self {
        Self { counts: (counts.len() == self.values.len()).then_some(counts), ..self }
    }

    /// The values with gaps in place of steps that lie in one of `abnormal`, if only by a part: an incident or a
    /// maintenance that is known must neither bend a fit nor count as noise. Everything else keeps its place in time.
    #[must_use]
    pub fn without(&self, abnormal: &[Span]) -> Vec<f64> {
        let is_abnormal = |step: usize| {
            let at = self.grid.at(step);
            abnormal.iter().any(|span| span.touches(at, self.grid.step_s))
        };
        let kept = |(step, &value): (usize, &f64)| if is_abnormal(step) { f64::NAN } else { value };
        self.values.iter().enumerate().map(kept).collect()
    }

    /// Steps, gaps included.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no step at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Steps that are not gaps.
    #[must_use]
    pub fn observed(&self) -> usize {
        self.values.iter().filter(|value| value.is_finite()).count()
    }

    /// The first `len` steps: what was known then.
    #[must_use]
    pub fn until(&self, len: usize) -> Self {
        let len = len.min(self.len());
        Self { grid: self.grid, values: &self.values[..len], counts: self.counts.map(|counts| &counts[..len]) }
    }

    /// The last `len` steps.
    #[must_use]
    pub fn tail(&self, len: usize) -> Self {
        let from = self.len().saturating_sub(len);
        Self {
            grid: self.grid.advanced(from),
            values: &self.values[from..],
            counts: self.counts.map(|counts| &counts[from..]),
        }
    }

    /// Step `index` as a model is told of it.
    #[must_use]
    pub fn observation(&self, index: usize) -> Observation {
        let value = self.values.get(index).copied().filter(|value| value.is_finite());
        Observation { value: value.unwrap_or(f64::NAN), count: self.counts.map_or(f64::NAN, |counts| counts[index]) }
    }
}

/// The news of one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Observation {
    /// The value; NaN for a gap.
    pub value: f64,
    /// Calls behind the value; NaN where unknown.
    pub count: f64,
}

impl Observation {
    /// A value about whose calls nothing is known.
    #[must_use]
    pub const fn of(value: f64) -> Self {
        Self { value, count: f64::NAN }
    }

    /// Whether this step has a value.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.value.is_finite()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tail_starts_later_and_gaps_stay_gaps() {
        let values = [1.0, f64::NAN, f64::INFINITY, 4.0];
        let history = History::new(Grid { start: Timestamp::from_seconds(0), step_s: 60 }, &values);
        assert_eq!(history.observed(), 2);
        let tail = history.tail(2);
        assert_eq!(tail.grid.start, Timestamp::from_seconds(120));
        assert!(!tail.observation(0).is_known(), "an infinite value is a gap");
        assert_eq!(tail.observation(1).value.to_bits(), 4.0f64.to_bits());
        assert_eq!(history.until(1).len(), 1);
    }

    #[test]
    fn what_is_known_to_be_abnormal_becomes_a_gap() {
        let history = History::new(Grid { start: Timestamp::from_seconds(0), step_s: 60 }, &[1.0, 2.0, 3.0, 4.0, 5.0]);
        let span = |from: i64, to: i64| Span { from: Timestamp::from_seconds(from), to: Timestamp::from_seconds(to) };
        let kept = |abnormal: &[Span]| format!("{:?}", history.without(abnormal));
        assert_eq!(kept(&[]), "[1.0, 2.0, 3.0, 4.0, 5.0]");
        assert_eq!(kept(&[span(60, 120)]), "[1.0, NaN, 3.0, 4.0, 5.0]", "the end is not in it");
        assert_eq!(kept(&[span(-50, 1), span(119, 130)]), "[NaN, NaN, NaN, 4.0, 5.0]", "a part of a step is enough");
        assert_eq!(kept(&[span(240, 9_000), span(180, 120)]), "[1.0, 2.0, 3.0, 4.0, NaN]", "a reversed span is empty");
    }
}
