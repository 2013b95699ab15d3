//! What probes find, call by call, and probes out of turn: a playbook asks for one, the probe of the channel sends it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::domain::call::Call;
use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::engine::healing::Healing;
use crate::engine::{Engine, Inner};

/// What the last probe of a channel found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// When it ended.
    pub at: Timestamp,
    /// Whether it got the right answer.
    pub is_ok: bool,
}

/// What is known of the probes of each channel.
#[derive(Debug, Default)]
pub(super) struct Probes {
    found: Mutex<BTreeMap<ChannelId, Found>>,
    /// Rung when a probe is wanted now, of the channels that have one.
    bells: Mutex<BTreeMap<ChannelId, Arc<Notify>>>,
}

/// Both maps are whole after every change.
fn locked<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Probes {
    /// What the last probe of `channel` found, since the program started.
    pub(super) fn found(&self, channel: &ChannelId) -> Option<Found> {
        locked(&self.found).get(channel).copied()
    }

    /// When the last probe of each channel ended, and whether it got the right answer.
    pub(super) fn all(&self) -> BTreeMap<ChannelId, (Timestamp, bool)> {
        locked(&self.found).iter().map(|(name, found)| (name.clone(), (found.at, found.is_ok))).collect()
    }

    /// Has the probe of `channel` sent now; `false` if it has none.
    pub(super) fn ring(&self, channel: &ChannelId) -> bool {
        let bells = locked(&self.bells);
        let bell = bells.get(channel);
        bell.inspect(|bell| bell.notify_one()).is_some()
    }
}

impl Healing {
    /// Hears of a call that is durable; those that are no probes tell nothing here.
    pub(in crate::engine) fn hear_probe(&self, call: &Call, ended: Timestamp) {
        if call.probe {
            let found = Found { at: ended, is_ok: !call.outcome.is_failure() };
            let mut known = locked(&self.probes.found);
            let last = known.entry(call.channel.clone()).or_insert(found);
            // Calls come in the order in which they became durable, which need not be that of their ends.
            if last.at <= found.at {
                *last = found;
            }
        }
    }
}

impl Inner {
    /// What rings when a probe of `channel` is wanted out of turn.
    pub(in crate::engine) fn probe_bell(&self, channel: &ChannelId) -> Arc<Notify> {
        Arc::clone(locked(&self.healing.probes.bells).entry(channel.clone()).or_default())
    }
}

impl Engine {
    /// Asks for a probe of `channel` and returns since when it is waited for; `None` if the channel has no probe of its own.
    pub(super) fn ask_probe(&self, channel: &ChannelId) -> Option<Timestamp> {
        let since = self.clock().now();
        self.0.healing.probes.ring(channel).then_some(since)
    }
}
