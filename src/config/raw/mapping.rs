//! `[source.mapping]` of a scraped endpoint as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the series of a page mean, where no preset does.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Mapping {
    /// Series that only grow.
    pub counters: Vec<Counter>,
    /// Histograms of durations.
    pub histograms: Vec<Histogram>,
    /// How full a channel is right now.
    pub levels: Vec<Level>,
    /// Further series to keep as gauges.
    pub gauges: Vec<Gauge>,
}

/// A counter and the column it feeds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Counter {
    /// Names in order of preference; the first on the page is read.
    pub metrics: Vec<String>,
    /// What it counts.
    pub counts: Counts,
    /// Labels with the value they must have.
    #[serde(default, rename = "where")]
    pub only: BTreeMap<String, String>,
    /// Labels with the value they must not have.
    #[serde(default)]
    pub where_not: BTreeMap<String, String>,
    /// With `counts = "failures"`: how all of them ended.
    pub outcome: Option<FailureOutcome>,
    /// With `counts = "failures"`: label with the HTTP status.
    pub status_label: Option<String>,
    /// With `counts = "failures"`: label with the name of the exception.
    pub exception_label: Option<String>,
}

/// What a counter counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::config) enum Counts {
    /// Calls, however they ended.
    Requests,
    /// Calls that succeeded.
    Successes,
    /// Calls that failed.
    Failures,
    /// Attempts beyond the first.
    Retries,
    /// Prompt tokens.
    TokensPrompt,
    /// Completion tokens.
    TokensCompletion,
    /// Prompt tokens served from a cache.
    TokensCached,
    /// Money, in USD.
    CostUsd,
}

/// How failed calls ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::config) enum FailureOutcome {
    /// Refused for load or quota.
    Throttled,
    /// No answer in time.
    Timeout,
    /// The request was at fault.
    ClientError,
    /// The channel was at fault.
    ServerError,
    /// No connection.
    NetworkError,
}

/// A histogram and the distribution it feeds.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Histogram {
    /// Names without `_bucket`, in order of preference; the first on the page is read.
    pub metrics: Vec<String>,
    /// What it measures.
    pub measures: Measures,
    /// Unit of its buckets.
    #[serde(default)]
    pub unit: TimeUnit,
    /// Labels with the value they must have.
    #[serde(default, rename = "where")]
    pub only: BTreeMap<String, String>,
    /// Labels with the value they must not have.
    #[serde(default)]
    pub where_not: BTreeMap<String, String>,
}

/// What a histogram measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::config) enum Measures {
    /// Latency of successful calls.
    Latency,
    /// Time to first token of successful calls.
    Ttft,
}

/// Unit of a duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub(in crate::config) enum TimeUnit {
    /// Seconds.
    #[default]
    #[serde(rename = "s")]
    Seconds,
    /// Milliseconds.
    #[serde(rename = "ms")]
    Milliseconds,
}

/// A gauge of how full a channel is.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Level {
    /// Names in order of preference; the first on the page is read.
    pub metrics: Vec<String>,
    /// What it tells.
    pub tells: Tells,
    /// Labels with the value they must have.
    #[serde(default, rename = "where")]
    pub only: BTreeMap<String, String>,
    /// Labels with the value they must not have.
    #[serde(default)]
    pub where_not: BTreeMap<String, String>,
}

/// What a level tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::config) enum Tells {
    /// Calls in flight.
    InFlight,
    /// Calls waiting.
    Queue,
}

/// A series to keep as a gauge.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Gauge {
    /// Names in order of preference; the gauge carries the first.
    pub metrics: Vec<String>,
    /// Labels to keep.
    #[serde(default)]
    pub keep: Vec<String>,
    /// How series that differ in other labels become one.
    #[serde(default)]
    pub combine: Combine,
    /// Labels with the value they must have.
    #[serde(default, rename = "where")]
    pub only: BTreeMap<String, String>,
    /// Labels with the value they must not have.
    #[serde(default)]
    pub where_not: BTreeMap<String, String>,
}

/// How several series become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::config) enum Combine {
    /// Added up: counts of things.
    #[default]
    Sum,
    /// The largest: shares and states.
    Max,
    /// The smallest: what remains.
    Min,
}
