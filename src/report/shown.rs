//! Days and instants in JSON as people and programs read them: `2026-11-21`, RFC 3339.

use std::fmt::Display;

use serde::{Serialize, Serializer};

use crate::domain::time::Timestamp;

/// What is shown as text.
pub(super) fn instant<S: Serializer>(at: &impl Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(at)
}

/// An instant that may not be known.
#[expect(clippy::ref_option, reason = "serde hands it over so")]
pub(super) fn instant_if<S: Serializer>(at: &Option<Timestamp>, to: S) -> Result<S::Ok, S::Error> {
    at.map(|at| at.to_string()).serialize(to)
}

/// Instants that may not be known.
pub(super) fn instants_if<S: Serializer>(at: &[Option<Timestamp>; 3], to: S) -> Result<S::Ok, S::Error> {
    at.map(|at| at.map(|at| at.to_string())).serialize(to)
}
