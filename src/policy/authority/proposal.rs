//! A change that waits for a yes.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::policy::decision::Decision;

/// One person's yes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who said it.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: String,
}

/// A decision that is not one yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// What would be decided. It gets its generation when it is.
    pub decision: Decision,
    /// When it was first made; the same change proposed anew is the same proposal.
    pub since: Timestamp,
    /// Until when it can be approved.
    pub expires: Timestamp,
    /// How many people must say yes: one, or two different ones.
    pub needed: u8,
    /// Who did.
    pub approvals: Vec<Approval>,
}

/// Why a yes does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApprovalError {
    /// There is no such proposal; it may have been replaced.
    #[error("nothing with this number waits for approval; what does is listed at /v1/routes")]
    Unknown,
    /// It was made too long ago.
    #[error("it could be approved until {0} and is proposed anew if it is still wanted")]
    Expired(Timestamp),
    /// The same person twice.
    #[error("{0} has approved it already; a change of this class needs two different operators")]
    SamePerson(String),
    /// Nobody can tell two people from each other.
    #[error(
        "a change of this class needs two different operators, and without tokens nobody can tell them apart; configure \
             `[[server.tokens]]`"
    )]
    Unproven,
    /// No reason was given.
    #[error("`reason` is empty; say why, in a few words")]
    NoReason,
    /// The world has changed so that the change would be wrong.
    #[error("it is not sound any more: {0}")]
    Unsound(String),
}

impl Proposal {
    /// Whether a yes would count.
    ///
    /// # Errors
    /// [`ApprovalError`] if not.
    pub fn check(&self, approval: &Approval) -> Result<(), ApprovalError> {
        if approval.reason.trim().is_empty() {
            return Err(ApprovalError::NoReason);
        }
        if approval.at >= self.expires {
            return Err(ApprovalError::Expired(self.expires));
        }
        if self.approvals.iter().any(|known| known.by == approval.by) {
            return Err(ApprovalError::SamePerson(approval.by.clone()));
        }
        Ok(())
    }

    /// Counts a yes; whether it was the last that was needed.
    ///
    /// # Errors
    /// [`ApprovalError`]; then nothing is counted.
    pub fn approve(&mut self, approval: Approval) -> Result<bool, ApprovalError> {
        self.check(&approval)?;
        self.approvals.push(approval);
        Ok(self.approvals.len() >= usize::from(self.needed))
    }

    /// Its name: the class and when it was first made.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}@{}", self.decision.plan.class, self.since.micros())
    }

    /// Whether `fresh`, which would be decided now, is the same change.
    #[must_use]
    pub fn is_same(&self, fresh: &Decision) -> bool {
        self.decision.plan.distance(&fresh.plan.shares) < SAME
    }
}

/// Part of the calls by which two proposals may differ and still be the same.
const SAME: f64 = 0.05;

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::policy::decision::{Trigger, Urgency};
    use crate::policy::plan::Plan;
    use crate::policy::report::Report;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(1_795_000_000 + second)
    }

    fn proposal(needed: u8) -> Proposal {
        let decision = Decision {
            generation: 3,
            parent: 2,
            issued: at(0),
            expires: at(120),
            trigger: Trigger::Minute,
            urgency: Urgency::Economic,
            plan: Plan {
                class: "chat".to_owned(),
                shares: BTreeMap::new(),
                probes: BTreeMap::new(),
                cost_usd: 0.0,
                slow: 0.0,
                failing: 0.0,
            },
            report: Report::default(),
        };
        Proposal { decision, since: at(0), expires: at(900), needed, approvals: Vec::new() }
    }

    fn yes(by: &str, second: i64) -> Approval {
        Approval { by: by.to_owned(), at: at(second), reason: "looks right".to_owned() }
    }

    #[test]
    fn two_different_people_in_time_and_with_a_reason() {
        let mut proposal = proposal(2);
        assert_eq!(
            proposal.approve(Approval { reason: " ".to_owned(), ..yes("ada", 1) }),
            Err(ApprovalError::NoReason)
        );
        assert_eq!(proposal.approve(yes("ada", 1)), Ok(false));
        assert_eq!(proposal.approve(yes("ada", 2)), Err(ApprovalError::SamePerson("ada".to_owned())));
        assert_eq!(proposal.approve(yes("ben", 900)), Err(ApprovalError::Expired(at(900))));
        assert_eq!(proposal.approve(yes("ben", 899)), Ok(true));
        assert_eq!(self::proposal(1).approve(yes("ada", 1)), Ok(true));
    }
}
