//! Playbooks in the running engine: the [`Healer`] fed with facts and outcomes, and its orders carried out.
//!
//! | part | what it does |
//! |---|---|
//! | [`facts`] | what is known of each channel, and what may be done about it |
//! | [`kept`] | the healer over restarts: written before an attempt begins and after it ended |
//! | [`round`] | one look at everything: outcomes in, orders out |
//! | [`attempt`] | one attempt: a webhook, a command, a look whether a channel answers |
//! | [`row`] | what the table, the stream and the journal are told |
//! | [`people`] | approvals, and what people see |
//! | [`probes`] | what probes find, and probes out of turn |
//!
//! The state is on disk, and the journal has a line, before an attempt begins; so after a `kill -9` every attempt that may have
//! been made is known. Webhooks and looks are made again with the same key. Commands are not, unless the playbook says that it
//! does no harm: whether they ran shows in what they were to bring about, or a person is told.

mod attempt;
mod facts;
mod kept;
mod people;
mod probes;
mod round;
mod row;

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use kept::Kept;
use probes::Probes;

#[cfg(doc)]
use crate::policy::healing::healer::Healer;

pub use people::{PlaybookState, RunState};
pub use round::healing;
pub use row::ActionRow;

/// What the engine knows about playbooks.
#[derive(Debug, Default)]
pub(super) struct Healing {
    kept: Mutex<Kept>,
    /// Held while the state changes: what is written is what is then held to be true.
    changing: Mutex<()>,
    /// Wakes the task when there is something to look at.
    nudge: Notify,
    probes: Probes,
}

impl Healing {
    /// A poisoned lock still guards a state that was replaced as a whole.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changing(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has everything looked at soon.
    pub(super) fn wake(&self) {
        self.nudge.notify_one();
    }
}

#[cfg(test)]
mod tests;
