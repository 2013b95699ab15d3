//! Jobs for models: which come when, and how each ends with whoever does it.
//!
//! Everything here is made up, and of a plain shape: a dear model that does everything well, a cheap one that does what is easy
//! as well, and an open one in between that gets better at demanding work when a newer version of it is put into service.
//! What a model is good for is to be found out from how its jobs end.

use rand::RngExt;
use rand_distr::{Distribution, Exp, LogNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::domain::time::Timestamp;
use crate::policy::work::{Done, Tier};
use crate::stats::seed::Seed;

/// The class of work.
pub const CLASS: &str = "code";

/// Which part of all jobs are of each tier, the easiest first.
const SHARES: [f64; 4] = [0.4, 0.3, 0.2, 0.1];
/// Median of the tokens of a job of each tier.
const TOKENS: [f64; 4] = [1_500.0, 3_000.0, 6_000.0, 12_000.0];
/// Median seconds of a job of each tier.
const SECONDS: [f64; 4] = [3.0, 5.0, 8.0, 12.0];
/// Spread of tokens and seconds, as the standard deviation of the logarithm.
const SPREAD: f64 = 0.4;
/// How well a job that succeeded was done, at least and at most.
const QUALITY: (f64, f64) = (0.94, 1.0);
/// Share of jobs that nobody judges.
const UNJUDGED: f64 = 0.2;

/// A model as this world has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Skill {
    /// Its name.
    pub model: &'static str,
    /// USD for a million tokens, prompt and completion together.
    usd_per_mtok: f64,
    /// Chance that a job of each tier succeeds.
    success: [f64; 4],
    /// The same from when its newer version is in service.
    newer: [f64; 4],
}

/// The models, the dearest first.
pub const SKILLS: [Skill; 3] = [
    Skill {
        model: "harbor-large-2",
        usd_per_mtok: 6.0,
        success: [0.99, 0.98, 0.97, 0.97],
        newer: [0.99, 0.98, 0.97, 0.97],
    },
    Skill { model: "harbor-mini-2", usd_per_mtok: 0.5, success: [0.96, 0.8, 0.55, 0.3], newer: [0.96, 0.8, 0.55, 0.3] },
    Skill { model: "llama2-70b", usd_per_mtok: 0.9, success: [0.95, 0.93, 0.75, 0.5], newer: [0.96, 0.94, 0.95, 0.6] },
];

/// One job.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Job {
    /// When it comes in.
    pub at: Timestamp,
    /// How hard it is.
    pub tier: Tier,
    /// Its number, counted from 0.
    pub index: u64,
    luck: Seed,
}

/// The endless stream of jobs, in order of time.
#[derive(Debug, Clone)]
pub struct Jobs {
    rng: Xoshiro256PlusPlus,
    luck: Seed,
    gap: Exp<f64>,
    at: Timestamp,
    next: u64,
}

impl Jobs {
    /// Jobs from `start` on, one in `every_s` seconds on average; `None` if that is not finite or not positive.
    #[must_use]
    pub fn new(seed: Seed, start: Timestamp, every_s: f64) -> Option<Self> {
        let gap = (every_s.is_finite() && every_s > 0.0).then(|| Exp::new(1.0 / every_s).ok())??;
        let luck = seed.child("jobs");
        Some(Self { rng: luck.child("gaps").rng(), luck, gap, at: start, next: 0 })
    }
}

impl Iterator for Jobs {
    type Item = Job;

    fn next(&mut self) -> Option<Job> {
        #[expect(clippy::cast_possible_truncation, reason = "float casts saturate, and so does the sum")]
        let gap_us = (self.gap.sample(&mut self.rng) * 1e6) as i64;
        self.at = self.at.plus_micros(gap_us);
        let index = self.next;
        self.next += 1;
        let luck = self.luck.nth(index);
        Some(Job { at: self.at, tier: tier(luck.child("tier").rng().random()), index, luck })
    }
}

/// The tier that `luck`, uniform in 0 .. 1, falls on.
fn tier(luck: f64) -> Tier {
    let mut left = luck;
    let found = Tier::ALL.into_iter().zip(SHARES).find(|(_, share)| {
        left -= share;
        left < 0.0
    });
    found.map_or(Tier::L4, |(tier, _)| tier)
}

impl Job {
    /// How it ends with `model`, and how many seconds that takes; `is_newer` says whether the newer versions are in
    /// service. A model that nobody knows fails it.
    #[must_use]
    pub fn done_by(&self, model: &str, is_newer: bool) -> (Done, f64) {
        let place = Tier::ALL.iter().position(|tier| *tier == self.tier).unwrap_or(0);
        let luck = self.luck.child(model);
        let times = |name: &str| LogNormal::new(0.0, SPREAD).map_or(1.0, |law| law.sample(&mut luck.child(name).rng()));
        let tokens = (TOKENS[place] * times("tokens")).round();
        let mut rng = luck.child("end").rng();
        let (fate, judged, good) = (rng.random::<f64>(), rng.random::<f64>(), rng.random::<f64>());
        let skill = SKILLS.iter().find(|skill| skill.model == model);
        let chance = skill.map_or(0.0, |skill| if is_newer { skill.newer[place] } else { skill.success[place] });
        let success = fate < chance;
        let quality = (success && judged >= UNJUDGED).then_some(QUALITY.0 + (QUALITY.1 - QUALITY.0) * good);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand tokens")]
        let counted = tokens as u64;
        let cost_usd = tokens * skill.map_or(0.0, |skill| skill.usd_per_mtok) / 1e6;
        (Done { success, quality, tokens: counted, cost_usd }, SECONDS[place] * times("seconds"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_seconds(1_795_000_000);

    fn some(count: usize) -> Vec<Job> {
        Jobs::new(Seed::new(7), START, 10.0).expect("a pace").take(count).collect()
    }

    #[test]
    fn jobs_repeat_by_seed_and_come_at_their_pace() {
        let jobs = some(2_000);
        assert_eq!(jobs, some(2_000));
        let last = jobs.last().expect("jobs").at.seconds_since(START);
        assert!((last / 20_000.0 - 1.0).abs() < 0.1, "{last} s");
        assert!(Tier::ALL.iter().all(|tier| jobs.iter().filter(|job| job.tier == *tier).count() > 100));
        assert!(Jobs::new(Seed::new(7), START, 0.0).is_none());
    }

    #[test]
    fn models_succeed_as_often_as_their_skill_says() {
        let jobs = some(4_000);
        for skill in SKILLS {
            for (tier, chance) in Tier::ALL.into_iter().zip(skill.success) {
                let ends: Vec<Done> =
                    jobs.iter().filter(|job| job.tier == tier).map(|job| job.done_by(skill.model, false).0).collect();
                #[expect(clippy::cast_precision_loss, reason = "some thousand jobs")]
                let share = ends.iter().filter(|done| done.success).count() as f64 / ends.len() as f64;
                assert!((share - chance).abs() < 0.08, "{} at {}: {share}", skill.model, tier.name());
                assert!(ends.iter().all(|done| done.cost_usd > 0.0 && done.worth() <= 1.0));
            }
        }
        assert!(!jobs[0].done_by("nobody", true).0.success);
    }
}
