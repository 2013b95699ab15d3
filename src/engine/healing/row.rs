//! What the table, the stream and the journal are told of attempts and runs.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::domain::ids::ChannelId;
use crate::domain::record::{ACTIONS, Cell, Record, RecordError};
use crate::domain::time::Timestamp;
use crate::policy::healing::order::{Attempt, Order, What};
use crate::policy::healing::playbook::Action;

/// One try of one step of a playbook; with `step` 0, a run of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActionRow {
    /// When it began.
    pub began: Timestamp,
    /// The channel.
    pub channel: ChannelId,
    /// The run.
    pub run: String,
    /// Number of the step, from 1; 0 is the run itself.
    pub step: u32,
    /// Number of the try, from 1; 0 of the run itself.
    pub tried: u32,
    /// The playbook.
    pub playbook: String,
    /// Route classes that the channel serves.
    pub classes: Vec<String>,
    /// What was done; `run` is the run itself.
    pub kind: String,
    /// The receiver, or the command.
    pub target: Option<String>,
    /// The idempotency key.
    pub key: Option<String>,
    /// What came of it; `None` while it goes on.
    pub outcome: Option<String>,
    /// Seconds that it took.
    pub took_s: Option<f64>,
    /// What is known of it.
    pub message: Option<String>,
}

impl ActionRow {
    /// What is to be told of `order` at `now`, of a run that began then.
    pub(super) fn of(order: &Order, run_began: Timestamp, now: Timestamp) -> Self {
        let (outcome, message) = match &order.what {
            What::Advise => (Some("advised"), Some(&order.cause)),
            What::Begin => (None, Some(&order.cause)),
            What::Ask { .. } => (Some("asks"), Some(&order.cause)),
            What::Again { why, .. } => (Some("again"), Some(why)),
            What::Ended { ending, why } => (Some(ending.name()), Some(why)),
            What::Attempt(attempt) => return Self::of_attempt(order, attempt),
            What::Interrupted(attempt) => {
                let message = "interrupted; it is looked whether it was done".to_owned();
                return Self { message: Some(message), ..Self::of_attempt(order, attempt) };
            }
            What::Settled { attempt, is_ok, message } => {
                let is_wait = matches!(attempt.action, Action::Wait(_));
                let outcome = if *is_ok {
                    "ok"
                } else if is_wait {
                    "failed"
                } else {
                    "unknown"
                };
                let took_s = Some(now.seconds_since(attempt.began).max(0.0));
                let row = Self::of_attempt(order, attempt);
                return Self { outcome: Some(outcome.to_owned()), took_s, message: Some(message.clone()), ..row };
            }
        };
        let took_s = matches!(order.what, What::Ended { .. }).then(|| now.seconds_since(run_began).max(0.0));
        Self {
            began: run_began,
            channel: order.channel.clone(),
            run: order.run.clone(),
            step: 0,
            tried: if let What::Again { round, .. } = &order.what { *round } else { 0 },
            playbook: order.playbook.clone(),
            classes: order.classes.clone(),
            kind: "run".to_owned(),
            target: None,
            key: None,
            outcome: outcome.map(str::to_owned),
            took_s,
            message: message.cloned(),
        }
    }

    fn of_attempt(order: &Order, attempt: &Attempt) -> Self {
        let target = match &attempt.action {
            Action::Webhook { to } => Some(to.clone()),
            Action::Command { name } => Some(name.clone()),
            Action::Drain | Action::Restore | Action::Wait(_) | Action::Probe => None,
        };
        Self {
            began: attempt.began,
            channel: order.channel.clone(),
            run: order.run.clone(),
            step: attempt.step,
            tried: attempt.tried,
            playbook: order.playbook.clone(),
            classes: order.classes.clone(),
            kind: attempt.action.name().to_owned(),
            target,
            key: Some(attempt.key.clone()),
            outcome: None,
            took_s: None,
            message: None,
        }
    }

    /// The row of the table.
    ///
    /// # Errors
    /// [`RecordError`] if its time is out of range.
    pub fn record(&self) -> Result<Record, RecordError> {
        let text = |text: &Option<String>| text.as_deref().map_or(Cell::Null, Cell::from);
        let class = if self.classes.is_empty() { Cell::Null } else { Cell::from(self.classes.join(",")) };
        let cells = vec![
            Cell::from(self.channel.as_str()),
            Cell::from(self.run.as_str()),
            self.step.into(),
            self.tried.into(),
            Cell::from(self.playbook.as_str()),
            class,
            Cell::from(self.kind.as_str()),
            text(&self.target),
            text(&self.key),
            text(&self.outcome),
            self.took_s.map_or(Cell::Null, Cell::from),
            text(&self.message),
        ];
        Record::new(&ACTIONS, self.began, cells)
    }

    /// Whether it tells that an attempt begins.
    pub(super) const fn begins_attempt(&self) -> bool {
        self.key.is_some() && self.outcome.is_none()
    }

    /// The line of the journal. What a command said is not in it.
    pub(super) fn noted(&self) -> Value {
        let message = self.message.as_deref().and_then(|message| message.lines().next());
        json!({
            "run": self.run,
            "channel": self.channel,
            "playbook": self.playbook,
            "classes": self.classes,
            "step": self.step,
            "try": self.tried,
            "kind": self.kind,
            "target": self.target,
            "key": self.key,
            "outcome": self.outcome,
            "message": message,
        })
    }
}
