//! An incident as JSON.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::api::routes::anomalies::BandBody;
use crate::domain::time::Timestamp;
use crate::incident::evidence::{Blame, Evidence, Sight};
use crate::incident::told::Told;

/// An incident, or a group of incidents, as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IncidentBody {
    /// Its name.
    #[schema(example = "3f0a91c2b47d5e68")]
    pub id: String,
    /// How often it has changed.
    pub revision: u32,
    /// `open` or `over`.
    #[schema(example = "open")]
    pub state: &'static str,
    /// The channel; absent for a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "openai-eu")]
    pub channel: Option<String>,
    /// What the members of a group share; absent for a single incident.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "provider openai")]
    pub scope: Option<String>,
    /// Kind of trouble: `absence`, `errors`, `throttling`, `latency`, `cost`, `traffic` or `other`.
    #[schema(example = "latency")]
    pub kind: String,
    /// How grave: `P1` to `P4`, P1 is the worst.
    #[schema(example = "P2")]
    pub severity: String,
    /// How grave at its worst.
    #[schema(example = "P1")]
    pub worst: String,
    /// What is the same when the trouble recurs.
    #[schema(example = "eb5e9174c5a2bc09")]
    pub fingerprint: String,
    /// Start of the minute with the first odd value, RFC 3339.
    pub first_sign: String,
    /// When it was detected, RFC 3339.
    pub opened: String,
    /// When a person took it on, RFC 3339.
    pub acknowledged: Option<String>,
    /// When the harm ended, RFC 3339.
    pub mitigated: Option<String>,
    /// When it was over, RFC 3339.
    pub resolved: Option<String>,
    /// Why it is over: `recovered`, `adopted`, `lapsed` or `closed`.
    pub ending: Option<String>,
    /// How long everything took.
    pub took: TookBody,
    /// How often it was taken up again.
    pub flaps: u32,
    /// How often the same was wrong within the day before.
    pub recurrences: u32,
    /// The columns to blame.
    #[schema(example = json!(["latency_p95_ms"]))]
    pub blamed: Vec<String>,
    /// When it may be heard again, RFC 3339, if it was silenced.
    pub silent_until: Option<String>,
    /// The last note.
    pub note: Option<NoteBody>,
    /// What to read about this kind of trouble.
    pub runbook: Option<String>,
    /// The group that it belongs, or belonged, to.
    pub group: Option<String>,
    /// Of a group: the names of its incidents.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
}

/// How long everything took, in seconds. `null` where it has not come to that.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct TookBody {
    /// From the first sign to the detection.
    #[schema(example = 130.0)]
    pub to_detect_s: f64,
    /// From the detection to the acknowledgement.
    pub to_acknowledge_s: Option<f64>,
    /// From the first sign to the end of the harm.
    pub to_mitigate_s: Option<f64>,
    /// From the first sign to the end.
    pub to_resolve_s: Option<f64>,
}

/// What a person said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoteBody {
    /// Who.
    pub by: String,
    /// What.
    pub text: String,
}

impl NoteBody {
    /// The note, after the name of who wrote it.
    #[must_use]
    pub fn of((by, text): (&str, &str)) -> Self {
        Self { by: by.to_owned(), text: text.to_owned() }
    }
}

impl IncidentBody {
    /// `told` as JSON, with the group that it belongs to.
    #[must_use]
    pub fn of(told: &Told, group: Option<&str>) -> Self {
        let times = &told.times;
        let instant = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let text = |text: Option<&str>| text.map(str::to_owned);
        Self {
            id: told.id().to_owned(),
            revision: told.revision(),
            state: if told.is_open() { "open" } else { "over" },
            channel: text(told.channel()),
            scope: text(told.scope()),
            kind: told.kind().to_owned(),
            severity: told.severity().to_owned(),
            worst: told.worst().to_owned(),
            fingerprint: told.fingerprint.to_string(),
            first_sign: times.first_sign.to_string(),
            opened: times.opened.to_string(),
            acknowledged: instant(times.acknowledged),
            mitigated: instant(times.mitigated),
            resolved: instant(times.resolved),
            ending: text(told.ending()),
            took: TookBody {
                to_detect_s: times.to_detect_s(),
                to_acknowledge_s: times.to_acknowledge_s(),
                to_mitigate_s: times.to_mitigate_s(),
                to_resolve_s: times.to_resolve_s(),
            },
            flaps: told.flaps(),
            recurrences: told.recurrences(),
            blamed: told.blamed().into_iter().map(str::to_owned).collect(),
            silent_until: instant(told.silent_until()),
            note: told.note().map(NoteBody::of),
            runbook: text(told.runbook()),
            group: text(told.part_of().or(group)),
            members: told.members(),
        }
    }
}

/// The newest group that each incident is a member of, by the incident's name.
#[must_use]
pub fn group_of_each(all: &[Told]) -> BTreeMap<String, String> {
    let mut groups = BTreeMap::new();
    // The newest come first in `all`, so the newest is what remains.
    for told in all.iter().rev() {
        groups.extend(told.members().into_iter().map(|member| (member, told.id().to_owned())));
    }
    groups
}

/// What speaks for an incident.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EvidenceBody {
    /// Start of the first odd minute, RFC 3339.
    pub first_sign: String,
    /// Start of the last odd minute, RFC 3339.
    pub last_sign: String,
    /// Minutes with an odd value.
    pub odd_minutes: u32,
    /// What was odd, by column; empty if nothing at all was heard.
    #[schema(value_type = Object)]
    pub columns: BTreeMap<String, BlameBody>,
}

/// Why one column is to blame.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BlameBody {
    /// Start of its first odd minute, RFC 3339.
    pub first: String,
    /// Start of its last odd minute, RFC 3339.
    pub last: String,
    /// How many there were.
    pub odd_minutes: u32,
    /// The oddest of them.
    pub worst: SightBody,
    /// In how many of them each detector voted.
    #[schema(value_type = Object, example = json!({"surprise": 4, "zscore": 3}))]
    pub detectors: BTreeMap<String, u32>,
}

/// What was seen in one minute.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SightBody {
    /// Start of the minute, RFC 3339.
    pub at: String,
    /// How odd, 0 to 1.
    pub score: f64,
    /// The value, in the unit of the column.
    pub value: f64,
    /// Where it was expected; `null` if no detector had an opinion.
    pub expected: Option<BandBody>,
}

impl EvidenceBody {
    /// `evidence` as JSON.
    #[must_use]
    pub fn of(evidence: Evidence) -> Self {
        Self {
            first_sign: evidence.first_sign.to_string(),
            last_sign: evidence.last_sign.to_string(),
            odd_minutes: evidence.odd_minutes,
            columns: evidence.columns.into_iter().map(|(name, blame)| (name, BlameBody::of(blame))).collect(),
        }
    }
}

impl BlameBody {
    fn of(blame: Blame) -> Self {
        let Sight { at, score, value, expected } = blame.worst;
        let expected = expected.map(|band| BandBody { low: band.low, middle: band.middle, high: band.high });
        Self {
            first: blame.first.to_string(),
            last: blame.last.to_string(),
            odd_minutes: blame.odd_minutes,
            worst: SightBody { at: at.to_string(), score, value, expected },
            detectors: blame.detectors,
        }
    }
}
