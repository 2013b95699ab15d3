//! What breaks together is one matter: incidents of channels that share a region, a deployment, a provider or a model.
//!
//! Whenever an incident opens, each scope that its channel lies in is looked at: how many of its channels are ill, counting
//! incidents that opened within a window of now and those already grouped? A scope in which enough are, both in number and
//! as a share of its channels, can explain them. The one that explains most incidents is taken, of equals the one with the
//! larger share of its channels, then the narrowest: a region of a provider whose other regions are well is a region's
//! outage; once those fall ill too, the group widens to the provider, and groups that it swallows end.
//!
//! The obvious alternative, the lowest common ancestor in a tree, has no answer where a model has several providers and a
//! provider several models, and calls two ill channels of a large provider its outage.
//!
//! A group ends when its last member does, and is taken up again with a member that flaps. An opening costs O(open
//! incidents) and the state is bounded by them, by [`MAX_MEMBERS`] of each group, and by groups that ended a moment ago.
//! The changes of one minute are taken in the order of their channels, so that the order in which channels were looked at
//! does not matter.

mod scope;
mod state;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::parameter::ParameterError;
use crate::domain::time::Timestamp;
use crate::incident::change::{Change, What};
use crate::incident::place::Topology;
use crate::incident::state::IncidentId;

pub use state::{Group, GroupChange, GroupId, GroupWhat, MAX_MEMBERS, Member};

/// When incidents belong together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Grouping {
    /// Minutes within which incidents must have opened, at least 1.
    pub within: u32,
    /// Channels that must be ill, at least 2.
    pub least: usize,
    /// Share of the scope's channels that must be ill, above 0, at most 1.
    pub share: f64,
    /// Minutes after its end within which a group is taken up again.
    pub join_within: u32,
}

impl Default for Grouping {
    /// Two channels and six tenths of all within a quarter of an hour.
    fn default() -> Self {
        Self { within: 15, least: 2, share: 0.6, join_within: 15 }
    }
}

impl Grouping {
    /// Checks every setting.
    ///
    /// # Errors
    /// The first parameter out of its range.
    pub fn check(&self) -> Result<(), ParameterError> {
        ParameterError::unless(self.within >= 1, "within", "at least 1 minute", &self.within)?;
        ParameterError::unless(self.least >= 2, "least", "at least 2 channels", &self.least)?;
        let is_share = self.share > 0.0 && self.share <= 1.0;
        ParameterError::unless(is_share, "share", "above 0, at most 1", &self.share)
    }
}

/// All groups, and the open incidents that belong to none.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Groups {
    /// Open, or ended so lately that they may be taken up again.
    groups: BTreeMap<GroupId, Group>,
    /// Open incidents without a group.
    loose: BTreeMap<IncidentId, Member>,
}

/// What happened to which group, the most telling where there was much.
type Touched = BTreeMap<GroupId, GroupWhat>;

impl Groups {
    /// Hears what changed in one minute on all channels, and says what that means for groups, in the order of their names.
    pub fn observe(
        &mut self,
        rules: &Grouping,
        topology: &Topology,
        now: Timestamp,
        changes: &[Change],
    ) -> Vec<GroupChange> {
        self.forget(rules, now);
        let mut ordered: Vec<&Change> = changes.iter().collect();
        ordered.sort_by_key(|change| (&change.incident.channel, change.incident.id, change.incident.revision));
        let mut touched = Touched::new();
        for change in ordered {
            match change.what {
                What::Opened | What::Reopened => self.begin(rules, topology, now, change, &mut touched),
                _ => self.update(now, change, &mut touched),
            }
        }
        let made = touched.into_iter().filter_map(|(id, what)| {
            let group = self.groups.get_mut(&id)?;
            Some(group.change(now, what))
        });
        made.collect()
    }

    /// Groups that are open, in the order of their names.
    pub fn open(&self) -> impl Iterator<Item = &Group> {
        self.groups.values().filter(|group| group.is_open())
    }

    /// The open group that `incident` belongs to.
    #[must_use]
    pub fn of(&self, incident: IncidentId) -> Option<&Group> {
        self.open().find(|group| group.members.contains_key(&incident))
    }

    /// Drops groups that ended long ago.
    fn forget(&mut self, rules: &Grouping, now: Timestamp) {
        let last = now.plus_seconds(-60 * i64::from(rules.join_within));
        self.groups.retain(|_, group| group.resolved.is_none_or(|resolved| resolved >= last));
    }

    fn begin(&mut self, rules: &Grouping, topology: &Topology, now: Timestamp, change: &Change, touched: &mut Touched) {
        let id = change.incident.id;
        let member = Member::of(&change.incident);
        if let Some(group) = self.groups.values_mut().find(|group| group.takes_back(id)) {
            let what = if group.is_open() { GroupWhat::Joined } else { GroupWhat::Reopened };
            group.join(now, id, member);
            note(touched, group.id, what);
            return;
        }
        self.loose.insert(id, member);
        let Some(place) = topology.place(&change.incident.channel) else { return };
        let scopes = place.scopes();
        if let Some(choice) = scope::choose(rules, topology, now, &scopes, &self.loose, &self.groups) {
            self.gather(now, choice, touched);
        } else if let Some(group) = self.groups.values_mut().find(|group| group.is_open_for(rules, now, &scopes)) {
            if let Some(member) = self.loose.remove(&id) {
                group.join(now, id, member);
            }
            note(touched, group.id, GroupWhat::Joined);
        }
    }

    /// Brings all that `choice` explains into one group: the oldest that is concerned, else a new one.
    fn gather(&mut self, now: Timestamp, choice: scope::Choice, touched: &mut Touched) {
        let target =
            choice.groups.iter().filter_map(|id| self.groups.get(id)).min_by_key(|group| (group.opened, group.id));
        let target = target.map(|group| group.id);
        let mut group = match target.and_then(|id| self.groups.remove(&id)) {
            Some(group) => group,
            None => Group::new(now, choice.scope.clone(), choice.first_sign),
        };
        let mut what = if target.is_none() { GroupWhat::Formed } else { GroupWhat::Joined };
        if group.scope != choice.scope && choice.channels > group.open_channels() {
            group.scope = choice.scope;
            what = GroupWhat::Widened;
        }
        let room = MAX_MEMBERS.saturating_sub(group.members.len());
        for id in choice.loose.into_iter().take(room) {
            if let Some(member) = self.loose.remove(&id) {
                group.join(now, id, member);
            }
        }
        let own = group.id;
        for other in choice.groups.into_iter().filter(|id| *id != own) {
            if let Some(swallowed) = self.groups.get_mut(&other) {
                group.swallow(now, swallowed);
                note(touched, other, GroupWhat::Swallowed);
            }
        }
        note(touched, group.id, what);
        self.groups.insert(group.id, group);
    }

    /// Keeps a member as its incident now stands.
    fn update(&mut self, now: Timestamp, change: &Change, touched: &mut Touched) {
        let (id, member) = (change.incident.id, Member::of(&change.incident));
        if let Some(loose) = self.loose.get_mut(&id) {
            *loose = member;
            if !change.incident.is_open() {
                self.loose.remove(&id);
            }
            return;
        }
        let holds = |group: &&mut Group| group.is_open() && group.members.contains_key(&id);
        let Some(group) = self.groups.values_mut().find(holds) else { return };
        if let Some(what) = group.update(now, id, member) {
            note(touched, group.id, what);
        }
    }
}

fn note(touched: &mut Touched, id: GroupId, what: GroupWhat) {
    let known = touched.entry(id).or_insert(what);
    *known = (*known).min(what);
}

#[cfg(test)]
mod tests;
