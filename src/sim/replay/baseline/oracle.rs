//! Routers that know what nobody can: what a call may expect on each channel at each instant ([`Truth`]).
//!
//! They plan anew at each step without delay, limit or doubt, over all mixes of up to three channels. `oracle` takes the
//! cheapest mix that keeps the promises, as a planner with perfect forecasts would; `least-harm` takes the one that
//! harms least, whatever it costs. They know rates and not the luck of single calls.

use std::sync::Arc;

use rand_xoshiro::Xoshiro256PlusPlus;

use crate::domain::time::Timestamp;
use crate::sim::replay::mix::{Mix, Worth, cheapest, excess, gentlest, mixes, spread};
use crate::sim::replay::router::{Router, draw};
use crate::sim::replay::scene::{Class, Demand, Scene};
use crate::sim::replay::truth::Truth;
use crate::sim::world::quota::Quota;

/// What an oracle is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// To keep the promises for least.
    Cheapest,
    /// To harm least.
    LeastHarm,
}

#[derive(Debug, Clone, PartialEq)]
struct Plan {
    slow: f64,
    failing: f64,
    /// Calls a minute at most, for quotas.
    demand_per_min: f64,
    mixes: Vec<Mix>,
    shares: Vec<f64>,
    step: Option<usize>,
}

/// A router that knows the truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Oracle {
    aim: Aim,
    truth: Arc<Truth>,
    quotas: Vec<Quota>,
    plans: Vec<Plan>,
}

impl Oracle {
    /// For the run of `scene`, of which `truth` was drawn.
    #[must_use]
    pub fn new(aim: Aim, scene: &Scene, truth: Arc<Truth>) -> Self {
        let plan = |class: &Class| Plan {
            slow: class.slow,
            failing: class.failing,
            demand_per_min: demand_per_min(class),
            mixes: mixes(&class.channels),
            shares: Vec::new(),
            step: None,
        };
        let quotas = scene.channels.iter().map(|channel| channel.quota).collect();
        Self { aim, truth, quotas, plans: scene.classes.iter().map(plan).collect() }
    }

    fn plan(&mut self, class: usize, step: usize) {
        let (truth, quotas) = (&self.truth, &self.quotas);
        let Some(plan) = self.plans.get_mut(class).filter(|plan| plan.step != Some(step)) else { return };
        let worth: Vec<Worth> = plan.mixes.iter().map(|mix| worth(plan, mix, truth, quotas, (class, step))).collect();
        let chosen = match self.aim {
            Aim::Cheapest => cheapest(&worth),
            Aim::LeastHarm => gentlest(&worth),
        };
        if let Some(mix) = chosen.and_then(|at| plan.mixes.get(at)) {
            plan.shares = spread(mix, quotas.len());
        }
        plan.step = Some(step);
    }
}

fn worth(plan: &Plan, mix: &Mix, truth: &Truth, quotas: &[Quota], (class, step): (usize, usize)) -> Worth {
    let (mut slow, mut failing, mut cost_usd) = (0.0, 0.0, 0.0);
    for (channel, share) in mix {
        let expected = truth.at(class, *channel, *share, step);
        let most = quotas.get(*channel).and_then(|quota| quota.requests).map_or(f64::INFINITY, f64::from);
        // What a quota does not grant fails.
        let refused = (1.0 - most / (share * plan.demand_per_min).max(1e-9)).max(0.0);
        slow += share * expected.slow;
        failing += share * expected.failing.max(refused);
        cost_usd += share * expected.cost_usd;
    }
    let broken = excess(slow, plan.slow) + excess(failing, plan.failing);
    Worth { broken, harm: slow + failing, cost_usd }
}

/// Calls a minute at the busiest hour.
fn demand_per_min(class: &Class) -> f64 {
    match &class.demand {
        Demand::Poisson { rate, shape, .. } => rate * shape.max() * 60.0,
        #[expect(clippy::cast_precision_loss, reason = "a count of calls and microseconds of a trace")]
        Demand::Trace(calls) => {
            calls.last().map_or(0.0, |last| calls.len() as f64 * 60e6 / last.offset_us.max(1) as f64)
        }
    }
}

impl Router for Oracle {
    fn name(&self) -> &'static str {
        match self.aim {
            Aim::Cheapest => "oracle",
            Aim::LeastHarm => "least-harm",
        }
    }

    fn pick(&mut self, now: Timestamp, class: usize, tried: &[usize], rng: &mut Xoshiro256PlusPlus) -> Option<usize> {
        self.plan(class, self.truth.step(now));
        draw(&self.plans.get(class)?.shares, tried, rng)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::replay::run::run;
    use crate::sim::replay::toy;
    use crate::sim::world::fault::{FaultKind, Spell};

    #[test]
    fn an_oracle_leaves_before_the_fault_and_returns_with_its_end() {
        let mut scene = toy::mocks(10.0, 6);
        scene.channels[1].profile.price.completion = 1.0;
        let from = scene.begin().plus_seconds(120);
        scene.channels[0].spells.push(Spell { from, to: from.plus_seconds(120), kind: FaultKind::Failing(1.0) });
        let truth = Arc::new(Truth::of(&scene));
        let trail = run(&scene, &mut Oracle::new(Aim::Cheapest, &scene, Arc::clone(&truth)));
        assert_eq!((trail.attempts_at_faults, trail.failed.iter().sum::<u32>()), (0, 0));
        assert_eq!(trail.share(0, 0..120), Some(1.0), "the cheapest of those that keep the promise");
        assert!(trail.share(0, 241..360).is_some_and(|share| share > 0.99));
        scene.channels[0].quota = Quota { requests: Some(300), tokens: None };
        let trail = run(&scene, &mut Oracle::new(Aim::LeastHarm, &scene, truth));
        assert!(trail.share(0, 0..120).is_some_and(|share| share < 0.52), "half of 600 calls are granted");
    }
}
