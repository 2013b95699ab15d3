//! One kind of setting per file: how it is written, what was expected if it is not, and its JSON Schema.

pub mod address;
pub mod cron;
pub mod date;
pub mod duration;
pub mod secret;
pub mod size;
pub mod stretch;
pub mod target;
pub mod url;

/// Why a text is not a setting of its kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ElementError {
    /// The text is something else.
    #[error("expected {expected}, found `{found}`")]
    Expected {
        /// What was expected, with an example.
        expected: &'static str,
        /// What stands there.
        found: String,
    },
    /// The text is of the right kind but says something that cannot be.
    #[error("{0}")]
    Impossible(String),
}

impl ElementError {
    fn expected(expected: &'static str, found: &str) -> Self {
        Self::Expected { expected, found: found.to_owned() }
    }
}

/// A string schema: what it means, what it looks like.
fn string_schema(description: &str, pattern: Option<&str>, examples: &[&str]) -> schemars::Schema {
    let mut schema = schemars::json_schema!({ "type": "string", "description": description, "examples": examples });
    if let Some(pattern) = pattern {
        schema.insert("pattern".to_owned(), pattern.into());
    }
    schema
}

/// Declares the schema of an element that is written as a string.
macro_rules! string_element {
    ($type:ident, $name:literal, $description:literal, $pattern:expr, $examples:expr) => {
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $name.into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                super::string_schema($description, $pattern, $examples)
            }
        }
    };
}
use string_element;
