//! Plays a scenario: the same past for all policies, then each of them through the same run.

use crate::domain::sample::Sample;
use crate::sim::replay::baseline::fixed::Fixed;
use crate::sim::replay::baseline::litellm::LiteLlm;
use crate::sim::replay::baseline::litellm::cooldown::CooldownSetting;
use crate::sim::replay::baseline::litellm::latency::LatencySetting;
use crate::sim::replay::baseline::round_robin::RoundRobin;
use crate::sim::replay::router::{Log, Router};
use crate::sim::replay::run::{past, run};
use crate::sim::replay::scene::Scene;
use crate::sim::replay::score::{Score, score};
use crate::sim::replay::trail::Trail;

/// Who can play.
pub const POLICIES: [&str; 4] = ["static", "round-robin", "litellm-shuffle", "litellm-latency"];

/// One policy's run through one scene.
#[derive(Debug, Clone, PartialEq)]
pub struct Played {
    /// The policy.
    pub policy: String,
    /// What the run is worth.
    pub score: Score,
    /// What happened.
    pub trail: Trail,
    /// What the policy decided.
    pub log: Log,
}

/// The policy called `name`, which has learnt nothing yet.
#[must_use]
pub fn router(name: &str, scene: &Scene) -> Option<Box<dyn Router>> {
    let cooldown = CooldownSetting::default();
    Some(match name {
        "static" => Box::new(Fixed::even(scene)),
        "round-robin" => Box::new(RoundRobin::new(scene)),
        "litellm-shuffle" => Box::new(LiteLlm::shuffle(scene, cooldown)),
        "litellm-latency" => Box::new(LiteLlm::latency(scene, cooldown, LatencySetting::default())),
        _ => return None,
    })
}

/// The time before the run, with calls spread evenly over all channels.
#[must_use]
pub fn history(scene: &Scene) -> Vec<Vec<Sample>> {
    past(scene, &mut Fixed::even(scene))
}

/// Plays `scene` with each of `policies` that there is, `history` behind all of them.
#[must_use]
pub fn play(scene: &Scene, policies: &[String], history: &[Vec<Sample>]) -> Vec<Played> {
    let one = |policy: &String| {
        let mut router = router(policy, scene)?;
        router.learn(history);
        let trail = run(scene, router.as_mut());
        let log = router.log();
        Some(Played { policy: policy.clone(), score: score(scene, &trail, &log), trail, log })
    };
    policies.iter().filter_map(one).collect()
}
