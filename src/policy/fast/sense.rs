//! One kind of bad call on one channel: what is usual, and what speaks for a fault.

use serde::{Deserialize, Serialize};

use crate::policy::fast::evidence::{Evidence, Finding, Steps, Weight};
use crate::policy::fast::setting::Suspect;
use crate::policy::fast::usual::Usual;

/// A sense for one kind of bad call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Sense {
    usual: Usual,
    evidence: Evidence,
    /// Steps of the evidence, kept because logarithms cost more than all the rest.
    steps: Option<Steps>,
}

impl Sense {
    /// What is usual.
    pub(super) const fn usual(&self) -> &Usual {
        &self.usual
    }

    /// Learns `bad` of `calls` that were seen within `seconds`, unless much speaks for a fault, and takes the settings as
    /// they are now.
    pub(super) fn learn(&mut self, suspect: &Suspect, line: f64, (calls, bad, seconds): (f64, f64, f64)) {
        if !self.evidence.is_strong(line) {
            self.usual.learn(calls, bad, seconds);
        }
        self.steps = Some(Steps::new(suspect, self.usual.share()));
    }

    /// Hears a call.
    pub(super) fn hear(&mut self, suspect: &Suspect, line: f64, weight: Weight) -> Option<Finding> {
        let steps = *self.steps.get_or_insert_with(|| Steps::new(suspect, self.usual.share()));
        self.evidence.hear(weight, &steps, line)
    }

    /// Drops the evidence; begins with `evidence` instead.
    pub(super) fn begin_with(&mut self, evidence: Evidence) {
        self.evidence = evidence;
    }

    /// Forgets what is usual.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}
