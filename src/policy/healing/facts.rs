//! What is known of a channel at an instant.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::incident::kind::Kind;
use crate::incident::severity::Severity;
use crate::policy::fast::call::Answers;

/// What may be done about a channel: the least that any route class allows which it serves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// Nothing, not even advice.
    #[default]
    Nothing,
    /// What would be done is told.
    Tell,
    /// So many people must say yes first.
    Ask {
        /// How many.
        needed: u8,
    },
    /// It is done.
    Act,
}

impl Consent {
    /// What may be done where both must agree.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Ask { needed: one }, Self::Ask { needed: other }) => Self::Ask { needed: one.max(other) },
            _ => self.min(other),
        }
    }
}

/// An open incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trouble {
    /// What kind.
    pub kind: Kind,
    /// How grave.
    pub severity: Severity,
    /// When its first sign was seen.
    pub first_sign: Timestamp,
}

/// What is known of a channel at an instant. What is not known is `None` or NaN, and fulfils no condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Facts {
    /// Who serves the channel.
    pub provider: Option<String>,
    /// Route classes that it serves.
    pub classes: Vec<String>,
    /// What may be done about it.
    pub consent: Consent,
    /// Open incidents; `None` until a minute was judged.
    pub incidents: Option<Vec<Trouble>>,
    /// Whether the fast lane shut it.
    pub tripped: bool,
    /// The largest probability of breaking a promise within the quarter of an hour.
    pub risk: f64,
    /// Share of its newest calls that failed.
    pub failing: f64,
    /// Share of its newest calls that took longer than promised.
    pub slow: f64,
    /// How its calls ended.
    pub answers: Answers,
    /// Whether it answers, by probes or by calls of the last minute.
    pub is_well: Option<bool>,
}

impl Facts {
    /// The same, with shares of the calls after `before`, once there are `enough` of them; until then they are not known.
    #[must_use]
    pub fn of_calls_since(&self, before: Answers, enough: u32) -> Self {
        let seen = self.answers.since(before);
        #[expect(clippy::cast_precision_loss, reason = "a share of fewer calls than 2^52")]
        let share = |part: u64| {
            if seen.calls > 0 && seen.calls >= u64::from(enough) { part as f64 / seen.calls as f64 } else { f64::NAN }
        };
        Self { failing: share(seen.failed), slow: share(seen.slow), ..self.clone() }
    }
}

impl Default for Facts {
    /// Nothing known, and nothing may be done.
    fn default() -> Self {
        Self {
            provider: None,
            classes: Vec::new(),
            consent: Consent::Nothing,
            incidents: None,
            tripped: false,
            risk: f64::NAN,
            failing: f64::NAN,
            slow: f64::NAN,
            answers: Answers::default(),
            is_well: None,
        }
    }
}
