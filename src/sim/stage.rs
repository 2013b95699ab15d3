//! A world that runs: its channels, and a book of what goes wrong that may be written in meanwhile.

use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::domain::time::Timestamp;
use crate::sim::world::casebook::Casebook;
use crate::sim::world::profile::Profile;
use crate::sim::world::{Ask, Load, Reply, World};

/// A world, and what goes wrong in it by now.
#[derive(Debug)]
pub struct Stage {
    world: World,
    cases: RwLock<Casebook>,
}

impl Stage {
    /// The stage of `world`; the faults that it knows are planned.
    #[must_use]
    pub fn new(world: World) -> Self {
        let cases = RwLock::new(Casebook::planned(world.faults().to_vec()));
        Self { world, cases }
    }

    /// The channels, in a fixed order.
    #[must_use]
    pub fn profiles(&self) -> &[Profile] {
        self.world.profiles()
    }

    /// What `profile` does with `ask` while `in_flight` other requests are being served, at `hour` of the day.
    #[must_use]
    pub fn reply(&self, profile: &Profile, ask: Ask, in_flight: u32, hour: f64, at: Timestamp) -> Reply {
        let cases = self.cases();
        let here = cases.cases().iter().map(|case| (case.fault.channel == profile.name).then(|| case.spell()));
        self.world.respond(profile, ask, Load { in_flight, hour, at }, here)
    }

    /// What goes wrong. A poisoned lock still guards whole cases.
    pub fn cases(&self) -> RwLockReadGuard<'_, Casebook> {
        self.cases.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same, to write in.
    pub fn cases_mut(&self) -> RwLockWriteGuard<'_, Casebook> {
        self.cases.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world as it would have been where nobody repairs anything.
    #[must_use]
    pub fn unrepaired(&self) -> World {
        self.world.clone().with_faults(self.cases().unrepaired())
    }
}
