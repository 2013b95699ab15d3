//! `[alerts]` as meant.

mod receiver;

use std::path::PathBuf;
use std::time::Duration;

use super::Rule;
use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::duration;
use crate::config::elements::url::HttpUrl;
use crate::config::raw;

pub use receiver::{Address, Receiver, ReceiverKind};
pub(super) use receiver::{address as kept_or_written, secret};

/// What people are told of, and who.
#[derive(Debug, Clone, PartialEq)]
pub struct Alerts {
    /// The file of rules: as named in the configuration, and once the rules were read, where it lies.
    pub rules_file: Option<PathBuf>,
    /// The rules of that file; names are unique.
    pub rules: Vec<Rule>,
    /// Labels that events have to agree in to be told together.
    pub group_by: Vec<String>,
    /// How long the first event of a group waits for company.
    pub wait: Duration,
    /// The least time between two notices of a group of which something changed.
    pub interval: Duration,
    /// When a group is told again of which nothing changed; at least the interval.
    pub repeat: Duration,
    /// Where people reach this server.
    pub link: Option<HttpUrl>,
    /// Who is told, in the order of the file; names are unique.
    pub receivers: Vec<Receiver>,
}

/// How grave: P1 is the worst and the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Somebody must act at once.
    P1,
    /// Somebody must act soon.
    P2,
    /// Somebody must look within the day.
    P3,
    /// Good to know.
    P4,
}

impl Severity {
    /// Name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
            Self::P4 => "P4",
        }
    }
}

impl From<raw::Severity> for Severity {
    fn from(raw: raw::Severity) -> Self {
        match raw {
            raw::Severity::P1 => Self::P1,
            raw::Severity::P2 => Self::P2,
            raw::Severity::P3 => Self::P3,
            raw::Severity::P4 => Self::P4,
        }
    }
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            rules_file: None,
            rules: Vec::new(),
            group_by: vec!["rule".to_owned()],
            wait: Duration::from_secs(30),
            interval: Duration::from_mins(5),
            repeat: Duration::from_hours(4),
            link: None,
            receivers: Vec::new(),
        }
    }
}

impl Alerts {
    /// The rules are in a file of their own.
    pub(super) fn check(raw: &raw::Alerts, path: &Path, checker: &mut Checker<'_>) -> Self {
        let default = Self::default();
        let mut span = |key: &str, text: &str, least: &str, most: &str, fallback| {
            checker.take_or(&path.key(key), duration::parse_within(text, least, most), fallback)
        };
        let wait = span("wait", &raw.wait, "0s", "1h", default.wait);
        let interval = span("interval", &raw.interval, "1s", "1d", default.interval);
        let repeat = span("repeat", &raw.repeat, "1m", "30d", default.repeat);
        if repeat < interval {
            checker
                .fail(&path.key("repeat"), "what did not change cannot be told more often than what did: `interval`");
        }
        for (at, label) in raw.group_by.iter().enumerate() {
            if label.is_empty() || raw.group_by[..at].contains(label) {
                checker.fail(&path.key("group_by").at(at), "expected the name of a label, once");
            }
        }
        let link = raw.link.as_deref().and_then(|link| checker.take(&path.key("link"), HttpUrl::parse(link)));
        Self {
            rules_file: raw.rules.clone(),
            rules: Vec::new(),
            group_by: raw.group_by.clone(),
            wait,
            interval,
            repeat,
            link,
            receivers: Receiver::check_all(&raw.receiver, &path.key("receiver"), checker),
        }
    }
}
