//! What happened to an incident.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::incident::severity::Severity;
use crate::incident::state::{Ending, Incident};

/// One step in the life of an incident, with how it stands afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub what: What,
    /// How the incident stands now; its revision is the number of this change.
    pub incident: Incident,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It began.
    Opened,
    /// The same trouble came back soon after its end.
    Reopened,
    /// It became graver.
    Raised {
        /// What it was.
        from: Severity,
    },
    /// It became less grave.
    Lowered {
        /// What it was.
        from: Severity,
    },
    /// Another column is to blame.
    Blamed,
    /// A person took it on.
    Acknowledged,
    /// A person does not want to hear of it for a while.
    Silenced,
    /// It may be heard again.
    Unsilenced,
    /// A person said something.
    Annotated,
    /// The harm was ended.
    Mitigated,
    /// It is over.
    Ended(Ending),
}

impl What {
    /// The name in tables and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Reopened => "reopened",
            Self::Raised { .. } => "raised",
            Self::Lowered { .. } => "lowered",
            Self::Blamed => "blamed",
            Self::Acknowledged => "acknowledged",
            Self::Silenced => "silenced",
            Self::Unsilenced => "unsilenced",
            Self::Annotated => "annotated",
            Self::Mitigated => "mitigated",
            Self::Ended(ending) => ending.name(),
        }
    }

    /// Whether the incident is open after it where it was not before.
    #[must_use]
    pub const fn begins(self) -> bool {
        matches!(self, Self::Opened | Self::Reopened)
    }
}

impl Change {
    /// Makes `what` the next revision of `incident`.
    pub(super) fn make(at: Timestamp, what: What, incident: &mut Incident) -> Self {
        incident.revision = incident.revision.saturating_add(1);
        Self { at, what, incident: incident.clone() }
    }
}
