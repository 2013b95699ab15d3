//! What kind of trouble an incident is, and what to read about it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::parameter::ParameterError;

/// The kind of trouble, by what is at fault; where several are, the first one here names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Nothing is heard of the channel.
    Absence,
    /// Calls fail.
    Errors,
    /// Calls are refused for load or quota.
    Throttling,
    /// Calls take long, or begin to answer late.
    Latency,
    /// Money runs at another rate than usual.
    Cost,
    /// More or fewer calls or tokens than usual.
    Traffic,
    /// A column of which nothing is known.
    Other,
}

impl Kind {
    /// Every kind, the gravest first.
    pub const ALL: [Self; 7] =
        [Self::Absence, Self::Errors, Self::Throttling, Self::Latency, Self::Cost, Self::Traffic, Self::Other];

    /// The name in tables and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Absence => "absence",
            Self::Errors => "errors",
            Self::Throttling => "throttling",
            Self::Latency => "latency",
            Self::Cost => "cost",
            Self::Traffic => "traffic",
            Self::Other => "other",
        }
    }

    /// The kind called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind that trouble of `column` is.
    #[must_use]
    pub fn of_column(column: &str) -> Self {
        match column {
            "requests" => Self::Traffic,
            "throttled" | "throttled_ratio" => Self::Throttling,
            "timeouts" | "probe_ok" => Self::Errors,
            name if name.starts_with("error") => Self::Errors,
            name if name.starts_with("latency_") || name.starts_with("ttft_") || name == "probe_latency_ms" => {
                Self::Latency
            }
            name if name.starts_with("cost") => Self::Cost,
            name if name.starts_with("tokens_") => Self::Traffic,
            _ => Self::Other,
        }
    }

    /// The kind of trouble whose columns to blame are `columns`: absence if there is none.
    pub fn of_columns<'a>(columns: impl Iterator<Item = &'a str>) -> Self {
        columns.map(Self::of_column).min().unwrap_or(Self::Absence)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What to read about a kind of trouble: one link each, to `http` or `https`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Runbooks(BTreeMap<Kind, String>);

impl Runbooks {
    /// These links.
    ///
    /// # Errors
    /// If one is no link to `http` or `https`, or holds a blank or a control character.
    pub fn new(links: BTreeMap<Kind, String>) -> Result<Self, ParameterError> {
        for link in links.values() {
            let is_web = link.starts_with("https://") || link.starts_with("http://");
            let is_clean = !link.chars().any(|c| c.is_whitespace() || c.is_control());
            ParameterError::unless(is_web && is_clean, "runbook", "a link to http or https", link)?;
        }
        Ok(Self(links))
    }

    /// The link for `kind`, if there is one.
    #[must_use]
    pub fn get(&self, kind: Kind) -> Option<&str> {
        self.0.get(&kind).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::target::Target;

    #[test]
    fn every_forecast_column_has_a_kind_of_its_own() {
        for target in Target::ALL {
            assert_ne!(Kind::of_column(target.name()), Kind::Other, "{target}");
        }
        assert_eq!(Kind::of_columns(["cost_usd", "latency_p95_ms", "error_ratio"].into_iter()), Kind::Errors);
        assert_eq!(Kind::of_columns(["queue_depth"].into_iter()), Kind::Other);
        assert_eq!(Kind::of_columns([].into_iter()), Kind::Absence);
        assert!(Kind::ALL.iter().all(|kind| Kind::parse(kind.name()) == Some(*kind)));
        assert!(Kind::ALL.is_sorted());
    }

    #[test]
    fn runbooks_are_links() {
        let one = |link: &str| Runbooks::new(BTreeMap::from([(Kind::Latency, link.to_owned())]));
        assert_eq!(one("https://wiki/slow").expect("a link").get(Kind::Latency), Some("https://wiki/slow"));
        assert_eq!(one("https://wiki/slow").expect("a link").get(Kind::Errors), None);
        assert!(one("javascript:alert(1)").is_err());
        assert!(one("https://wiki/two words").is_err());
    }
}
