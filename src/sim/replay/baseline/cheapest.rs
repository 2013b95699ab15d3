//! The cheapest fixed shares that keep the promises: what a careful operator sets once.
//!
//! Found on the past that everybody hears of: a mix must keep what its class promises in each hour of the day, by the
//! minutes of that hour on the channels that it uses, and within their quotas. If no mix does, the one that breaks the
//! promises least in its worst hour is taken.

use rand_xoshiro::Xoshiro256PlusPlus;

use crate::domain::sample::Sample;
use crate::domain::time::Timestamp;
use crate::sim::replay::mix::{Worth, cheapest, excess, mixes, spread};
use crate::sim::replay::router::{Router, draw};
use crate::sim::replay::scene::Scene;
use crate::sim::world::quota::Quota;

const HOURS: usize = 24;

/// One class: what it promises and who may serve it.
#[derive(Debug, Clone, PartialEq)]
struct Promise {
    limit_ms: f64,
    slow: f64,
    failing: f64,
    channels: Vec<usize>,
}

/// Fixed shares that are searched for once.
#[derive(Debug, Clone, PartialEq)]
pub struct Cheapest {
    promises: Vec<Promise>,
    quotas: Vec<Quota>,
    /// Per class, the share of each channel.
    shares: Vec<Vec<f64>>,
}

/// What a channel did in one hour of the day.
#[derive(Debug, Clone, Copy, Default)]
struct Hour {
    calls: f64,
    slow: f64,
    failed: f64,
    cost_usd: f64,
    tokens: f64,
    minutes: f64,
}

impl Cheapest {
    /// For the classes of `scene`; even shares until the past is known.
    #[must_use]
    pub fn new(scene: &Scene) -> Self {
        let promise = |class: &crate::sim::replay::scene::Class| Promise {
            limit_ms: class.limit_ms,
            slow: class.slow,
            failing: class.failing,
            channels: class.channels.clone(),
        };
        let even = |class: &crate::sim::replay::scene::Class| {
            (0..scene.channels.len()).map(|channel| if class.channels.contains(&channel) { 1.0 } else { 0.0 }).collect()
        };
        Self {
            promises: scene.classes.iter().map(promise).collect(),
            quotas: scene.channels.iter().map(|channel| channel.quota).collect(),
            shares: scene.classes.iter().map(even).collect(),
        }
    }

    fn search(&self, promise: &Promise, past: &[Vec<Sample>]) -> Option<Vec<f64>> {
        let hours: Vec<[Hour; HOURS]> = past.iter().map(|minutes| by_hour(minutes, promise.limit_ms)).collect();
        let all = mixes(&promise.channels);
        let worth: Vec<Worth> = all.iter().map(|mix| self.worth(mix, promise, &hours)).collect();
        Some(spread(all.get(cheapest(&worth)?)?, past.len()))
    }

    /// What `mix` is worth in its worst hour, and on average.
    fn worth(&self, mix: &[(usize, f64)], promise: &Promise, hours: &[[Hour; HOURS]]) -> Worth {
        let mut worth = Worth { broken: 0.0, harm: 0.0, cost_usd: 0.0 };
        for hour in 0..HOURS {
            let known = |channel: usize| hours.get(channel).and_then(|of| of.get(hour)).filter(|of| of.calls > 0.0);
            let demand: f64 = hours.iter().filter_map(|of| of.get(hour)).map(|of| of.calls / of.minutes.max(1.0)).sum();
            let (mut slow, mut failing, mut crowded) = (0.0, 0.0, 0.0_f64);
            for (channel, share) in mix {
                let Some(of) = known(*channel) else { continue };
                slow += share * of.slow / of.calls;
                failing += share * of.failed / of.calls;
                worth.cost_usd += share * of.cost_usd / of.calls;
                let quota = self.quotas.get(*channel).copied().unwrap_or_default();
                let calls = quota.requests.map_or(0.0, |most| excess(demand * share, f64::from(most)));
                #[expect(clippy::cast_precision_loss, reason = "tokens of a minute")]
                let tokens =
                    quota.tokens.map_or(0.0, |most| excess(demand * share * of.tokens / of.calls, most as f64));
                crowded = crowded.max(calls).max(tokens);
            }
            let broken = excess(slow, promise.slow) + excess(failing, promise.failing) + crowded;
            worth.broken = worth.broken.max(broken);
            worth.harm += slow + failing;
        }
        worth
    }
}

fn by_hour(minutes: &[Sample], limit_ms: f64) -> [Hour; HOURS] {
    let mut hours = [Hour::default(); HOURS];
    for sample in minutes {
        let Some(hour) = hours.get_mut(sample.minute.hour().of_day() as usize) else { continue };
        #[expect(clippy::cast_precision_loss, reason = "counts of a minute")]
        let float = |count: u64| count as f64;
        hour.minutes += 1.0;
        hour.calls += float(sample.counts.requests);
        hour.failed += float(sample.counts.errors);
        hour.slow += sample.latency.sketch().map_or(0.0, |sketch| float(sketch.count_above(limit_ms)));
        hour.cost_usd += sample.cost.map_or(0.0, crate::domain::units::MicroUsd::usd);
        hour.tokens += float(sample.tokens_prompt.unwrap_or(0) + sample.tokens_completion.unwrap_or(0));
    }
    hours
}

impl Router for Cheapest {
    fn name(&self) -> &'static str {
        "cheapest-static"
    }

    fn learn(&mut self, past: &[Vec<Sample>]) {
        let found: Vec<_> = self.promises.iter().map(|promise| self.search(promise, past)).collect();
        for (shares, found) in self.shares.iter_mut().zip(found) {
            *shares = found.unwrap_or_else(|| std::mem::take(shares));
        }
    }

    fn pick(&mut self, _: Timestamp, class: usize, tried: &[usize], rng: &mut Xoshiro256PlusPlus) -> Option<usize> {
        draw(self.shares.get(class)?, tried, rng)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::replay::baseline::fixed::Fixed;
    use crate::sim::replay::run::past;
    use crate::sim::replay::toy;
    use crate::sim::world::fault::{FaultKind, Spell};

    #[test]
    fn as_much_goes_to_the_cheap_one_as_the_promise_allows() {
        let mut scene = toy::mocks(20.0, 1);
        scene.channels[1].profile.price.completion = 1.0;
        scene.channels[2].profile.price.completion = 5.0;
        // The cheapest one is slow for a tenth of its calls: half of the traffic may go there.
        scene.channels[0].profile.failure_rate = 0.02;
        let mut router = Cheapest::new(&scene);
        router.learn(&past(&scene, &mut Fixed::even(&scene)));
        let shares = router.shares[0].clone();
        assert!((0.3..=0.8).contains(&shares[0]) && shares[2] == 0.0, "{shares:?}");
        scene.channels[0].quota = Quota { requests: Some(120), tokens: None };
        let mut router = Cheapest::new(&scene);
        router.learn(&past(&scene, &mut Fixed::even(&scene)));
        assert!(router.shares[0][0] <= 0.1 + 1e-9, "a tenth of 1,200 calls is granted: {:?}", router.shares[0]);
        let all = Spell { from: scene.past().from.start(), to: scene.begin(), kind: FaultKind::Failing(1.0) };
        scene.channels[1].spells.push(all);
        let mut router = Cheapest::new(&scene);
        router.learn(&past(&scene, &mut Fixed::even(&scene)));
        assert!(router.shares[0][1] == 0.0 && router.shares[0][2] > 0.8, "{:?}", router.shares[0]);
    }
}
