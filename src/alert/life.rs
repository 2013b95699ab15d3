//! Every alert from its first breach to its end.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::alert::rule::{Labels, Missing, Rule};
use crate::domain::time::Timestamp;

/// A series of a rule that is in breach.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alert {
    /// Name of the rule.
    pub rule: String,
    /// The series.
    pub labels: Labels,
    /// When it was first seen in breach, without a break since.
    pub since: Timestamp,
    /// When it had been so for long enough; `None` before.
    pub fired: Option<Timestamp>,
    /// When it had recovered; `None` before.
    pub ended: Option<Timestamp>,
    /// The newest known value; NaN if none is known.
    pub value: f64,
    /// The worst known value since it began; NaN if none is known.
    pub worst: f64,
}

/// What happened to an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It has been in breach for long enough.
    Fired,
    /// It has recovered.
    Ended,
}

/// All alerts that are pending or firing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Alerts(BTreeMap<String, BTreeMap<Labels, Alert>>);

impl Alerts {
    /// Everything in breach, by rule and labels.
    pub fn all(&self) -> impl Iterator<Item = &Alert> {
        self.0.values().flat_map(BTreeMap::values)
    }

    /// Hears of the series of `rule` at `now`: their values, NaN where one is not known. A series that is in breach and
    /// is not among them is missing. Returns what fired and what ended, by labels.
    pub fn hear(&mut self, now: Timestamp, rule: &Rule, found: &BTreeMap<Labels, f64>) -> Vec<(What, Alert)> {
        let known = self.0.entry(rule.name.clone()).or_default();
        let missing = known.keys().filter(|labels| !found.contains_key(*labels)).cloned().collect::<Vec<_>>();
        let values = found.iter().map(|(labels, value)| (labels.clone(), *value));
        let values: BTreeMap<Labels, f64> =
            values.chain(missing.into_iter().map(|labels| (labels, f64::NAN))).collect();
        let mut heard = Vec::new();
        for (labels, value) in values {
            heard.extend(step(now, rule, known, labels, value));
        }
        if known.is_empty() {
            self.0.remove(&rule.name);
        }
        heard
    }

    /// Ends every alert of a rule that is not among `rules`: it was taken out of the file.
    pub fn keep_rules(&mut self, now: Timestamp, rules: &[Rule]) -> Vec<(What, Alert)> {
        let is_gone = |name: &String| !rules.iter().any(|rule| rule.name == *name);
        let gone: Vec<String> = self.0.keys().filter(|name| is_gone(name)).cloned().collect();
        let alerts = gone.iter().filter_map(|name| self.0.remove(name)).flat_map(BTreeMap::into_values);
        end(now, alerts)
    }

    /// Ends every alert of `rule` whose series cannot come again, because there is nothing of these labels any more:
    /// `may_come` says of which that is not true. A series that is only not there now is none of them.
    pub fn keep_series(
        &mut self,
        now: Timestamp,
        rule: &Rule,
        may_come: impl Fn(&Labels) -> bool,
    ) -> Vec<(What, Alert)> {
        let Some(known) = self.0.get_mut(&rule.name) else { return Vec::new() };
        let gone: Vec<Labels> = known.keys().filter(|labels| !may_come(labels)).cloned().collect();
        let alerts: Vec<Alert> = gone.iter().filter_map(|labels| known.remove(labels)).collect();
        if known.is_empty() {
            self.0.remove(&rule.name);
        }
        end(now, alerts)
    }
}

/// What has to be told of alerts that end without a recovery.
fn end(now: Timestamp, alerts: impl IntoIterator<Item = Alert>) -> Vec<(What, Alert)> {
    let fired = alerts.into_iter().filter(|alert| alert.fired.is_some());
    fired.map(|alert| (What::Ended, Alert { ended: Some(now), ..alert })).collect()
}

/// One series of one rule.
fn step(
    now: Timestamp,
    rule: &Rule,
    known: &mut BTreeMap<Labels, Alert>,
    labels: Labels,
    value: f64,
) -> Option<(What, Alert)> {
    let (is_breach, is_recovery) = if value.is_nan() {
        (rule.missing == Missing::Breach, rule.missing == Missing::Recovery)
    } else {
        (rule.condition.is_breach(value), rule.condition.is_recovery(value))
    };
    let Some(alert) = known.get_mut(&labels) else {
        let fresh = Alert {
            rule: rule.name.clone(),
            labels: labels.clone(),
            since: now,
            fired: None,
            ended: None,
            value,
            worst: value,
        };
        return is_breach.then(|| known.entry(labels).or_insert(fresh)).and_then(|alert| fire(now, rule, alert));
    };
    if !value.is_nan() {
        alert.value = value;
        alert.worst = rule.condition.worse(alert.worst, value);
    }
    // Until it fires every break counts: the condition has to hold without one.
    let is_over = if alert.fired.is_some() { is_recovery } else { !is_breach && !value.is_nan() || is_recovery };
    if is_over {
        let alert = known.remove(&labels).filter(|alert| alert.fired.is_some())?;
        return Some((What::Ended, Alert { ended: Some(now), ..alert }));
    }
    fire(now, rule, alert)
}

/// Fires an alert that has waited for long enough and has not fired yet.
fn fire(now: Timestamp, rule: &Rule, alert: &mut Alert) -> Option<(What, Alert)> {
    let is_due = alert.fired.is_none() && now >= alert.since.plus_seconds(rule.hold_s);
    is_due.then(|| {
        alert.fired = Some(now);
        (What::Fired, alert.clone())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::rule::{Condition, Side};
    use crate::incident::severity::Severity;

    fn rule(hold_s: i64, missing: Missing) -> Rule {
        Rule {
            name: "slow".to_owned(),
            condition: Condition::new(Side::Above, 100.0, 80.0).expect("valid"),
            hold_s,
            missing,
            severity: Severity::P3,
            summary: String::new(),
            runbook: None,
        }
    }

    fn minute(minute: i64) -> Timestamp {
        Timestamp::from_seconds(60 * minute)
    }

    /// What happens to channel `a` as its values come minute by minute; NaN: it is not there.
    fn course(rule: &Rule, values: &[f64]) -> Vec<(usize, What)> {
        let mut alerts = Alerts::default();
        let mut seen = Vec::new();
        for (at, value) in values.iter().enumerate() {
            let found = Some((Labels::new([("channel", "a")]), *value)).filter(|(_, value)| !value.is_nan());
            let now = minute(i64::try_from(at).expect("few"));
            let heard = alerts.hear(now, rule, &found.into_iter().collect());
            seen.extend(heard.into_iter().map(|(what, _)| (at, what)));
        }
        seen
    }

    #[test]
    fn an_alert_waits_fires_once_and_ends_where_it_has_recovered() {
        let rule = rule(120, Missing::Keep);
        // A dip below the limit starts the wait anew; between limit and recovery what was goes on.
        let values = [120.0, 130.0, 90.0, 120.0, 140.0, 120.0, 90.0, 101.0, 79.0, 120.0];
        assert_eq!(course(&rule, &values), [(5, What::Fired), (8, What::Ended)]);
        let mut alerts = Alerts::default();
        let found = BTreeMap::from([(Labels::default(), 150.0)]);
        assert!(alerts.hear(minute(0), &rule, &found).is_empty());
        let fired = alerts.hear(minute(2), &rule, &BTreeMap::from([(Labels::default(), 110.0)]));
        assert_eq!((fired[0].1.since, fired[0].1.worst, fired[0].1.value), (minute(0), 150.0, 110.0));
        assert_eq!(alerts.all().count(), 1);
        assert_eq!(alerts.keep_rules(minute(3), &[]).len(), 1);
        assert_eq!(alerts, Alerts::default());
    }

    #[test]
    fn what_cannot_come_again_ends() {
        let (rule, mut alerts) = (rule(0, Missing::Keep), Alerts::default());
        let found = ["a", "b"].map(|name| (Labels::new([("channel", name)]), 150.0)).into();
        assert_eq!(alerts.hear(minute(0), &rule, &found).len(), 2);
        let ended = alerts.keep_series(minute(1), &rule, |labels| labels.get("channel") == "a");
        let ended: Vec<_> = ended.iter().map(|(_, alert)| (alert.labels.get("channel"), alert.ended)).collect();
        assert_eq!(ended, [("b", Some(minute(1)))]);
        assert_eq!(alerts.all().count(), 1);
    }

    #[test]
    fn absence_is_what_the_rule_says() {
        let values = [120.0, f64::NAN, f64::NAN, f64::NAN];
        assert_eq!(course(&rule(0, Missing::Keep), &values), [(0, What::Fired)]);
        assert_eq!(course(&rule(0, Missing::Recovery), &values), [(0, What::Fired), (1, What::Ended)]);
        assert_eq!(course(&rule(120, Missing::Keep), &values), [(2, What::Fired)], "a gap is no break");
        let mut alerts = Alerts::default();
        let there = BTreeMap::from([(Labels::default(), f64::NAN)]);
        assert_eq!(alerts.hear(minute(0), &rule(0, Missing::Breach), &there).len(), 1, "it has to be there");
    }
}
