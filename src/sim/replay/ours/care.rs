//! What is done about channels in trouble: by playbooks, as `serve` runs them, or by people who are only told.
//!
//! Both look at the same facts at the same instants, and both are told of trouble by the triggers of the same playbooks;
//! so what a person is spared is not what detection is worth. A look comes when one comes live: after a judged minute,
//! a decision, an outcome, and whenever a run wants it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::policy::healing::facts::Facts;
use crate::policy::healing::healer::{Healer, Setting};
use crate::policy::healing::order::{Attempt, Order, Outcome, What};
use crate::policy::healing::playbook::Action;
use crate::sim::replay::deed::{Deed, Done, Means};
use crate::sim::replay::router::RunEnd;

/// Seconds between two looks if nothing happens, as live.
const IDLE_S: i64 = 60;
/// Microseconds between two looks whether a channel answers, as live.
const PROBE_US: i64 = 250_000;

/// Who sees to channels in trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Playbooks, and a person where they hand over.
    Playbooks,
    /// A person, who is alerted when a playbook would have begun.
    People,
}

/// What is done about channels in trouble.
#[derive(Debug)]
pub(super) struct Care {
    by: By,
    setting: Setting,
    names: Vec<ChannelId>,
    healer: Healer,
    next: Timestamp,
    /// Outcomes that the healer has not heard of: by the key of the attempt.
    came: Vec<(String, Outcome)>,
    /// Attempts that wait until their channel answers, and for how long.
    probing: Vec<(ChannelId, Attempt)>,
    /// Channels in trouble at the last look.
    troubled: BTreeSet<ChannelId>,
    /// Channels to which a person is on the way.
    called: BTreeSet<ChannelId>,
    pub(super) deeds: Vec<Deed>,
    pub(super) alerts: Vec<(Timestamp, usize)>,
    pub(super) runs: Vec<RunEnd>,
}

impl Care {
    /// By playbooks with this `setting`, or by people who are alerted by its triggers, for channels in the order of `names`;
    /// the first look is at `now`.
    pub(super) fn new(by: By, setting: Setting, names: Vec<ChannelId>, now: Timestamp) -> Self {
        Self {
            by,
            setting,
            names,
            healer: Healer::default(),
            next: now,
            came: Vec::new(),
            probing: Vec::new(),
            troubled: BTreeSet::new(),
            called: BTreeSet::new(),
            deeds: Vec::new(),
            alerts: Vec::new(),
            runs: Vec::new(),
        }
    }

    /// When it wants to look next.
    pub(super) const fn next(&self) -> Timestamp {
        self.next
    }

    /// Has it look at `now`.
    pub(super) fn wake(&mut self, now: Timestamp) {
        self.next = self.next.min(now);
    }

    /// Looks at everything; `facts` are what is known. The channels that calls are to be kept away from.
    pub(super) fn look(&mut self, now: Timestamp, facts: &BTreeMap<ChannelId, Facts>) -> BTreeSet<ChannelId> {
        self.see(now, facts);
        match self.by {
            By::People => {
                for channel in std::mem::take(&mut self.troubled) {
                    self.call(&channel, now);
                    self.troubled.insert(channel);
                }
            }
            By::Playbooks => self.heal(now, facts),
        }
        let idle = now.plus_seconds(IDLE_S);
        let soon = self.probing.first().map(|_| now.plus_micros(PROBE_US));
        let wanted = self.healer.next_wakeup(now).into_iter().chain(soon).min();
        self.next = wanted.map_or(idle, |at| at.min(idle)).max(now.plus_micros(1));
        self.healer.drained()
    }

    /// Notes trouble that is new.
    fn see(&mut self, now: Timestamp, facts: &BTreeMap<ChannelId, Facts>) {
        let is_troubled = |(name, facts): &(&ChannelId, &Facts)| {
            self.setting.playbooks.iter().any(|playbook| playbook.trigger.fires(name, facts).is_some())
        };
        let troubled: BTreeSet<ChannelId> = facts.iter().filter(is_troubled).map(|(name, _)| name.clone()).collect();
        let fresh = troubled.difference(&self.troubled).filter_map(|name| self.place(name));
        let fresh: Vec<_> = fresh.map(|place| (now, place)).collect();
        self.alerts.extend(fresh);
        self.troubled = troubled;
    }

    fn heal(&mut self, now: Timestamp, facts: &BTreeMap<ChannelId, Facts>) {
        self.probe(now, facts);
        let mut orders = Vec::new();
        // What takes no time is over at once, and the run goes on with it.
        loop {
            for (key, outcome) in std::mem::take(&mut self.came) {
                orders.extend(self.healer.hear(&self.setting, now, &key, &outcome).into_iter().flatten());
            }
            orders.extend(self.healer.step(&self.setting, now, facts));
            for order in std::mem::take(&mut orders) {
                self.carry_out(order, now);
            }
            if self.came.is_empty() {
                break;
            }
        }
    }

    fn carry_out(&mut self, order: Order, now: Timestamp) {
        let Some(channel) = self.place(&order.channel) else { return };
        match order.what {
            What::Attempt(attempt) => {
                let means = match &attempt.action {
                    Action::Drain | Action::Restore | Action::Wait(_) => {
                        return self.came.push((attempt.key, Outcome { is_ok: true, message: String::new() }));
                    }
                    Action::Probe => return self.probing.push((order.channel, attempt)),
                    Action::Webhook { .. } => Means::Webhook,
                    Action::Command { name } => Means::Command(name.clone()),
                };
                self.deeds.push(Deed { key: attempt.key, channel, means });
            }
            What::Ended { ending, .. } => {
                let began = self.healer.past().find(|past| past.run == order.run).map_or(now, |past| past.began);
                self.runs.push(RunEnd { channel, began, ended: now, ending });
                if ending.needs_person() {
                    self.call(&order.channel, now);
                }
            }
            What::Advise
            | What::Begin
            | What::Ask { .. }
            | What::Interrupted(_)
            | What::Settled { .. }
            | What::Again { .. } => {}
        }
    }

    /// Looks after the attempts that wait for an answer.
    fn probe(&mut self, now: Timestamp, facts: &BTreeMap<ChannelId, Facts>) {
        for (channel, attempt) in std::mem::take(&mut self.probing) {
            let answers = facts.get(&channel).and_then(|facts| facts.is_well) == Some(true);
            if answers || now.seconds_since(attempt.began) >= attempt.timeout_s {
                self.came.push((attempt.key, Outcome { is_ok: answers, message: String::new() }));
            } else {
                self.probing.push((channel, attempt));
            }
        }
    }

    /// Calls a person to `channel`, unless one is on the way.
    fn call(&mut self, channel: &ChannelId, now: Timestamp) {
        let Some(place) = self.place(channel) else { return };
        if self.called.insert(channel.clone()) {
            let key = format!("person-{channel}-{}", now.micros());
            self.deeds.push(Deed { key, channel: place, means: Means::Person });
        }
    }

    /// Hears what came of a deed.
    pub(super) fn done(&mut self, now: Timestamp, done: &Done) {
        if done.deed.means == Means::Person {
            if let Some(name) = self.names.get(done.deed.channel) {
                self.called.remove(name);
            }
        } else {
            let message = if done.is_ok { "done" } else { "it failed" };
            self.came.push((done.deed.key.clone(), Outcome { is_ok: done.is_ok, message: message.to_owned() }));
        }
        self.wake(now);
    }

    fn place(&self, channel: &ChannelId) -> Option<usize> {
        self.names.iter().position(|name| name == channel)
    }
}
