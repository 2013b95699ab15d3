//! Columns of a channel that are forecast and judged: `latency_p95_ms`.

use std::borrow::Cow;

use super::ElementError;
use crate::domain::column::Column;
use crate::domain::target::Target;

/// The columns that are judged unless others are named: what callers feel, what the provider refuses, and what it costs.
pub const JUDGED: [Target; 8] = [
    Target::Column(Column::LatencyP50),
    Target::Column(Column::LatencyP95),
    Target::Column(Column::TtftP95),
    Target::ErrorRatio,
    Target::ThrottledRatio,
    Target::Column(Column::Requests),
    Target::Column(Column::TokensCompletion),
    Target::Column(Column::Cost),
];

/// The schema of a column's name.
pub struct TargetText;

impl schemars::JsonSchema for TargetText {
    fn schema_name() -> Cow<'static, str> {
        "Column".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names = Target::ALL.map(Target::name);
        let description = "A column of a channel that is forecast and judged.";
        schemars::json_schema!({ "type": "string", "description": description, "enum": names })
    }
}

/// Reads the name of a column.
///
/// # Errors
/// [`ElementError`] if there is no such column.
pub fn parse(text: &str) -> Result<Target, ElementError> {
    Target::parse(text).ok_or_else(|| ElementError::expected("a column such as `latency_p95_ms`", text))
}
