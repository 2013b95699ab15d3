//! How a file writes its instants.

use serde_json::Value;

use crate::domain::time::Timestamp;

/// How a file writes its instants, so that answers can be joined with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// As instants, in whatever notation: answers have RFC 3339.
    Instants,
    /// As plain whole numbers too small for seconds since 1973: they count steps, and are kept as so many seconds.
    Numbers,
}

/// Numbers below this are no instants: as seconds since 1970 they would lie before March 1973.
pub(super) const FIRST_INSTANT_S: i64 = 100_000_000;

impl When {
    /// `at` as the file would write it.
    #[must_use]
    pub fn show(self, at: Timestamp) -> String {
        match self {
            Self::Instants => at.to_string(),
            Self::Numbers => at.seconds().to_string(),
        }
    }

    /// `at` as JSON: text for instants, a number for numbers.
    #[must_use]
    pub fn json(self, at: Timestamp) -> Value {
        match self {
            Self::Instants => Value::String(at.to_string()),
            Self::Numbers => Value::from(at.seconds()),
        }
    }
}
