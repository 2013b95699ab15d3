//! Detection in the running engine: each minute is judged once, some seconds after its end, as it stands then.
//!
//! Waiting until a minute is sealed would be a quarter of an hour; what arrives after the judgement amends the sample and
//! not what was concluded. All that is concluded comes from the [`Machine`], a pure function; here is what feeds it, keeps
//! it over restarts, and tells of it.
//!
//! | part | what it does |
//! |---|---|
//! | [`hear`] | gathers a minute of every channel, with what was forecast of it and of the hour behind it |
//! | [`round`] | has it judged, and keeps and tells what follows |
//! | [`keep`] | saves the machine, and lets it learn again what it missed |
//! | [`events`] | incidents as events that people are told of |
//! | [`orders`] | what people do to incidents |
//!
//! A restart goes on from the saved machine with the minutes since, and tells again what the store may not have heard;
//! rows of equal keys replace each other, so nothing is there twice.

mod events;
mod hear;
mod keep;
mod orders;
mod round;
mod situation;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::engine::bus::{Bus, Happening};
use crate::engine::machine::{Class, Machine, Step};
use crate::incident::command::Command;
use crate::incident::state::IncidentId;

pub use keep::detection;
pub use orders::OrderError;
pub use situation::{ChannelSituation, ClassSituation, Situation, read_situation};

/// What the engine knows about the present.
#[derive(Debug, Default)]
pub(super) struct Watching {
    machine: Mutex<Machine>,
    /// How everything stood after the last minute: questions never wait for a minute that is being judged.
    situation: RwLock<Arc<Situation>>,
    /// What people ordered since the machine was saved, oldest first.
    orders: Mutex<VecDeque<Order>>,
    panels: Mutex<hear::Panels>,
    /// Whether the machine learnt what only a save keeps.
    wants_save: AtomicBool,
    pub(super) bus: Bus,
}

/// What a person ordered, and when.
type Order = (Timestamp, IncidentId, Command);

impl Watching {
    /// A poisoned lock still guards a machine of whole minutes, but for the one that panicked.
    fn machine(&self) -> MutexGuard<'_, Machine> {
        self.machine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn orders(&self) -> MutexGuard<'_, VecDeque<Order>> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// How everything stood after the last minute that was judged.
    #[must_use]
    pub fn situation(&self) -> Arc<Situation> {
        Arc::clone(&self.0.watching.situation.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What happens from now on. A listener that falls far behind misses some and is told how many.
    #[must_use]
    pub fn subscribe(&self) -> tokio::sync::broadcast::Receiver<Happening> {
        self.0.watching.bus.listen()
    }

    /// Whether the risks of the route class `class` have something to learn from the past of `channel`.
    pub(super) fn wants_rehearsal(&self, class: &str, channel: &ChannelId) -> bool {
        self.0.watching.machine().wants_rehearsal(class, channel)
    }

    /// Has the risks of `class` learn from `steps` of the past of `channel`.
    pub(super) fn learn_risks(&self, class: &Class, channel: &ChannelId, steps: &[Step]) {
        self.0.watching.machine().rehearse(class, channel, steps);
        self.0.watching.wants_save.store(true, Ordering::Relaxed);
    }

    /// How many times faster than allowed `promise` of the route class `class` was broken in the last `minutes` minutes
    /// that were judged; `None` if nothing is known.
    #[must_use]
    pub fn burn_rate(&self, class: &str, promise: &str, minutes: u32) -> Option<f64> {
        let situation = self.situation();
        let of = situation.classes.get(class)?;
        let (_, budget) = of.budgets.iter().find(|(known, _)| known.name() == promise)?;
        budget.burn_rate(situation.minute?, minutes)
    }
}

#[cfg(test)]
mod tests;
