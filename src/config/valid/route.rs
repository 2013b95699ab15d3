//! `[[route]]` as meant.

use std::collections::BTreeSet;

use super::{Channel, unique_name};
use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::raw;
use crate::domain::ids::ChannelId;
use crate::domain::units::{MicroUsd, Millis, Ratio};

/// A kind of work with its own promise and its own channels.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// Name of the route class; unique.
    pub class: String,
    /// What is promised.
    pub objective: Objective,
    /// Channels that may serve it: at least one, each once, all configured.
    pub channels: Vec<ChannelId>,
    /// What may be done about it.
    pub mode: Mode,
    /// Whether a change needs two different operators where it needs approval.
    pub two_operators: bool,
}

/// What may be done about a route class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Nothing: it is watched.
    Observe,
    /// Decisions are made and told.
    Advise,
    /// Each change waits for a person's approval.
    Approve,
    /// Decisions are made and delivered, and playbooks run, without asking.
    Auto,
}

impl Mode {
    /// The name in the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Advise => "advise",
            Self::Approve => "approve",
            Self::Auto => "auto",
        }
    }
}

/// What is promised to a route class; at least one promise.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Objective {
    /// Latency of successful calls.
    pub latency: Option<LatencyObjective>,
    /// Largest share of calls that may fail.
    pub error_ratio: Option<Ratio>,
    /// Smallest share of minutes in which the class must be served.
    pub availability: Option<Ratio>,
    /// What the class may cost.
    pub budget: Option<Budget>,
}

/// A percentile of latency and its limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LatencyObjective {
    /// The percentile.
    pub percentile: Percentile,
    /// Its limit.
    pub limit: Millis,
}

/// A percentile, 1 ..= 99.9.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Percentile(f64);

impl Percentile {
    /// The percentile `percent`; `None` outside of 1 ..= 99.9, where a minute of calls says nothing.
    #[must_use]
    pub fn new(percent: f64) -> Option<Self> {
        (1.0..=99.9).contains(&percent).then_some(Self(percent))
    }

    /// As a quantile, 0.01 ..= 0.999.
    #[must_use]
    pub fn quantile(self) -> f64 {
        self.0 / 100.0
    }
}

/// Money per period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The amount.
    pub amount: MicroUsd,
    /// The period.
    pub per: Period,
}

/// Period of a budget, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// From midnight to midnight.
    Day,
    /// A calendar month.
    Month,
}

impl Route {
    pub(super) fn check_all(
        raw: &[raw::Route],
        channels: &[Channel],
        path: &Path,
        checker: &mut Checker<'_>,
    ) -> Vec<Self> {
        let mut taken = BTreeSet::new();
        let check = |(at, route): (usize, &raw::Route)| {
            let path = path.at(at);
            let objective = Objective::check(&route.objective, &path.key("objective"), checker);
            let channels = allowed(route.channels.as_deref(), channels, &path.key("channels"), checker);
            let class = unique_name(&route.class, &path.key("class"), &mut taken, checker);
            let mode = match route.mode {
                raw::Mode::Observe => Mode::Observe,
                raw::Mode::Advise => Mode::Advise,
                raw::Mode::Approve => Mode::Approve,
                raw::Mode::Auto => Mode::Auto,
            };
            Some(Self { class: class?, objective, channels, mode, two_operators: route.two_operators })
        };
        raw.iter().enumerate().filter_map(check).collect()
    }
}

fn allowed<'n>(
    names: Option<&'n [String]>,
    channels: &[Channel],
    path: &Path,
    checker: &mut Checker<'_>,
) -> Vec<ChannelId> {
    let Some(names) = names else {
        if channels.is_empty() {
            checker.fail(path, "there is no `[[channel]]` that could serve this class");
        }
        return channels.iter().map(|channel| channel.name.clone()).collect();
    };
    if names.is_empty() {
        checker.fail(path, "at least one channel must be allowed");
    }
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let check = |(at, name): (usize, &'n String)| {
        let Some(channel) = channels.iter().find(|channel| channel.name.as_str() == name) else {
            checker.fail(&path.at(at), format!("there is no `[[channel]]` with the name `{name}`"));
            return None;
        };
        if !seen.insert(name.as_str()) {
            checker.fail(&path.at(at), format!("the channel `{name}` is named twice"));
        }
        Some(channel.name.clone())
    };
    names.iter().enumerate().filter_map(check).collect()
}

impl Objective {
    fn check(raw: &raw::Objective, path: &Path, checker: &mut Checker<'_>) -> Self {
        let raw::Objective { latency, error_ratio, availability, budget } = raw;
        if latency.is_none() && error_ratio.is_none() && availability.is_none() && budget.is_none() {
            checker.fail(path, "promise at least one of `latency`, `error_ratio`, `availability` and `budget`");
        }
        let mut ratio = |key, value: Option<f64>| checker.take(&path.key(key), Ratio::new(value?));
        Self {
            error_ratio: ratio("error_ratio", *error_ratio),
            availability: ratio("availability", *availability),
            latency: latency.as_ref().and_then(|raw| LatencyObjective::check(raw, &path.key("latency"), checker)),
            budget: budget.as_ref().and_then(|raw| Budget::check(raw, &path.key("budget"), checker)),
        }
    }
}

impl LatencyObjective {
    fn check(raw: &raw::Latency, path: &Path, checker: &mut Checker<'_>) -> Option<Self> {
        let percentile = Percentile::new(raw.percentile).ok_or("expected a percentile from 1 to 99.9");
        let percentile = checker.take(&path.key("percentile"), percentile);
        let limit = checker.take(&path.key("ms"), Millis::new(raw.ms));
        Some(Self { percentile: percentile?, limit: limit? })
    }
}

impl Budget {
    fn check(raw: &raw::Budget, path: &Path, checker: &mut Checker<'_>) -> Option<Self> {
        let per = match raw.per {
            raw::Period::Day => Period::Day,
            raw::Period::Month => Period::Month,
        };
        let amount = checker.take(&path.key("usd"), MicroUsd::from_usd(raw.usd))?;
        Some(Self { amount, per })
    }
}
