//! `[incidents]` as meant. Every value lies in the range that the incidents' own rules want.

use std::collections::BTreeMap;

use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::url::HttpUrl;
use crate::config::raw;

/// When odd minutes are an incident, and what it is worth. Spans are in minutes.
#[derive(Debug, Clone, PartialEq)]
pub struct Incidents {
    /// Odd minutes that open, 1 ..= `within`.
    pub open_after: u32,
    /// The window in which they count, 1 ..= 60.
    pub within: u32,
    /// Calm minutes in a row that close, at least 1.
    pub close_after: u32,
    /// Whether a silent channel is trouble.
    pub absence: bool,
    /// Silent minutes that open, 1 ..= 60.
    pub absent_after: u32,
    /// A score from which one minute opens, 0.5 ..= 1.
    pub certain: f64,
    /// A minute is calm if every score is below this; above 0, below 0.5.
    pub calm_below: f64,
    /// How long after its end the same trouble takes an incident up again; 0 is never.
    pub join_within: u32,
    /// When a harmless new level is taken as the usual one, at least 60.
    pub adopt_after: u32,
    /// When a silent channel is taken as gone, at least 60.
    pub gone_after: u32,
    /// How grave an incident is.
    pub severity: SeverityScale,
    /// When incidents of several channels are one matter.
    pub group: Grouping,
    /// Links by kind: `absence`, `errors`, `throttling`, `latency`, `cost`, `traffic`, `other`.
    pub runbooks: BTreeMap<String, String>,
}

/// How grave an incident is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeverityScale {
    /// Largest share of failed calls where no objective says so; above 0, at most 1.
    pub error_limit: f64,
    /// Errors are severe from this multiple of their limit, at least 1.
    pub severe_errors: f64,
    /// Errors are severe from this share; above 0, at most 1.
    pub severe_ratio: f64,
    /// Latency is severe from this multiple of its limit, at least 1.
    pub severe_latency: f64,
    /// Share of all calls that is much traffic; above 0, at most 1.
    pub wide_share: f64,
    /// Minutes before severity rises, at least 1.
    pub raise_after: u32,
    /// Minutes before it falls, at least 1.
    pub lower_after: u32,
}

/// When incidents of several channels are one matter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Grouping {
    /// Minutes within which they must have opened, at least 1.
    pub within: u32,
    /// Channels that must be ill, at least 2.
    pub least: u32,
    /// Share of the channels that must be ill; above 0, at most 1.
    pub share: f64,
    /// Minutes within which a group is taken up again; 0 is never.
    pub join_within: u32,
}

impl Default for Incidents {
    fn default() -> Self {
        Self::of(&raw::Incidents::default(), BTreeMap::new())
    }
}

impl Incidents {
    pub(super) fn check(raw: &raw::Incidents, path: &Path, checker: &mut Checker<'_>) -> Self {
        if raw.open_after > raw.within {
            let message = format!("expected at most `within`, which is {}, found {}", raw.within, raw.open_after);
            checker.fail(&path.key("open_after"), message);
        }
        if !(raw.calm_below > 0.0 && raw.calm_below < 0.5) {
            let message = format!("expected a score above 0 and below 0.5, found {}", raw.calm_below);
            checker.fail(&path.key("calm_below"), message);
        }
        let (severity, group) = (path.key("severity"), path.key("group"));
        let shares = [
            (severity.key("error_limit"), raw.severity.error_limit),
            (severity.key("severe_ratio"), raw.severity.severe_ratio),
            (severity.key("wide_share"), raw.severity.wide_share),
            (group.key("share"), raw.group.share),
        ];
        for (path, share) in shares.into_iter().filter(|(_, share)| *share <= 0.0) {
            checker.fail(&path, format!("expected a share above 0, found {share}"));
        }
        Self::of(raw, runbooks(&raw.runbooks, &path.key("runbooks"), checker))
    }

    fn of(raw: &raw::Incidents, runbooks: BTreeMap<String, String>) -> Self {
        let raw::Incidents { severity, group, .. } = raw;
        Self {
            open_after: raw.open_after,
            within: raw.within,
            close_after: raw.close_after,
            absence: raw.absence,
            absent_after: raw.absent_after,
            certain: raw.certain,
            calm_below: raw.calm_below,
            join_within: raw.join_within,
            adopt_after: raw.adopt_after,
            gone_after: raw.gone_after,
            severity: SeverityScale {
                error_limit: severity.error_limit,
                severe_errors: severity.severe_errors,
                severe_ratio: severity.severe_ratio,
                severe_latency: severity.severe_latency,
                wide_share: severity.wide_share,
                raise_after: severity.raise_after,
                lower_after: severity.lower_after,
            },
            group: Grouping {
                within: group.within,
                least: group.least,
                share: group.share,
                join_within: group.join_within,
            },
            runbooks,
        }
    }
}

fn runbooks(raw: &raw::Runbooks, path: &Path, checker: &mut Checker<'_>) -> BTreeMap<String, String> {
    let links = [
        ("absence", &raw.absence),
        ("errors", &raw.errors),
        ("throttling", &raw.throttling),
        ("latency", &raw.latency),
        ("cost", &raw.cost),
        ("traffic", &raw.traffic),
        ("other", &raw.other),
    ];
    let mut runbooks = BTreeMap::new();
    for (kind, link) in links.into_iter().filter_map(|(kind, link)| Some((kind, link.as_deref()?))) {
        let path = path.key(kind);
        let is_plain = link.starts_with("http://") || link.starts_with("https://");
        if !is_plain || link.chars().any(|c| c.is_whitespace() || c.is_control()) {
            checker.fail(&path, format!("expected a link to http or https without blanks, found `{link}`"));
        } else if let Some(link) = checker.take(&path, HttpUrl::parse(link)) {
            runbooks.insert(kind.to_owned(), link.as_str().to_owned());
        }
    }
    runbooks
}
