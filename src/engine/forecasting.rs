//! The forecasts of the running engine: every channel's twelve series, followed minute by minute.
//!
//! What moves the trackers is the sealed minutes, in order, each exactly once: their state is a function of the
//! published samples and of the fits, whatever was restarted in between. A forecast that is asked for starts from
//! there and is brought up to the present by the minutes that are still open, on a copy.
//!
//! Fits are made elsewhere ([`fit`]), at a pace that leaves the processor to others. The minute path never fits.

mod ask;
mod channel;
mod exhaust;
mod expect;
mod feed;
mod fit;
mod keep;
mod kept;
mod lend;
mod pace;
mod pool;
mod rehearse;
mod trouble;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::domain::ids::ChannelId;
use crate::domain::target::Target;
use crate::forecast::global::Pools;

pub use ask::{ForecastRefusal, Foreseen, Standing};
use channel::ChannelForecasts;
pub(in crate::engine) use exhaust::month_of;
pub use exhaust::{Outlook, Per, Resource};
pub use expect::Expectations;
pub use fit::refits;

/// What the engine knows about the future. Every channel has a lock of its own, so that a fit that takes over or a
/// question holds up nobody else.
#[derive(Debug, Default)]
pub(super) struct Forecasting {
    channels: RwLock<BTreeMap<ChannelId, Arc<Mutex<ChannelForecasts>>>>,
    /// What the channels have in common, from which fits start.
    pools: RwLock<BTreeMap<Target, Pools>>,
    /// How far ahead it is noted what is expected.
    lead: expect::Lead,
}

impl Forecasting {
    /// Nothing yet, for minutes that are sealed `late_window_s` after their end and published every `flush_every_s`.
    pub(super) fn new(late_window_s: i64, flush_every_s: i64) -> Self {
        Self { lead: expect::Lead::of(late_window_s, flush_every_s), ..Self::default() }
    }

    /// The forecasts of `channel`, which are begun if there are none.
    fn channel(&self, channel: &ChannelId) -> Arc<Mutex<ChannelForecasts>> {
        if let Some(known) = self.known(channel) {
            return known;
        }
        let mut channels = self.channels.write().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(channels.entry(channel.clone()).or_default())
    }

    /// The forecasts of `channel`, if there are any.
    fn known(&self, channel: &ChannelId) -> Option<Arc<Mutex<ChannelForecasts>>> {
        self.channels.read().unwrap_or_else(PoisonError::into_inner).get(channel).cloned()
    }

    /// Every channel that has forecasts, by name.
    fn all(&self) -> Vec<(ChannelId, Arc<Mutex<ChannelForecasts>>)> {
        let channels = self.channels.read().unwrap_or_else(PoisonError::into_inner);
        channels.iter().map(|(channel, forecasts)| (channel.clone(), Arc::clone(forecasts))).collect()
    }

    /// The pools of the series `target`; none before the first round of fits.
    fn pools(&self, target: Target) -> Pools {
        self.pools.read().unwrap_or_else(PoisonError::into_inner).get(&target).cloned().unwrap_or_default()
    }

    fn set_pools(&self, target: Target, pools: Pools) {
        self.pools.write().unwrap_or_else(PoisonError::into_inner).insert(target, pools);
    }
}

/// A poisoned lock still guards trackers that were each updated whole.
fn locked(channel: &Mutex<ChannelForecasts>) -> MutexGuard<'_, ChannelForecasts> {
    channel.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
