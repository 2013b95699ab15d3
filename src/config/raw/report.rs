//! `[[report]]` as written.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::elements::cron::CronText;

/// A report that is made on schedule.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Report {
    /// `daily`: the UTC day before; `fortnightly`: the fourteen days before, and what was learnt in them.
    pub kind: ReportKind,
    /// When it is made, in UTC.
    #[serde(default = "every_morning")]
    #[schemars(with = "CronText")]
    pub cron: String,
    /// `en` or `ko`.
    #[serde(default)]
    pub language: ReportLanguage,
    /// Where it is written as HTML, Markdown and JSON; it is made if it is not there. Nowhere if absent.
    pub directory: Option<PathBuf>,
    /// Receivers that it is brought to, by the names of `[[alerts.receiver]]`: a webhook gets all of it, Slack a summary.
    #[serde(default)]
    pub to: Vec<String>,
}

fn every_morning() -> String {
    "0 8 * * *".to_owned()
}

/// What a report is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum ReportKind {
    /// One day.
    Daily,
    /// Fourteen days.
    Fortnightly,
}

/// What a report is written in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(in crate::config) enum ReportLanguage {
    /// English.
    #[default]
    #[serde(rename = "en")]
    English,
    /// Korean.
    #[serde(rename = "ko")]
    Korean,
}
