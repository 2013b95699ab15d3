//! Alert rules as meant.

mod judged;
mod series;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::{Config, Severity, unique_name};
use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::duration;
use crate::config::elements::url::HttpUrl;
use crate::config::raw;

pub use judged::{Burn, HORIZONS};
pub use series::{Series, Take};

/// Names of what the program tells by itself.
const TAKEN: [&str; 5] = ["DetectorStalled", "Incident", "IncidentGroup", "RuleUnreadable", "RulesRefused"];

/// The limit of a burn rate over its own limit. Rates are as exact as `1 - 0.999` is: one that is reached exactly must not
/// miss by the last digit.
const REACHED: f64 = 1.0 - 1e-9;

/// A condition on series of which somebody wants to be told.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Its name; unique.
    pub name: String,
    /// Which series.
    pub series: Series,
    /// Labels that a series must have: a value, or the beginning of one before a `*`.
    pub labels: BTreeMap<String, String>,
    /// What a series must not do.
    pub limit: Limit,
    /// How long it has to last before anyone is told.
    pub hold: Duration,
    /// What it means if a series is not there.
    pub missing: Missing,
    /// How grave it is.
    pub severity: Severity,
    /// What to say, in a sentence.
    pub summary: Option<String>,
    /// Where to read what to do.
    pub runbook: Option<HttpUrl>,
}

/// A limit, and from which value on a breach of it is over: one on its good side.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limit {
    /// The bad side.
    pub side: Side,
    /// The limit, which is no breach itself.
    pub limit: f64,
    /// First value that is a recovery.
    pub recovered: f64,
}

/// On which side of a limit a value is too far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Above it.
    Above,
    /// Below it.
    Below,
}

/// What it means if a series is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Nothing: what was goes on.
    Ignore,
    /// A breach: it has to be there.
    Breach,
    /// A recovery: it comes and goes.
    Recovery,
}

impl From<raw::Missing> for Missing {
    fn from(raw: raw::Missing) -> Self {
        match raw {
            raw::Missing::Ignore => Self::Ignore,
            raw::Missing::Breach => Self::Breach,
            raw::Missing::Recovery => Self::Recovery,
        }
    }
}

impl Rule {
    /// Rules over what `config` collects, judges and promises.
    pub(in crate::config) fn check_all(
        raw: &[raw::Rule],
        config: &Config,
        path: &Path,
        checker: &mut Checker<'_>,
    ) -> Vec<Self> {
        let mut taken = BTreeSet::new();
        let check = |(at, rule): (usize, &raw::Rule)| Self::check(rule, config, &path.at(at), &mut taken, checker);
        raw.iter().enumerate().filter_map(check).collect()
    }

    fn check(
        raw: &raw::Rule,
        config: &Config,
        path: &Path,
        taken: &mut BTreeSet<String>,
        checker: &mut Checker<'_>,
    ) -> Option<Self> {
        let series = Series::check(raw, config, path, checker);
        let limit = Limit::check(raw, path, checker);
        let hold = raw.hold.as_deref().map_or(Ok(Duration::ZERO), |text| duration::parse_within(text, "0s", "7d"));
        let hold = checker.take_or(&path.key("for"), hold, Duration::ZERO);
        let runbook = raw.runbook.as_deref();
        let runbook = runbook.and_then(|url| checker.take(&path.key("runbook"), HttpUrl::parse(url)));
        let name = unique_name(&raw.name, &path.key("name"), taken, checker);
        if TAKEN.contains(&raw.name.as_str()) {
            let message = format!("`{}` is an alert that is raised without a rule; choose another name", raw.name);
            checker.fail(&path.key("name"), message);
        }
        Some(Self {
            name: name?,
            series: series?,
            labels: raw.labels.clone(),
            limit: limit?,
            hold,
            missing: raw.missing.into(),
            severity: raw.severity.map_or(Severity::P3, Severity::from),
            summary: raw.summary.clone(),
            runbook,
        })
    }
}

impl Limit {
    fn check(raw: &raw::Rule, path: &Path, checker: &mut Checker<'_>) -> Option<Self> {
        if raw.metric.as_deref() == Some(judged::BURN_RATE) {
            for (key, value) in [("above", raw.above), ("below", raw.below), ("recovered", raw.recovered)] {
                if value.is_some() {
                    checker.fail(&path.key(key), "a burn rate has its limit in `burn` or `pair`");
                }
            }
            return Some(Self { side: Side::Above, limit: REACHED, recovered: REACHED });
        }
        let (side, limit) = match (raw.above, raw.below) {
            (Some(limit), None) => (Side::Above, limit),
            (None, Some(limit)) => (Side::Below, limit),
            _ => {
                checker.fail(path, "say when it is a breach: either `above` or `below`");
                return None;
            }
        };
        let recovered = raw.recovered.unwrap_or(limit);
        let is_bad = match side {
            Side::Above => recovered > limit,
            Side::Below => recovered < limit,
        };
        if is_bad {
            let message = format!("expected a value on the good side of {limit}, found {recovered}");
            checker.fail(&path.key("recovered"), message);
        }
        Some(Self { side, limit, recovered })
    }
}
