//! `[[route]]` as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A kind of work with its own promise and its own channels.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Route {
    /// Name of the route class.
    pub class: String,
    /// What is promised to this kind of work.
    pub objective: Objective,
    /// Channels that may serve it; every configured one if absent.
    pub channels: Option<Vec<String>>,
    /// What may be done about it.
    #[serde(default)]
    pub mode: Mode,
    /// Whether a change needs two different operators where it needs approval.
    #[serde(default)]
    pub two_operators: bool,
}

/// What may be done about a route class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum Mode {
    /// Nothing: it is watched, and no decision is made.
    Observe,
    /// Decisions are made and told; whoever routes is free to follow.
    #[default]
    Advise,
    /// Each change waits for a person's approval.
    Approve,
    /// Decisions are made and delivered, and playbooks run, without asking.
    Auto,
}

/// What is promised; at least one promise.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Objective {
    /// Latency of successful calls.
    pub latency: Option<Latency>,
    /// Largest share of calls that may fail, such as 0.01.
    #[schemars(range(min = 0, max = 1))]
    pub error_ratio: Option<f64>,
    /// Smallest share of minutes in which the class must be served, such as 0.999.
    #[schemars(range(min = 0, max = 1))]
    pub availability: Option<f64>,
    /// What the class may cost.
    pub budget: Option<Budget>,
}

/// `percentile` percent of successful calls take at most `ms` milliseconds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Latency {
    /// The percentile, such as 95.
    #[schemars(range(min = 1, max = 99.9))]
    pub percentile: f64,
    /// Milliseconds.
    #[schemars(range(min = 1, max = 86_400_000))]
    pub ms: f64,
}

/// Money per UTC day or month.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Budget {
    /// US dollars.
    #[schemars(range(min = 0, max = 1_000_000))]
    pub usd: f64,
    /// The period.
    pub per: Period,
}

/// Period of a budget, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum Period {
    /// From midnight to midnight.
    Day,
    /// A calendar month.
    Month,
}
