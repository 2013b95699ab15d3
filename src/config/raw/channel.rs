//! `[[channel]]` as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::elements::date::DateText;

/// A channel: one way to reach a model.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Channel {
    /// Its name in calls, tables and decisions.
    pub name: String,
    /// Who serves it, such as `openai`.
    pub provider: Option<String>,
    /// The model, as the provider calls it.
    pub model: Option<String>,
    /// Where it is served.
    pub region: Option<String>,
    /// The provider's name for the deployment.
    pub deployment: Option<String>,
    /// What the provider allows.
    #[serde(default)]
    pub limits: Limits,
    /// List prices; the newest that has begun holds. They give the cost of calls that do not state one.
    #[serde(default)]
    pub prices: Vec<Price>,
}

/// What the provider allows on a channel.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Limits {
    /// Requests per minute.
    #[schemars(range(min = 1))]
    pub rpm: Option<u64>,
    /// Tokens per minute.
    #[schemars(range(min = 1))]
    pub tpm: Option<u64>,
}

/// Prices in USD per million tokens.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Price {
    /// First day of this price; without it the price has always held.
    #[schemars(with = "Option<DateText>")]
    pub from: Option<String>,
    /// Prompt tokens that were not cached.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub prompt_usd_per_mtok: f64,
    /// Completion tokens.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub completion_usd_per_mtok: f64,
    /// Cached prompt tokens; without it they cost what prompt tokens cost.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub cached_usd_per_mtok: Option<f64>,
}
