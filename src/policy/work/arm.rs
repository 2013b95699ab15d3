//! What is known of one model for one kind of work.

use rand_distr::{Beta, Distribution as _, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde::{Deserialize, Serialize};

use crate::policy::work::Done;

/// Jobs of worth 1 and of worth 0 that a model begins with: what is new is more likely good than bad, or nobody would offer
/// it.
const PRIOR: (f64, f64) = (4.0, 1.0);
/// Relative spread of costs before there are jobs enough to tell.
const SPREAD: f64 = 0.5;

/// Discounted sums over the jobs of one model.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// Jobs in all, without discount.
    pub jobs: u64,
    /// Jobs of these that succeeded.
    pub successes: u64,
    /// Tokens of all of them.
    pub tokens: u64,
    /// USD of all of them.
    pub usd: f64,
    /// USD of a job by the price list, until its own jobs tell.
    pub guess_usd: Option<f64>,
    weight: f64,
    worth: f64,
    cost: f64,
    cost_squared: f64,
}

/// One draw of what a model may be like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draw {
    /// Worth of a job, 0 ..= 1.
    pub worth: f64,
    /// USD of a job.
    pub cost_usd: f64,
}

impl Arm {
    /// Hears of one of its own jobs.
    pub fn hear(&mut self, done: &Done) {
        self.jobs += 1;
        self.successes += u64::from(done.success);
        self.tokens = self.tokens.saturating_add(done.tokens);
        self.usd += done.cost_usd;
        self.weight += 1.0;
        self.worth += done.worth();
        self.cost += done.cost_usd;
        self.cost_squared += done.cost_usd * done.cost_usd;
    }

    /// Hears that a job of its kind was done, by whichever model: all that is known is a little older, and `discount` of its
    /// weight remains.
    pub fn fade(&mut self, discount: f64) {
        for sum in [&mut self.weight, &mut self.worth, &mut self.cost, &mut self.cost_squared] {
            *sum *= discount;
        }
    }

    /// Mean worth of its jobs, with the prior.
    #[must_use]
    pub fn worth(&self) -> f64 {
        (self.worth + PRIOR.0) / (self.weight + PRIOR.0 + PRIOR.1)
    }

    /// Mean USD of its jobs, or what the price list says; `None` if neither is known.
    #[must_use]
    pub fn cost_usd(&self) -> Option<f64> {
        if self.weight > 0.0 { Some(self.cost / self.weight) } else { self.guess_usd }
    }

    /// Draws what it may be like; `guess_usd` is what a job costs if none of its own is known.
    ///
    /// Worth is drawn from a Beta distribution to which a job of worth 0.7 counts as 0.7 of a success and 0.3 of a failure,
    /// costs from the normal distribution of their mean.
    #[must_use]
    pub fn draw(&self, guess_usd: f64, rng: &mut Xoshiro256PlusPlus) -> Draw {
        let (good, bad) = (self.worth + PRIOR.0, (self.weight - self.worth).max(0.0) + PRIOR.1);
        // Both are at least the prior, so the distribution exists.
        let worth = Beta::new(good, bad).map_or(0.5, |beta| beta.sample(rng));
        let mean = self.cost_usd().unwrap_or(guess_usd);
        let spread = if self.weight >= 2.0 {
            (self.cost_squared / self.weight - mean * mean).max(0.0).sqrt().max(0.01 * mean)
        } else {
            SPREAD * mean
        };
        let normal: f64 = StandardNormal.sample(rng);
        let cost_usd = (mean + normal * spread / self.weight.max(1.0).sqrt()).max(0.05 * mean);
        Draw { worth, cost_usd }
    }
}
