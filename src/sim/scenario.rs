//! Scenario files: a replay as readable text, with what is expected to come of it.
//!
//! A file names channels (each like a preset, with what differs), route classes with their promises and demand, what
//! goes wrong and when, which policies play, and ranges that their measures must lie in. Unknown keys are errors. The
//! files in `tests/scenarios` are tests; `foreroute replay` runs them as well.

mod build;
mod care;
pub mod expect;
pub mod play;
pub mod preset;
mod raw;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::sim::replay::scene::Recorded;

pub use raw::{
    ChannelText, ClassText, ClientText, CommandText, ExpectText, FaultText, Of, PeopleText, Scenario, WebhooksText,
};

/// Recorded calls by the name that a class gives them.
pub type Traces = BTreeMap<String, Arc<Vec<Recorded>>>;

/// Why a scenario file cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum ScenarioError {
    /// It is not TOML, or not of this shape.
    #[error("{0}")]
    Text(#[from] toml::de::Error),
    /// It names something that is not there.
    #[error("there is no {what} called `{name}`; known are {known}")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// Its name.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// A value that makes no sense.
    #[error("{what} {why}")]
    Value {
        /// Which.
        what: String,
        /// What is wrong with it.
        why: String,
    },
}

impl ScenarioError {
    fn unknown<'a>(what: &'static str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<String> = known.into_iter().map(|name| format!("`{name}`")).collect();
        Self::Unknown { what, name: name.to_owned(), known: known.join(", ") }
    }

    fn value(what: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Value { what: what.into(), why: why.into() }
    }
}

impl Scenario {
    /// Reads a scenario from TOML and checks that it can be played.
    ///
    /// # Errors
    /// [`ScenarioError`] with what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, ScenarioError> {
        let scenario: Self = toml::from_str(text)?;
        scenario.check()?;
        Ok(scenario)
    }
}

#[cfg(test)]
mod tests;
