//! One series of a picture.

use plotters::element::{PathElement, Polygon};
use plotters::style::{Color, ShapeStyle};

use super::legend::{self, Entry};
use super::{Area, DrawError, Drawn, along, ink};
use crate::cli::plain::When;
use crate::domain::time::Timestamp;
use crate::forecast::history::{Grid, History};
use crate::forecast::output::Forecast;
use crate::report::chart::axis::Axis;
use crate::report::chart::frame::{Framed, Names, frame};

/// Steps of history that are shown for each step that is forecast, and how many at least.
const BEFORE: usize = 2;
const LEAST_BEFORE: usize = 60;

pub(super) type Chart<'a, 'b> = Framed<'a, 'b>;

/// Values on a grid.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// Where the first of them lies.
    pub grid: Grid,
    /// The values; NaN for a gap.
    pub values: &'a [f64],
}

/// A forecast between what was known and, if it is known by now, what came true.
#[derive(Debug)]
pub struct Panel<'a> {
    /// Name of the series.
    pub name: &'a str,
    /// Name of the values.
    pub value: &'a str,
    /// How instants are shown.
    pub when: When,
    /// What was known, at most as much as there is room for.
    pub history: Placed<'a>,
    /// The forecast.
    pub forecast: &'a Forecast,
    /// What came true, where that is known.
    pub truth: Option<&'a [f64]>,
}

impl<'a> Panel<'a> {
    /// The panel of a `forecast` made at the end of `known`.
    #[must_use]
    pub fn new(
        name: &'a str,
        value: &'a str,
        when: When,
        known: &History<'a>,
        forecast: &'a Forecast,
        truth: Option<&'a [f64]>,
    ) -> Self {
        let shown = known.tail((BEFORE * forecast.horizon()).max(LEAST_BEFORE));
        Self { name, value, when, history: Placed { grid: shown.grid, values: shown.values }, forecast, truth }
    }

    fn draw_forecast(&self, chart: &mut Chart<'_, '_>) -> Result<(), DrawError> {
        let grid = self.forecast.grid;
        for low in self.forecast.levels.as_slice().iter().filter(|level| **level < 0.5) {
            let Some((below, above)) = self.forecast.path(*low).zip(self.forecast.path(1.0 - low)) else { continue };
            let border = placed(grid, &below).chain(placed(grid, &above).collect::<Vec<_>>().into_iter().rev());
            chart.draw_series([Polygon::new(border.collect::<Vec<_>>(), ink::fan())])?;
        }
        let median = self.forecast.path(0.5).unwrap_or_else(|| self.forecast.mean.clone());
        line(chart, placed(grid, &median), ink::FORECAST.stroke_width(2))
    }

    /// Axes that hold everything that is drawn, with ticks as far apart as their labels need.
    fn axes(&self, time_ticks: f64) -> (Axis, Axis) {
        let shown =
            [self.history.values, &self.forecast.mean, &self.forecast.quantiles, self.truth.unwrap_or_default()];
        let (low, high) = extent(shown.into_iter().flatten().copied());
        let (first, last) = (seconds(self.history.grid, 0), seconds(self.forecast.grid, self.forecast.horizon()));
        (Axis::of_time(first..last, along(self.when), time_ticks), Axis::of_values(low, high, 5.0))
    }
}

impl Drawn for Panel<'_> {
    fn draw(&self, area: &Area<'_>) -> Result<(), DrawError> {
        let (width, _) = area.dim_in_pixel();
        let axes = self.axes(f64::from(width) / 80.0);
        let mut chart = chart(area, (self.name, self.value), self.when, axes)?;
        self.draw_forecast(&mut chart)?;
        line(&mut chart, placed(self.history.grid, self.history.values), ink::HISTORY.stroke_width(1))?;
        // The truth is joined to the last known value, or the eye sees a gap where there is none.
        if let Some(truth) = self.truth {
            let joined: Vec<f64> = self.history.values.last().into_iter().chain(truth).copied().collect();
            let last = self.history.values.len().saturating_sub(1);
            line(&mut chart, placed(self.history.grid.advanced(last), &joined), ink::TRUTH.stroke_width(2))?;
        }
        Ok(())
    }

    fn legend(panels: &[Self]) -> Vec<Entry> {
        legend::of_forecasts(panels)
    }
}

/// An empty chart under the name of a series, with the name of its values beside it.
pub(super) fn chart<'a, 'b>(
    area: &Area<'b>,
    (title, values): (&str, &str),
    when: When,
    axes: (Axis, Axis),
) -> Result<Chart<'a, 'b>, DrawError> {
    let across = Some(if when == When::Instants { "time (UTC)" } else { "step" });
    frame(area, Names { title, across, values }, along(when), axes)
}

/// The least and the largest of `values`, gaps left out.
pub(super) fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    if low <= high { (low, high) } else { (0.0, 0.0) }
}

/// Seconds since 1970 at the beginning of step `step`.
fn seconds(grid: Grid, step: usize) -> f64 {
    grid.at(step).seconds_since(Timestamp::default())
}

fn placed(grid: Grid, values: &[f64]) -> impl Iterator<Item = (f64, f64)> {
    values.iter().enumerate().map(move |(step, value)| (seconds(grid, step), *value))
}

/// A line that is interrupted by gaps.
pub(super) fn line(
    chart: &mut Chart<'_, '_>,
    points: impl IntoIterator<Item = (f64, f64)>,
    style: ShapeStyle,
) -> Result<(), DrawError> {
    let points: Vec<(f64, f64)> = points.into_iter().collect();
    let stretches = points.split(|(_, value)| !value.is_finite()).filter(|stretch| !stretch.is_empty());
    chart.draw_series(stretches.map(|stretch| PathElement::new(stretch.to_vec(), style)))?;
    Ok(())
}
