//! Plays a scenario: the same past for all policies, then each of them through the same run.

use std::sync::Arc;

use crate::domain::sample::Sample;
use crate::sim::replay::baseline::cheapest::Cheapest;
use crate::sim::replay::baseline::fixed::Fixed;
use crate::sim::replay::baseline::litellm::LiteLlm;
use crate::sim::replay::baseline::litellm::cooldown::CooldownSetting;
use crate::sim::replay::baseline::litellm::latency::LatencySetting;
use crate::sim::replay::baseline::oracle::{Aim, Oracle};
use crate::sim::replay::baseline::round_robin::RoundRobin;
use crate::sim::replay::ours::Ours;
use crate::sim::replay::ours::care::By;
use crate::sim::replay::router::{Log, Router};
use crate::sim::replay::run::{past, run};
use crate::sim::replay::scene::Scene;
use crate::sim::replay::score::{Score, score};
use crate::sim::replay::trail::Trail;
use crate::sim::replay::truth::Truth;

/// Who can play.
pub const POLICIES: [&str; 10] = [
    "static",
    "cheapest-static",
    "round-robin",
    "litellm-shuffle",
    "litellm-latency",
    "foreroute",
    "foreroute-alerts",
    "foreroute-playbooks",
    "oracle",
    "least-harm",
];

/// Those of them who see to channels in trouble, and want playbooks for it: to run them, or to be alerted by their triggers.
pub const CARED_FOR: [&str; 2] = ["foreroute-alerts", "foreroute-playbooks"];

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

/// The policy called `name`, which has learnt nothing yet; `truth` is for those who know it.
#[must_use]
pub fn router(name: &str, scene: &Scene, truth: &Arc<Truth>) -> Option<Box<dyn Router>> {
    let oracle = |aim| Oracle::new(aim, scene, Arc::clone(truth));
    let cooldown = CooldownSetting::default();
    Some(match name {
        "static" => Box::new(Fixed::even(scene)),
        "cheapest-static" => Box::new(Cheapest::new(scene)),
        "round-robin" => Box::new(RoundRobin::new(scene)),
        "litellm-shuffle" => Box::new(LiteLlm::shuffle(scene, cooldown)),
        "litellm-latency" => Box::new(LiteLlm::latency(scene, cooldown, LatencySetting::default())),
        "foreroute" => Box::new(Ours::new(scene)),
        "foreroute-alerts" => Box::new(Ours::with_care(scene, By::People)),
        "foreroute-playbooks" => Box::new(Ours::with_care(scene, By::Playbooks)),
        "oracle" => Box::new(oracle(Aim::Cheapest)),
        "least-harm" => Box::new(oracle(Aim::LeastHarm)),
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
    let truth = Arc::new(Truth::of(scene));
    let one = |policy: &String| {
        let mut router = router(policy, scene, &truth)?;
        router.learn(history);
        let trail = run(scene, router.as_mut());
        let log = router.log();
        // What was ended early, or broken by a restart, is no longer what the scene says.
        let came = (!trail.deeds.is_empty()).then(|| Truth::of(&scene.as_it_came(&trail)));
        let score = score(scene, came.as_ref().unwrap_or(&truth), &trail, &log);
        Some(Played { policy: policy.clone(), score, trail, log })
    };
    policies.iter().filter_map(one).collect()
}
