//! Which shared part of the world explains most of the incidents that are open.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::ChannelId;
use crate::domain::time::{Minute, Timestamp};
use crate::incident::group::{Group, GroupId, Grouping, Member};
use crate::incident::place::{Scope, Topology};
use crate::incident::state::IncidentId;

/// A scope, and what it explains.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    pub(super) scope: Scope,
    /// Channels that are ill.
    pub(super) channels: usize,
    /// First sign of all.
    pub(super) first_sign: Minute,
    /// Incidents that belong to no group yet.
    pub(super) loose: Vec<IncidentId>,
    /// Open groups with members in the scope.
    pub(super) groups: BTreeSet<GroupId>,
}

/// What a choice is ranked by: channels, the bits of their share, and how narrow the scope is.
type Rank = (usize, u64, Reverse<usize>);

/// The best of `scopes`, which are ordered from the narrowest; `None` if none explains enough.
pub(super) fn choose(
    rules: &Grouping,
    topology: &Topology,
    now: Timestamp,
    scopes: &[Scope],
    loose: &BTreeMap<IncidentId, Member>,
    groups: &BTreeMap<GroupId, Group>,
) -> Option<Choice> {
    let since = now.plus_seconds(-60 * i64::from(rules.within));
    let mut best: Option<(Rank, Choice)> = None;
    for (width, scope) in scopes.iter().enumerate() {
        let choice = explain(topology, since, scope, loose, groups);
        let size = topology.size(scope).max(1);
        let share = share(choice.channels, size);
        if choice.channels < rules.least || share < rules.share {
            continue;
        }
        // Non-negative floats are ordered as their bits.
        let rank = (choice.channels, share.to_bits(), Reverse(width));
        if best.as_ref().is_none_or(|(other, _)| rank > *other) {
            best = Some((rank, choice));
        }
    }
    best.map(|(_, choice)| choice)
}

#[expect(clippy::cast_precision_loss, reason = "channels are far fewer than 2^52")]
fn share(channels: usize, size: usize) -> f64 {
    channels as f64 / size as f64
}

/// What `scope` explains: incidents of its channels that opened at `since` or later, and groups with a member in it.
fn explain(
    topology: &Topology,
    since: Timestamp,
    scope: &Scope,
    loose: &BTreeMap<IncidentId, Member>,
    groups: &BTreeMap<GroupId, Group>,
) -> Choice {
    let lies_in = |channel: &ChannelId| topology.place(channel).is_some_and(|place| place.scopes().contains(scope));
    let mut channels = BTreeSet::new();
    let mut choice = Choice {
        scope: scope.clone(),
        channels: 0,
        first_sign: Minute(u32::MAX),
        loose: Vec::new(),
        groups: BTreeSet::new(),
    };
    let mut add = |member: &Member| {
        channels.insert(member.channel.clone());
        choice.first_sign = choice.first_sign.min(member.first_sign);
    };
    for (id, member) in loose.iter().filter(|(_, member)| member.opened >= since && lies_in(&member.channel)) {
        add(member);
        choice.loose.push(*id);
    }
    for group in groups.values().filter(|group| group.is_open() && group.last_joined >= since) {
        for member in group.members.values().filter(|member| member.is_open() && lies_in(&member.channel)) {
            add(member);
            choice.groups.insert(group.id);
        }
    }
    choice.channels = channels.len();
    choice
}
