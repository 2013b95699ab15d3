//! Query parameters: spans of time, steps and columns, each with a message that says what was expected.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::api::error::ApiError;
use crate::api::state::ApiState;
use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::target::Target;
use crate::domain::time::{Day, Minute, Timestamp};
use crate::forecast::output::Levels;
use crate::incident::fingerprint::Fingerprint;

/// Query parameters of type `T`; what cannot be understood is a problem document.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Query(params) = Query::from_request_parts(parts, state).await?;
        Ok(Self(params))
    }
}

/// The channel named by the last variable of the path, percent-encoded where it holds a slash.
#[derive(Debug)]
pub struct ChannelPath(pub ChannelId);

impl<S: Send + Sync> FromRequestParts<S> for ChannelPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(name) = Path::<String>::from_request_parts(parts, state).await?;
        channel(&name).map(Self)
    }
}

/// The channel and the forecast series named by the two variables of the path.
#[derive(Debug)]
pub struct TargetPath(pub ChannelId, pub Target);

impl<S: Send + Sync> FromRequestParts<S> for TargetPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path((name, column)) = Path::<(String, String)>::from_request_parts(parts, state).await?;
        Ok(Self(channel(&name)?, target(&column)?))
    }
}

/// The channel called `name`.
///
/// # Errors
/// [`ApiError::Invalid`] if no channel can be called that.
pub fn channel(name: &str) -> Result<ChannelId, ApiError> {
    ChannelId::new(name).map_err(|error| ApiError::Invalid(format!("the channel's name {error}")))
}

/// Checks that `channel` is configured or was ever seen.
///
/// # Errors
/// [`ApiError::NotFound`] if not.
pub fn known(api: &ApiState, channel: &ChannelId) -> Result<(), ApiError> {
    if api.engine().admission().known.contains(channel) {
        return Ok(());
    }
    Err(ApiError::NotFound(format!("there is no channel `{channel}`; `/v1/channels` lists those there are")))
}

/// A span of whole minutes, `[from, to)`, in steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First minute, on a border of the step.
    pub from: Minute,
    /// First minute after the span.
    pub to: Minute,
    /// Minutes per point, at least 1.
    pub step_minutes: u32,
}

impl Span {
    /// Reads `from` (default: an hour before `to`), `to` (default: now) and `step` (default: one minute).
    ///
    /// Both ends are widened to whole minutes, and the first to a border of the step, so that equal questions asked
    /// at different seconds have equal points.
    ///
    /// # Errors
    /// [`ApiError::Invalid`] naming the parameter and what was expected.
    pub fn parse(from: Option<&str>, to: Option<&str>, step: Option<&str>, now: Timestamp) -> Result<Self, ApiError> {
        let to = to.map_or(Ok(now), |text| instant("to", text, now))?;
        let from = from.map_or(Ok(to.plus_seconds(-3_600)), |text| instant("from", text, now))?;
        let step_minutes = step.map_or(Ok(1), step_minutes)?;
        if from >= to {
            return Err(ApiError::Invalid(format!("`from` ({from}) must be earlier than `to` ({to})")));
        }
        let end = to.plus_micros(-1).minute().plus(1);
        Ok(Self { from: from.minute().floor_to(step_minutes), to: end, step_minutes })
    }

    /// Points in the span.
    #[must_use]
    pub const fn points(self) -> usize {
        self.to.0.saturating_sub(self.from.0).div_ceil(self.step_minutes) as usize
    }

    /// Checks that the span times `series` stays within `limit` values.
    ///
    /// # Errors
    /// [`ApiError::Invalid`] with the number asked for and the number allowed.
    pub fn check_values(self, series: usize, limit: usize) -> Result<(), ApiError> {
        let values = self.points().saturating_mul(series);
        if values > limit {
            return Err(ApiError::Invalid(format!(
                "this asks for {values} values, at most {limit} are answered: \
                 take a larger `step`, fewer columns or a shorter span"
            )));
        }
        Ok(())
    }
}

/// An instant: RFC 3339, or relative to now (`-90m`, `now`).
fn instant(name: &str, text: &str, now: Timestamp) -> Result<Timestamp, ApiError> {
    if text == "now" {
        return Ok(now);
    }
    let parsed = match text.strip_prefix('-') {
        Some(ago) => seconds(ago).map(|seconds| now.plus_seconds(-seconds)),
        // A plus sign of an offset that was not percent-encoded arrives as a blank.
        None => Timestamp::parse_rfc3339(&text.replace(' ', "+")),
    };
    parsed.filter(|at| at.micros() >= 0).ok_or_else(|| {
        ApiError::Invalid(format!(
            "`{name}` is `{text}`; expected RFC 3339 such as `2026-11-20T10:00:00Z`, `now`, or an age such as `-90m`, \
             `-6h`, `-7d`"
        ))
    })
}

/// A step: whole minutes up to a year.
fn step_minutes(text: &str) -> Result<u32, ApiError> {
    let whole_minutes = |seconds: i64| u32::try_from(seconds / 60).ok().filter(|_| seconds % 60 == 0);
    seconds(text).and_then(whole_minutes).filter(|minutes| (1..=525_600).contains(minutes)).ok_or_else(|| {
        ApiError::Invalid(format!("`step` is `{text}`; expected whole minutes such as `1m`, `5m`, `1h`, `1d`"))
    })
}

/// A duration of a number and a unit (`s`, `m`, `h`, `d`, `w`), in seconds.
fn seconds(text: &str) -> Option<i64> {
    let unit = text.chars().next_back()?;
    let digits = text.strip_suffix(unit)?;
    let factor = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse::<i64>().ok()?.checked_mul(factor)
}

/// A duration of whole minutes up to `most`.
///
/// # Errors
/// [`ApiError::Invalid`] naming the parameter and what was expected.
pub fn minutes(name: &str, text: &str, most: u32) -> Result<u32, ApiError> {
    let whole_minutes = |seconds: i64| u32::try_from(seconds / 60).ok().filter(|_| seconds % 60 == 0);
    seconds(text).and_then(whole_minutes).filter(|minutes| (1..=most).contains(minutes)).ok_or_else(|| {
        ApiError::Invalid(format!("`{name}` is `{text}`; expected whole minutes up to {most}, such as `15m` or `1h`"))
    })
}

/// How many: `asked`, or `usual` if nothing was, at most `most`.
///
/// # Errors
/// [`ApiError::Invalid`] if none or too many are asked for.
pub fn limit(asked: Option<usize>, usual: usize, most: usize) -> Result<usize, ApiError> {
    let limit = asked.unwrap_or(usual);
    if (1..=most).contains(&limit) {
        return Ok(limit);
    }
    Err(ApiError::Invalid(format!("`limit` is {limit}; expected a whole number from 1 to {most}")))
}

/// The fingerprint that `text` shows.
///
/// # Errors
/// [`ApiError::Invalid`] if it shows none.
pub fn fingerprint(text: &str) -> Result<Fingerprint, ApiError> {
    Fingerprint::parse(text).ok_or_else(|| {
        ApiError::Invalid(format!("`{text}` is no fingerprint; expected 16 hexadecimal digits, as incidents carry it"))
    })
}

/// Probabilities separated by commas.
///
/// # Errors
/// [`ApiError::Invalid`] if one is not strictly between 0 and 1.
pub fn levels(text: &str) -> Result<Levels, ApiError> {
    let wrong = || ApiError::Invalid(format!("`levels` is `{text}`; expected probabilities such as `0.05,0.5,0.95`"));
    let levels: Option<Vec<f64>> = text.split(',').map(|level| level.trim().parse().ok()).collect();
    levels.filter(|levels| levels.len() <= 99).and_then(|levels| Levels::new(levels).ok()).ok_or_else(wrong)
}

/// The forecast series called `name`.
///
/// # Errors
/// [`ApiError::Invalid`] listing the names there are.
pub fn target(name: &str) -> Result<Target, ApiError> {
    Target::parse(name).ok_or_else(|| {
        let known: Vec<_> = Target::ALL.iter().map(|target| target.name()).collect();
        ApiError::Invalid(format!("`{name}` is not forecast; there are {}", known.join(", ")))
    })
}

/// A UTC day.
///
/// # Errors
/// [`ApiError::Invalid`] naming the parameter and what was expected.
pub fn day(name: &str, text: &str) -> Result<Day, ApiError> {
    let wrong = || ApiError::Invalid(format!("`{name}` is `{text}`; expected a day such as `2026-11-21`"));
    Day::parse(text).ok_or_else(wrong)
}

/// The column called `name`.
///
/// # Errors
/// [`ApiError::Invalid`] listing the names there are.
pub fn column(name: &str) -> Result<Column, ApiError> {
    Column::parse(name).ok_or_else(|| {
        let known: Vec<_> = Column::ALL.iter().map(|column| column.name()).collect();
        ApiError::Invalid(format!("`{name}` is not a column; there are {}", known.join(", ")))
    })
}

/// The columns named in `text`, separated by commas, without repetitions and in the order named.
///
/// # Errors
/// As [`column()`].
pub fn columns(text: &str) -> Result<Vec<Column>, ApiError> {
    let mut columns = Vec::new();
    for name in text.split(',').map(str::trim) {
        let column = column(name)?;
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        Timestamp::parse_rfc3339("2026-11-20T12:34:56Z").expect("valid RFC 3339")
    }

    fn span(from: &str, to: &str, step: &str) -> Result<(String, String, usize), String> {
        let span = Span::parse(Some(from), Some(to), Some(step), now()).map_err(|error| error.to_string())?;
        Ok((span.from.to_string(), span.to.to_string(), span.points()))
    }

    #[test]
    fn spans_are_widened_to_whole_minutes_and_steps() {
        let expected = ("2026-11-20T11:30:00Z".to_owned(), "2026-11-20T12:35:00Z".to_owned(), 13);
        assert_eq!(span("-1h", "now", "5m"), Ok(expected));
        let day = span("2026-11-19T00:00:00Z", "2026-11-20T00:00:00Z", "1h");
        assert_eq!(day.map(|(.., points)| points), Ok(24));
        let offset = span("2026-11-20T20:00:00 09:00", "-1s", "1m").map(|(from, ..)| from);
        assert_eq!(offset, Ok("2026-11-20T11:00:00Z".to_owned()));
        let default = Span::parse(None, None, None, now()).expect("defaults are valid");
        assert_eq!((default.points(), default.step_minutes), (61, 1));
    }

    #[test]
    fn what_cannot_be_understood_is_named() {
        for (from, to, step, named) in [
            ("yesterday", "now", "1m", "`from` is `yesterday`"),
            ("-1h", "2026-11-20", "1m", "`to` is `2026-11-20`"),
            ("-1h", "now", "90s", "`step` is `90s`"),
            ("-1h", "now", "0m", "`step` is `0m`"),
            ("-1h", "now", "99999999999999999999h", "`step` is"),
            ("-99999999999w", "now", "1m", "`from` is"),
            ("now", "-1h", "1m", "must be earlier"),
            ("-+1h", "now", "1m", "`from` is"),
            ("-1µ", "now", "1m", "`from` is"),
        ] {
            let answer = span(from, to, step);
            assert!(answer.as_ref().is_err_and(|message| message.contains(named)), "{from} {to} {step}: {answer:?}");
        }
        assert!(columns("requests,nope").is_err_and(|error| error.to_string().contains("latency_p95_ms")));
        assert_eq!(columns("requests, errors,requests").map(|list| list.len()).ok(), Some(2));
    }

    #[test]
    fn answers_are_bounded() {
        let span = Span::parse(Some("-7d"), None, None, now()).expect("valid span");
        assert!(span.check_values(1, 11_000).is_ok());
        assert!(span.check_values(5, 11_000).is_err_and(|error| error.to_string().contains("larger `step`")));
    }
}
