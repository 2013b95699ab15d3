//! What the series of a page mean: which is requests, which errors, which label names the channel. Plain data.
//!
//! # Names
//! A rule lists names in order of preference and reads the first that is on the page, so that an exporter showing an
//! old and a new name side by side is not counted twice. Exporters disagree on suffixes; a listed name therefore also
//! matches with dots for underscores, with or without `_total`, and for histograms with or without `_seconds`.
//!
//! # Channels
//! Series are joined on the channel's labels; every other label (keys, teams, users, addresses) is summed away.
//!
//! # Requests and errors
//! Exporters count different things, so a mapping may name any of requests, successes and failures:
//! - errors are the failures; without a rule for failures, requests minus successes;
//! - requests are the requests, without a rule successes plus failures; never fewer than the errors.

use std::collections::BTreeMap;

use crate::collect::sources::prometheus::text::Point;
use crate::domain::call::Outcome;

/// The meaning of a page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mapping {
    /// How a series names its channel.
    pub channel: ChannelRule,
    /// Series that only grow.
    pub counters: Vec<CounterRule>,
    /// Histograms of durations.
    pub histograms: Vec<HistogramRule>,
    /// How full the channel is right now.
    pub levels: Vec<LevelRule>,
    /// A state series that is only believed with evidence.
    pub state: Option<Selector>,
    /// Further series to keep as gauges.
    pub extras: Vec<ExtraRule>,
}

/// How a series names its channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChannelRule {
    /// The page speaks of one channel only, and this is it; the labels below are then not looked at.
    pub fixed: Option<String>,
    /// Labels whose values, joined with `/`, name the channel. A series that lacks one belongs to no channel.
    pub labels: Vec<String>,
    /// From joined label values to channel names, where they differ: `model_id` is often a hash.
    pub names: BTreeMap<String, String>,
}

impl ChannelRule {
    /// The channel's name for `point`, if it has one. LiteLLM writes a missing label as `None`.
    #[must_use]
    pub fn name(&self, point: &Point<'_>) -> Option<String> {
        if let Some(fixed) = &self.fixed {
            return Some(fixed.clone());
        }
        let values: Vec<_> = self.labels.iter().map(|label| point.label(label)).collect();
        if values.is_empty() || values.iter().any(|value| value.is_empty() || *value == "None") {
            return None;
        }
        let joined = values.join("/");
        Some(self.names.get(&joined).cloned().unwrap_or(joined))
    }
}

/// Which series a rule reads.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selector {
    /// Names in order of preference; the first on the page is read, the others are not.
    pub names: Vec<String>,
    /// Conditions on labels, all of which must hold.
    pub matchers: Vec<Matcher>,
}

/// A condition on one label; an absent label is an empty one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matcher {
    /// The label.
    pub label: String,
    /// Values it may have.
    pub values: Vec<String>,
    /// Whether it may have any value but these.
    pub negated: bool,
}

impl Selector {
    /// Series called `names`, whatever their labels.
    #[must_use]
    pub fn named(names: &[&str]) -> Self {
        Self { names: names.iter().map(|&name| name.to_owned()).collect(), matchers: Vec::new() }
    }

    /// As this one, but only where `label` has the value `value`.
    #[must_use]
    pub fn with(mut self, label: &str, value: &str) -> Self {
        self.matchers.push(Matcher { label: label.to_owned(), values: vec![value.to_owned()], negated: false });
        self
    }

    /// As this one, but only where `label` has another value than `value`.
    #[must_use]
    pub fn without(mut self, label: &str, value: &str) -> Self {
        self.matchers.push(Matcher { label: label.to_owned(), values: vec![value.to_owned()], negated: true });
        self
    }

    /// Whether the labels of `point` meet the conditions.
    #[must_use]
    pub fn admits(&self, point: &Point<'_>) -> bool {
        self.matchers.iter().all(|matcher| {
            let value = point.label(&matcher.label);
            matcher.values.iter().any(|allowed| allowed == value) != matcher.negated
        })
    }
}

/// A counter and the column it feeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CounterRule {
    /// Which series.
    pub select: Selector,
    /// What it counts.
    pub role: Role,
}

/// What a counter counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
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
    /// Trouble that no column holds, such as cooldowns: evidence for the state series.
    Evidence,
}

/// How a failure's class is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FailureClass {
    /// It is not.
    Unknown,
    /// All are of this one.
    Fixed(Outcome),
    /// From a label with the HTTP status and one with the name of the exception.
    Labels {
        /// Label with the status.
        status: String,
        /// Label with the name of the exception.
        exception: String,
    },
}

impl FailureClass {
    /// The class of the failures that `point` counts; `None` if it cannot be told.
    ///
    /// Names that say "time-out", "rate limit" or "connection" win over the status: LiteLLM gives
    /// `APIConnectionError` the status 500, though no server answered.
    #[must_use]
    pub fn of(&self, point: &Point<'_>) -> Option<Outcome> {
        let (status, exception) = match self {
            Self::Unknown => return None,
            Self::Fixed(outcome) => return Some(*outcome),
            Self::Labels { status, exception } => (point.label(status), point.label(exception)),
        };
        let by_name = [
            ("Timeout", Outcome::Timeout),
            ("RateLimit", Outcome::Throttled),
            ("APIConnection", Outcome::NetworkError),
            ("ConnectError", Outcome::NetworkError),
        ];
        let named = by_name.iter().find(|(part, _)| exception.contains(part)).map(|&(_, outcome)| outcome);
        let by_status = || status.parse().ok().map(Outcome::from_status).filter(|outcome| outcome.is_failure());
        named.or_else(by_status)
    }
}

/// A histogram of durations and the distribution it feeds.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramRule {
    /// Which histogram, by its name without `_bucket`.
    pub select: Selector,
    /// What it measures.
    pub measure: Measured,
    /// Milliseconds in one unit of the histogram: 1000 for seconds.
    pub unit_ms: f64,
}

/// What a histogram measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Measured {
    /// Latency of successful calls.
    Latency,
    /// Time to first token of successful calls.
    Ttft,
}

/// A gauge of how full the channel is; its series are added up per channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LevelRule {
    /// Which series.
    pub select: Selector,
    /// What it tells.
    pub level: Level,
}

/// What a level tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Calls in flight.
    InFlight,
    /// Calls waiting.
    Queue,
}

/// A series to keep as a gauge, with the labels `source` and, where it has one, `channel`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraRule {
    /// Which series. The gauge carries the first of the names.
    pub select: Selector,
    /// Labels to keep; series that differ in other labels only are combined.
    pub keep: Vec<String>,
    /// How they are combined.
    pub combine: Combine,
}

/// How readings that differ only in labels not kept become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    /// Added up: counts of things.
    Sum,
    /// The largest: shares and states.
    Max,
    /// The smallest: what remains.
    Min,
}

/// Why a mapping cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Neither a fixed channel nor labels.
    #[error("says neither which channel the page speaks of nor which labels name it")]
    NoChannel,
    /// No rule would ever yield anything.
    #[error("has no rule for any counter, histogram, level or extra series")]
    NoRules,
    /// A rule lists no name.
    #[error("has a rule without a metric name")]
    NoName,
    /// A histogram's unit is not a positive number.
    #[error("has a histogram whose unit is not a positive number of milliseconds")]
    BadUnit,
}

impl Mapping {
    /// Checks that the mapping can yield something.
    ///
    /// # Errors
    /// [`MappingError`] naming what is missing.
    pub fn check(&self) -> Result<(), MappingError> {
        let mut selectors = self.selectors().peekable();
        if selectors.peek().is_none() {
            return Err(MappingError::NoRules);
        }
        if selectors.any(|select| select.names.is_empty() || select.names.iter().any(String::is_empty)) {
            return Err(MappingError::NoName);
        }
        if self.channel.fixed.is_none() && self.channel.labels.is_empty() {
            return Err(MappingError::NoChannel);
        }
        if self.histograms.iter().any(|rule| !rule.unit_ms.is_finite() || rule.unit_ms <= 0.0) {
            return Err(MappingError::BadUnit);
        }
        Ok(())
    }

    /// Whether failures have a rule of their own.
    #[must_use]
    pub fn counts_failures(&self) -> bool {
        self.counters.iter().any(|rule| matches!(rule.role, Role::Failures(_)))
    }

    fn selectors(&self) -> impl Iterator<Item = &Selector> {
        let counters = self.counters.iter().map(|rule| &rule.select);
        let histograms = self.histograms.iter().map(|rule| &rule.select);
        let levels = self.levels.iter().map(|rule| &rule.select);
        let extras = self.extras.iter().map(|rule| &rule.select);
        counters.chain(histograms).chain(levels).chain(extras).chain(&self.state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::sources::prometheus::text::parse_line;

    fn point(line: &str) -> Point<'_> {
        parse_line(line.as_bytes()).expect("understood").into_point().expect("a series")
    }

    #[test]
    fn channels_are_joined_on_their_labels() {
        let mut rule = ChannelRule { labels: vec!["provider".into(), "model".into()], ..ChannelRule::default() };
        let series = point(r#"a{model="m",provider="p",team="t"} 1"#);
        assert_eq!(rule.name(&series), Some("p/m".into()));
        rule.names.insert("p/m".into(), "eu-1".into());
        assert_eq!(rule.name(&series), Some("eu-1".into()));
        assert_eq!(rule.name(&point(r#"a{model="m"} 1"#)), None);
        assert_eq!(rule.name(&point(r#"a{model="None",provider="p"} 1"#)), None);
    }

    #[test]
    fn failures_are_classed_by_name_before_status() {
        let class = FailureClass::Labels { status: "s".into(), exception: "e".into() };
        let of = |status: &str, exception: &str| class.of(&point(&format!(r#"a{{s="{status}",e="{exception}"}} 1"#)));
        assert_eq!(of("500", "Openai.InternalServerError"), Some(Outcome::ServerError));
        assert_eq!(of("500", "APIConnectionError"), Some(Outcome::NetworkError));
        assert_eq!(of("429", "RateLimitError"), Some(Outcome::Throttled));
        assert_eq!(of("408", "Timeout"), Some(Outcome::Timeout));
        assert_eq!(of("400", "BadRequestError"), Some(Outcome::ClientError));
        assert_eq!(of("None", "None"), None);
    }

    #[test]
    fn mappings_that_cannot_yield_anything_are_refused() {
        let mut mapping = Mapping::default();
        assert_eq!(mapping.check(), Err(MappingError::NoRules));
        mapping.counters.push(CounterRule { select: Selector::default(), role: Role::Requests });
        assert_eq!(mapping.check(), Err(MappingError::NoName));
        mapping.counters[0].select = Selector::named(&["requests"]).without("code", "");
        assert_eq!(mapping.check(), Err(MappingError::NoChannel));
        mapping.channel.fixed = Some("c".into());
        assert_eq!(mapping.check(), Ok(()));
    }
}
