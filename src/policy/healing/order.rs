//! What the healer wants: attempts at steps, and what people are told.

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::policy::healing::playbook::Action;

/// One try of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attempt {
    /// Number of the step, from 1; those of the roll-back go on behind the others.
    pub step: u32,
    /// Number of the try, from 1.
    pub tried: u32,
    /// `RUN-STEP-TRY`: given once, and the same again if the attempt is made again after a crash.
    pub key: String,
    /// What is to be done.
    pub action: Action,
    /// The longest time for it, in seconds.
    pub timeout_s: f64,
    /// When it began.
    pub began: Timestamp,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// All steps went well, and what must hold does.
    Done,
    /// Something failed, and what was done was taken back; a person is told.
    RolledBack,
    /// Something failed and could not be taken back, or nobody knows whether it was done: a person must see to it.
    HandedOver,
    /// People did not want it, or nobody said yes in time. Nothing was done.
    Declined,
}

impl Ending {
    /// The name in tables and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::RolledBack => "rolled_back",
            Self::HandedOver => "handed_over",
            Self::Declined => "declined",
        }
    }

    /// Whether a person has to know.
    #[must_use]
    pub const fn needs_person(self) -> bool {
        matches!(self, Self::RolledBack | Self::HandedOver)
    }
}

/// What is wanted.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// A run would begin if that were allowed.
    Advise,
    /// A run begins.
    Begin,
    /// A run waits for people.
    Ask {
        /// How many must say yes.
        needed: u8,
    },
    /// Make this attempt.
    Attempt(Attempt),
    /// Nobody knows what came of this attempt, which is not made again; its step is looked at instead.
    Interrupted(Attempt),
    /// A step that is not carried out by anybody else is over: a wait, or what an interrupted attempt turned out to be.
    Settled {
        /// The step.
        attempt: Attempt,
        /// Whether it went well.
        is_ok: bool,
        /// What is known of it.
        message: String,
    },
    /// What must hold after the steps did not, and they are done again.
    Again {
        /// Number of the round, from 2.
        round: u32,
        /// What did not hold.
        why: String,
    },
    /// The run is over.
    Ended {
        /// How.
        ending: Ending,
        /// Why.
        why: String,
    },
}

/// What is wanted, and of which run.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The run.
    pub run: String,
    /// Its channel.
    pub channel: ChannelId,
    /// Route classes that the channel serves.
    pub classes: Vec<String>,
    /// Its playbook.
    pub playbook: String,
    /// Why it runs.
    pub cause: String,
    /// What is wanted.
    pub what: What,
}

/// What came of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Whether it went well.
    pub is_ok: bool,
    /// What is known of it.
    pub message: String,
}
