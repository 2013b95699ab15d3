//! `[source.mapping]` of a scraped endpoint as meant.

use std::collections::BTreeMap;

use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::raw;
use crate::domain::call::Outcome;

/// What the series of a page mean. At least one rule; every rule names a series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Series that only grow.
    pub counters: Vec<CounterRule>,
    /// Histograms of durations.
    pub histograms: Vec<HistogramRule>,
    /// How full a channel is right now.
    pub levels: Vec<LevelRule>,
    /// Further series to keep as gauges.
    pub gauges: Vec<GaugeRule>,
}

/// Which series a rule reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Select {
    /// Names in order of preference, at least one.
    pub metrics: Vec<String>,
    /// Labels with the value they must have.
    pub only: BTreeMap<String, String>,
    /// Labels with the value they must not have.
    pub except: BTreeMap<String, String>,
}

/// A counter and the column it feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterRule {
    /// Which series.
    pub select: Select,
    /// What it counts.
    pub counts: Counts,
}

/// What a counter counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counts {
    /// Calls, however they ended.
    Requests,
    /// Calls that succeeded.
    Successes,
    /// Calls that failed.
    Failures(FailureClass),
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

/// How a failure's class is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureClass {
    /// It is not.
    Unknown,
    /// All ended in the same way.
    Fixed(Outcome),
    /// From labels; a label that is not named is empty.
    Labels {
        /// Label with the HTTP status.
        status: String,
        /// Label with the name of the exception.
        exception: String,
    },
}

/// A histogram and the distribution it feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistogramRule {
    /// Which histogram.
    pub select: Select,
    /// What it measures.
    pub measures: Measures,
    /// Milliseconds in one unit of its buckets.
    pub unit_ms: u32,
}

/// What a histogram measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measures {
    /// Latency of successful calls.
    Latency,
    /// Time to first token of successful calls.
    Ttft,
}

/// A gauge of how full a channel is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelRule {
    /// Which series.
    pub select: Select,
    /// What it tells.
    pub tells: Tells,
}

/// What a level tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// Calls in flight.
    InFlight,
    /// Calls waiting.
    Queue,
}

/// A series to keep as a gauge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GaugeRule {
    /// Which series.
    pub select: Select,
    /// Labels to keep.
    pub keep: Vec<String>,
    /// How series that differ in other labels become one.
    pub combine: Combine,
}

/// How several series become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    /// Added up.
    Sum,
    /// The largest.
    Max,
    /// The smallest.
    Min,
}

impl Mapping {
    pub(super) fn check(raw: &raw::Mapping, path: &Path, checker: &mut Checker<'_>) -> Self {
        let raw::Mapping { counters, histograms, levels, gauges } = raw;
        if counters.is_empty() && histograms.is_empty() && levels.is_empty() && gauges.is_empty() {
            checker.fail(path, "give at least one rule in `counters`, `histograms`, `levels` or `gauges`");
        }
        let mut select = |key: &str, at: usize, (metrics, only, except): Parts<'_>| {
            let path = path.key(key).at(at).key("metrics");
            if metrics.is_empty() || metrics.iter().any(String::is_empty) {
                checker.fail(&path, "name at least one metric");
            }
            Select { metrics: metrics.clone(), only: only.clone(), except: except.clone() }
        };
        let histograms = histograms.iter().enumerate().map(|(at, rule)| HistogramRule {
            select: select("histograms", at, (&rule.metrics, &rule.only, &rule.where_not)),
            measures: rule.measures.into(),
            unit_ms: match rule.unit {
                raw::TimeUnit::Seconds => 1_000,
                raw::TimeUnit::Milliseconds => 1,
            },
        });
        let histograms = histograms.collect();
        let levels = levels.iter().enumerate().map(|(at, rule)| LevelRule {
            select: select("levels", at, (&rule.metrics, &rule.only, &rule.where_not)),
            tells: rule.tells.into(),
        });
        let levels = levels.collect();
        let gauges = gauges.iter().enumerate().map(|(at, rule)| GaugeRule {
            select: select("gauges", at, (&rule.metrics, &rule.only, &rule.where_not)),
            keep: rule.keep.clone(),
            combine: rule.combine.into(),
        });
        let gauges = gauges.collect();
        let selects: Vec<Select> = (counters.iter().enumerate())
            .map(|(at, rule)| select("counters", at, (&rule.metrics, &rule.only, &rule.where_not)))
            .collect();
        let counters = (counters.iter().zip(selects).enumerate())
            .map(|(at, (rule, select))| {
                let path = path.key("counters").at(at);
                CounterRule { select, counts: Counts::check(rule, &path, checker) }
            })
            .collect();
        Self { counters, histograms, levels, gauges }
    }
}

/// Names, labels that must have a value, labels that must not.
type Parts<'a> = (&'a Vec<String>, &'a BTreeMap<String, String>, &'a BTreeMap<String, String>);

impl Counts {
    fn check(rule: &raw::Counter, path: &Path, checker: &mut Checker<'_>) -> Self {
        let classed = rule.outcome.is_some() || rule.status_label.is_some() || rule.exception_label.is_some();
        if classed && rule.counts != raw::Counts::Failures {
            let message = "`outcome`, `status_label` and `exception_label` belong to `counts = \"failures\"`";
            checker.fail(path, message);
        }
        match rule.counts {
            raw::Counts::Requests => Self::Requests,
            raw::Counts::Successes => Self::Successes,
            raw::Counts::Failures => Self::Failures(FailureClass::check(rule, path, checker)),
            raw::Counts::Retries => Self::Retries,
            raw::Counts::TokensPrompt => Self::TokensPrompt,
            raw::Counts::TokensCompletion => Self::TokensCompletion,
            raw::Counts::TokensCached => Self::TokensCached,
            raw::Counts::CostUsd => Self::CostUsd,
        }
    }
}

impl FailureClass {
    fn check(rule: &raw::Counter, path: &Path, checker: &mut Checker<'_>) -> Self {
        match (rule.outcome, &rule.status_label, &rule.exception_label) {
            (None, None, None) => Self::Unknown,
            (Some(outcome), None, None) => Self::Fixed(outcome.into()),
            (None, status, exception) => Self::Labels {
                status: status.clone().unwrap_or_default(),
                exception: exception.clone().unwrap_or_default(),
            },
            _ => {
                checker.fail(path, "say how failures ended either by `outcome` or by labels, not both");
                Self::Unknown
            }
        }
    }
}

impl From<raw::FailureOutcome> for Outcome {
    fn from(raw: raw::FailureOutcome) -> Self {
        match raw {
            raw::FailureOutcome::Throttled => Self::Throttled,
            raw::FailureOutcome::Timeout => Self::Timeout,
            raw::FailureOutcome::ClientError => Self::ClientError,
            raw::FailureOutcome::ServerError => Self::ServerError,
            raw::FailureOutcome::NetworkError => Self::NetworkError,
        }
    }
}

impl From<raw::Measures> for Measures {
    fn from(raw: raw::Measures) -> Self {
        match raw {
            raw::Measures::Latency => Self::Latency,
            raw::Measures::Ttft => Self::Ttft,
        }
    }
}

impl From<raw::Tells> for Tells {
    fn from(raw: raw::Tells) -> Self {
        match raw {
            raw::Tells::InFlight => Self::InFlight,
            raw::Tells::Queue => Self::Queue,
        }
    }
}

impl From<raw::Combine> for Combine {
    fn from(raw: raw::Combine) -> Self {
        match raw {
            raw::Combine::Sum => Self::Sum,
            raw::Combine::Max => Self::Max,
            raw::Combine::Min => Self::Min,
        }
    }
}
