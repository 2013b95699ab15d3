//! Telling people: together, not too often, and again if nothing changes.
//!
//! The three spans are those of Prometheus' Alertmanager, so that its users find what they know: a new group waits a
//! little for company, a group that changed is told again after an interval, and one that did not after a longer one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::alert::rule::Labels;
use crate::alert::silence::Silences;
use crate::domain::parameter::ParameterError;
use crate::domain::time::Timestamp;
use crate::incident::severity::Severity;

/// Something that goes on or is over, and that people want to hear of: an alert, or an incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// What it is known by for as long as it goes on.
    pub id: String,
    /// What it is grouped and silenced by.
    pub labels: Labels,
    /// How grave it is.
    pub severity: Severity,
    /// What is the matter, in a sentence.
    pub summary: String,
    /// Where to read what to do.
    pub runbook: Option<String>,
    /// When it began.
    pub since: Timestamp,
    /// When it ended; `None` while it goes on.
    pub ended: Option<Timestamp>,
}

/// What is told at once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// The labels that the events have in common.
    pub group: Labels,
    /// When it was made.
    pub at: Timestamp,
    /// What goes on, by id.
    pub firing: Vec<Event>,
    /// What ended since the last notice of the group, by id.
    pub ended: Vec<Event>,
}

/// How events become notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grouping {
    by: Vec<String>,
    wait_s: i64,
    interval_s: i64,
    repeat_s: i64,
}

impl Default for Grouping {
    /// By rule: half a minute for company, five minutes between changes, again after four hours.
    fn default() -> Self {
        Self { by: vec!["rule".to_owned()], wait_s: 30, interval_s: 300, repeat_s: 14_400 }
    }
}

impl Grouping {
    /// Events that agree in the labels `by` are told together: `wait_s` seconds after the first of them, at the earliest
    /// `interval_s` after the notice before if something changed, and after `repeat_s` if nothing did.
    ///
    /// # Errors
    /// If a span is negative, the interval 0, or the repetition shorter than the interval.
    pub fn new(by: Vec<String>, wait_s: i64, interval_s: i64, repeat_s: i64) -> Result<Self, ParameterError> {
        ParameterError::unless(wait_s >= 0, "wait", "0 s or more", &wait_s)?;
        ParameterError::unless(interval_s >= 1, "interval", "at least 1 s", &interval_s)?;
        ParameterError::unless(repeat_s >= interval_s, "repeat", "at least the interval", &repeat_s)?;
        Ok(Self { by, wait_s, interval_s, repeat_s })
    }

    fn group(&self, labels: &Labels) -> Labels {
        Labels::new(self.by.iter().map(|name| (name.clone(), labels.get(name))))
    }
}

/// Everything that goes on, and who was told of it when.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Notifier(BTreeMap<Labels, Group>);

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Group {
    /// By id. What ended stays until it was told.
    events: BTreeMap<String, Heard>,
    /// When the first event came.
    since: Timestamp,
    /// When it was told of last.
    told: Option<Timestamp>,
    /// When it was last looked at, told of or not.
    looked: Option<Timestamp>,
    /// Whether there may be something that was not told yet.
    is_news: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Heard {
    event: Event,
    /// Whether it was told that this goes on: only then is its end worth telling.
    is_told: bool,
    /// Whether it is new, or graver or milder than when it was told.
    is_news: bool,
}

impl Notifier {
    /// Hears of an event that began, changed or ended.
    pub fn hear(&mut self, now: Timestamp, grouping: &Grouping, event: Event) {
        let fresh = || Group { events: BTreeMap::new(), since: now, told: None, looked: None, is_news: false };
        let key = grouping.group(&event.labels);
        let group = self.0.entry(key.clone()).or_insert_with(fresh);
        let known = group.events.get(&event.id);
        let is_told = known.is_some_and(|heard| heard.is_told);
        let is_news = known.is_none_or(|heard| heard.is_news || heard.event.severity != event.severity);
        if event.ended.is_some() && !is_told {
            // Nobody was told that it began.
            group.events.remove(&event.id);
        } else {
            group.is_news |= is_news || event.ended.is_some();
            group.events.insert(event.id.clone(), Heard { event, is_told, is_news });
        }
        if group.events.is_empty() {
            self.0.remove(&key);
        }
    }

    /// Everything that goes on, told or not, by group and id.
    pub fn going_on(&self) -> impl Iterator<Item = &Event> {
        let heard = self.0.values().flat_map(|group| group.events.values());
        heard.map(|heard| &heard.event).filter(|event| event.ended.is_none())
    }

    /// The notices that are due at `now`, by group. What `silences` cover is left out, and heard of once they are over.
    pub fn due(&mut self, now: Timestamp, grouping: &Grouping, silences: &Silences) -> Vec<Notice> {
        let mut notices = Vec::new();
        for (labels, group) in &mut self.0 {
            if now < group.next(grouping) {
                continue;
            }
            notices.extend(group.tell(now, labels, grouping, silences));
        }
        self.0.retain(|_, group| !group.events.is_empty());
        notices
    }

    /// When [`Notifier::due`] may next have something to say; `None` if nothing goes on.
    #[must_use]
    pub fn next_wakeup(&self, grouping: &Grouping) -> Option<Timestamp> {
        self.0.values().map(|group| group.next(grouping)).min()
    }
}

impl Group {
    fn next(&self, grouping: &Grouping) -> Timestamp {
        match self.looked {
            None => self.since.plus_seconds(grouping.wait_s),
            Some(looked) if self.is_news => looked.plus_seconds(grouping.interval_s),
            Some(looked) => self.told.unwrap_or(looked).plus_seconds(grouping.repeat_s),
        }
    }

    /// What there is to tell; nothing if all of it is silenced, or was told and is not due again.
    fn tell(&mut self, now: Timestamp, labels: &Labels, grouping: &Grouping, silences: &Silences) -> Option<Notice> {
        let mut notice = Notice { group: labels.clone(), at: now, firing: Vec::new(), ended: Vec::new() };
        let (mut is_silenced, mut is_new) = (false, false);
        for heard in self.events.values_mut() {
            if silences.covering(now, &heard.event.labels).is_some() {
                is_silenced = true;
            } else if heard.event.ended.is_some() {
                notice.ended.push(heard.event.clone());
            } else {
                heard.is_told = true;
                is_new |= std::mem::take(&mut heard.is_news);
                notice.firing.push(heard.event.clone());
            }
        }
        // A silenced end is not kept: the next notice of the group leaves it out, which says as much.
        self.events.retain(|_, heard| heard.event.ended.is_none());
        // What is silenced is looked at again after an interval: the silence may be over.
        (self.looked, self.is_news) = (Some(now), is_silenced);
        let is_due = self.told.is_none_or(|told| now >= told.plus_seconds(grouping.repeat_s));
        let is_worth = is_new || !notice.ended.is_empty() || (is_due && !notice.firing.is_empty());
        is_worth.then(|| {
            self.told = Some(now);
            notice
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    fn grouping() -> Grouping {
        Grouping::new(vec!["provider".to_owned()], 30, 300, 14_400).expect("valid")
    }

    fn event(channel: &str, ended: Option<i64>) -> Event {
        Event {
            id: format!("slow {channel}"),
            labels: Labels::new([("provider", "azure"), ("channel", channel)]),
            severity: Severity::P2,
            summary: format!("{channel} is slow"),
            runbook: None,
            since: second(0),
            ended: ended.map(second),
        }
    }

    /// Ids that go on and ids that ended in each notice, with its second, up to `last`.
    fn told(notifier: &mut Notifier, silences: &Silences, last: i64) -> Vec<(i64, usize, usize)> {
        let mut told = Vec::new();
        while let Some(at) = notifier.next_wakeup(&grouping()).filter(|at| *at <= second(last)) {
            for notice in notifier.due(at, &grouping(), silences) {
                told.push((notice.at.seconds(), notice.firing.len(), notice.ended.len()));
            }
        }
        told
    }

    #[test]
    fn a_group_waits_for_company_then_for_its_interval_and_is_repeated() {
        let (mut notifier, none) = (Notifier::default(), Silences::default());
        notifier.hear(second(0), &grouping(), event("eu", None));
        notifier.hear(second(10), &grouping(), event("us", None));
        assert_eq!(notifier.going_on().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["slow eu", "slow us"]);
        assert_eq!(told(&mut notifier, &none, 30), [(30, 2, 0)]);
        notifier.hear(second(40), &grouping(), event("asia", None));
        assert_eq!(told(&mut notifier, &none, 330), [(330, 3, 0)]);
        assert_eq!(told(&mut notifier, &none, 14_730), [(14_730, 3, 0)], "nothing new, said again");
        for channel in ["eu", "us", "asia"] {
            notifier.hear(second(14_800), &grouping(), event(channel, Some(14_800)));
        }
        assert_eq!(told(&mut notifier, &none, 20_000), [(15_030, 0, 3)]);
        assert_eq!(notifier, Notifier::default(), "nothing is left of what is over and told");
    }

    #[test]
    fn what_grows_graver_is_told_and_what_stays_is_not() {
        let (mut notifier, none) = (Notifier::default(), Silences::default());
        notifier.hear(second(0), &grouping(), event("eu", None));
        assert_eq!(told(&mut notifier, &none, 30), [(30, 1, 0)]);
        notifier.hear(second(60), &grouping(), event("eu", None));
        assert!(told(&mut notifier, &none, 1_000).is_empty(), "nothing changed");
        notifier.hear(second(1_000), &grouping(), Event { severity: Severity::P1, ..event("eu", None) });
        let due = notifier.due(second(1_000), &grouping(), &none);
        assert_eq!(due.first().map(|notice| notice.firing[0].severity), Some(Severity::P1), "{due:?}");
    }

    #[test]
    fn what_nobody_was_told_of_ends_in_silence() {
        let (mut notifier, none) = (Notifier::default(), Silences::default());
        notifier.hear(second(0), &grouping(), event("eu", None));
        notifier.hear(second(20), &grouping(), event("eu", Some(20)));
        assert_eq!(notifier, Notifier::default());
        assert!(told(&mut notifier, &none, 100_000).is_empty());
    }

    #[test]
    fn a_silenced_event_is_told_once_the_silence_is_over() {
        let (mut notifier, mut silences) = (Notifier::default(), Silences::default());
        let matching = Labels::new([("channel", "e*")]);
        silences.add(second(0), matching, second(1_000), "kim", "known").expect("fine");
        notifier.hear(second(0), &grouping(), event("eu", None));
        notifier.hear(second(0), &grouping(), event("us", None));
        assert_eq!(told(&mut notifier, &silences, 1_300), [(30, 1, 0), (1_230, 2, 0)], "the other is not repeated");
        assert!(Grouping::new(Vec::new(), 0, 60, 30).is_err());
    }
}
