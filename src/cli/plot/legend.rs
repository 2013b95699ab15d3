//! Title above and legend below the panels.

use plotters::element::Rectangle;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBAColor};

use super::panel::Panel;
use super::{Area, DrawError, ink};

/// Pixels from the left of one entry to the next, for each letter of its text and beside it.
const LETTER: i32 = 7;
const BESIDE: i32 = 52;

/// One ink: what it stands for, its colour, and half the height of its sample in pixels.
pub(super) type Entry = (String, RGBAColor, i32);

/// Writes `text` into the middle of `area`.
pub(super) fn title(area: &Area<'_>, text: &str) -> Result<(), DrawError> {
    let (width, height) = area.dim_in_pixel();
    let style = ink::letters(18).pos(Pos::new(HPos::Center, VPos::Center));
    area.draw_text(text, &style, (i32::try_from(width / 2)?, i32::try_from(height / 2)?))?;
    Ok(())
}

/// The inks of forecasts.
pub(super) fn of_forecasts(panels: &[Panel<'_>]) -> Vec<Entry> {
    let mut entries = vec![("history".to_owned(), ink::HISTORY.mix(1.0), 1)];
    if panels.iter().any(|panel| panel.truth.is_some()) {
        entries.push(("truth".to_owned(), ink::TRUTH.mix(1.0), 1));
    }
    if let Some(panel) = panels.first() {
        entries.push((format!("median ({})", panel.forecast.model), ink::FORECAST.mix(1.0), 1));
        entries.extend(intervals(panel));
    }
    entries
}

/// Shows `entries` in the middle of `area`.
pub(super) fn draw(area: &Area<'_>, entries: Vec<Entry>) -> Result<(), DrawError> {
    let width = |text: &str| i32::try_from(text.chars().count()).unwrap_or(0) * LETTER + BESIDE;
    let total: i32 = entries.iter().map(|(text, ..)| width(text)).sum();
    let (across, down) = area.dim_in_pixel();
    let (mut left, middle) = ((i32::try_from(across)? - total) / 2, i32::try_from(down / 2)?);
    for (text, colour, half_height) in entries {
        area.draw(&Rectangle::new([(left, middle - half_height), (left + 22, middle + half_height)], colour.filled()))?;
        let style = ink::letters(13).pos(Pos::new(HPos::Left, VPos::Center));
        area.draw_text(&text, &style, (left + 30, middle))?;
        left += width(&text);
    }
    Ok(())
}

/// The intervals of the fan, widest first. Where they overlap their inks add up.
fn intervals(panel: &Panel<'_>) -> Vec<Entry> {
    let levels = &panel.forecast.levels;
    let low = levels.as_slice().iter().filter(|level| **level < 0.5 && levels.position(1.0 - **level).is_some());
    let entry = |(layer, level): (i32, &f64)| {
        let seen = 1.0 - (1.0 - ink::fan().3).powi(layer);
        (format!("{:.0} %", 100.0 * (1.0 - 2.0 * level)), ink::FORECAST.mix(seen), 6)
    };
    (1..).zip(low).map(entry).collect()
}
