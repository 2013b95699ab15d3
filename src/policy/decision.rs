//! An adopted plan, as consumers get it: a lease with a number and an end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::policy::plan::Plan;
use crate::policy::report::Report;

/// What made the planner plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A minute was judged.
    Minute,
    /// The fast lane saw a channel fail.
    Trip,
    /// The fast lane saw a channel recover.
    Recovery,
    /// A step of a slow start or the end of a wait was due.
    Timer,
    /// The lease was renewed; nothing else changed.
    Renewal,
    /// People approved it.
    Approval,
    /// A playbook drained or restored a channel.
    Playbook,
}

/// How large a change may be, and when it may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// The shares stay as they are.
    None,
    /// It would be cheaper: rarely, and in steps.
    Economic,
    /// A promise is about to be missed: soon, and in steps.
    Protective,
    /// Harm is forecast: in steps, without waiting.
    Preemptive,
    /// A channel comes back or is new: in steps of its own.
    Return,
    /// Calls are being harmed, or there is nothing to hold on to: at once and whole.
    Emergency,
}

impl Trigger {
    /// The name in tables and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Trip => "trip",
            Self::Recovery => "recovery",
            Self::Timer => "timer",
            Self::Renewal => "renewal",
            Self::Approval => "approval",
            Self::Playbook => "playbook",
        }
    }
}

/// A plan that was adopted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// Its number within the class, from 1: a higher one replaces a lower one.
    pub generation: u64,
    /// The generation that it followed; 0 for none.
    pub parent: u64,
    /// When it was made.
    pub issued: Timestamp,
    /// Who has heard nothing newer by then goes back to its own ways.
    pub expires: Timestamp,
    /// What made it necessary.
    pub trigger: Trigger,
    /// How pressing it was.
    pub urgency: Urgency,
    /// The shares.
    pub plan: Plan,
    /// Why.
    pub report: Report,
}

/// A decision as consumers get it, over HTTP and as a file: instants are texts of RFC 3339.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Told<'a> {
    /// The route class.
    pub class: &'a str,
    /// Its number within the class: a higher one replaces a lower one.
    pub generation: u64,
    /// The generation that it followed; 0 for none.
    pub parent: u64,
    /// When it was made.
    pub issued_at: String,
    /// Who has heard nothing newer by then goes back to its own ways.
    pub valid_until: String,
    /// What made it necessary.
    pub trigger: Trigger,
    /// The share of calls of each channel; they add up to 1.
    pub weights: &'a BTreeMap<ChannelId, f64>,
    /// Channels that get single calls to find out how they are, with the seconds between two of them.
    pub probes: &'a BTreeMap<ChannelId, f64>,
    /// Why, in plain words.
    pub why: String,
}

impl Decision {
    /// As consumers get it.
    #[must_use]
    pub fn told(&self) -> Told<'_> {
        Told {
            class: &self.plan.class,
            generation: self.generation,
            parent: self.parent,
            issued_at: self.issued.to_string(),
            valid_until: self.expires.to_string(),
            trigger: self.trigger,
            weights: &self.plan.shares,
            probes: &self.plan.probes,
            why: self.report.to_string(),
        }
    }
}
