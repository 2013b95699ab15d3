//! Secrets: named in the configuration, kept outside of it, shown to nobody.

use std::fmt;
use std::fs;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use crate::config::environment;

/// Longest secret in bytes; a longer file is not a secret but a mistake.
const MAX_SECRET_BYTES: usize = 64 * 1024;

/// Where a secret is kept, as written: `{ env = "NAME" }` or `{ file = "PATH" }`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("x-expected" = "{ env = \"NAME\" } or { file = \"PATH\" }: secrets are kept outside of this file"))]
pub struct SecretRef {
    /// Name of the environment variable that holds it.
    pub env: Option<String>,
    /// Path of the file that holds it; blanks and line breaks at its end are not part of it.
    pub file: Option<PathBuf>,
}

impl SecretRef {
    /// Checks that exactly one place is named, and that the name can be one.
    ///
    /// # Errors
    /// What is wrong. A name that cannot be one is not repeated: it may be the secret itself.
    pub fn check(&self) -> Result<(), String> {
        match (&self.env, &self.file) {
            (Some(name), None) if is_variable_name(name) => Ok(()),
            (Some(_), None) => Err("`env` must be the name of an environment variable (letters, digits and `_`), \
                                    not the secret itself"
                .to_owned()),
            (None, Some(_)) => Ok(()),
            (Some(_), Some(_)) => Err("name either `env` or `file`, not both".to_owned()),
            (None, None) => Err("name the place of the secret: `env` or `file`".to_owned()),
        }
    }
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.env, &self.file) {
            (Some(name), _) => write!(f, "environment variable {name}"),
            (_, Some(path)) => write!(f, "file {}", path.display()),
            (None, None) => f.write_str("nowhere"),
        }
    }
}

fn is_variable_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Reads a secret from its place.
pub(in crate::config) fn read(place: &SecretRef) -> Result<String, String> {
    let text = match (&place.env, &place.file) {
        (Some(name), _) => {
            environment::variable(name).ok_or_else(|| format!("the environment variable `{name}` is not set"))?
        }
        (_, Some(path)) => fs::read_to_string(path)
            .map_err(|error| format!("cannot read the secret in {}: {error}", path.display()))?,
        (None, None) => String::new(),
    };
    let secret = text.trim_end();
    if secret.is_empty() || secret.len() > MAX_SECRET_BYTES || secret.contains(['\n', '\r', '\0']) {
        return Err(format!("the secret in the {place} is empty, longer than 64 KiB or not a single line"));
    }
    Ok(secret.to_owned())
}

/// A secret. Printing, logging and serialising it show where it is kept, never what it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    place: SecretRef,
    value: String,
}

impl Secret {
    /// The secret `value` that is kept at `place`.
    #[must_use]
    pub const fn new(place: SecretRef, value: String) -> Self {
        Self { place, value }
    }

    /// The value itself, for the one who sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.value
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[secret in {}]", self.place)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Secret {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(name: &str) -> SecretRef {
        SecretRef { env: Some(name.to_owned()), file: None }
    }

    #[test]
    fn a_secret_is_never_shown() {
        let secret = Secret::new(env("KEY"), "hunter2".to_owned());
        let shown = format!("{secret} {secret:?} {}", serde_json::to_string(&secret).expect("a string"));
        assert!(!shown.contains("hunter2") && shown.contains("environment variable KEY"), "{shown}");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn a_place_is_named_exactly_once_and_a_secret_in_its_stead_is_not_repeated() {
        assert_eq!(env("LITELLM_KEY").check(), Ok(()));
        let both = SecretRef { file: Some("/k".into()), ..env("KEY") };
        assert!(both.check().is_err() && SecretRef::default().check().is_err());
        assert!(env("sk-proj-hunter2").check().is_err_and(|message| !message.contains("hunter2")));
    }

    #[test]
    fn files_are_read_without_their_last_line_break() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let place = SecretRef { env: None, file: Some(file.path().to_owned()) };
        fs::write(file.path(), "hunter2\n").expect("written");
        assert_eq!(read(&place), Ok("hunter2".into()));
        fs::write(file.path(), "one\ntwo\n").expect("written");
        assert!(read(&place).is_err_and(|message| !message.contains("two")));
        assert!(read(&env("FOREROUTE_TEST_NO_SUCH_VARIABLE")).is_err_and(|message| message.contains("not set")));
    }
}
