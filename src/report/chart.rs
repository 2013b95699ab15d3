//! Curves over time as SVG, to stand within a page.
//!
//! Frames and inks are those of the pictures that commands draw ([`mod@frame`], [`ink`]): no background, and inks of middle lightness,
//! so that a chart can be read on a light page as well as on a dark one.

pub mod axis;
pub mod frame;
pub mod ink;

use plotters::element::{Circle, PathElement, Rectangle};
use plotters::prelude::{IntoDrawingArea, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBColor};

use crate::report::chart::axis::{Along, Axis};
use crate::report::chart::frame::{Names, frame};
use crate::report::document::Chart;

/// Pixels across and down, and of the line with the names of the curves.
const SIZE: (u32, u32) = (960, 280);
const LEGEND: u32 = 28;
/// Inks of the curves, in order.
const INKS: [RGBColor; 3] = [ink::FORECAST, ink::TRUTH, ink::HISTORY];

/// What drawing fails with; writing into memory does not fail, but a text of the library might say otherwise.
pub type DrawError = Box<dyn std::error::Error + Send + Sync>;

/// The picture of `chart`, as an `svg` element.
///
/// # Errors
/// As the library that draws.
pub fn svg(chart: &Chart) -> Result<String, DrawError> {
    let mut picture = String::new();
    {
        let root = SVGBackend::with_string(&mut picture, SIZE).into_drawing_area();
        let (body, foot) = root.split_vertically(SIZE.1 - LEGEND);
        let points = || chart.curves.iter().flat_map(|(_, points)| points);
        let (first, last) = extent(points().map(|(at, _)| *at));
        let (low, high) = extent(points().map(|(_, value)| *value).chain([0.0]));
        let (times, values) =
            (Axis::of_time(first..last.max(first + 1.0), Along::Time, 12.0), Axis::of_values(low, high, 5.0));
        let names = Names { title: chart.title, across: None, values: chart.unit };
        let mut drawn = frame(&body, names, Along::Time, (times, values))?;
        for ((_, points), colour) in chart.curves.iter().zip(INKS) {
            let stretches = points.split(|(_, value)| !value.is_finite()).filter(|stretch| !stretch.is_empty());
            for stretch in stretches {
                drawn.draw_series([PathElement::new(stretch.to_vec(), colour.stroke_width(2))])?;
                // A value between two gaps has no line.
                let alone = stretch.iter().filter(|_| stretch.len() == 1);
                drawn.draw_series(alone.map(|point| Circle::new(*point, 3, colour.filled())))?;
            }
        }
        let mut left = 66;
        for ((name, _), colour) in chart.curves.iter().zip(INKS) {
            foot.draw(&Rectangle::new([(left, 11), (left + 22, 14)], colour.filled()))?;
            foot.draw_text(name, &ink::letters(13).pos(Pos::new(HPos::Left, VPos::Center)), (left + 30, 12))?;
            // Letters of Korean are twice as wide.
            let width: i32 = name.chars().map(|letter| if letter.is_ascii() { 7 } else { 13 }).sum();
            left += 54 + width;
        }
        root.present()?;
    }
    // The library begins with a declaration where the page's own holds.
    let start = picture.find("<svg").unwrap_or(0);
    Ok(picture.split_off(start))
}

/// The least and the largest of `values`, gaps left out.
fn extent(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    if low <= high { (low, high) } else { (0.0, 0.0) }
}
