//! Timestamps as callers write them.

use crate::domain::time::Timestamp;

/// Numbers below this are seconds: 10^11 seconds are the year 5138.
const SECONDS_BELOW: u64 = 100_000_000_000;
/// Numbers below this are milliseconds: 10^11 milliseconds are 1973, long before the first call.
const MILLIS_BELOW: u64 = 100_000_000_000_000;
/// Numbers below this are microseconds.
const MICROS_BELOW: u64 = 100_000_000_000_000_000;

/// The instant that `number` names, its unit told by its size; `None` beyond microseconds.
pub(super) fn from_whole(number: u64) -> Option<Timestamp> {
    let micros_each = unit_micros(number)?;
    Some(Timestamp::from_micros(i64::try_from(number * micros_each).ok()?))
}

/// Microseconds in the unit of a number with this whole part.
const fn unit_micros(whole: u64) -> Option<u64> {
    match whole {
        MICROS_BELOW.. => None,
        MILLIS_BELOW.. => Some(1),
        SECONDS_BELOW.. => Some(1_000),
        _ => Some(1_000_000),
    }
}

/// As [`from_whole`] for a number with a fraction; seconds keep their microseconds.
pub(super) fn from_fraction(number: f64) -> Option<Timestamp> {
    if !number.is_finite() || number < 0.0 {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float casts saturate")]
    let micros_each = unit_micros(number as u64)?;
    #[expect(clippy::cast_precision_loss, reason = "at most a million")]
    #[expect(clippy::cast_possible_truncation, reason = "below 10^17, as the unit was found")]
    Some(Timestamp::from_micros((number * micros_each as f64).round() as i64))
}

/// Parses RFC 3339. The usual form, in UTC with a `Z`, is read here in a few nanoseconds; every other form by chrono.
pub(super) fn from_text(text: &str) -> Option<Timestamp> {
    usual_form(text.as_bytes()).or_else(|| Timestamp::parse_rfc3339(text))
}

/// `YYYY-MM-DDThh:mm:ss[.f]Z` with one to six digits of fraction; `None` for everything else, valid or not.
fn usual_form(text: &[u8]) -> Option<Timestamp> {
    let (head, tail) = text.split_first_chunk::<19>()?;
    let [_, _, _, _, b'-', _, _, b'-', _, _, b'T', _, _, b':', _, _, b':', _, _] = head else { return None };
    let year = digits(&head[..4])?;
    let (month, day) = (digits(&head[5..7])?, digits(&head[8..10])?);
    let (hour, minute, second) = (digits(&head[11..13])?, digits(&head[14..16])?, digits(&head[17..19])?);
    // Days 29 to 31 depend on the month: at the end of a month chrono decides.
    let usual = (1..=12).contains(&month) && (1..=28).contains(&day) && hour < 24 && minute < 60 && second < 60;
    if !usual || year < 1970 {
        return None;
    }
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    Some(Timestamp::from_micros(seconds * 1_000_000 + fraction_micros(tail)?))
}

/// Microseconds of `.f` before the final `Z`.
fn fraction_micros(tail: &[u8]) -> Option<i64> {
    let [fraction @ .., b'Z'] = tail else { return None };
    match fraction {
        [] => Some(0),
        [b'.', places @ ..] if (1..=6).contains(&places.len()) => {
            let scale = 10_i64.pow(u32::try_from(6 - places.len()).ok()?);
            Some(digits(places)? * scale)
        }
        _ => None,
    }
}

fn digits(text: &[u8]) -> Option<i64> {
    text.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

/// Days from 1970-01-01 to a date of the Gregorian calendar, by counting in years that begin in March, so that the
/// leap day is the last of its year (Howard Hinnant, "chrono-compatible low-level date algorithms").
const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month = (month + 9) % 12;
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let day_of_era = year * 365 + year / 4 - year / 100 + year / 400 + day_of_year;
    day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_unit_of_a_number_is_told_by_its_size() {
        let at = Timestamp::parse_rfc3339("2026-11-20T23:54:00Z");
        assert_eq!(from_whole(1_795_218_840), at);
        assert_eq!(from_whole(1_795_218_840_000), at);
        assert_eq!(from_whole(1_795_218_840_000_000), at);
        assert_eq!(from_whole(1_795_218_840_000_000_000), None);
        assert_eq!(from_fraction(1_795_218_840.25).map(Timestamp::micros), Some(1_795_218_840_250_000));
        assert_eq!(from_fraction(1_795_218_840_000.5).map(Timestamp::micros), Some(1_795_218_840_000_500));
        assert_eq!(from_fraction(-1.0), None);
        assert_eq!(from_fraction(f64::INFINITY), None);
    }

    #[test]
    fn forms_that_are_not_rfc_3339_are_refused() {
        for text in ["", "2026-11-20", "2026-11-20 23:54", "2026-13-20T00:00:00Z", "2026-02-30T00:00:00Z", "NaN"] {
            assert_eq!(from_text(text), None, "{text}");
        }
        assert!(from_text("2026-11-20T23:54:00.123456789+09:00").is_some());
        assert!(from_text("2024-02-29T00:00:00Z").is_some());
    }

    proptest! {
        /// For any instant of the years 1970 to 9999, the quick reading is that of chrono.
        #[test]
        fn quick_and_thorough_reading_agree(micros in 0_i64..253_402_300_800_000_000) {
            let text = Timestamp::from_micros(micros).to_string();
            prop_assert_eq!(from_text(&text), Timestamp::parse_rfc3339(&text));
            prop_assert_eq!(from_text(&text), Some(Timestamp::from_micros(micros)));
        }

        /// No text is read quickly and otherwise than chrono reads it.
        #[test]
        fn quick_reading_is_never_wrong(text in "[0-9]{4}-[0-3][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,9})?Z?") {
            if let Some(quick) = usual_form(text.as_bytes()) {
                prop_assert_eq!(Some(quick), Timestamp::parse_rfc3339(&text));
            }
        }
    }
}
