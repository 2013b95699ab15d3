//! An incident as it stands.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;
use crate::domain::time::{Minute, Timestamp};
use crate::incident::evidence::Evidence;
use crate::incident::fingerprint::{Fingerprint, hash};
use crate::incident::kind::Kind;
use crate::incident::severity::Severity;

/// The name of an incident: it follows from its channel, its kind and its first sign, so a replay gives it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IncidentId(pub u64);

impl IncidentId {
    pub(super) fn of(channel: &ChannelId, kind: Kind, first_sign: Minute) -> Self {
        Self(hash(["incident", channel.as_str(), kind.name(), &first_sign.to_string()].into_iter()))
    }
}

impl fmt::Display for IncidentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// When what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// Minute of the first odd value before the opening.
    pub first_sign: Minute,
    /// When it was detected.
    pub opened: Timestamp,
    /// When a person took it on.
    pub acknowledged: Option<Timestamp>,
    /// When the harm ended: said by whoever ended it, else the first of the calm minutes that closed it.
    pub mitigated: Option<Timestamp>,
    /// When it was over.
    pub resolved: Option<Timestamp>,
}

impl Times {
    /// Seconds from the first sign to the detection.
    #[must_use]
    pub fn to_detect_s(&self) -> f64 {
        self.opened.seconds_since(self.first_sign.start())
    }

    /// Seconds from the detection to the acknowledgement.
    #[must_use]
    pub fn to_acknowledge_s(&self) -> Option<f64> {
        self.acknowledged.map(|at| at.seconds_since(self.opened))
    }

    /// Seconds from the first sign to the end of the harm.
    #[must_use]
    pub fn to_mitigate_s(&self) -> Option<f64> {
        self.mitigated.map(|at| at.seconds_since(self.first_sign.start()))
    }

    /// Seconds from the first sign to the end.
    #[must_use]
    pub fn to_resolve_s(&self) -> Option<f64> {
        self.resolved.map(|at| at.seconds_since(self.first_sign.start()))
    }
}

/// Why an incident is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// Everything was calm for the hold time.
    Recovered,
    /// The new level, or the silence, was taken as the usual state.
    Adopted,
    /// Nothing was known for so long that there is nothing left to follow.
    Lapsed,
    /// A person closed it.
    Closed,
}

impl Ending {
    /// The name in tables and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Recovered => "recovered",
            Self::Adopted => "adopted",
            Self::Lapsed => "lapsed",
            Self::Closed => "closed",
        }
    }
}

/// Trouble of the same mark within the day before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// How often before.
    pub times: u32,
    /// The last time.
    pub last: IncidentId,
    /// When that was over.
    pub closed: Timestamp,
}

/// Nobody wants to hear of it for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// First instant at which it may be heard again.
    pub until: Timestamp,
    /// Who silenced it.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// What a person said or did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// What was said.
    pub text: String,
}

/// Notes that an incident keeps; the oldest go first.
pub const MAX_NOTES: usize = 50;

/// Trouble on one channel, from opening to end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    /// Its name.
    pub id: IncidentId,
    /// Changes so far: the first is 1.
    pub revision: u32,
    /// The channel.
    pub channel: ChannelId,
    /// What kind of trouble, by all columns blamed so far.
    pub kind: Kind,
    /// Its mark, by kind and columns at the opening.
    pub fingerprint: Fingerprint,
    /// How grave it is.
    pub severity: Severity,
    /// How grave it was at its worst.
    pub worst: Severity,
    /// When what happened.
    pub times: Times,
    /// Why it is over; `None` while it is open.
    pub ending: Option<Ending>,
    /// How often it was taken up again.
    pub flaps: u32,
    /// What speaks for it.
    pub evidence: Evidence,
    /// The same trouble within the day before.
    pub recurrence: Option<Recurrence>,
    /// Whether, and until when, nobody wants to hear of it.
    pub silence: Option<Silence>,
    /// What people said.
    pub notes: Vec<Note>,
    /// What to read about this kind.
    pub runbook: Option<String>,
}

impl Incident {
    /// Whether it is not over.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.ending.is_none()
    }

    /// Whether nobody wants to hear of it at `now`.
    #[must_use]
    pub fn is_silent(&self, now: Timestamp) -> bool {
        self.silence.as_ref().is_some_and(|silence| now < silence.until)
    }

    pub(super) fn note(&mut self, at: Timestamp, by: &str, text: &str) {
        if self.notes.len() >= MAX_NOTES {
            self.notes.remove(0);
        }
        self.notes.push(Note { at, by: by.to_owned(), text: text.to_owned() });
    }
}
