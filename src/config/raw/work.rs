//! `[learn]` and `[[work]]` as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::elements::cron::CronText;
use crate::config::elements::duration::DurationText;

/// How it is learnt which model should do which work.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Learn {
    /// When the shares of the coming day are told, in UTC.
    #[schemars(with = "CronText")]
    pub cron: String,
    /// Jobs of a kind after which what was known before counts half. Smaller follows changes sooner and knows less surely.
    #[schemars(range(min = 10.0, max = 1_000_000.0))]
    pub half_life_jobs: f64,
    /// Where chance begins: equal seeds and equal jobs give equal shares.
    pub seed: u64,
    /// How long a job may be silent before it counts as abandoned; how long a job that is over is still known.
    #[schemars(with = "DurationText")]
    pub expire_after: String,
    /// How long a model is passed over whose tokens a client says are used up, if it does not say for how long.
    #[schemars(with = "DurationText")]
    pub exhausted_for: String,
}

impl Default for Learn {
    fn default() -> Self {
        Self {
            cron: "0 8 * * *".to_owned(),
            half_life_jobs: 462.0,
            seed: 0,
            expire_after: "24h".to_owned(),
            exhausted_for: "15m".to_owned(),
        }
    }
}

/// A class of work, and the models among which its jobs are shared out.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Work {
    /// Its name; that of a route class, or any other.
    pub class: String,
    /// Who may do it.
    pub model: Vec<WorkModel>,
    /// The model that you would take for everything if nothing were learnt: what is reached is compared with it. The first
    /// one if absent.
    #[serde(rename = "static")]
    pub fixed: Option<String>,
    /// How good a job must be on average.
    #[serde(default)]
    pub enough: Enough,
}

/// A model that may do the work.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct WorkModel {
    /// Its name, as clients know it.
    pub name: String,
    /// Tokens that jobs of this class may take of it in a day (UTC); no limit if absent.
    #[schemars(range(min = 1))]
    pub tokens_per_day: Option<u64>,
    /// What a job is expected to cost in USD, until jobs have told.
    #[schemars(range(min = 0.0))]
    pub usd_per_job: Option<f64>,
}

/// Mean worth of a job, 0 to 1, that is enough for each tier: among the models that reach it, the one with the most worth for
/// a USD is best. A failed job is worth 0, any other its quality, or 1 if nobody judged it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[expect(non_snake_case, reason = "tiers are called so everywhere")]
pub(in crate::config) struct Enough {
    /// Routine.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub L1: f64,
    /// Ordinary.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub L2: f64,
    /// Demanding.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub L3: f64,
    /// The hardest.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub L4: f64,
}

impl Default for Enough {
    fn default() -> Self {
        Self { L1: 0.7, L2: 0.8, L3: 0.87, L4: 0.93 }
    }
}
