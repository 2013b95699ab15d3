//! Pictures as SVG: of forecasts, with history, fan, median and, where it is known, the truth; and of verdicts, with values,
//! what was expected of them, and anomalies.
//!
//! Up to [`MOST_PANELS`] series stand side by side, each on axes of its own, because what is read off them is the
//! shape of the fan and not which series is the largest. There is no background, and all inks are of middle lightness
//! so that a picture can be read on a light page as well as on a dark one.

mod legend;
mod panel;
pub mod timeline;
mod verdicts;

use std::fs;
use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::{DrawingArea, IntoDrawingArea, SVGBackend};

use super::exit::{Exit, Failure};
use super::plain::When;
use crate::report::chart::axis::Along;
use crate::report::chart::ink;
use legend::Entry;
pub use panel::{Panel, Placed};
pub use verdicts::{Point, Verdicts};

/// Most series in one picture: beyond a dozen, panels are too small to read.
pub const MOST_PANELS: usize = 12;

/// Size of a panel in pixels, alone and beside others.
const ALONE: (u32, u32) = (960, 440);
const BESIDE: (u32, u32) = (480, 280);

/// Height of the title above and of the legend below all panels.
const TITLE: u32 = 40;
const LEGEND: u32 = 34;

/// What drawing fails with; writing into memory does not fail, but a text of the library might say otherwise.
type DrawError = Box<dyn std::error::Error + Send + Sync>;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// What is shown of one series.
pub trait Drawn: Sized {
    /// Draws it into `area`.
    ///
    /// # Errors
    /// As the library that draws.
    fn draw(&self, area: &Area<'_>) -> Result<(), DrawError>;

    /// Explains the inks that `panels` use.
    fn legend(panels: &[Self]) -> Vec<Entry>;
}

/// What lies along the axis of time of a file.
const fn along(when: When) -> Along {
    match when {
        When::Instants => Along::Time,
        When::Numbers => Along::Steps,
    }
}

/// Writes the picture of `panels` into `path`.
///
/// # Errors
/// [`Failure`] if it cannot be drawn or written.
pub fn write<P: Drawn>(path: &Path, title: &str, panels: &[P]) -> Result<(), Failure> {
    let failed = |why: String| Failure::new(Exit::Partial, format!("cannot draw into {}: {why}", path.display()));
    let picture = svg(title, panels).map_err(|error| failed(error.to_string()))?;
    fs::write(path, picture).map_err(|error| failed(error.to_string()))
}

/// The picture of `panels` under `title`.
fn svg<P: Drawn>(title: &str, panels: &[P]) -> Result<String, DrawError> {
    let columns = match panels.len() {
        0 | 1 => 1,
        2..=4 => 2,
        _ => 3,
    };
    let rows = panels.len().div_ceil(columns).max(1);
    let (width, height) = if panels.len() > 1 { BESIDE } else { ALONE };
    let size = (width * u32::try_from(columns)?, height * u32::try_from(rows)? + TITLE + LEGEND);
    let mut picture = String::new();
    {
        let root = SVGBackend::with_string(&mut picture, size).into_drawing_area();
        let (head, rest) = root.split_vertically(TITLE);
        let (body, foot) = rest.split_vertically(size.1 - TITLE - LEGEND);
        legend::title(&head, title)?;
        for (area, panel) in body.split_evenly((rows, columns)).iter().zip(panels) {
            panel.draw(area)?;
        }
        legend::draw(&foot, P::legend(panels))?;
        root.present()?;
    }
    Ok(picture)
}

#[cfg(test)]
mod tests;
