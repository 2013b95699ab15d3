//! One JSON value of a known field, and what each field takes it for.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::collect::sources::calls::time;
use crate::domain::call::Outcome;
use crate::domain::time::Timestamp;
use crate::domain::units::{MicroUsd, Millis};

/// The most tokens that one call is believed to have: a hundred times the largest context window on offer.
const MAX_TOKENS: u64 = 1_000_000_000;

/// What is wrong with a value, as the end of a sentence that begins with the field.
pub(super) type Problem = Cow<'static, str>;

/// The value of a known field, before its type is judged.
#[derive(Debug)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Whole(u64),
    /// A whole number below zero.
    Below,
    Fraction(f64),
    Text(Cow<'a, str>),
    List,
    Object,
}

impl<'a> Value<'a> {
    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Whole(_) | Self::Below | Self::Fraction(_) => "a number",
            Self::Text(_) => "a text",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }

    fn not(&self, wanted: &str) -> Problem {
        format!("must be {wanted}, not {}", self.kind()).into()
    }

    pub(super) fn text(self) -> Result<Cow<'a, str>, Problem> {
        match self {
            Self::Text(text) => Ok(text),
            other => Err(other.not("a text")),
        }
    }

    pub(super) fn truth(&self) -> Result<bool, Problem> {
        match self {
            Self::Bool(truth) => Ok(*truth),
            other => Err(other.not("true or false")),
        }
    }

    pub(super) fn number(&self) -> Result<f64, Problem> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "durations and money are far below 2^52")]
            Self::Whole(number) => Ok(*number as f64),
            Self::Below => Err("is negative".into()),
            Self::Fraction(number) => Ok(*number),
            Self::Text(text) if is_not_finite(text) => Err(format!("is `{text}`: leave unknown values out").into()),
            other => Err(other.not("a number")),
        }
    }

    fn whole(&self) -> Result<u64, Problem> {
        match self {
            Self::Whole(number) => Ok(*number),
            Self::Below => Err("is negative".into()),
            Self::Fraction(number) if *number < 0.0 => Err("is negative".into()),
            Self::Fraction(_) => Err("must be a whole number".into()),
            Self::Text(text) if is_not_finite(text) => Err(format!("is `{text}`: leave unknown values out").into()),
            other => Err(other.not("a whole number")),
        }
    }

    pub(super) fn tokens(&self) -> Result<u64, Problem> {
        let tokens = self.whole()?;
        if tokens <= MAX_TOKENS { Ok(tokens) } else { Err(format!("is larger than {MAX_TOKENS} tokens").into()) }
    }

    pub(super) fn small(&self) -> Result<u32, Problem> {
        u32::try_from(self.whole()?).map_err(|_| format!("is larger than {}", u32::MAX).into())
    }

    pub(super) fn millis(&self) -> Result<Millis, Problem> {
        Millis::new(self.number()?).map_err(|error| error.to_string().into())
    }

    /// Seconds on the wire.
    pub(super) fn seconds(&self) -> Result<Millis, Problem> {
        Millis::new(self.number()? * 1_000.0).map_err(|error| error.to_string().into())
    }

    pub(super) fn money(&self) -> Result<MicroUsd, Problem> {
        MicroUsd::from_usd(self.number()?).map_err(|error| error.to_string().into())
    }

    pub(super) fn status(&self) -> Result<u16, Problem> {
        let status = self.whole()?;
        u16::try_from(status)
            .ok()
            .filter(|status| (100..=599).contains(status))
            .ok_or_else(|| format!("is {status}, which is not an HTTP status (100 to 599)").into())
    }

    pub(super) fn outcome(self) -> Result<Outcome, Problem> {
        let name = self.text()?;
        Outcome::parse(&name).ok_or_else(|| {
            let known: Vec<_> = Outcome::ALL.into_iter().map(Outcome::name).collect();
            format!("must be one of {}", known.join(", ")).into()
        })
    }

    pub(super) fn instant(&self) -> Result<Timestamp, Problem> {
        match self {
            Self::Text(text) => time::from_text(text)
                .ok_or_else(|| "is not RFC 3339 (such as 2026-11-20T23:54:00Z) and not a number".into()),
            Self::Whole(number) => time::from_whole(*number).ok_or_else(|| TOO_LARGE.into()),
            Self::Fraction(number) if *number >= 0.0 => time::from_fraction(*number).ok_or_else(|| TOO_LARGE.into()),
            Self::Fraction(_) | Self::Below => Err("is negative".into()),
            other => Err(other.not("RFC 3339 text or a number")),
        }
    }
}

const TOO_LARGE: &str = "is too large: give seconds, milliseconds or microseconds since 1970";

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(truth))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Value::Whole(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(u64::try_from(number).map_or(Value::Below, Value::Whole))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Value::Fraction(number))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        Passed.visit_seq(seq).map(|_| Value::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Passed.visit_map(map).map(|_| Value::Object)
    }
}

/// A value that is read past: checked to be JSON of bearable depth (serde_json stops at 128), and forgotten.
pub(super) struct Passed;

impl<'de> Deserialize<'de> for Passed {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        json.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Passed {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self, A::Error> {
        while seq.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}

/// Whether `text` spells NaN or an infinity, as some writers do.
pub(super) fn is_not_finite(text: &str) -> bool {
    let bare = text.trim_start_matches(['-', '+']);
    ["nan", "inf", "infinity"].iter().any(|name| bare.eq_ignore_ascii_case(name))
}
