//! One value of one row, whatever file it came from, and how it is understood.
//!
//! Every reading returns `Ok(None)` for a missing value: an empty CSV field, a JSON null or absent key, a Parquet
//! null, and NaN in a Parquet float column, because that is how pandas writes a missing number. NaN in text is an
//! error. Problems are the end of a sentence that begins with the column's name.

use std::borrow::Cow;
use std::fmt::Write as _;

use chrono::NaiveDateTime;

use crate::domain::time::Timestamp;

/// One value of one row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// Nothing is there.
    Missing,
    /// A whole number.
    Int(i64),
    /// Any other number; may be infinite.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Text, not empty.
    Text(&'a str),
    /// An instant, from a column whose type says so.
    Instant(Timestamp),
    /// A list or an object, which no field takes.
    Nested,
}

/// The unit of timestamps that are bare numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TsUnit {
    /// Guessed value by value from the size: below 1e11 seconds, below 1e14 milliseconds, below 1e17 microseconds,
    /// else nanoseconds. Right for every instant between 1973 and 5138.
    #[default]
    Auto,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Millis,
    /// Microseconds since 1970.
    Micros,
}

impl TsUnit {
    /// Name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Seconds => "s",
            Self::Millis => "ms",
            Self::Micros => "us",
        }
    }

    /// Microseconds in one unit of `value`.
    fn micros(self, value: f64) -> f64 {
        match self {
            Self::Seconds => 1e6,
            Self::Millis => 1e3,
            Self::Micros => 1.0,
            Self::Auto => match value.abs() {
                size if size < 1e11 => 1e6,
                size if size < 1e14 => 1e3,
                size if size < 1e17 => 1.0,
                _ => 1e-3,
            },
        }
    }
}

impl<'a> Cell<'a> {
    /// A text field: blanks around it do not count, and nothing but blanks is a missing value.
    #[must_use]
    pub fn of_text(text: &'a str) -> Self {
        match text.trim() {
            "" => Self::Missing,
            text => Self::Text(text),
        }
    }

    /// A finite number.
    ///
    /// # Errors
    /// The problem, if the value is no finite number.
    pub fn number(self) -> Result<Option<f64>, String> {
        #[expect(clippy::cast_precision_loss, reason = "measurements fit a float")]
        let number = match self {
            Self::Missing => return Ok(None),
            Self::Int(value) => value as f64,
            Self::Float(value) => value,
            Self::Text(text) => text.parse().map_err(|_| self.is_not("a number"))?,
            Self::Bool(_) | Self::Instant(_) | Self::Nested => return Err(self.is_not("a number")),
        };
        if number.is_finite() { Ok(Some(number)) } else { Err(format!("is {number}, not a finite number")) }
    }

    /// A whole number, 0 or more; `63.0` is one.
    ///
    /// # Errors
    /// The problem, if the value is no such number.
    pub fn whole(self) -> Result<Option<u64>, String> {
        match self {
            Self::Int(value) => u64::try_from(value).map(Some).map_err(|_| format!("is {value}, a negative number")),
            Self::Text(text) if text.bytes().all(|byte| byte.is_ascii_digit()) => {
                text.parse().map(Some).map_err(|_| self.is_not("a number below 2^64"))
            }
            _ => match self.number()? {
                None => Ok(None),
                Some(value) if value < 0.0 => Err(format!("is {value}, a negative number")),
                // Above 2^53 a float does not say which whole number was meant.
                Some(value) if value.fract() != 0.0 || value > 9_007_199_254_740_992.0 => {
                    Err(format!("is {value}, not a whole number"))
                }
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
                Some(value) => Ok(Some(value as u64)),
            },
        }
    }

    /// Yes or no: `true`, `false`, `1`, `0`, `yes`, `no`, in any case.
    ///
    /// # Errors
    /// The problem, if the value is neither.
    pub fn flag(self) -> Result<Option<bool>, String> {
        match self {
            Self::Missing => Ok(None),
            Self::Bool(flag) => Ok(Some(flag)),
            Self::Text(text) if ["true", "yes"].iter().any(|yes| text.eq_ignore_ascii_case(yes)) => Ok(Some(true)),
            Self::Text(text) if ["false", "no"].iter().any(|no| text.eq_ignore_ascii_case(no)) => Ok(Some(false)),
            _ => match self.number() {
                Ok(Some(1.0)) => Ok(Some(true)),
                Ok(Some(0.0)) => Ok(Some(false)),
                _ => Err(self.is_not("true, false, 1 or 0")),
            },
        }
    }

    /// An instant: RFC 3339, the same with a blank for the `T` or without an offset (then UTC), or a number in `unit`.
    ///
    /// # Errors
    /// The problem, if the value is no instant.
    pub fn instant(self, unit: TsUnit) -> Result<Option<Timestamp>, String> {
        match self {
            Self::Missing => Ok(None),
            Self::Instant(at) => Ok(Some(at)),
            Self::Text(text) => {
                if let Some(at) = Timestamp::parse_rfc3339(text).or_else(|| loose_instant(text)) {
                    return Ok(Some(at));
                }
                let number = text.parse::<f64>().map_err(|_| self.is_not("an instant (RFC 3339, or a number)"))?;
                Self::Float(number).instant(unit)
            }
            _ => {
                let Some(number) = self.number()? else { return Ok(None) };
                #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
                Ok(Some(Timestamp::from_micros((number * unit.micros(number)).round() as i64)))
            }
        }
    }

    /// Appends the value as text, as it stands in names and in rules that compare text. A missing value adds nothing.
    pub fn write_to(self, out: &mut String) {
        // Writing to a `String` cannot fail.
        let _infallible = match self {
            Self::Missing | Self::Nested => Ok(()),
            Self::Int(value) => write!(out, "{value}"),
            Self::Float(value) => write!(out, "{value}"),
            Self::Bool(value) => write!(out, "{value}"),
            Self::Instant(value) => write!(out, "{value}"),
            Self::Text(text) => {
                out.push_str(text);
                Ok(())
            }
        };
    }

    /// "is `...`, not WANTED", with long texts cut.
    pub(super) fn is_not(self, wanted: &str) -> String {
        let shown = match self {
            Self::Nested => Cow::from("a list or an object"),
            Self::Missing => Cow::from("missing"),
            _ => {
                let mut text = String::new();
                self.write_to(&mut text);
                if text.chars().count() > 40 {
                    text = text.chars().take(40).chain("...".chars()).collect();
                }
                Cow::from(format!("`{text}`"))
            }
        };
        format!("is {shown}, not {wanted}")
    }
}

/// What pandas, DuckDB and spreadsheets write for RFC 3339: a blank for the `T`, and UTC where no offset is given.
fn loose_instant(text: &str) -> Option<Timestamp> {
    if let Some((day, time)) = text.split_once(' ') {
        let joined = format!("{day}T{time}");
        return Timestamp::parse_rfc3339(&joined).or_else(|| loose_instant(&joined));
    }
    let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"));
    naive.ok().map(|at| Timestamp::from(at.and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_in_every_common_notation_agree() {
        let wanted = Timestamp::parse_rfc3339("2026-11-20T23:00:00Z");
        for text in [
            "2026-11-20T23:00:00Z",
            "2026-11-20 23:00:00+00:00",
            "2026-11-20 23:00:00",
            "2026-11-20T23:00",
            "2026-11-21T08:00:00+09:00",
            "1795215600",
            "1795215600000",
            "1795215600000000",
        ] {
            assert_eq!(Cell::of_text(text).instant(TsUnit::Auto), Ok(wanted), "{text}");
        }
        assert_eq!(Cell::Int(1_795_215_600).instant(TsUnit::Seconds), Ok(wanted));
        assert_eq!(
            Cell::Float(1_795_215_600.25).instant(TsUnit::Auto).map(|at| at.map(Timestamp::millis)),
            Ok(Some(1_795_215_600_250))
        );
        assert!(Cell::of_text("yesterday").instant(TsUnit::Auto).is_err());
    }

    #[test]
    fn numbers_are_taken_at_their_word_or_refused() {
        assert_eq!(Cell::of_text("  ").number(), Ok(None));
        assert_eq!(Cell::of_text("63.0").whole(), Ok(Some(63)));
        assert_eq!(Cell::of_text("18446744073709551615").whole(), Ok(Some(u64::MAX)));
        assert_eq!(Cell::of_text("NaN").number(), Err("is NaN, not a finite number".into()));
        assert_eq!(Cell::Float(f64::INFINITY).number(), Err("is inf, not a finite number".into()));
        assert_eq!(Cell::Int(-5).whole(), Err("is -5, a negative number".into()));
        assert_eq!(Cell::Float(1.5).whole(), Err("is 1.5, not a whole number".into()));
        assert_eq!(Cell::of_text("many").whole(), Err("is `many`, not a number".into()));
        assert!(Cell::of_text("18446744073709551616").whole().is_err());
        assert!(Cell::Nested.number().is_err());
    }

    #[test]
    fn flags_come_in_many_spellings() {
        for yes in [Cell::Bool(true), Cell::Int(1), Cell::Text("TRUE"), Cell::Text("1"), Cell::Float(1.0)] {
            assert_eq!(yes.flag(), Ok(Some(true)));
        }
        assert_eq!(Cell::Text("no").flag(), Ok(Some(false)));
        assert!(Cell::Text("2").flag().is_err_and(|problem| problem.contains("`2`")));
    }
}
