//! `[forecast]` as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::elements::cron::CronText;
use crate::config::elements::duration::DurationText;
use crate::config::elements::stretch::StretchText;

/// Forecasts of every channel.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Forecast {
    /// Whether forecasts are made at all.
    pub enabled: bool,
    /// When a round of fits begins. It is spread over the hour that follows.
    #[schemars(with = "CronText")]
    pub refit: String,
    /// How much history models are fitted to.
    #[schemars(with = "DurationText")]
    pub history: String,
    /// Stretches that are left out of the history, such as incidents and maintenance.
    #[schemars(with = "Vec<StretchText>")]
    pub skip: Vec<String>,
    /// The share of one core that fits may take, from 0.01 to 1.
    #[schemars(range(min = 0.01, max = 1.0))]
    pub cpu_share: f64,
    /// Whether `/metrics` shows the forecasts of the next hour as gauges.
    pub metrics: bool,
}

impl Default for Forecast {
    fn default() -> Self {
        Self {
            enabled: true,
            refit: "17 */6 * * *".to_owned(),
            history: "15d".to_owned(),
            skip: Vec::new(),
            cpu_share: 0.25,
            metrics: false,
        }
    }
}
