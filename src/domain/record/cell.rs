//! One value of a record.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use crate::domain::time::Timestamp;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// A finite number.
    Float,
    /// A whole number.
    Integer,
    /// Yes or no.
    Flag,
    /// An instant, to the microsecond.
    Time,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "a text",
            Self::Float => "a number",
            Self::Integer => "a whole number",
            Self::Flag => "a flag",
            Self::Time => "an instant",
        })
    }
}

/// One value. Floats are equal if they are the same bits and ordered by [`f64::total_cmp`], so that every cell can be
/// part of a key.
#[derive(Debug, Clone)]
pub enum Cell {
    /// Nothing is known.
    Null,
    /// Text; clones share it.
    Text(Arc<str>),
    /// A number.
    Float(f64),
    /// A whole number.
    Integer(i64),
    /// Yes or no.
    Flag(bool),
    /// An instant.
    Time(Timestamp),
}

impl Cell {
    /// What it holds; `None` for null.
    #[must_use]
    pub const fn kind(&self) -> Option<Kind> {
        match self {
            Self::Null => None,
            Self::Text(_) => Some(Kind::Text),
            Self::Float(_) => Some(Kind::Float),
            Self::Integer(_) => Some(Kind::Integer),
            Self::Flag(_) => Some(Kind::Flag),
            Self::Time(_) => Some(Kind::Time),
        }
    }

    /// The text; `None` if it is anything else.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The number; `None` if it is anything else.
    #[must_use]
    pub const fn float(&self) -> Option<f64> {
        if let Self::Float(number) = self { Some(*number) } else { None }
    }

    /// The whole number; `None` if it is anything else.
    #[must_use]
    pub const fn integer(&self) -> Option<i64> {
        if let Self::Integer(number) = self { Some(*number) } else { None }
    }

    /// The flag; `None` if it is anything else.
    #[must_use]
    pub const fn flag(&self) -> Option<bool> {
        if let Self::Flag(flag) = self { Some(*flag) } else { None }
    }

    /// The instant; `None` if it is anything else.
    #[must_use]
    pub const fn time(&self) -> Option<Timestamp> {
        if let Self::Time(at) = self { Some(*at) } else { None }
    }
}

impl Ord for Cell {
    /// By value; null first, then by kind.
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(own), Self::Text(other)) => own.cmp(other),
            (Self::Float(own), Self::Float(other)) => own.total_cmp(other),
            (Self::Integer(own), Self::Integer(other)) => own.cmp(other),
            (Self::Flag(own), Self::Flag(other)) => own.cmp(other),
            (Self::Time(own), Self::Time(other)) => own.cmp(other),
            _ => self.kind().map(|kind| kind as u8).cmp(&other.kind().map(|kind| kind as u8)),
        }
    }
}

impl PartialOrd for Cell {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Cell {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Cell {}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text.into())
    }
}

impl From<Arc<str>> for Cell {
    fn from(text: Arc<str>) -> Self {
        Self::Text(text)
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Cell {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<Timestamp> for Cell {
    fn from(at: Timestamp) -> Self {
        Self::Time(at)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    /// `None` is null.
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}
