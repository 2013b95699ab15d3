//! An adopted plan, as consumers get it: a lease with a number and an end.

use serde::{Deserialize, Serialize};

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
