//! The file of alert rules as written.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Severity;
use crate::config::elements::duration::DurationText;
use crate::config::elements::target::TargetText;
use crate::config::elements::url::UrlText;

/// Alert rules of Foreroute; `alerts.rules` of the configuration names this file.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "alerts.toml")]
pub(in crate::config) struct Rules {
    /// The rules.
    pub rule: Vec<Rule>,
}

/// A condition on series of which somebody wants to be told.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Rule {
    /// Its name, which alerts have as the label `rule`.
    pub name: String,
    /// Of every channel a column of `samples`, `error_ratio`, `throttled_ratio`, `anomaly_score` or `risk`; of a route class
    /// `burn_rate`. Either this or `gauge` is needed.
    pub metric: Option<String>,
    /// A collected gauge, by the name of its metric.
    pub gauge: Option<String>,
    /// Labels that a series must have: a value, or the beginning of one before a `*`. Channels have `channel`, `provider`,
    /// `model` and `region`; gauges have their own.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Minutes that are looked at together; `5m` if absent. Percentiles come from all of their calls, ratios from their
    /// counts, sums are summed.
    #[schemars(with = "Option<DurationText>")]
    pub window: Option<String>,
    /// Which reading of the window counts, of a gauge; `last` if absent.
    pub take: Option<Take>,
    /// Which column, of `anomaly_score`; the oddest one of each channel if absent.
    #[schemars(with = "Option<TargetText>")]
    pub column: Option<String>,
    /// Which route class, of `risk` and `burn_rate`.
    pub class: Option<String>,
    /// How far ahead, of `risk`: `5m`, `15m` or `1h`; `15m` if absent.
    #[schemars(with = "Option<DurationText>")]
    pub horizon: Option<String>,
    /// Which promise, of `burn_rate`.
    pub promise: Option<Promise>,
    /// Which windows and rates, of `burn_rate`: those of the Site Reliability Workbook; `page` if absent.
    pub burn: Option<Burn>,
    /// Windows and rate of one's own, of `burn_rate`, in place of `burn`.
    pub pair: Option<Pair>,
    /// The limit, if larger values are worse. Either this or `below` is needed, but for `burn_rate`, which has its rates.
    pub above: Option<f64>,
    /// The limit, if smaller values are worse.
    pub below: Option<f64>,
    /// From which value on it is over, on the good side of the limit; the limit if absent.
    pub recovered: Option<f64>,
    /// How long it has to last before anyone is told; at once if absent.
    #[serde(rename = "for")]
    #[schemars(with = "Option<DurationText>")]
    pub hold: Option<String>,
    /// What it means if a series is not there.
    #[serde(default)]
    pub missing: Missing,
    /// How grave it is; P3 if absent.
    pub severity: Option<Severity>,
    /// What to say, in a sentence.
    pub summary: Option<String>,
    /// Where to read what to do.
    #[schemars(with = "Option<UrlText>")]
    pub runbook: Option<String>,
}

/// Which reading of a window counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum Take {
    /// The newest.
    Last,
    /// The mean of all.
    Mean,
    /// The smallest.
    Min,
    /// The largest.
    Max,
}

/// What it means if a series is not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum Missing {
    /// Nothing: what was goes on.
    #[default]
    Ignore,
    /// A breach: it has to be there.
    Breach,
    /// A recovery: it comes and goes.
    Recovery,
}

/// A promise to a route class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::config) enum Promise {
    /// That of its latency.
    Latency,
    /// That of its error ratio.
    ErrorRatio,
    /// That of its availability.
    Availability,
}

/// How fast a budget may be used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum Burn {
    /// 2 % of thirty days within an hour, or 5 % within six.
    Page,
    /// 10 % of thirty days within three days.
    Ticket,
}

/// Two windows that must both burn as fast: a long one so that it matters, a short one so that it is still true.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Pair {
    /// The long window.
    #[schemars(with = "DurationText")]
    pub long: String,
    /// The short window.
    #[schemars(with = "DurationText")]
    pub short: String,
    /// How many times faster than the budget allows.
    #[schemars(range(min = 0.1, max = 10_000))]
    pub rate: f64,
}
