//! A group as it stands.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;
use crate::domain::time::{Minute, Timestamp};
use crate::incident::fingerprint::{Fingerprint, hash};
use crate::incident::group::Grouping;
use crate::incident::kind::Kind;
use crate::incident::place::Scope;
use crate::incident::severity::Severity;
use crate::incident::state::{Incident, IncidentId};

/// Members that a group keeps; further ones stay incidents of their own.
pub const MAX_MEMBERS: usize = 1_000;

/// The name of a group: it follows from its first scope and when it formed, so a replay gives it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GroupId(pub u64);

impl fmt::Display for GroupId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// An incident in a group: what is needed to find it, for its evidence is its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// The channel.
    pub channel: ChannelId,
    /// What kind of trouble.
    pub kind: Kind,
    /// How grave it is, or was in the end.
    pub severity: Severity,
    /// Minute of its first odd value.
    pub first_sign: Minute,
    /// When it was detected.
    pub opened: Timestamp,
    /// When it was over.
    pub resolved: Option<Timestamp>,
}

impl Member {
    pub(super) fn of(incident: &Incident) -> Self {
        Self {
            channel: incident.channel.clone(),
            kind: incident.kind,
            severity: incident.severity,
            first_sign: incident.times.first_sign,
            opened: incident.times.opened,
            resolved: incident.times.resolved,
        }
    }

    /// Whether its incident is not over.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.resolved.is_none()
    }
}

/// What happened to a group; where several things did, the first one here is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupWhat {
    /// It became part of a wider one.
    Swallowed,
    /// Its last member is over.
    Ended,
    /// It began.
    Formed,
    /// A member came back soon after its end.
    Reopened,
    /// It now covers a wider scope.
    Widened,
    /// A channel more is ill.
    Joined,
    /// It became graver.
    Raised,
    /// It became less grave.
    Lowered,
    /// A member is over.
    Left,
}

impl GroupWhat {
    /// The name in tables and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Swallowed => "swallowed",
            Self::Ended => "ended",
            Self::Formed => "formed",
            Self::Reopened => "reopened",
            Self::Widened => "widened",
            Self::Joined => "joined",
            Self::Raised => "raised",
            Self::Lowered => "lowered",
            Self::Left => "left",
        }
    }
}

/// One step in the life of a group, with how it stands afterwards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GroupChange {
    /// When.
    pub at: Timestamp,
    /// What happened.
    pub what: GroupWhat,
    /// How the group stands now.
    pub group: Group,
}

/// Incidents that broke together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Its name.
    pub id: GroupId,
    /// Changes so far: the first is 1.
    pub revision: u32,
    /// What its channels share.
    pub scope: Scope,
    /// Its mark: the scope and the kinds of its members at its last change.
    pub fingerprint: Fingerprint,
    /// How grave its gravest open member is, or was in the end.
    pub severity: Severity,
    /// How grave it was at its worst.
    pub worst: Severity,
    /// First sign of all members.
    pub first_sign: Minute,
    /// When it formed.
    pub opened: Timestamp,
    /// When a member joined last.
    pub last_joined: Timestamp,
    /// When its last member was over.
    pub resolved: Option<Timestamp>,
    /// The group that it became part of.
    pub part_of: Option<GroupId>,
    /// Every member, open or over.
    pub members: BTreeMap<IncidentId, Member>,
}

impl Group {
    pub(super) fn new(now: Timestamp, scope: Scope, first_sign: Minute) -> Self {
        let parts = ["group", scope.level(), &scope.to_string(), &now.to_string()].map(str::to_owned);
        let id = GroupId(hash(parts.iter().map(String::as_str)));
        Self {
            id,
            revision: 0,
            fingerprint: Fingerprint(id.0),
            scope,
            severity: Severity::P4,
            worst: Severity::P4,
            first_sign,
            opened: now,
            last_joined: now,
            resolved: None,
            part_of: None,
            members: BTreeMap::new(),
        }
    }

    /// Whether a member is not over.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.resolved.is_none()
    }

    /// Channels with an open member.
    #[must_use]
    pub fn open_channels(&self) -> usize {
        let open = self.members.values().filter(|member| member.is_open());
        open.map(|member| &member.channel).collect::<BTreeSet<_>>().len()
    }

    /// Whether `id` was a member and may be one again.
    pub(super) fn takes_back(&self, id: IncidentId) -> bool {
        self.part_of.is_none() && self.members.contains_key(&id)
    }

    /// Whether a channel in `scopes` may join although its scope alone explains nothing.
    pub(super) fn is_open_for(&self, rules: &Grouping, now: Timestamp, scopes: &[Scope]) -> bool {
        let since = now.plus_seconds(-60 * i64::from(rules.within));
        self.is_open() && self.last_joined >= since && scopes.contains(&self.scope) && self.members.len() < MAX_MEMBERS
    }

    pub(super) fn join(&mut self, now: Timestamp, id: IncidentId, member: Member) {
        if self.members.len() >= MAX_MEMBERS && !self.members.contains_key(&id) {
            return;
        }
        self.first_sign = self.first_sign.min(member.first_sign);
        self.members.insert(id, member);
        self.last_joined = now;
        self.resolved = None;
        self.weigh();
    }

    /// Takes over the members of `other`, which ends with that.
    pub(super) fn swallow(&mut self, now: Timestamp, other: &mut Self) {
        for (id, member) in &other.members {
            if member.is_open() {
                self.join(now, *id, member.clone());
            }
        }
        (other.part_of, other.resolved) = (Some(self.id), Some(now));
    }

    /// Keeps a member as it stands; returns what that means.
    pub(super) fn update(&mut self, now: Timestamp, id: IncidentId, member: Member) -> Option<GroupWhat> {
        let has_left = !member.is_open();
        self.members.insert(id, member);
        if self.members.values().all(|member| !member.is_open()) {
            self.resolved = Some(now);
            return Some(GroupWhat::Ended);
        }
        let before = self.severity;
        self.weigh();
        if self.severity.is_worse_than(before) {
            Some(GroupWhat::Raised)
        } else if before.is_worse_than(self.severity) {
            Some(GroupWhat::Lowered)
        } else {
            has_left.then_some(GroupWhat::Left)
        }
    }

    /// Severity from the open members.
    fn weigh(&mut self) {
        let open = self.members.values().filter(|member| member.is_open());
        self.severity = open.map(|member| member.severity).min().unwrap_or(self.severity);
        self.worst = self.worst.min(self.severity);
    }

    /// Makes `what` the next revision.
    pub(super) fn change(&mut self, at: Timestamp, what: GroupWhat) -> GroupChange {
        self.revision = self.revision.saturating_add(1);
        let kinds: BTreeSet<Kind> = self.members.values().map(|member| member.kind).collect();
        let scope = ["group".to_owned(), self.scope.level().to_owned(), self.scope.to_string()];
        let parts = scope.iter().map(String::as_str).chain(kinds.iter().map(|kind| kind.name()));
        self.fingerprint = Fingerprint(hash(parts));
        GroupChange { at, what, group: self.clone() }
    }
}
