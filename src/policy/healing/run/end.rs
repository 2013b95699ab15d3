//! How a run ends: well, taken back, or handed over to a person.

use crate::domain::time::Timestamp;
use crate::policy::healing::order::{Ending, What};
use crate::policy::healing::run::{Run, State};
use crate::policy::healing::times::Past;

impl Run {
    /// After the last step at the place before `step`.
    pub(super) fn after_steps(&mut self, step: usize, now: Timestamp, out: &mut Vec<What>) {
        match self.failure.clone() {
            Some(why) if step >= self.playbook.steps.len() => self.end(now, Ending::RolledBack, why, out),
            _ => self.state = State::Verifying { since: now, holds_since: None, before: None },
        }
    }

    /// After `step`, or what must hold after the last, failed for good.
    pub(super) fn fail(&mut self, step: usize, now: Timestamp, why: String, out: &mut Vec<What>) {
        let steps = self.playbook.steps.len();
        match &self.failure {
            Some(first) if step >= steps => {
                let why = format!("{first}; and taking it back failed: {why}");
                self.end(now, Ending::HandedOver, why, out);
            }
            _ if self.playbook.roll_back.is_empty() => self.end(now, Ending::HandedOver, why, out),
            _ => {
                self.failure = Some(why);
                self.state = self.at_step(steps, now);
            }
        }
    }

    /// Ends it so; a channel that it drained is given back.
    pub(super) fn end(&mut self, now: Timestamp, ending: Ending, why: String, out: &mut Vec<What>) {
        self.is_drained = false;
        self.state = State::Ended { at: now, ending, why: why.clone(), recovered: None };
        out.push(What::Ended { ending, why });
    }

    /// Ends it: the channel was well from `recovered` on.
    pub(super) fn end_well(&mut self, now: Timestamp, recovered: Timestamp, out: &mut Vec<What>) {
        self.end(now, Ending::Done, "all steps went well".to_owned(), out);
        if let State::Ended { recovered: at, .. } = &mut self.state {
            *at = Some(recovered);
        }
    }

    /// The run as it is remembered; `None` while it goes on.
    pub(in crate::policy::healing) fn past(&self) -> Option<Past> {
        let State::Ended { at, ending, why, recovered } = &self.state else { return None };
        Some(Past {
            run: self.id.clone(),
            channel: self.channel.clone(),
            playbook: self.playbook.name.clone(),
            cause: self.cause.clone(),
            began: self.began,
            ended: *at,
            ending: *ending,
            why: why.clone(),
            first_sign: self.first_sign,
            mitigated: self.mitigated,
            recovered: *recovered,
        })
    }
}
