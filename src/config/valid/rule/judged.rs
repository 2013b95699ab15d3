//! Series that detection makes: scores, risks and burn rates.

use super::Series;
use super::series::no_more_than;
use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::{duration, target};
use crate::config::valid::{Config, Route};
use crate::config::{raw, shape};

/// Name of the anomaly score of a channel.
pub(super) const SCORE: &str = "anomaly_score";
/// Name of the risk of a channel.
pub(super) const RISK: &str = "risk";
/// Name of the burn rate of a route class.
pub(super) const BURN_RATE: &str = "burn_rate";

/// Minutes ahead for which there are risks.
pub const HORIZONS: [u32; 3] = [5, 15, 60];

/// When using up a budget is an alert.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Burn {
    /// The pairs of the Site Reliability Workbook for a page.
    Page,
    /// The pair of the Site Reliability Workbook for a ticket.
    Ticket,
    /// One's own.
    Pair {
        /// The long window in minutes.
        long: u32,
        /// The short window in minutes.
        short: u32,
        /// How many times faster than the budget allows.
        rate: f64,
    },
}

pub(super) fn score(raw: &raw::Rule, config: &Config, path: &Path, checker: &mut Checker<'_>) -> Option<Series> {
    no_more_than(&["column"], SCORE, raw, path, checker);
    needs_detection(SCORE, config, path, checker);
    let column = raw.column.as_deref().map(target::parse);
    let column = column.map(|column| checker.take(&path.key("column"), column));
    // One that is wrong is no series; none at all is the oddest.
    (column != Some(None)).then(|| Series::Score { column: column.flatten() })
}

pub(super) fn risk(raw: &raw::Rule, config: &Config, path: &Path, checker: &mut Checker<'_>) -> Option<Series> {
    no_more_than(&["class", "horizon"], RISK, raw, path, checker);
    needs_detection(RISK, config, path, checker);
    let span = checker.take(&path.key("horizon"), duration::parse(raw.horizon.as_deref().unwrap_or("15m")))?;
    let Some(horizon) = HORIZONS.into_iter().find(|minutes| span.as_secs() == u64::from(*minutes) * 60) else {
        checker.fail(&path.key("horizon"), "there are risks for `5m`, `15m` and `1h`");
        return None;
    };
    Some(Series::Risk { class: class(raw, config, path, checker)?.class.clone(), horizon })
}

pub(super) fn burn_rate(raw: &raw::Rule, config: &Config, path: &Path, checker: &mut Checker<'_>) -> Option<Series> {
    no_more_than(&["class", "promise", "burn", "pair"], BURN_RATE, raw, path, checker);
    needs_detection(BURN_RATE, config, path, checker);
    if !raw.labels.is_empty() {
        checker.fail(&path.key("labels"), "a route class is named by `class`, not by labels");
    }
    let burn = burn(raw, path, checker);
    let route = class(raw, config, path, checker)?;
    let Some(promise) = raw.promise else {
        checker.fail(path, "say which promise: `promise`");
        return None;
    };
    let (promise, is_made) = match promise {
        raw::Promise::Latency => ("latency", route.objective.latency.is_some()),
        raw::Promise::ErrorRatio => ("error_ratio", route.objective.error_ratio.is_some()),
        raw::Promise::Availability => ("availability", route.objective.availability.is_some()),
    };
    if !is_made {
        checker.fail(&path.key("promise"), format!("`{}` promises no {promise}", route.class));
    }
    Some(Series::BurnRate { class: route.class.clone(), promise, burn: burn? })
}

fn burn(raw: &raw::Rule, path: &Path, checker: &mut Checker<'_>) -> Option<Burn> {
    let Some(pair) = &raw.pair else {
        return Some(match raw.burn {
            Some(raw::Burn::Ticket) => Burn::Ticket,
            Some(raw::Burn::Page) | None => Burn::Page,
        });
    };
    let path = path.key("pair");
    if raw.burn.is_some() {
        checker.fail(&path, "give either `burn` or `pair`");
    }
    let mut minutes = |key: &str, text: &str| {
        let span = checker.take(&path.key(key), duration::parse_within(text, "1m", "30d"))?;
        u32::try_from(span.as_secs() / 60).ok()
    };
    let (long, short) = (minutes("long", &pair.long), minutes("short", &pair.short));
    if long.zip(short).is_some_and(|(long, short)| short >= long) {
        checker.fail(&path.key("short"), "must be shorter than `long`");
    }
    Some(Burn::Pair { long: long?, short: short?, rate: pair.rate })
}

/// The route class that is named.
fn class<'c>(raw: &raw::Rule, config: &'c Config, path: &Path, checker: &mut Checker<'_>) -> Option<&'c Route> {
    let Some(class) = raw.class.as_deref() else {
        checker.fail(path, "say of which route class: `class`");
        return None;
    };
    let found = config.routes.iter().find(|route| route.class == class);
    if found.is_none() {
        let known: Vec<&str> = config.routes.iter().map(|route| route.class.as_str()).collect();
        let suggestion = if known.is_empty() { "there are none".to_owned() } else { shape::suggestion(class, &known) };
        checker.fail(&path.key("class"), format!("there is no `[[route]]` of the class `{class}`; {suggestion}"));
    }
    found
}

fn needs_detection(metric: &str, config: &Config, path: &Path, checker: &mut Checker<'_>) {
    if !config.detect.enabled {
        checker.fail(&path.key("metric"), format!("there is no `{metric}` while `detect.enabled` is false"));
    }
}
