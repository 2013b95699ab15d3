//! Schedules: five fields as in crontab, or more with seconds first and years last.

use std::fmt;
use std::str::FromStr;

use super::{ElementError, string_element};

/// The schema of a schedule.
pub struct CronText;

string_element!(
    CronText,
    "Cron",
    "When to run, in UTC: `minute hour day-of-month month day-of-week` as in crontab, six fields with seconds first, \
     or seven with the year last.",
    None,
    &["* * * * *", "*/5 * * * *", "30 * * * * *", "0 3 * * MON"]
);

/// A schedule that can be read, in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron(String);

impl Cron {
    /// Every full minute.
    #[must_use]
    pub fn every_minute() -> Self {
        Self("* * * * *".to_owned())
    }

    /// At 17 minutes past every sixth hour.
    #[must_use]
    pub fn every_six_hours() -> Self {
        Self("17 */6 * * *".to_owned())
    }

    /// At eight in the morning, every day.
    #[must_use]
    pub fn every_day_at_eight() -> Self {
        Self("0 8 * * *".to_owned())
    }

    /// Every five seconds.
    #[must_use]
    pub fn every_five_seconds() -> Self {
        Self("*/5 * * * * *".to_owned())
    }

    /// Reads a schedule of five, six or seven fields.
    ///
    /// # Errors
    /// [`ElementError`] if it cannot be read.
    pub fn parse(text: &str) -> Result<Self, ElementError> {
        let expected = "a schedule such as \"* * * * *\" (every minute) or \"*/5 * * * *\"";
        let wrong = || ElementError::expected(expected, text);
        let fields: Vec<&str> = text.split_whitespace().collect();
        let (first, weekday, year) = match fields.len() {
            5 => ("0 ", 4, ""),
            6 => ("", 5, ""),
            7 => ("", 5, fields[6]),
            _ => return Err(wrong()),
        };
        // The parser counts the days of the week from Sunday = 1, crontab from Sunday = 0: they are checked here.
        let rest = fields[..weekday].join(" ");
        ::cron::Schedule::from_str(&format!("{first}{rest} * {year}")).map_err(|_| wrong())?;
        if !fields[weekday].split(',').all(is_weekdays) {
            return Err(wrong());
        }
        Ok(Self(text.to_owned()))
    }

    /// The schedule as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether `part` is `*`, a day or a range of days, with or without a step.
fn is_weekdays(part: &str) -> bool {
    const NAMES: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    let day = |day: &str| NAMES.contains(&&*day.to_lowercase()) || matches!(day.as_bytes(), [b'0'..=b'7']);
    let (days, step) = part.split_once('/').unwrap_or((part, "1"));
    let step_is_right = matches!(step.as_bytes(), [b'1'..=b'7']);
    step_is_right && (matches!(days, "*" | "?") || days.split('-').count() <= 2 && days.split('-').all(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules_are_those_of_crontab() {
        for right in ["* * * * *", "*/5 * * * *", "30 * * * * *", "0 3 * * MON-FRI", "0 3 * * 0,6", "0 0 3 1 1 ? 2030"]
        {
            assert_eq!(Cron::parse(right).map(|cron| cron.to_string()), Ok(right.to_owned()));
        }
        for wrong in ["", "every minute", "* * * *", "61 * * * *", "* * * * 8", "* * * * MON-TUE-WED", "@hourly"] {
            assert!(Cron::parse(wrong).is_err(), "{wrong}");
        }
    }
}
