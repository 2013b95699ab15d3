//! What people do to incidents: every command has a name and a reason.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::time::Timestamp;
use crate::incident::change::{Change, What};
use crate::incident::state::{Ending, Incident, IncidentId, Silence};

/// Longest name of a person, in characters.
pub const MAX_NAME: usize = 100;
/// Longest reason, in characters.
pub const MAX_REASON: usize = 2_000;

/// An order and who gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    by: String,
    reason: String,
    order: Order,
}

/// What shall be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Take it on.
    Acknowledge,
    /// Do not tell of it until an instant.
    Silence {
        /// First instant at which it may be heard again.
        until: Timestamp,
    },
    /// Tell of it again.
    Unsilence,
    /// Say something: the reason is the note.
    Annotate,
    /// The harm is over.
    Mitigate,
    /// It is over.
    Close,
}

/// Why a command is refused. Nothing has changed then.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CommandError {
    /// No such incident is open or just over.
    #[error("there is no incident {0}, or it has been over for long")]
    Unknown(IncidentId),
    /// Only an open one can be acknowledged, mitigated or closed.
    #[error("the incident is over")]
    Over,
    /// It was done before.
    #[error("this was done before")]
    Done,
    /// A silence that would end before it begins.
    #[error("a silence must end in the future")]
    Expired,
    /// A name or a reason that is empty, too long or holds control characters.
    #[error("{0} must be a text of 1 to {1} characters without control characters")]
    Text(&'static str, usize),
}

impl Command {
    /// `order`, given by the person `by` for `reason`.
    ///
    /// # Errors
    /// [`CommandError::Text`] if a name or a reason is missing, or too long.
    pub fn new(by: &str, reason: &str, order: Order) -> Result<Self, CommandError> {
        let text = |what, text: &str, most: usize| {
            let text = text.trim();
            let is_clean = !text.chars().any(|c| c.is_control() && c != '\n');
            let is_right = !text.is_empty() && is_clean && text.chars().count() <= most;
            is_right.then(|| text.to_owned()).ok_or(CommandError::Text(what, most))
        };
        Ok(Self { by: text("the name", by, MAX_NAME)?, reason: text("the reason", reason, MAX_REASON)?, order })
    }

    /// What shall be done.
    #[must_use]
    pub const fn order(&self) -> Order {
        self.order
    }

    /// Does it to `incident` at `now`.
    pub(super) fn apply(&self, now: Timestamp, incident: &mut Incident) -> Result<Change, CommandError> {
        let what = match self.order {
            Order::Annotate => What::Annotated,
            Order::Silence { until } if until <= now => return Err(CommandError::Expired),
            Order::Silence { until } => {
                let (by, reason) = (self.by.clone(), self.reason.clone());
                incident.silence = Some(Silence { until, by, reason });
                What::Silenced
            }
            Order::Unsilence => incident.silence.take().map(|_| What::Unsilenced).ok_or(CommandError::Done)?,
            Order::Acknowledge | Order::Mitigate | Order::Close if !incident.is_open() => {
                return Err(CommandError::Over);
            }
            Order::Acknowledge => once(&mut incident.times.acknowledged, now, What::Acknowledged)?,
            Order::Mitigate => once(&mut incident.times.mitigated, now, What::Mitigated)?,
            Order::Close => {
                incident.ending = Some(Ending::Closed);
                incident.times.resolved = Some(now);
                incident.times.mitigated.get_or_insert(now);
                What::Ended(Ending::Closed)
            }
        };
        incident.note(now, &self.by, &self.reason);
        Ok(Change::make(now, what, incident))
    }
}

/// Sets `time` if it is not set.
fn once(time: &mut Option<Timestamp>, now: Timestamp, what: What) -> Result<What, CommandError> {
    if time.is_some() {
        return Err(CommandError::Done);
    }
    *time = Some(now);
    Ok(what)
}
