//! One series with what was expected of it and where it was odd.

use std::cmp::Ordering;

use plotters::element::{Circle, Polygon};
use plotters::style::Color;

use super::legend::Entry;
use super::panel::{Chart, chart, extent, line};
use super::{Area, DrawError, Drawn, along, ink};
use crate::cli::plain::When;
use crate::report::chart::axis::Axis;

/// Stretches that a long series is cut into, of which the extremes are drawn: more than a panel has pixels.
const STRETCHES: usize = 1_000;
/// Radius of the mark of an anomaly, in pixels.
const RADIUS: i32 = 4;

/// One row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// Seconds since 1970, or the plain number.
    pub at: f64,
    /// The value; NaN for a gap.
    pub value: f64,
    /// Lower and upper edge of what was expected; NaN without an opinion.
    pub expected: (f64, f64),
    /// Whether it is an anomaly.
    pub anomaly: bool,
}

/// A series with its verdicts.
#[derive(Debug)]
pub struct Verdicts<'a> {
    /// Name of the series.
    pub name: &'a str,
    /// Name of the values.
    pub value: &'a str,
    /// How instants are shown.
    pub when: When,
    /// The rows in order of time.
    pub points: Vec<Point>,
}

impl Verdicts<'_> {
    /// Rows that are drawn as one.
    fn stretches(&self) -> impl Iterator<Item = &[Point]> {
        self.points.chunks(self.points.len().div_ceil(STRETCHES).max(1))
    }

    /// Of each stretch the least and the largest value in order of time, so that no peak is lost.
    fn extremes(&self) -> impl Iterator<Item = (f64, f64)> {
        self.stretches().flat_map(|stretch| {
            let by_value = |one: &&Point, other: &&Point| one.value.total_cmp(&other.value);
            let known = || stretch.iter().filter(|point| point.value.is_finite());
            let gap = stretch.first().filter(|_| known().next().is_none());
            let (least, largest) = (known().min_by(by_value), known().max_by(by_value));
            let both = match (least, largest) {
                (Some(one), Some(other)) => match one.at.total_cmp(&other.at) {
                    Ordering::Less => [Some(one), Some(other)],
                    Ordering::Equal => [Some(one), None],
                    Ordering::Greater => [Some(other), Some(one)],
                },
                _ => [gap, None],
            };
            both.into_iter().flatten().map(|point| (point.at, point.value))
        })
    }

    /// What was expected, from the lowest lower edge of each stretch to the highest upper one; interrupted where nothing
    /// was expected.
    fn draw_expected(&self, chart: &mut Chart<'_, '_>) -> Result<(), DrawError> {
        let edges: Vec<(f64, f64, f64)> = self
            .stretches()
            .filter_map(|stretch| {
                let known = stretch.iter().filter(|point| point.expected.0.is_finite() && point.expected.1.is_finite());
                let widest = known
                    .map(|point| point.expected)
                    .reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
                    .unwrap_or((f64::NAN, f64::NAN));
                Some((stretch.first()?.at, widest.0, widest.1))
            })
            .collect();
        for stretch in edges.split(|(_, low, _)| low.is_nan()).filter(|stretch| stretch.len() > 1) {
            let below = stretch.iter().map(|(at, low, _)| (*at, *low));
            let above = stretch.iter().rev().map(|(at, _, high)| (*at, *high));
            chart.draw_series([Polygon::new(below.chain(above).collect::<Vec<_>>(), ink::fan())])?;
        }
        Ok(())
    }

    /// Axes that hold everything that is drawn.
    fn axes(&self, time_ticks: f64) -> (Axis, Axis) {
        let all = self.points.iter().flat_map(|point| [point.value, point.expected.0, point.expected.1]);
        let (low, high) = extent(all);
        let (first, last) = extent(self.points.iter().map(|point| point.at));
        let last = if last > first { last } else { first + 1.0 };
        (Axis::of_time(first..last, along(self.when), time_ticks), Axis::of_values(low, high, 5.0))
    }
}

impl Drawn for Verdicts<'_> {
    fn draw(&self, area: &Area<'_>) -> Result<(), DrawError> {
        let (width, _) = area.dim_in_pixel();
        let axes = self.axes(f64::from(width) / 80.0);
        let mut chart = chart(area, (self.name, self.value), self.when, axes)?;
        self.draw_expected(&mut chart)?;
        line(&mut chart, self.extremes(), ink::HISTORY.stroke_width(1))?;
        let odd = self.points.iter().filter(|point| point.anomaly && point.value.is_finite());
        chart.draw_series(odd.map(|point| Circle::new((point.at, point.value), RADIUS, ink::TRUTH.filled())))?;
        Ok(())
    }

    fn legend(_panels: &[Self]) -> Vec<Entry> {
        vec![
            ("values".to_owned(), ink::HISTORY.mix(1.0), 1),
            ("expected".to_owned(), ink::fan(), 6),
            ("anomaly".to_owned(), ink::TRUTH.mix(1.0), RADIUS),
        ]
    }
}
