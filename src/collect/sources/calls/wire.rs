//! One JSON object to a draft of a call.
//!
//! The object is read in one pass that keeps track of the field it is in, so that the quick reading of a good line
//! and the exact complaint about a bad one are the same code. Text is borrowed from the line; a good line allocates
//! nothing here. serde's derived structs would be as quick, but their errors do not say which field is at fault.

mod value;

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, MapAccess, Visitor};

use crate::collect::sources::calls::wire::value::{Passed, Problem, Value, is_not_finite};
use crate::domain::call::Outcome;
use crate::domain::time::Timestamp;
use crate::domain::units::{MicroUsd, Millis};

/// What one object said, each field checked by itself.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Draft<'a> {
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) ts: Option<Timestamp>,
    pub(super) channel: Option<Cow<'a, str>>,
    pub(super) status: Option<u16>,
    pub(super) outcome: Option<Outcome>,
    pub(super) latency: Option<Millis>,
    pub(super) ttft: Option<Millis>,
    pub(super) tokens_prompt: Option<u64>,
    pub(super) tokens_completion: Option<u64>,
    pub(super) tokens_cached: Option<u64>,
    pub(super) cost: Option<MicroUsd>,
    pub(super) retries: u32,
    pub(super) in_flight: Option<u32>,
    pub(super) queue: Option<u32>,
    pub(super) retry_after: Option<Millis>,
    pub(super) probe: bool,
}

/// What is wrong with a line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// The field at fault, `""` for the line as a whole.
    pub(super) field: String,
    /// The end of a sentence that begins with the field.
    pub(super) problem: String,
}

impl Fault {
    pub(super) fn new(field: &str, problem: impl Into<String>) -> Self {
        Self { field: field.to_owned(), problem: problem.into() }
    }
}

/// Reads one line, which must be one JSON object.
pub(super) fn read(line: &str) -> Result<Draft<'_>, Fault> {
    let mut pass = Pass::default();
    let mut json = serde_json::Deserializer::from_str(line);
    let read = LineReader { pass: &mut pass }.deserialize(&mut json).and_then(|()| json.end());
    if let Some(fault) = pass.fault {
        return Err(fault);
    }
    match read {
        Ok(()) => Ok(pass.draft),
        Err(error) => Err(explain(line, &error, pass.current.name())),
    }
}

/// The state of one pass over one line.
#[derive(Default)]
struct Pass<'a> {
    draft: Draft<'a>,
    /// The field whose value is being read.
    current: Field<'a>,
    /// Bit per known field that was seen.
    seen: u32,
    /// The first thing that was wrong with a value.
    fault: Option<Fault>,
}

/// A field of the wire format.
#[derive(Debug, Clone, Default)]
enum Field<'a> {
    #[default]
    None,
    Known(Known),
    Other(Cow<'a, str>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Id,
    Ts,
    Channel,
    Status,
    Outcome,
    LatencyMs,
    TtftMs,
    TokensPrompt,
    TokensCompletion,
    TokensCached,
    CostUsd,
    Retries,
    InFlight,
    Queue,
    RetryAfterS,
    Probe,
}

impl Known {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "id" => Self::Id,
            "ts" => Self::Ts,
            "channel" => Self::Channel,
            "status" => Self::Status,
            "outcome" => Self::Outcome,
            "latency_ms" => Self::LatencyMs,
            "ttft_ms" => Self::TtftMs,
            "tokens_prompt" => Self::TokensPrompt,
            "tokens_completion" => Self::TokensCompletion,
            "tokens_cached" => Self::TokensCached,
            "cost_usd" => Self::CostUsd,
            "retries" => Self::Retries,
            "in_flight" => Self::InFlight,
            "queue" => Self::Queue,
            "retry_after_s" => Self::RetryAfterS,
            "probe" => Self::Probe,
            _ => return None,
        })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Ts => "ts",
            Self::Channel => "channel",
            Self::Status => "status",
            Self::Outcome => "outcome",
            Self::LatencyMs => "latency_ms",
            Self::TtftMs => "ttft_ms",
            Self::TokensPrompt => "tokens_prompt",
            Self::TokensCompletion => "tokens_completion",
            Self::TokensCached => "tokens_cached",
            Self::CostUsd => "cost_usd",
            Self::Retries => "retries",
            Self::InFlight => "in_flight",
            Self::Queue => "queue",
            Self::RetryAfterS => "retry_after_s",
            Self::Probe => "probe",
        }
    }
}

impl Field<'_> {
    /// Name for messages; a foreign name is cut to what a message can carry.
    fn name(&self) -> &str {
        match self {
            Self::None => "",
            Self::Known(known) => known.name(),
            Self::Other(name) => name.char_indices().nth(60).map_or(name, |(at, _)| &name[..at]),
        }
    }
}

struct LineReader<'p, 'a> {
    pass: &'p mut Pass<'a>,
}

impl<'de> DeserializeSeed<'de> for LineReader<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for LineReader<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(field) = map.next_key()? {
            self.pass.current = field;
            let Field::Known(known) = self.pass.current else {
                map.next_value::<Passed>()?;
                self.pass.current = Field::None;
                continue;
            };
            let value: Value<'de> = map.next_value()?;
            self.pass.current = Field::None;
            if let Err(problem) = self.pass.take(known, value) {
                self.pass.fault.get_or_insert_with(|| Fault::new(known.name(), problem));
            }
        }
        Ok(())
    }
}

impl<'a> Pass<'a> {
    fn take(&mut self, field: Known, value: Value<'a>) -> Result<(), Problem> {
        let bit = 1 << field as u32;
        if self.seen & bit != 0 {
            return Err("appears twice".into());
        }
        self.seen |= bit;
        if matches!(value, Value::Null) {
            return Ok(());
        }
        let draft = &mut self.draft;
        match field {
            Known::Id => draft.id = Some(value.text()?),
            Known::Ts => draft.ts = Some(value.instant()?),
            Known::Channel => draft.channel = Some(value.text()?),
            Known::Status => draft.status = Some(value.status()?),
            Known::Outcome => draft.outcome = Some(value.outcome()?),
            Known::LatencyMs => draft.latency = Some(value.millis()?),
            Known::TtftMs => draft.ttft = Some(value.millis()?),
            Known::TokensPrompt => draft.tokens_prompt = Some(value.tokens()?),
            Known::TokensCompletion => draft.tokens_completion = Some(value.tokens()?),
            Known::TokensCached => draft.tokens_cached = Some(value.tokens()?),
            Known::CostUsd => draft.cost = Some(value.money()?),
            Known::Retries => draft.retries = value.small()?,
            Known::InFlight => draft.in_flight = Some(value.small()?),
            Known::Queue => draft.queue = Some(value.small()?),
            Known::RetryAfterS => draft.retry_after = Some(value.seconds()?),
            Known::Probe => draft.probe = value.truth()?,
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Field<'de> {
    fn deserialize<D: Deserializer<'de>>(json: D) -> Result<Self, D::Error> {
        struct Name;
        impl<'de> Visitor<'de> for Name {
            type Value = Field<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
                Ok(Known::parse(name).map_or(Field::Other(Cow::Borrowed(name)), Field::Known))
            }

            fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Known::parse(name).map_or_else(|| Field::Other(Cow::Owned(name.to_owned())), Field::Known))
            }
        }
        json.deserialize_str(Name)
    }
}

/// Turns serde_json's complaint into ours: the field it was in, and the column within the line.
fn explain(line: &str, error: &serde_json::Error, field: &str) -> Fault {
    if error.is_data() && field.is_empty() {
        return Fault::new("", "must be a JSON object");
    }
    let column = error.column();
    // The value at fault begins after the last colon before the column.
    let before = line.get(..column.min(line.len())).unwrap_or(line);
    let value = before.rfind(':').map_or("", |at| line[at + 1..].trim_start());
    let word: String = value.chars().take_while(|c| c.is_ascii_alphabetic() || *c == '-').collect();
    if !field.is_empty() && is_not_finite(&word) {
        return Fault::new(field, format!("is `{word}`, which JSON does not have: leave unknown values out"));
    }
    let text = error.to_string();
    let reason = text.split(" at line ").next().unwrap_or(&text);
    if reason.starts_with("recursion limit") {
        return Fault::new(field, "is nested more than 128 levels deep");
    }
    Fault::new(field, format!("is not valid JSON at column {column}: {reason}"))
}
