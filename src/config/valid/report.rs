//! `[[report]]` as meant.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::{Receiver, ReceiverKind};
use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::cron::Cron;
use crate::config::raw;
use crate::domain::language::Language;

/// A report that is made on schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Whether it is about fourteen days and not about one.
    pub fortnightly: bool,
    /// When it is made.
    pub cron: Cron,
    /// What it is written in.
    pub language: Language,
    /// Where it is written.
    pub directory: Option<PathBuf>,
    /// Receivers that it is brought to; all of them exist and take reports.
    pub to: Vec<String>,
}

impl Report {
    pub(super) fn check_all(
        raw: &[raw::Report],
        receivers: &[Receiver],
        path: &Path,
        checker: &mut Checker<'_>,
    ) -> Vec<Self> {
        let mut taken = BTreeSet::new();
        let mut check = |(at, report): (usize, &raw::Report)| {
            let path = path.at(at);
            let cron = checker.take(&path.key("cron"), Cron::parse(&report.cron));
            let language = match report.language {
                raw::ReportLanguage::English => Language::English,
                raw::ReportLanguage::Korean => Language::Korean,
            };
            let fortnightly = report.kind == raw::ReportKind::Fortnightly;
            if !taken.insert((fortnightly, language, report.cron.clone())) {
                let message = "the same report is described twice; put all its receivers into one `to`";
                checker.fail(&path, message);
            }
            if report.directory.is_none() && report.to.is_empty() {
                checker.fail(&path, "nobody would see this report: give it a `directory`, or receivers in `to`");
            }
            for (place, name) in report.to.iter().enumerate() {
                let path = path.key("to").at(place);
                match receivers.iter().find(|receiver| receiver.name == *name) {
                    None => {
                        let known: Vec<&str> = receivers.iter().map(|receiver| receiver.name.as_str()).collect();
                        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                        checker
                            .fail(&path, format!("there is no receiver `{name}`; `[[alerts.receiver]]` has {known}"));
                    }
                    Some(receiver) if receiver.kind == ReceiverKind::Alertmanager => {
                        let message = format!("the receiver `{name}` is an Alertmanager, which takes no reports");
                        checker.fail(&path, message);
                    }
                    Some(_) => {}
                }
            }
            Some(Self {
                fortnightly,
                cron: cron?,
                language,
                directory: report.directory.clone(),
                to: report.to.clone(),
            })
        };
        raw.iter().enumerate().filter_map(&mut check).collect()
    }
}
