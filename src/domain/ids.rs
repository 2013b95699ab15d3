//! Names of things, each with its own type and its own check.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Why a text is not a valid name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdError {
    /// The name has no characters.
    #[error("is empty")]
    Empty,
    /// The name is longer than allowed.
    #[error("has {length} bytes; at most {limit} are allowed")]
    TooLong {
        /// Bytes seen.
        length: usize,
        /// Bytes allowed.
        limit: usize,
    },
    /// A control character, a blank at either end, or a line break.
    #[error("holds a character that names may not hold (control character or surrounding blank)")]
    BadCharacter,
}

/// Longest accepted name in bytes; deployment names of every peer fit.
pub const MAX_NAME_BYTES: usize = 200;

fn check(name: &str) -> Result<(), IdError> {
    if name.is_empty() {
        return Err(IdError::Empty);
    }
    if name.len() > MAX_NAME_BYTES {
        return Err(IdError::TooLong { length: name.len(), limit: MAX_NAME_BYTES });
    }
    if name.trim() != name || name.chars().any(char::is_control) {
        return Err(IdError::BadCharacter);
    }
    Ok(())
}

/// The name of a channel: one way to reach a model. Cheap to clone. As serde data it is its text, checked when read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ChannelId(Arc<str>);

impl ChannelId {
    /// Checks and wraps `name`.
    ///
    /// # Errors
    /// [`IdError`] if the name is empty, longer than [`MAX_NAME_BYTES`] or holds control characters or
    /// surrounding blanks.
    pub fn new(name: &str) -> Result<Self, IdError> {
        check(name)?;
        Ok(Self(Arc::from(name)))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ChannelId {
    type Error = IdError;

    fn try_from(name: String) -> Result<Self, IdError> {
        Self::new(&name)
    }
}

impl From<ChannelId> for String {
    fn from(channel: ChannelId) -> Self {
        channel.as_str().to_owned()
    }
}

impl std::borrow::Borrow<str> for ChannelId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The caller's own name for a batch; the same key is counted once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdempotencyKey(Arc<str>);

impl IdempotencyKey {
    /// Checks and wraps `key`.
    ///
    /// # Errors
    /// As [`ChannelId::new`].
    pub fn new(key: &str) -> Result<Self, IdError> {
        check(key)?;
        Ok(Self(Arc::from(key)))
    }

    /// The key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IdempotencyKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked() {
        assert_eq!(ChannelId::new(""), Err(IdError::Empty));
        assert_eq!(ChannelId::new(" a"), Err(IdError::BadCharacter));
        assert_eq!(ChannelId::new("a\nb"), Err(IdError::BadCharacter));
        assert!(matches!(ChannelId::new(&"x".repeat(201)), Err(IdError::TooLong { length: 201, .. })));
        assert_eq!(ChannelId::new("openai/gpt-4o eu").map(|c| c.to_string()), Ok("openai/gpt-4o eu".into()));
    }
}
