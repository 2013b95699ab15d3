//! An empty chart: its name, its axes, and what lies along them.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::prelude::{DrawingArea, SVGBackend};
use plotters::style::Color;

use crate::report::chart::axis::{Along, Axis};
use crate::report::chart::{DrawError, ink};

/// A chart that curves are drawn into.
pub type Framed<'a, 'b> = ChartContext<'a, SVGBackend<'b>, Cartesian2d<Axis, Axis>>;

/// Pixels below the axis of time: for its labels, and for its name below them.
const LABELS: u32 = 24;
const LABELS_AND_NAME: u32 = 38;

/// What stands around a chart.
#[derive(Debug, Clone, Copy)]
pub struct Names<'n> {
    /// What the chart shows.
    pub title: &'n str,
    /// What lies across; nothing stands there where a reader sees it.
    pub across: Option<&'n str>,
    /// What its values are.
    pub values: &'n str,
}

/// Draws the frame of a chart into `area`.
///
/// # Errors
/// As the library that draws.
pub fn frame<'a, 'b>(
    area: &DrawingArea<SVGBackend<'b>, Shift>,
    names: Names<'_>,
    along: Along,
    (time, values): (Axis, Axis),
) -> Result<Framed<'a, 'b>, DrawError> {
    let (of_time, of_values) = (time.clone(), values.clone());
    let mut framed = ChartBuilder::on(area)
        .caption(names.title, ink::letters(15))
        .margin(10)
        .x_label_area_size(if names.across.is_some() { LABELS_AND_NAME } else { LABELS })
        .y_label_area_size(58)
        .build_cartesian_2d(time, values)?;
    framed
        .configure_mesh()
        .axis_style(ink::TEXT)
        .bold_line_style(ink::grid())
        .light_line_style(ink::TEXT.mix(0.0))
        .label_style(ink::letters(12))
        .axis_desc_style(ink::letters(12))
        .x_desc(names.across.unwrap_or_default())
        .y_desc(names.values)
        .x_label_formatter(&|at| of_time.time_label(*at, along))
        .y_label_formatter(&|value| of_values.value_label(*value))
        .draw()?;
    Ok(framed)
}
