//! LiteLLM's router, by its own rules (version 1.106.2, read in its source; measured rows in the test beside this file).
//!
//! What decides, in the order of a call:
//! - Deployments in [`cooldown`] are left out; if none is left, the call fails with "no deployments available".
//! - `simple-shuffle`, the default strategy, draws evenly, or by the weights of the configuration.
//! - `latency-based-routing` takes the lowest mean of the last ten latencies per completion token ([`latency`]).
//! - What fails is tried again at once, at most twice, and the channel that failed is not left out.
//!
//! What is left out here, because it does not happen in a replay: Redis between workers, budgets, tags, streaming
//! (scores are then times to first token), and the wait before a retry when no deployment is healthy.

pub mod cooldown;
pub mod latency;

use rand::RngExt;
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::domain::time::Timestamp;
use crate::sim::replay::router::{Attempt, Router};
use crate::sim::replay::scene::Scene;
use cooldown::{Cooldown, CooldownSetting};
use latency::{LatencyMap, LatencySetting};

/// LiteLLM's router.
#[derive(Debug, Clone, PartialEq)]
pub struct LiteLlm {
    name: String,
    cooldown: Cooldown,
    /// Per class: its channels, and what their latencies were.
    groups: Vec<(Vec<usize>, LatencyMap)>,
    is_shuffle: bool,
    /// Channels that a call may go to, kept to be used again.
    healthy: Vec<usize>,
}

impl LiteLlm {
    /// `simple-shuffle` without weights.
    #[must_use]
    pub fn shuffle(scene: &Scene, cooldown: CooldownSetting) -> Self {
        Self { is_shuffle: true, ..Self::new("litellm-shuffle", scene, cooldown, LatencySetting::default()) }
    }

    /// `latency-based-routing`.
    #[must_use]
    pub fn latency(scene: &Scene, cooldown: CooldownSetting, setting: LatencySetting) -> Self {
        Self::new("litellm-latency", scene, cooldown, setting)
    }

    fn new(name: &str, scene: &Scene, cooldown: CooldownSetting, setting: LatencySetting) -> Self {
        let channels = scene.channels.len();
        let group = |channels: &Vec<usize>| (channels.clone(), LatencyMap::new(setting, scene.channels.len()));
        Self {
            name: name.to_owned(),
            cooldown: Cooldown::new(cooldown, channels),
            groups: scene.classes.iter().map(|class| group(&class.channels)).collect(),
            is_shuffle: false,
            healthy: Vec::with_capacity(channels),
        }
    }
}

impl Router for LiteLlm {
    fn name(&self) -> &str {
        &self.name
    }

    fn pick(&mut self, now: Timestamp, class: usize, _: &[usize], rng: &mut Xoshiro256PlusPlus) -> Option<usize> {
        let (channels, latencies) = self.groups.get_mut(class)?;
        self.healthy.clear();
        self.healthy.extend(channels.iter().copied().filter(|channel| !self.cooldown.is_cooling(*channel, now)));
        if self.healthy.is_empty() {
            return None;
        }
        if self.is_shuffle {
            return self.healthy.get(rng.random_range(0..self.healthy.len())).copied();
        }
        latencies.pick(now, &self.healthy, rng)
    }

    fn finished(&mut self, now: Timestamp, attempt: &Attempt) {
        let is_alone = self.groups.get(attempt.class).is_none_or(|(channels, _)| channels.len() <= 1);
        self.cooldown.heard(now, attempt, is_alone);
        if let Some((_, latencies)) = self.groups.get_mut(attempt.class) {
            latencies.heard(now, attempt);
        }
    }
}

#[cfg(test)]
mod tests;
