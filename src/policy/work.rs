//! Which model should do which kind of work: learnt from how jobs ended.
//!
//! A job belongs to a route class and to a [`Tier`] of difficulty. How it ended ([`Done`]) is counted for the model that did
//! it ([`arm`]); what was long ago counts less. Once a day an [`allocation`] says which share of the jobs of each kind each
//! model gets: as often as it comes out best when every model's worth and cost are drawn from what is known of them, which
//! is Thompson sampling in batches. A model of which little is known is drawn widely, and so is tried; one that is known to
//! be worse is hardly tried at all. Because old jobs are discounted, it is tried again later (V. Raj and S. Kalyani, *Taming
//! non-stationary bandits*, 2017).
//!
//! Best is: the most worth for a USD among those whose worth is enough for the tier, and the highest worth if none's is. What
//! is enough is a matter of the work and not of the best model there is: a dear model need not be tried again and again
//! only to know by how much it would be better than needed.

pub mod allocation;
pub mod arm;
pub mod ask;
pub mod book;
pub mod curve;
pub mod event;
pub mod job;
pub mod ledger;
pub mod purse;
pub mod report;
pub mod scores;

use serde::{Deserialize, Serialize};

/// How hard a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Tier {
    /// Routine.
    L1,
    /// Ordinary.
    L2,
    /// Demanding.
    L3,
    /// The hardest.
    L4,
}

impl Tier {
    /// Every tier, the easiest first.
    pub const ALL: [Self; 4] = [Self::L1, Self::L2, Self::L3, Self::L4];

    /// The name in files, tables and the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::L1 => "L1",
            Self::L2 => "L2",
            Self::L3 => "L3",
            Self::L4 => "L4",
        }
    }

    /// The tier called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tier| tier.name() == name)
    }

    /// Mean worth of a job, 0 ..= 1, that is enough unless operators say otherwise.
    #[must_use]
    pub const fn enough(self) -> f64 {
        match self {
            Self::L1 => 0.7,
            Self::L2 => 0.8,
            Self::L3 => 0.87,
            Self::L4 => 0.93,
        }
    }
}

/// A kind of work: a route class and a tier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Kind {
    /// The route class.
    pub class: String,
    /// How hard it is.
    pub tier: Tier,
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Done {
    /// Whether it did what it was to do.
    pub success: bool,
    /// How well, 0 ..= 1; `None` if nobody judged it.
    pub quality: Option<f64>,
    /// Tokens that it took.
    pub tokens: u64,
    /// USD that it cost.
    pub cost_usd: f64,
}

impl Done {
    /// What it was worth, 0 ..= 1: nothing if it failed, else its quality; a success that nobody judged is worth 1.
    #[must_use]
    pub fn worth(&self) -> f64 {
        if self.success { self.quality.unwrap_or(1.0).clamp(0.0, 1.0) } else { 0.0 }
    }
}
