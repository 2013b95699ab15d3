//! `[store]` as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::elements::duration::DurationText;
use crate::config::elements::size::SizeText;

/// The tables on disk.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Store {
    /// How long after its end a minute still takes in calls. Later calls are counted and kept aside.
    #[schemars(with = "DurationText")]
    pub late_window: String,
    /// How often complete minutes are written to Parquet. Until then they are in the log and in memory, and queries
    /// see them.
    #[schemars(with = "DurationText")]
    pub flush_every: String,
    /// Memory for calls and minutes that are not yet written. When it is full, senders are asked to wait.
    #[schemars(with = "SizeText")]
    pub memory_limit: String,
    /// How many channels may exist.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_channels: u32,
    /// How long the rows of each table are kept: a span such as `90d`, or `forever`.
    pub retention: Retention,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            late_window: "10m".to_owned(),
            flush_every: "5m".to_owned(),
            memory_limit: "256MiB".to_owned(),
            max_channels: 10_000,
            retention: Retention::default(),
        }
    }
}

/// How long the rows of each table are kept.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Retention {
    /// Minutes.
    pub samples: String,
    /// Roll-ups of five minutes.
    pub samples_5m: String,
    /// Roll-ups of one hour.
    pub samples_1h: String,
    /// Gauges.
    pub gauges: String,
    /// Pieces of minutes that came too late.
    pub late: String,
    /// Forecasts that something acted on or somebody asked for.
    pub forecasts: String,
    /// How forecasts turned out.
    pub forecast_accuracy: String,
    /// Minutes that were odd, with their scores.
    pub anomalies: String,
    /// Incidents, every change of them.
    pub incidents: String,
    /// Probabilities of breaking an objective, and what came true.
    pub risks: String,
    /// Decisions, and what came of them.
    pub decisions: String,
    /// Steps of playbooks, and what came of them.
    pub actions: String,
    /// Jobs, and the parts that models had in them.
    pub work: String,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            samples: "forever".to_owned(),
            samples_5m: "forever".to_owned(),
            samples_1h: "forever".to_owned(),
            gauges: "forever".to_owned(),
            late: "forever".to_owned(),
            forecasts: "forever".to_owned(),
            forecast_accuracy: "forever".to_owned(),
            anomalies: "forever".to_owned(),
            incidents: "forever".to_owned(),
            risks: "forever".to_owned(),
            decisions: "forever".to_owned(),
            actions: "forever".to_owned(),
            work: "forever".to_owned(),
        }
    }
}
