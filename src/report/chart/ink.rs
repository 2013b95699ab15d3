//! Colours and letters.

use plotters::style::{Color, RGBAColor, RGBColor, TextStyle};

/// Text and axes: readable on white and on near-black alike (4.5 to 1 on either).
pub const TEXT: RGBColor = RGBColor(118, 118, 118);
/// What was known.
pub const HISTORY: RGBColor = RGBColor(136, 136, 136);
/// Median and fan.
pub const FORECAST: RGBColor = RGBColor(52, 126, 196);
/// What came true. Orange and blue stay apart for every kind of colour blindness.
pub const TRUTH: RGBColor = RGBColor(222, 110, 35);

/// Lines of the grid.
#[must_use]
pub fn grid() -> RGBAColor {
    TEXT.mix(0.2)
}

/// One interval of the fan. They lie on top of each other, so the middle is the darkest.
#[must_use]
pub fn fan() -> RGBAColor {
    FORECAST.mix(0.2)
}

/// Letters of `size` pixels, in whatever the reader's system calls sans-serif.
#[must_use]
pub fn letters(size: u32) -> TextStyle<'static> {
    TextStyle::from(("sans-serif", size)).color(&TEXT)
}
