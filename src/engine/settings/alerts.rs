//! Settings of the alerts.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::alert::notice::Grouping;
use crate::alert::rule::{Condition, Labels, Missing, Rule, Side};
use crate::config::Config;
use crate::config::valid::{self, Channel, Receiver, Series};
use crate::domain::ids::ChannelId;
use crate::engine::settings::seconds;
use crate::incident::severity::Severity;

/// Settings of the alerts.
#[derive(Debug, Clone)]
pub struct AlertSettings {
    /// The rules at the start; names are unique.
    pub rules: Vec<WatchedRule>,
    /// Where they are from, if from a file.
    pub rules_file: Option<RulesFile>,
    /// How events become notices.
    pub grouping: Grouping,
    /// Who is told.
    pub receivers: Vec<Receiver>,
    /// Where people reach this server.
    pub link: Option<String>,
    /// Labels of the configured channels; others have `channel` only.
    pub channels: BTreeMap<ChannelId, Labels>,
    /// Whether it is an alert if the detector falls silent.
    pub expects_beats: bool,
}

/// A file of rules, which is taken up again when it changes.
#[derive(Debug, Clone)]
pub struct RulesFile {
    /// Where it lies.
    pub path: PathBuf,
    /// What its rules are about.
    pub config: Arc<Config>,
}

/// A rule, and the series it is about.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchedRule {
    /// The rule.
    pub rule: Rule,
    /// The series.
    pub series: Series,
    /// Labels that a series must have.
    pub labels: Labels,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self::of(&Config::default())
    }
}

impl AlertSettings {
    /// The settings that `config` asks for.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let alerts = &config.alerts;
        let [wait_s, interval_s, repeat_s] = [alerts.wait, alerts.interval, alerts.repeat].map(seconds);
        Self {
            // The configuration has checked conditions and spans already.
            rules: WatchedRule::all(&alerts.rules),
            rules_file: alerts.rules_file.clone().map(|path| RulesFile { path, config: Arc::new(config.clone()) }),
            grouping: Grouping::new(alerts.group_by.clone(), wait_s, interval_s, repeat_s).unwrap_or_default(),
            receivers: alerts.receivers.clone(),
            link: alerts.link.as_ref().map(|link| link.as_str().to_owned()),
            channels: config.channels.iter().map(|channel| (channel.name.clone(), labels(channel))).collect(),
            expects_beats: config.detect.enabled,
        }
    }
}

impl WatchedRule {
    /// `rules` as they are watched.
    #[must_use]
    pub fn all(rules: &[valid::Rule]) -> Vec<Self> {
        rules.iter().filter_map(Self::of).collect()
    }

    fn of(rule: &valid::Rule) -> Option<Self> {
        let side = match rule.limit.side {
            valid::Side::Above => Side::Above,
            valid::Side::Below => Side::Below,
        };
        let missing = match rule.missing {
            valid::Missing::Ignore => Missing::Keep,
            valid::Missing::Breach => Missing::Breach,
            valid::Missing::Recovery => Missing::Recovery,
        };
        Some(Self {
            rule: Rule {
                name: rule.name.clone(),
                condition: Condition::new(side, rule.limit.limit, rule.limit.recovered).ok()?,
                hold_s: seconds(rule.hold),
                missing,
                severity: severity(rule.severity),
                summary: rule.summary.clone().unwrap_or_else(|| rule.series.to_string()),
                runbook: rule.runbook.as_ref().map(|url| url.as_str().to_owned()),
            },
            series: rule.series.clone(),
            labels: Labels(rule.labels.clone()),
        })
    }
}

/// The severity that the configuration means.
#[must_use]
pub const fn severity(severity: valid::Severity) -> Severity {
    match severity {
        valid::Severity::P1 => Severity::P1,
        valid::Severity::P2 => Severity::P2,
        valid::Severity::P3 => Severity::P3,
        valid::Severity::P4 => Severity::P4,
    }
}

/// What a configured channel is told apart by.
fn labels(channel: &Channel) -> Labels {
    let described = [("provider", &channel.provider), ("model", &channel.model), ("region", &channel.region)];
    let known = described.into_iter().filter_map(|(name, value)| Some((name, value.clone()?)));
    Labels::new(known.chain([("channel", channel.name.to_string())]))
}
