//! Settings of reports on schedule.

use std::path::PathBuf;

use crate::collect::schedule::CronExpr;
use crate::config::Config;
use crate::config::valid;
use crate::domain::language::Language;
use crate::report::figures::Kind;

/// A report that is made on schedule.
#[derive(Debug, Clone)]
pub struct ReportSettings {
    /// Daily or fortnightly.
    pub kind: Kind,
    /// When it is made.
    pub cron: CronExpr,
    /// What it is written in.
    pub language: Language,
    /// Where it is written.
    pub directory: Option<PathBuf>,
    /// Receivers that it is brought to.
    pub to: Vec<String>,
}

impl ReportSettings {
    /// The reports that `config` asks for.
    #[must_use]
    pub fn all(config: &Config) -> Vec<Self> {
        let of = |report: &valid::Report| {
            Some(Self {
                kind: if report.fortnightly { Kind::Fortnightly } else { Kind::Daily },
                // The configuration has read the schedule already.
                cron: CronExpr::parse(report.cron.as_str()).ok()?,
                language: report.language,
                directory: report.directory.clone(),
                to: report.to.clone(),
            })
        };
        config.reports.iter().filter_map(of).collect()
    }

    /// What it is known by over restarts: another schedule or language is another report.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{} {} {}", self.kind.name(), self.language, self.cron.as_str())
    }
}
