//! What is in breach of a rule right now.

use crate::alert::life::Alert;
use crate::alert::rule::{Labels, Rule};
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::incident::severity::Severity;

/// Whether people are told of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertState {
    /// It has not lasted for long enough yet.
    Pending,
    /// It has.
    Firing,
}

/// A series in breach of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct AlertStanding {
    /// Name of the rule.
    pub rule: String,
    /// The series.
    pub labels: Labels,
    /// Whether people are told of it.
    pub state: AlertState,
    /// How grave it is; `None` of a rule that is not there any more.
    pub severity: Option<Severity>,
    /// What the rule says.
    pub summary: String,
    /// Where to read what to do.
    pub runbook: Option<String>,
    /// When it was first seen in breach.
    pub since: Timestamp,
    /// When it had been so for long enough.
    pub fired: Option<Timestamp>,
    /// The newest known value; NaN if none is known.
    pub value: f64,
    /// The worst known value since it began; NaN if none is known.
    pub worst: f64,
    /// The silence that covers it.
    pub silence: Option<u64>,
}

impl Engine {
    /// Every series in breach of a rule, by rule and labels.
    #[must_use]
    pub fn alerts(&self) -> Vec<AlertStanding> {
        let now = self.clock().now();
        let kept = self.0.alerting.kept();
        let silence = |alert: &Alert| {
            let mut labels = alert.labels.clone();
            labels.0.insert("rule".to_owned(), alert.rule.clone());
            kept.silences.covering(now, &labels).map(|silence| silence.id)
        };
        let rules = self.rules();
        let rule = |name: &str| {
            let watched = rules.iter().map(|watched| &watched.rule).find(|rule| rule.name == name);
            watched.or_else(|| self.0.alerting.own.find(name))
        };
        kept.alerts.all().map(|alert| standing(alert, rule(&alert.rule), silence(alert))).collect()
    }
}

fn standing(alert: &Alert, rule: Option<&Rule>, silence: Option<u64>) -> AlertStanding {
    AlertStanding {
        rule: alert.rule.clone(),
        labels: alert.labels.clone(),
        state: if alert.fired.is_some() { AlertState::Firing } else { AlertState::Pending },
        severity: rule.map(|rule| rule.severity),
        summary: rule.map_or(String::new(), |rule| rule.summary.clone()),
        runbook: rule.and_then(|rule| rule.runbook.clone()),
        since: alert.since,
        fired: alert.fired,
        value: alert.value,
        worst: alert.worst,
        silence,
    }
}
