//! What people say to runs, and what they see of them.

use serde_json::json;

use crate::domain::time::Timestamp;
use crate::engine::healing::row::ActionRow;
use crate::engine::{AuthorityError, Engine};
use crate::policy::authority::proposal::{Approval, ApprovalError};
use crate::policy::healing::playbook::Playbook;
use crate::policy::healing::run::{Run, State};
use crate::policy::healing::times::{Past, Tally};

/// A playbook, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct PlaybookState {
    /// The playbook.
    pub playbook: Playbook,
    /// What came of its runs; the last few hundred of all playbooks count.
    pub tally: Tally,
    /// Its runs that are not over.
    pub runs: Vec<RunState>,
    /// Its run that ended last.
    pub last: Option<Past>,
}

/// A run that is not over.
#[derive(Debug, Clone, PartialEq)]
pub struct RunState {
    /// Its name.
    pub id: String,
    /// Its channel.
    pub channel: String,
    /// Why it runs.
    pub cause: String,
    /// When it began.
    pub began: Timestamp,
    /// `asking`, `acting`, `verifying`.
    pub state: &'static str,
    /// The step that it is at, from 1, and what that does.
    pub step: Option<(u32, &'static str)>,
    /// Whether calls are kept away from the channel.
    pub is_drained: bool,
    /// How many people must say yes, and who did, until when.
    pub asks: Option<(u8, Vec<String>, Timestamp)>,
}

impl From<&Run> for RunState {
    fn from(run: &Run) -> Self {
        let asks = match &run.state {
            State::Asking { needed, approvals, expires } => {
                Some((*needed, approvals.iter().map(|it| it.by.clone()).collect(), *expires))
            }
            _ => None,
        };
        let state = match run.state {
            State::Asking { .. } => "asking",
            State::Acting { .. } => "acting",
            State::Verifying { .. } => "verifying",
            State::Ended { .. } => "ended",
        };
        Self {
            id: run.id.clone(),
            channel: run.channel.to_string(),
            cause: run.cause.clone(),
            began: run.began,
            state,
            step: run.position().map(|(step, action)| (step, action.name())),
            is_drained: run.is_drained,
            asks,
        }
    }
}

impl Engine {
    /// The playbooks, in the order of the configuration, and what came of them.
    #[must_use]
    pub fn playbooks(&self) -> Vec<PlaybookState> {
        let Some(heal) = &self.settings().heal else { return Vec::new() };
        let kept = self.0.healing.kept();
        let of = |playbook: &Playbook| {
            let past = kept.healer.past().filter(|past| past.playbook == playbook.name);
            PlaybookState {
                playbook: playbook.clone(),
                tally: Tally::of(past.clone()),
                runs: kept.healer.runs().filter(|run| run.playbook.name == playbook.name).map(RunState::from).collect(),
                last: past.last().cloned(),
            }
        };
        heal.setting.playbooks.iter().map(of).collect()
    }

    /// Actions that began within the last hour, and how many may.
    #[must_use]
    pub fn healing_budget(&self) -> (usize, usize) {
        let per_hour = self.settings().heal.as_ref().map_or(0, |heal| heal.setting.actions_per_hour);
        (self.0.healing.kept().healer.spent(self.clock().now()), per_hour)
    }

    /// How many people the run `id` needs; `None` if it waits for nobody.
    #[must_use]
    pub fn run_needs(&self, id: &str) -> Option<u8> {
        let kept = self.0.healing.kept();
        let found = kept.healer.runs().find(|run| run.id == id)?;
        if let State::Asking { needed, .. } = &found.state { Some(*needed) } else { None }
    }

    /// Counts the yes of `by` to the run `id`; whether it was the last that was needed. Blocks; when it returns, it survives a
    /// power cut.
    ///
    /// # Errors
    /// [`AuthorityError`]; then nothing is counted.
    pub fn approve_run(&self, id: &str, by: &str, reason: &str) -> Result<bool, AuthorityError> {
        let _changing = self.0.healing.changing();
        let at = self.clock().now();
        let mut kept = self.0.healing.kept().clone();
        let approval = Approval { by: by.to_owned(), at, reason: reason.to_owned() };
        let is_enough = kept.healer.approve(id, approval)?;
        self.0.note(at, "approval", &json!({"id": id, "by": by, "reason": reason}))?;
        self.keep_healing(kept)?;
        self.0.healing.wake();
        Ok(is_enough)
    }

    /// Ends the run `id`, which waits for people, as `by` orders. Blocks.
    ///
    /// # Errors
    /// [`AuthorityError`]; then it still waits.
    pub fn reject_run(&self, id: &str, by: &str, reason: &str) -> Result<(), AuthorityError> {
        if reason.trim().is_empty() {
            return Err(ApprovalError::NoReason.into());
        }
        let _changing = self.0.healing.changing();
        let at = self.clock().now();
        let mut kept = self.0.healing.kept().clone();
        let began = kept.healer.runs().find(|run| run.id == id).map_or(at, |run| run.began);
        let orders = kept.healer.reject(id, at, format!("{by} did not want it: {reason}"))?;
        self.0.note(at, "rejection", &json!({"id": id, "by": by, "reason": reason}))?;
        let rows = orders.iter().map(|order| ActionRow::of(order, began, at)).collect();
        self.commit(at, kept, rows)?;
        self.0.healing.wake();
        Ok(())
    }
}
