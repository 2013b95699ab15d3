//! One round a minute: ask the rules, note what fires and ends, make notices.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, PoisonError};

use tokio::sync::watch;

use crate::alert::life::{Alert, What};
use crate::alert::notice::{Event, Notice};
use crate::alert::rule::{Labels, Rule};
use crate::domain::time::{Minute, Timestamp};
use crate::engine::Engine;
use crate::engine::alerting::read::Reading;
use crate::incident::severity::Severity;
use crate::telemetry::names::Metric;

/// How long after its end a minute is judged: what was under way has arrived by then.
const DELAY_S: i64 = 5;
/// Notices that may wait for one receiver.
const WAITING: usize = 100;

/// Judges every minute a few seconds after its end, and tells what there is to tell when it is due, until `stop`.
pub async fn rounds(engine: Engine, mut stop: watch::Receiver<bool>) {
    engine.forget_rules();
    let mut judged = engine.clock().now().plus_seconds(-DELAY_S).minute();
    loop {
        let now = engine.clock().now();
        // The minute that is not over yet; those before it are.
        let open = now.plus_seconds(-DELAY_S).minute();
        if open > judged {
            judged = open;
            engine.judge_minute(open).await;
        }
        engine.tell(now).await;
        let next_minute = judged.end().plus_seconds(DELAY_S);
        let next = engine.next_notice().map_or(next_minute, |due| due.min(next_minute));
        tokio::select! {
            () = engine.clock().sleep_until(next) => {}
            () = engine.0.alerting.news.notified() => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    engine.save_alerts().await;
}

impl Engine {
    /// Ends what was firing by rules that are not there any more.
    pub(super) fn forget_rules(&self) {
        let rules = self.rules();
        let all = rules.iter().map(|watched| &watched.rule).chain(self.0.alerting.own.all());
        let all: Vec<Rule> = all.cloned().collect();
        let now = self.clock().now();
        let mut kept = self.0.alerting.kept();
        let ended: Vec<String> = kept.alerts.keep_rules(now, &all).iter().map(|(_, alert)| id(alert)).collect();
        // Of the rule only what was told is left.
        let told: Vec<Event> = kept.notifier.going_on().filter(|event| ended.contains(&event.id)).cloned().collect();
        drop(kept);
        for event in told {
            self.hear(now, Event { ended: Some(now), ..event });
        }
    }

    /// Asks every rule of the windows before `to`, on a thread that may block.
    async fn judge_minute(&self, to: Minute) {
        let engine = self.clone();
        if tokio::task::spawn_blocking(move || engine.judge(to)).await.is_err() {
            tracing::error!("the rules of a minute broke off");
        }
    }

    pub(super) fn judge(&self, to: Minute) {
        let (now, own) = (self.clock().now(), &self.0.alerting.own);
        self.reread_rules();
        let rules = self.rules();
        let mut unreadable = BTreeMap::new();
        let mut heard: Vec<(&Rule, Vec<(What, Alert)>)> = Vec::new();
        if !rules.is_empty() {
            let mut reading = Reading::new(self, &rules, to);
            for watched in rules.iter() {
                let read = reading.values(watched);
                if let Err(error) = &read {
                    tracing::warn!(rule = watched.rule.name, %error, "the series of a rule cannot be read");
                }
                unreadable
                    .insert(Labels::new([("of", watched.rule.name.as_str())]), f64::from(u8::from(read.is_err())));
                let Ok(found) = read else { continue };
                let mut kept = self.0.alerting.kept();
                let gone = kept.alerts.keep_series(now, &watched.rule, |labels| reading.may_come(watched, labels));
                heard.push((&watched.rule, gone));
                heard.push((&watched.rule, kept.alerts.hear(now, &watched.rule, &found)));
            }
        }
        let silent_s = now.seconds_since(self.0.alerting.last_beat());
        let silent = self.settings().alerts.expects_beats.then(|| (Labels::default(), silent_s));
        let refused = self.settings().alerts.rules_file.as_ref();
        let refused = refused.map(|_| (Labels::default(), f64::from(u8::from(self.rules_problem().is_some()))));
        let mut kept = self.0.alerting.kept();
        heard.push((&own.refused, kept.alerts.hear(now, &own.refused, &refused.into_iter().collect())));
        heard.push((&own.unreadable, kept.alerts.hear(now, &own.unreadable, &unreadable)));
        heard.push((&own.stalled, kept.alerts.hear(now, &own.stalled, &silent.into_iter().collect())));
        drop(kept);
        for (rule, heard) in heard {
            for (what, alert) in heard {
                tracing::info!(rule = rule.name, labels = %alert.labels, value = alert.value, ?what, "alert");
                self.hear(now, event(rule, &alert));
            }
        }
    }

    /// When there may next be something to tell.
    fn next_notice(&self) -> Option<Timestamp> {
        self.0.alerting.kept().notifier.next_wakeup(&self.settings().alerts.grouping)
    }

    /// Makes the notices that are due, keeps them, and wakes those who bring them.
    pub(super) async fn tell(&self, now: Timestamp) {
        let alerting = &self.0.alerting;
        let going_on = {
            let mut kept = alerting.kept();
            let kept = &mut *kept;
            kept.silences.expire(now);
            let notices = kept.notifier.due(now, &self.settings().alerts.grouping, &kept.silences);
            for post in alerting.receivers.iter().filter(|post| !post.receiver.wants_state()) {
                for notice in notices.iter().filter(|notice| post.receiver.notice(notice).is_some()) {
                    put(kept.outbox.entry(post.receiver.name().to_owned()).or_default(), notice, post.receiver.name());
                }
            }
            show(kept.notifier.going_on());
            let heard = kept.notifier.going_on().filter(|event| kept.silences.covering(now, &event.labels).is_none());
            Arc::new(heard.cloned().collect::<Vec<Event>>())
        };
        self.save_alerts().await;
        for post in &alerting.receivers {
            *post.state.lock().unwrap_or_else(PoisonError::into_inner) = (now, Arc::clone(&going_on));
            post.bell.notify_one();
        }
    }
}

/// Puts a notice into an outbox. One that is full loses its oldest.
fn put(outbox: &mut VecDeque<Notice>, notice: &Notice, receiver: &str) {
    if outbox.len() >= WAITING {
        outbox.pop_front();
        let labels = [("receiver", receiver.to_owned()), ("outcome", "dropped".to_owned())];
        metrics::counter!(Metric::Notices.name(), &labels).increment(1);
        tracing::warn!(receiver, "too many notices wait; the oldest was dropped");
    }
    outbox.push_back(notice.clone());
}

/// Shows how many events of each severity go on.
fn show<'e>(events: impl Iterator<Item = &'e Event>) {
    let mut counts = [Severity::P1, Severity::P2, Severity::P3, Severity::P4].map(|severity| (severity, 0.0));
    for event in events {
        for (_, count) in counts.iter_mut().filter(|(severity, _)| *severity == event.severity) {
            *count += 1.0;
        }
    }
    for (severity, count) in counts {
        metrics::gauge!(Metric::AlertsFiring.name(), "severity" => severity.name()).set(count);
    }
}

/// What an alert is known by.
fn id(alert: &Alert) -> String {
    format!("{}{}", alert.rule, alert.labels)
}

/// What people are told of an alert.
fn event(rule: &Rule, alert: &Alert) -> Event {
    let mut labels = alert.labels.clone();
    labels.0.insert("rule".to_owned(), rule.name.clone());
    let of = alert.labels.0.values().map(String::as_str).collect::<Vec<_>>().join(", ");
    let of = if of.is_empty() { of } else { format!(" ({of})") };
    let value = if alert.value.is_nan() { "no value".to_owned() } else { plain(alert.value) };
    Event {
        id: id(alert),
        labels,
        severity: rule.severity,
        summary: format!("{}: {}{of}: {value}, limit {}", rule.name, rule.summary, rule.condition),
        runbook: rule.runbook.clone(),
        since: alert.since,
        ended: alert.ended,
    }
}

/// A number as people write it: four digits, more only before the point.
fn plain(value: f64) -> String {
    let digits = match value.abs() {
        1_000.0.. => 0,
        100.0.. => 1,
        10.0.. => 2,
        1.0.. => 3,
        _ => 5,
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
