//! `[detect]` as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::elements::duration::DurationText;
use crate::config::elements::stretch::StretchText;
use crate::config::elements::target::{JUDGED, TargetText};

/// Scores of every minute of every channel.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Detect {
    /// Whether minutes are judged at all.
    pub enabled: bool,
    /// How long after its end a minute is judged: calls that are told a little late still count in it.
    #[schemars(with = "DurationText")]
    pub delay: String,
    /// How much history is learnt from at the first start, so that there is nothing to wait for.
    #[schemars(with = "DurationText")]
    pub history: String,
    /// Whether an isolation forest looks at all columns of a channel together.
    pub forest: bool,
    /// How many alarms a day a healthy column of a healthy channel may raise: 0.05 is one in twenty days.
    #[schemars(range(min = 0, max = 100))]
    pub alarms_per_day: f64,
    /// Minutes with at least this score are kept in the table `anomalies`; 0.5 is the line.
    #[schemars(range(min = 0, max = 1))]
    pub keep_from: f64,
    /// The columns that are judged.
    #[schemars(with = "Vec<TargetText>")]
    pub columns: Vec<String>,
    /// Whether `/metrics` shows scores and risks as gauges; error budgets it always shows.
    pub metrics: bool,
    /// What holds for some channels or columns only. Where two say something, the later one holds.
    pub control: Vec<DetectControl>,
}

impl Default for Detect {
    fn default() -> Self {
        Self {
            enabled: true,
            delay: "10s".to_owned(),
            history: "3d".to_owned(),
            forest: true,
            alarms_per_day: 0.05,
            keep_from: 0.3,
            columns: JUDGED.map(|target| target.name().to_owned()).to_vec(),
            metrics: false,
            control: Vec::new(),
        }
    }
}

/// What holds for some channels or columns only. What is not said here is as elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct DetectControl {
    /// The channel; all of them if absent. It may be one that is not configured.
    pub channel: Option<String>,
    /// The column; all of them if absent.
    #[schemars(with = "Option<TargetText>")]
    pub column: Option<String>,
    /// Whether it is judged at all.
    pub watch: Option<bool>,
    /// How many alarms a day a healthy column may raise.
    #[schemars(range(min = 0, max = 100))]
    pub alarms_per_day: Option<f64>,
    /// Which deviations matter.
    pub direction: Option<Direction>,
    /// Least deviation from what was expected that matters, in the unit of the column.
    #[schemars(range(min = 0))]
    pub least_deviation: Option<f64>,
    /// Least deviation that matters as a part of what was expected: 0.2 is a fifth.
    #[schemars(range(min = 0))]
    pub least_relative: Option<f64>,
    /// Least number of calls in a minute for it to be judged.
    #[schemars(range(min = 0))]
    pub least_requests: Option<f64>,
    /// Minutes without a value in a row after which that is an anomaly of the column; never if absent.
    #[schemars(range(min = 1, max = 1_440))]
    pub absent_after: Option<u32>,
    /// Stretches of time in which nothing is an anomaly and nothing is learnt, such as maintenance.
    #[serde(default)]
    #[schemars(with = "Vec<StretchText>")]
    pub maintenance: Vec<String>,
}

/// Which deviations matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum Direction {
    /// Only what is too high, such as latency and errors.
    Up,
    /// Only what is too low, such as throughput.
    Down,
    /// Both.
    Both,
}
