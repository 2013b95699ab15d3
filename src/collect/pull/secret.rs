//! Credentials that cannot be printed by accident.

use std::fmt;
use std::sync::Arc;

/// A secret text, for example a bearer key. `Debug` hides it and there is no `Display`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps `text`; surrounding blanks and the line break at the end of a secret file are dropped.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Arc::from(text.trim()))
    }

    /// The secret itself, for the one place that sends it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_print() {
        let secret = Secret::new("sk-123\n");
        assert_eq!(format!("{secret:?}"), "Secret(***)");
        assert_eq!(secret.reveal(), "sk-123");
    }
}
