//! Stretches of time: `2026-11-20T08:00:00Z..2026-11-20T09:30:00Z`, the end not in it.

use super::{ElementError, date, string_element};
use crate::domain::time::Timestamp;

/// The schema of a stretch of time.
pub struct StretchText;

string_element!(
    StretchText,
    "Stretch",
    "A stretch of time: two days or instants in RFC 3339 with two dots between them. The second is not in it.",
    Some("^.+\\.\\..+$"),
    &["2026-11-20T08:00:00Z..2026-11-20T09:30:00Z", "2026-11-20..2026-11-21"]
);

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// First instant.
    pub from: Timestamp,
    /// First instant behind it, which is later.
    pub to: Timestamp,
}

/// Reads a stretch whose ends are read by `instant`, for example [`date::parse`].
///
/// # Errors
/// [`ElementError`] if it is none, or ends before it begins.
pub fn parse(text: &str, instant: impl Fn(&str) -> Result<Timestamp, ElementError>) -> Result<Stretch, ElementError> {
    let expected = "a stretch such as 2026-11-20T08:00:00Z..2026-11-20T09:30:00Z";
    let (from, to) = text.split_once("..").ok_or_else(|| ElementError::expected(expected, text))?;
    let (from, to) = (instant(from.trim())?, instant(to.trim())?);
    if from >= to {
        return Err(ElementError::Impossible(format!("must end after it begins, found `{text}`")));
    }
    Ok(Stretch { from, to })
}

/// Reads a stretch between days or instants.
///
/// # Errors
/// As [`parse`].
pub fn of_dates(text: &str) -> Result<Stretch, ElementError> {
    parse(text, date::parse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_ends_after_it_begins() {
        let day = of_dates("2026-11-20..2026-11-21").expect("a day");
        assert!((day.to.seconds_since(day.from) - 86_400.0).abs() < f64::EPSILON);
        assert_eq!(of_dates("2026-11-20T01:00:00+01:00 .. 2026-11-21"), Ok(day));
        for wrong in ["2026-11-20", "2026-11-21..2026-11-20", "2026-11-20..", "a..b"] {
            assert!(of_dates(wrong).is_err(), "{wrong}");
        }
    }
}
