//! Instants and epoch-aligned windows, all UTC. There is no clock here: see [`crate::clock`].

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

/// Microseconds in one second.
const MICROS_PER_SECOND: i64 = 1_000_000;
/// Microseconds in one minute.
const MICROS_PER_MINUTE: i64 = 60 * MICROS_PER_SECOND;
/// Minutes in one hour.
pub const MINUTES_PER_HOUR: u32 = 60;
/// Minutes in one day.
pub const MINUTES_PER_DAY: u32 = 1_440;

/// An instant: microseconds since 1970-01-01T00:00:00Z.
///
/// Negative values (before 1970) can be represented but are refused by every parser of input. As serde data it is that
/// number of microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The instant `micros` microseconds after the epoch.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// The instant `millis` milliseconds after the epoch, saturating at the ends of the range.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// The instant `seconds` seconds after the epoch, saturating at the ends of the range.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(MICROS_PER_SECOND))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since the epoch, rounded towards the past.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Whole seconds since the epoch, rounded towards the past.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// The minute that contains this instant; instants before the epoch fall into minute 0.
    #[must_use]
    pub fn minute(self) -> Minute {
        let minutes = self.0.div_euclid(MICROS_PER_MINUTE);
        Minute(u32::try_from(minutes.max(0)).unwrap_or(u32::MAX))
    }

    /// Second within its minute, 0..=59.
    #[must_use]
    pub fn second_of_minute(self) -> u8 {
        u8::try_from(self.seconds().rem_euclid(60)).unwrap_or(0)
    }

    /// This instant moved by `micros`, saturating.
    #[must_use]
    pub const fn plus_micros(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// This instant moved by `seconds`, saturating.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(MICROS_PER_SECOND)))
    }

    /// Seconds from `earlier` to `self`; negative if `self` is the earlier one.
    #[must_use]
    pub fn seconds_since(self, earlier: Self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "differences are far below 2^53 microseconds")]
        let micros = self.0.saturating_sub(earlier.0) as f64;
        micros / 1e6
    }

    /// Parses RFC 3339 (`2026-11-20T23:54:00Z`, any offset) to UTC; `None` if it is not RFC 3339.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|at| Self(at.timestamp_micros()))
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.timestamp_micros())
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 with as many fractional digits as are needed; raw microseconds out of chrono's range.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::<Utc>::from_timestamp_micros(self.0) {
            Some(at) => f.write_str(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            None => write!(f, "{}us", self.0),
        }
    }
}

/// One epoch-aligned minute: the number of whole minutes since 1970-01-01T00:00Z. As serde data it is
/// that number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Minute(pub u32);

impl Minute {
    /// First instant of the minute.
    #[must_use]
    pub const fn start(self) -> Timestamp {
        Timestamp(self.0 as i64 * MICROS_PER_MINUTE)
    }

    /// First instant after the minute.
    #[must_use]
    pub const fn end(self) -> Timestamp {
        Timestamp((self.0 as i64 + 1) * MICROS_PER_MINUTE)
    }

    /// The minute `n` minutes later, saturating.
    #[must_use]
    pub const fn plus(self, n: u32) -> Self {
        Self(self.0.saturating_add(n))
    }

    /// The minute `n` minutes earlier, saturating at the epoch.
    #[must_use]
    pub const fn minus(self, n: u32) -> Self {
        Self(self.0.saturating_sub(n))
    }

    /// The hour this minute lies in.
    #[must_use]
    pub const fn hour(self) -> Hour {
        Hour(self.0 / MINUTES_PER_HOUR)
    }

    /// The UTC day this minute lies in.
    #[must_use]
    pub const fn day(self) -> Day {
        Day(self.0 / MINUTES_PER_DAY)
    }

    /// First minute of the epoch-aligned window of `width` minutes around this one (`width` >= 1).
    #[must_use]
    pub const fn floor_to(self, width: u32) -> Self {
        let width = if width == 0 { 1 } else { width };
        Self(self.0 / width * width)
    }
}

impl fmt::Display for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.start().fmt(f)
    }
}

/// One epoch-aligned hour: the number of whole hours since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hour(pub u32);

impl Hour {
    /// First minute of the hour.
    #[must_use]
    pub const fn first_minute(self) -> Minute {
        Minute(self.0 * MINUTES_PER_HOUR)
    }

    /// The UTC day this hour lies in.
    #[must_use]
    pub const fn day(self) -> Day {
        Day(self.0 / 24)
    }

    /// Hour of the day, 0..=23.
    #[must_use]
    pub const fn of_day(self) -> u32 {
        self.0 % 24
    }
}

/// One UTC day: the number of whole days since the epoch. Displays as `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day(pub u32);

impl Day {
    /// First minute of the day.
    #[must_use]
    pub const fn first_minute(self) -> Minute {
        Minute(self.0 * MINUTES_PER_DAY)
    }

    /// The day `n` days earlier, saturating at the epoch.
    #[must_use]
    pub const fn minus(self, n: u32) -> Self {
        Self(self.0.saturating_sub(n))
    }

    /// Parses `YYYY-MM-DD`; `None` if it is no day, or one before 1970.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let date = chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        let at = date.and_time(chrono::NaiveTime::MIN).and_utc().timestamp();
        u32::try_from(at / 86_400).ok().filter(|_| at >= 0).map(Self)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match DateTime::<Utc>::from_timestamp(i64::from(self.0) * 86_400, 0) {
            Some(at) => write!(f, "{}", at.format("%Y-%m-%d")),
            None => write!(f, "day-{}", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_hours_and_days_agree_on_their_borders() {
        let at = Timestamp::parse_rfc3339("2026-11-20T23:59:59.999999Z").expect("valid RFC 3339");
        let minute = at.minute();
        assert_eq!(minute.to_string(), "2026-11-20T23:59:00Z");
        assert_eq!(at.second_of_minute(), 59);
        assert_eq!(minute.day().to_string(), "2026-11-20");
        assert_eq!(minute.hour().of_day(), 23);
        assert_eq!(minute.plus(1).day().to_string(), "2026-11-21");
        assert_eq!(minute.end(), minute.plus(1).start());
        assert_eq!(Day::parse("2026-11-20"), Some(minute.day()));
        assert_eq!(["1969-12-31", "2026-02-30", "today"].map(Day::parse), [None; 3]);
    }

    #[test]
    fn offsets_are_normalised_to_utc() {
        let seoul = Timestamp::parse_rfc3339("2026-11-21T08:00:00+09:00");
        assert_eq!(seoul, Timestamp::parse_rfc3339("2026-11-20T23:00:00Z"));
        assert_eq!(Timestamp::parse_rfc3339("2026-11-20 23:00"), None);
    }

    #[test]
    fn instants_before_the_epoch_round_towards_the_past() {
        assert_eq!(Timestamp::from_micros(-1).seconds(), -1);
        assert_eq!(Timestamp::from_micros(-1).minute(), Minute(0));
        assert_eq!(Timestamp::from_seconds(i64::MAX).minute(), Minute(u32::MAX));
    }

    #[test]
    fn windows_are_epoch_aligned() {
        assert_eq!(Minute(1_447).floor_to(5), Minute(1_445));
        assert_eq!(Minute(1_447).floor_to(0), Minute(1_447));
    }
}
