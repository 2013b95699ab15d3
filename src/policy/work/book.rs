//! What operators say about work: its classes, who may do it, and what is remembered.

use crate::policy::work::scores::{Board, Scores};
use crate::policy::work::{Kind, Tier};
use crate::stats::seed::Seed;

/// A model that may do the work of a class.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    /// Its name.
    pub name: String,
    /// Tokens that the jobs of the class may take of it in a day (UTC); as many as they like if `None`.
    pub tokens_per_day: Option<u64>,
    /// USD that a job is expected to cost, until jobs have told.
    pub usd_per_job: Option<f64>,
}

/// A class of work.
#[derive(Debug, Clone, PartialEq)]
pub struct Class {
    /// Its name.
    pub name: String,
    /// Who may do it; at least one, with different names.
    pub models: Vec<Model>,
    /// The model that operators would take for everything if nothing were learnt.
    pub fixed: String,
    /// Mean worth of a job, 0 ..= 1, that is enough, for each tier.
    pub enough: [f64; 4],
}

impl Class {
    /// The model called `name`.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&Model> {
        self.models.iter().find(|model| model.name == name)
    }

    /// Mean worth of a job of `tier` that is enough.
    #[must_use]
    pub fn enough(&self, tier: Tier) -> f64 {
        let place = Tier::ALL.iter().position(|known| *known == tier);
        place.and_then(|place| self.enough.get(place).copied()).unwrap_or_else(|| tier.enough())
    }

    /// What `scores` know of its models at `tier`.
    #[must_use]
    pub fn board(&self, scores: &Scores, tier: Tier) -> Board {
        let known = scores.board(&Kind { class: self.name.clone(), tier }).cloned().unwrap_or_default();
        known.of(self.models.iter().map(|model| (model.name.as_str(), model.usd_per_job)))
    }
}

/// All that operators say about work.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    /// The classes; names are unique.
    pub classes: Vec<Class>,
    /// What remains of a job's weight after each further job of its kind, above 0 and below 1.
    pub discount: f64,
    /// Seconds without a word after which a job counts as abandoned; how long jobs that are over are known, too.
    pub expire_s: f64,
    /// Seconds for which a model is passed over whose tokens a client says are used up, if it does not say for how long.
    pub exhausted_s: f64,
    /// Where chance begins.
    pub seed: Seed,
}

impl Book {
    /// The discount unless operators say otherwise: some 700 jobs are remembered, and half of the weight after 462.
    pub const DISCOUNT: f64 = 0.998_5;

    /// The class called `name`.
    #[must_use]
    pub fn class(&self, name: &str) -> Option<&Class> {
        self.classes.iter().find(|class| class.name == name)
    }
}

impl Default for Book {
    fn default() -> Self {
        Self {
            classes: Vec::new(),
            discount: Self::DISCOUNT,
            expire_s: 86_400.0,
            exhausted_s: 900.0,
            seed: Seed::new(0),
        }
    }
}
