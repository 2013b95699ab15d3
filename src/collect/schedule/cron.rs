//! Cron expressions, in UTC.
//!
//! # Which fields
//! | fields | meaning |
//! |---|---|
//! | 5 | the classic form: minute, hour, day of month, month, day of week |
//! | 6 | a field of seconds in front |
//! | 7 | seconds in front and years behind |
//!
//! In all three, days of the week are numbered as cron does it: 0 and 7 are Sunday, 1 is Monday; names work too. The
//! parser underneath (crate `cron`) counts 1 = Sunday, so numbers are rewritten to names before it sees them: the same
//! field must not mean another day because a field of seconds was added.
//!
//! If day of month and day of week are both restricted, a day that matches either is a match, as in POSIX cron.

use std::str::FromStr;

use chrono::{DateTime, Utc};

use crate::domain::time::Timestamp;

/// Names of the days as cron numbers them, from 0.
const DAYS: [&str; 8] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Why a text is not a cron expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// Neither 5, 6 nor 7 fields.
    #[error(
        "has {0} fields; a cron expression has 5 (minute hour day month weekday), 6 (seconds first) or 7 (year last)"
    )]
    Fields(usize),
    /// A field cannot be read.
    #[error("is not a cron expression: {0}")]
    Syntax(String),
    /// The expression is well formed, but no instant matches it (30 February, a year in the past).
    #[error("never comes due")]
    Never,
}

/// A parsed cron expression.
#[derive(Debug, Clone)]
pub struct CronExpr {
    text: String,
    /// One schedule, or two whose ticks are joined (day of month or day of week).
    schedules: Vec<cron::Schedule>,
}

impl PartialEq for CronExpr {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl CronExpr {
    /// Parses an expression of 5, 6 or 7 fields.
    ///
    /// # Errors
    /// [`CronError`] if the number of fields is another, or a field cannot be read.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let (seconds, rest) = match fields.len() {
            5 => ("0", fields.as_slice()),
            6 | 7 => (fields[0], &fields[1..]),
            other => return Err(CronError::Fields(other)),
        };
        let &[minute, hour, day, month, weekday, ref year @ ..] = rest else {
            return Err(CronError::Fields(fields.len()));
        };
        let year = year.first().copied().unwrap_or("*");
        let weekday = name_days(weekday)?;
        let restricted = |field: &str| !field.starts_with(['*', '?']);
        let combinations = if restricted(day) && restricted(&weekday) {
            vec![(day, "*"), ("*", weekday.as_str())]
        } else {
            vec![(day, weekday.as_str())]
        };
        let schedules = combinations.into_iter().map(|(day, weekday)| {
            let full = format!("{seconds} {minute} {hour} {day} {month} {weekday} {year}");
            cron::Schedule::from_str(&full).map_err(|error| CronError::Syntax(error.to_string()))
        });
        Ok(Self { text: text.to_owned(), schedules: schedules.collect::<Result<_, _>>()? })
    }

    /// Every full minute: the default of every source.
    #[must_use]
    pub fn every_minute() -> Self {
        // The text is fixed and a test parses it; an empty list would mean "never".
        Self::parse("* * * * *").unwrap_or(Self { text: String::new(), schedules: Vec::new() })
    }

    /// The first instant after `now` that matches; `None` if there is none in the years that cron knows (to 2100).
    #[must_use]
    pub fn next_after(&self, now: Timestamp) -> Option<Timestamp> {
        let now = DateTime::<Utc>::from_timestamp_micros(now.micros())?;
        self.schedules.iter().filter_map(|schedule| schedule.after(&now).next()).min().map(Timestamp::from)
    }

    /// Checks that there is a tick after `now`.
    ///
    /// # Errors
    /// [`CronError::Never`] if there is none.
    pub fn check_comes_due(&self, now: Timestamp) -> Result<(), CronError> {
        self.next_after(now).map(|_| ()).ok_or(CronError::Never)
    }

    /// Seconds between the next two ticks after `now`: what a source takes as its usual interval.
    #[must_use]
    pub fn interval_s(&self, now: Timestamp) -> Option<f64> {
        let first = self.next_after(now)?;
        Some(self.next_after(first)?.seconds_since(first))
    }

    /// The text it was parsed from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Rewrites the numbers of a weekday field to names; steps (`*/2`) and lists keep their form.
fn name_days(field: &str) -> Result<String, CronError> {
    let parts = field.split(',').map(|part| {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let ends = range.split('-').map(name_day).collect::<Result<Vec<_>, _>>()?;
        match (ends.as_slice(), step) {
            // `0-6`, `1-7` and `5-7` cross the parser's own week, which begins on Sunday, so ranges become lists.
            ([from, to], step) => days_between(from, to, step),
            (_, Some(step)) => Ok(format!("{}/{step}", ends.join("-"))),
            (_, None) => Ok(ends.join("-")),
        }
    });
    Ok(parts.collect::<Result<Vec<_>, _>>()?.join(","))
}

fn name_day(day: &str) -> Result<String, CronError> {
    match day.parse::<usize>() {
        Ok(number) => DAYS
            .get(number)
            .map(|&name| name.to_owned())
            .ok_or_else(|| CronError::Syntax(format!("day of the week {number} is not in 0 to 7"))),
        Err(_) => Ok(day.to_owned()),
    }
}

/// The days from `from` to `to`, in cron's order of the week with Sunday at either end.
fn days_between(from: &str, to: &str, step: Option<&str>) -> Result<String, CronError> {
    let unknown = |day: &str| CronError::Syntax(format!("`{day}` is not a day of the week"));
    let index = |day: &str| DAYS.iter().position(|name| day.get(..3).is_some_and(|day| day.eq_ignore_ascii_case(name)));
    let first = index(from).ok_or_else(|| unknown(from))?;
    let last = index(to).ok_or_else(|| unknown(to))?;
    let last = if last < first { last + 7 } else { last };
    let step = step.map_or(Ok(1), str::parse::<usize>).ok().filter(|&step| step > 0);
    let step = step.ok_or_else(|| CronError::Syntax("the step of the day of the week is not a number".into()))?;
    // From Sunday to Sunday is the whole week, not one day.
    let last = if from != to || first != 0 { last } else { 6 };
    Ok((first..=last).step_by(step).map(|day| DAYS[day % 7]).collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(expr: &str, after: &str) -> String {
        let after = Timestamp::parse_rfc3339(after).expect("valid RFC 3339");
        CronExpr::parse(expr).expect("valid expression").next_after(after).expect("comes due").to_string()
    }

    #[test]
    fn five_six_and_seven_fields_are_accepted() {
        let now = "2026-11-20T12:00:00Z"; // a Friday
        assert_eq!(next("* * * * *", now), "2026-11-20T12:01:00Z");
        assert_eq!(next("*/5 * * * *", now), "2026-11-20T12:05:00Z");
        assert_eq!(next("*/15 * * * * *", now), "2026-11-20T12:00:15Z");
        assert_eq!(next("0 30 2 1 1 * 2030", now), "2030-01-01T02:30:00Z");
        assert_eq!(CronExpr::every_minute().interval_s(Timestamp::from_seconds(0)), Some(60.0));
    }

    #[test]
    fn weekdays_are_numbered_as_cron_does_it() {
        let friday = "2026-11-20T12:00:00Z";
        assert_eq!(next("0 9 * * 1", friday), "2026-11-23T09:00:00Z");
        assert_eq!(next("0 9 * * 0", friday), "2026-11-22T09:00:00Z");
        assert_eq!(next("0 9 * * 7", friday), "2026-11-22T09:00:00Z");
        assert_eq!(next("0 0 9 * * 1", friday), "2026-11-23T09:00:00Z");
        assert_eq!(next("0 9 * * 6-7", friday), "2026-11-21T09:00:00Z");
        assert_eq!(next("0 9 * * 1-5", friday), "2026-11-23T09:00:00Z");
        assert_eq!(next("0 9 * * Mon-Wed/2", friday), "2026-11-23T09:00:00Z");
    }

    #[test]
    fn day_of_month_or_day_of_week() {
        let friday = "2026-11-20T12:00:00Z";
        assert_eq!(next("0 0 25 * 1", friday), "2026-11-23T00:00:00Z");
        assert_eq!(next("0 0 25 * 1", "2026-11-23T12:00:00Z"), "2026-11-25T00:00:00Z");
    }

    #[test]
    fn what_is_no_expression_is_explained() {
        assert_eq!(CronExpr::parse("* * *"), Err(CronError::Fields(3)));
        assert_eq!(CronExpr::parse(""), Err(CronError::Fields(0)));
        for bad in ["61 * * * *", "a b c d e", "* * * * 8", "* * * * 1-é", "* * * * 1-5/0", "* * * * -", "/ / / / /"] {
            assert!(matches!(CronExpr::parse(bad), Err(CronError::Syntax(_))), "{bad}");
        }
        let never = CronExpr::parse("0 0 30 2 *").expect("well formed");
        assert_eq!(never.check_comes_due(Timestamp::from_seconds(0)), Err(CronError::Never));
    }
}
