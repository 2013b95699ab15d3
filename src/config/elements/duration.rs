//! Spans of time: `500ms`, `30s`, `10m`, `12h`, `90d`.

use std::time::Duration;

use super::{ElementError, string_element};

/// The schema of a span of time.
pub struct DurationText;

string_element!(
    DurationText,
    "Duration",
    "A span of time: a whole number with its unit ms, s, m, h or d.",
    Some("^[0-9]+(ms|s|m|h|d)$"),
    &["30s", "10m", "90d"]
);

const EXPECTED: &str = "a span of time such as \"30s\", \"10m\" or \"90d\"";

/// The units, longest suffix first so that `ms` is not read as seconds.
const UNITS_MS: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// Reads a whole number with its unit.
///
/// # Errors
/// [`ElementError`] if it is anything else.
pub fn parse(text: &str) -> Result<Duration, ElementError> {
    let wrong = || ElementError::expected(EXPECTED, text);
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = &text[number.len()..];
    let (_, unit_ms) = UNITS_MS.iter().find(|(suffix, _)| *suffix == unit).ok_or_else(wrong)?;
    if !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong());
    }
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_mul(*unit_ms).map(Duration::from_millis).ok_or_else(wrong)
}

/// Reads a span that lies within `least ..= most`.
///
/// # Errors
/// [`ElementError`] if it is no span or lies outside.
pub fn parse_within(text: &str, least: &str, most: &str) -> Result<Duration, ElementError> {
    let span = parse(text)?;
    if span < parse(least)? || span > parse(most)? {
        return Err(ElementError::Impossible(format!("must lie between {least} and {most}, found `{text}`")));
    }
    Ok(span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_have_a_number_and_a_unit() {
        assert_eq!(parse("250ms"), Ok(Duration::from_millis(250)));
        assert_eq!(parse("90d"), Ok(Duration::from_hours(90 * 24)));
        for wrong in ["", "10", "m", "1.5h", "-1s", "10 m", "+1s", "99999999999999999999d", "1w", "ä"] {
            assert!(matches!(parse(wrong), Err(ElementError::Expected { .. })), "{wrong}");
        }
    }

    #[test]
    fn limits_are_inclusive() {
        assert!(parse_within("1m", "1m", "6h").is_ok());
        let error = parse_within("7h", "1m", "6h").map_err(|error| error.to_string());
        assert_eq!(error, Err("must lie between 1m and 6h, found `7h`".into()));
    }
}
