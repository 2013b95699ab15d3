//! What people say of a run that asks for them.

use crate::domain::time::Timestamp;
use crate::policy::authority::proposal::{Approval, ApprovalError};
use crate::policy::healing::order::{Ending, What};
use crate::policy::healing::run::{Run, State, first_step};

impl Run {
    /// Counts a person's yes; whether it was the last that was needed.
    ///
    /// # Errors
    /// [`ApprovalError`]; then nothing is counted.
    pub(in crate::policy::healing) fn approve(&mut self, approval: Approval) -> Result<bool, ApprovalError> {
        let State::Asking { expires, needed, approvals } = &mut self.state else { return Err(ApprovalError::Unknown) };
        if approval.reason.trim().is_empty() {
            return Err(ApprovalError::NoReason);
        }
        if approval.at >= *expires {
            return Err(ApprovalError::Expired(*expires));
        }
        if approvals.iter().any(|known| known.by == approval.by) {
            return Err(ApprovalError::SamePerson(approval.by));
        }
        let at = approval.at;
        approvals.push(approval);
        let is_enough = approvals.len() >= usize::from(*needed);
        if is_enough {
            self.state = first_step(at);
        }
        Ok(is_enough)
    }

    /// Ends it because a person does not want it, if it still waits for people.
    ///
    /// # Errors
    /// [`ApprovalError::Unknown`] if it does not wait.
    pub(in crate::policy::healing) fn reject(
        &mut self,
        now: Timestamp,
        why: String,
        out: &mut Vec<What>,
    ) -> Result<(), ApprovalError> {
        if !self.is_asking() {
            return Err(ApprovalError::Unknown);
        }
        self.end(now, Ending::Declined, why, out);
        Ok(())
    }
}
