//! The minute lane as a pure function: minutes in, conclusions out.
//!
//! [`Machine::observe`] is told of one minute of every channel at once, with what was forecast of it, and says what is odd,
//! which incidents began, went on or ended, and how likely each channel is to break what is promised. It reads no clock
//! and no disk: the live engine and the replay of a trace feed the same machine, and equal minutes give equal conclusions
//! to the last bit. Its state is one value that can be saved.
//!
//! | part | what it follows |
//! |---|---|
//! | [`channel`] | the detectors, the incidents and the usual traffic of one channel |
//! | [`pools`] | channels of one model against each other |
//! | [`promises`] | what a route class promises, its budget, and the risk of each of its channels |
//! | [`foresight`] | forecasts that are followed without a store |
//! | [`pilot`] | who carries what: calls, minutes and the planner |
//! | [`vitals`] | what playbooks go by, put together from both lanes |
//! | [`rehearsal`] | what those risks would have been in the past, which calibrates the first ones |
//!
//! A minute costs O(channels); what operators may change ([`Rulebook`]) is no part of the state.

pub mod channel;
pub mod foresight;
pub mod pilot;
pub mod pools;
pub mod promises;
pub mod rehearsal;
pub mod rulebook;
pub mod vitals;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::anomaly::verdict::Verdict;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::target::Target;
use crate::domain::time::{Minute, Timestamp};
use crate::incident::change::Change;
use crate::incident::command::{Command, CommandError};
use crate::incident::group::{Group, GroupChange, Groups};
use crate::incident::state::{Incident, IncidentId};
use crate::risk::chance::Chances;
use crate::risk::outlook::{Outcome, Risk};

use channel::Channel;
use pools::Pools;
use promises::Promises;

pub use channel::Expected;
pub use pilot::Ahead;
pub use promises::Class;
pub use rehearsal::Step;
pub use rulebook::{ControlTable, Override, Rulebook};

/// What is known of one channel's minute.
#[derive(Debug, Clone, Default)]
pub struct Heard {
    /// The minute as it stands; `None` if nobody watched the channel.
    pub sample: Option<Sample>,
    /// Quantiles that were forecast of it, for each of [`Target::ALL`].
    pub expected: Option<Expected>,
    /// By route class, the probability by the forecasts that a promise is broken soon.
    pub chances: BTreeMap<String, Chances>,
    /// What the forecasts say of the next quarter of an hour.
    pub ahead: Ahead,
    /// Whether decisions are why it had more or fewer calls than usual: its traffic is then no sign of trouble.
    pub is_moved: bool,
}

/// Everything that follows from the minutes so far.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// The minute that it waits for; `None` before the first.
    next: Option<Minute>,
    channels: BTreeMap<ChannelId, Channel>,
    pools: Pools,
    groups: Groups,
    promises: Promises,
}

/// What one minute led to. In the order of channels and classes, so that equal minutes give equal lists.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Conclusions {
    /// What is said of each column that is watched.
    pub verdicts: Vec<(ChannelId, Vec<(Target, Verdict)>)>,
    /// What happened to incidents.
    pub changes: Vec<Change>,
    /// What happened to groups of them.
    pub groups: Vec<GroupChange>,
    /// Risks as they are now.
    pub risks: Vec<RiskOf<Risk>>,
    /// What came of earlier ones.
    pub outcomes: Vec<RiskOf<Outcome>>,
}

/// A risk, or what came of it, of one channel for one route class.
#[derive(Debug, Clone, PartialEq)]
pub struct RiskOf<T> {
    /// The channel.
    pub channel: ChannelId,
    /// The route class.
    pub class: String,
    /// The risk.
    pub of: T,
}

impl Machine {
    /// The minute that it waits for; `None` before the first.
    #[must_use]
    pub const fn next(&self) -> Option<Minute> {
        self.next
    }

    /// Learns the past of one channel, of which nothing is concluded: `minutes` in order.
    pub fn learn(&mut self, book: &Rulebook, name: &ChannelId, minutes: &[Sample]) {
        let Some(channel) = self.channel(book, name) else { return };
        for sample in minutes {
            channel.learn(book, sample);
        }
    }

    /// Whether the risks of the route class `class` have something to learn from the past of the channel `name`.
    #[must_use]
    pub fn wants_rehearsal(&self, class: &str, name: &ChannelId) -> bool {
        self.promises.class(class).is_none_or(|kept| kept.wants_rehearsal(name))
    }

    /// Learns what the risks of the channel `name` for `class` would have been worth.
    pub fn rehearse(&mut self, class: &Class, name: &ChannelId, steps: &[Step]) {
        self.promises.rehearse(class, name, steps);
    }

    /// Hears of `minute` of every channel at `now`. A minute that nobody watched on any channel says nothing; one that came
    /// before is ignored. A channel that is not among those `heard`, but was before, is one that nobody watched.
    pub fn observe(
        &mut self,
        book: &Rulebook,
        now: Timestamp,
        minute: Minute,
        heard: &BTreeMap<ChannelId, Heard>,
    ) -> Conclusions {
        let mut conclusions = Conclusions::default();
        if self.next.is_some_and(|next| minute < next) {
            return conclusions;
        }
        self.next = Some(minute.plus(1));
        if heard.values().all(|heard| heard.sample.is_none()) {
            return conclusions;
        }
        for (name, _) in heard.iter().filter(|(_, heard)| heard.sample.is_some()) {
            let _known = self.channel(book, name);
        }
        let peers = self.pools.observe(book, heard);
        let nothing = Heard::default();
        let all: u64 = heard.values().filter_map(|heard| heard.sample.as_ref()).map(|it| it.counts.requests).sum();
        for (name, channel) in &mut self.channels {
            let heard = heard.get(name).unwrap_or(&nothing);
            let judgement = channel.judge(book, name, minute, heard, peers.get(name));
            let harm = channel.harm(book, name, heard.sample.as_ref(), all);
            conclusions.changes.extend(channel.conclude(
                book,
                now,
                (minute, heard.is_moved),
                &judgement.verdicts,
                harm,
            ));
            self.promises.observe(book, name, minute, heard, &judgement.surprises, &mut conclusions);
            conclusions.verdicts.push((name.clone(), judgement.verdicts));
        }
        self.promises.count(book, minute, heard);
        conclusions.groups = self.groups.observe(&book.grouping, &book.topology, now, &conclusions.changes);
        conclusions
    }

    /// Hears that nobody watched the minutes before `minute` which it has not heard of. Nothing happens before the first
    /// minute: a machine that knows nothing is to learn the past when there is one.
    pub fn pass(&mut self, minute: Minute) {
        self.next = self.next.map(|next| next.max(minute));
    }

    /// Does what a person orders for an incident, open or just over.
    ///
    /// # Errors
    /// [`CommandError`] if there is no such incident, or the order makes no sense for it now.
    pub fn command(
        &mut self,
        book: &Rulebook,
        now: Timestamp,
        id: IncidentId,
        command: &Command,
    ) -> Result<(Change, Vec<GroupChange>), CommandError> {
        for channel in self.channels.values_mut() {
            match channel.watch.command(now, id, command) {
                Ok(change) => {
                    let changes = std::slice::from_ref(&change);
                    let groups = self.groups.observe(&book.grouping, &book.topology, now, changes);
                    return Ok((change, groups));
                }
                Err(CommandError::Unknown(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(CommandError::Unknown(id))
    }

    /// Open incidents, by channel.
    pub fn incidents(&self) -> impl Iterator<Item = &Incident> {
        self.channels.values().flat_map(|channel| channel.watch.open())
    }

    /// Open groups of incidents.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.open()
    }

    /// The open group that `incident` belongs to.
    #[must_use]
    pub fn group_of(&self, incident: IncidentId) -> Option<&Group> {
        self.groups.of(incident)
    }

    /// What was promised, and how it is kept.
    #[must_use]
    pub const fn promises(&self) -> &Promises {
        &self.promises
    }

    /// The names of the channels that are followed.
    pub fn channels(&self) -> impl Iterator<Item = &ChannelId> {
        self.channels.keys()
    }

    /// The channel called `name`, which is begun if there is none. `None` if it cannot be, which the rulebook's check
    /// rules out.
    fn channel(&mut self, book: &Rulebook, name: &ChannelId) -> Option<&mut Channel> {
        if !self.channels.contains_key(name) {
            self.channels.insert(name.clone(), Channel::new(book, name)?);
        }
        self.channels.get_mut(name)
    }
}

#[cfg(test)]
mod tests;
