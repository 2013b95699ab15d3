//! The fields that columns can feed, with the unit in the name.

use super::{Kind, MappingError};
use crate::domain::column::Column;

/// One field of a call or of a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// When the call was sent, or the minute of a sample.
    Ts,
    /// Seconds after `--start`, in place of `ts`.
    OffsetS,
    /// Milliseconds after `--start`, in place of `ts`.
    OffsetMs,
    /// How the call ended, by name.
    Outcome,
    /// How the call ended, as an HTTP status.
    Status,
    /// How the call failed: missing or 0 is a success, an HTTP status of 400 or more is that, anything else a fault
    /// of the channel.
    ErrorCode,
    /// Whether the call failed. A call that failed and says no more is a fault of the channel.
    Failed,
    /// Time to the last byte, in milliseconds.
    LatencyMs,
    /// Time to the last byte, in seconds.
    LatencyS,
    /// Time to the first token, in milliseconds.
    TtftMs,
    /// Time to the first token, in seconds.
    TtftS,
    /// Prompt tokens, cached ones included.
    TokensPrompt,
    /// Completion tokens.
    TokensCompletion,
    /// Prompt tokens served from a cache.
    TokensCached,
    /// Money, in US dollars.
    CostUsd,
    /// Attempts beyond the first.
    Retries,
    /// Calls in flight when this one was sent.
    InFlight,
    /// Calls waiting when this one was sent.
    Queue,
    /// Whether the call was a probe, which stays out of the demand columns.
    Probe,
    /// A column of the table `samples`, by its name there.
    Minute(Column),
}

/// Fields of a call, each with its name on the command line.
const CALL_FIELDS: [(Field, &str); 19] = [
    (Field::Ts, "ts"),
    (Field::OffsetS, "offset_s"),
    (Field::OffsetMs, "offset_ms"),
    (Field::Outcome, "outcome"),
    (Field::Status, "status"),
    (Field::ErrorCode, "error_code"),
    (Field::Failed, "failed"),
    (Field::LatencyMs, "latency_ms"),
    (Field::LatencyS, "latency_s"),
    (Field::TtftMs, "ttft_ms"),
    (Field::TtftS, "ttft_s"),
    (Field::TokensPrompt, "tokens_prompt"),
    (Field::TokensCompletion, "tokens_completion"),
    (Field::TokensCached, "tokens_cached"),
    (Field::CostUsd, "cost_usd"),
    (Field::Retries, "retries"),
    (Field::InFlight, "in_flight"),
    (Field::Queue, "queue"),
    (Field::Probe, "probe"),
];

impl Field {
    /// Name on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Minute(column) => column.name(),
            _ => CALL_FIELDS.iter().find(|(field, _)| *field == self).map_or("", |(_, name)| name),
        }
    }

    /// Every field of rows of `kind`. The channel is not among them: it is a template, not a value.
    #[must_use]
    pub fn all(kind: Kind) -> Vec<Self> {
        match kind {
            Kind::Calls => CALL_FIELDS.iter().map(|(field, _)| *field).collect(),
            Kind::Samples => [Self::Ts, Self::OffsetS, Self::OffsetMs]
                .into_iter()
                .chain(Column::ALL.into_iter().map(Self::Minute))
                .collect(),
        }
    }

    /// The field of rows of `kind` called `name`.
    ///
    /// # Errors
    /// [`MappingError::UnknownField`] with the nearest name.
    pub fn parse(kind: Kind, name: &str) -> Result<Self, MappingError> {
        let all = Self::all(kind);
        if let Some(field) = all.iter().find(|field| field.name() == name) {
            return Ok(*field);
        }
        let near = all.iter().map(|field| field.name()).min_by_key(|known| strsim::damerau_levenshtein(known, name));
        let hint = match near.filter(|known| strsim::damerau_levenshtein(known, name) <= 3) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are channel, {}", all.iter().map(|f| f.name()).collect::<Vec<_>>().join(", ")),
        };
        Err(MappingError::UnknownField { name: name.to_owned(), kind: kind.name(), hint })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_parses_back_and_slips_get_a_suggestion() {
        for kind in [Kind::Calls, Kind::Samples] {
            for field in Field::all(kind) {
                assert_eq!(Field::parse(kind, field.name()), Ok(field));
            }
        }
        let slip = Field::parse(Kind::Calls, "latencyms").expect_err("no such field");
        assert_eq!(slip.to_string(), "`latencyms` is no field of calls; did you mean `latency_ms`?");
        assert!(Field::parse(Kind::Calls, "latency").is_err(), "a duration without its unit");
        assert!(Field::parse(Kind::Samples, "failed").is_err());
    }
}
