//! Days and instants: `2026-11-20` (midnight UTC) or RFC 3339.

use super::{ElementError, string_element};
use crate::domain::time::Timestamp;

/// The schema of a date.
pub struct DateText;

string_element!(
    DateText,
    "Date",
    "A day (its first instant in UTC) or an instant in RFC 3339. Quotes are optional.",
    None,
    &["2026-11-20", "2026-11-20T08:00:00Z"]
);

/// Reads a day or an instant.
///
/// # Errors
/// [`ElementError`] if it is neither.
pub fn parse(text: &str) -> Result<Timestamp, ElementError> {
    let expected = "a date such as 2026-11-20 or 2026-11-20T08:00:00Z";
    Timestamp::parse_rfc3339(text)
        .or_else(|| Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")))
        .ok_or_else(|| ElementError::expected(expected, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_utc() {
        assert_eq!(parse("2026-11-20"), parse("2026-11-20T01:00:00+01:00"));
        assert!(parse("20.11.2026").is_err() && parse("2026-13-01").is_err() && parse("08:00:00").is_err());
    }
}
