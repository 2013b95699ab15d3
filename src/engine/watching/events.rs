//! Incidents as events that people are told of.
//!
//! A group is one event: its members are not told as well, but for those that were before it formed, whose end is told too.

use crate::alert::notice::Event;
use crate::alert::rule::Labels;
use crate::engine::machine::Machine;
use crate::incident::change::Change;
use crate::incident::evidence::{Blame, Expected};
use crate::incident::group::{Group, GroupChange};
use crate::incident::place::{Place, Topology};
use crate::incident::state::Incident;

/// What is worth telling of `changes` to incidents and `groups`, after which `machine` stands.
pub(super) fn of(machine: &Machine, topology: &Topology, changes: &[Change], groups: &[GroupChange]) -> Vec<Event> {
    let incidents = changes.iter().filter_map(|change| {
        let incident = &change.incident;
        let is_heard =
            !incident.is_open() || (machine.group_of(incident.id).is_none() && !incident.is_silent(change.at));
        is_heard.then(|| of_incident(incident, topology.place(&incident.channel)))
    });
    incidents.chain(groups.iter().map(|change| of_group(&change.group))).collect()
}

fn of_incident(incident: &Incident, place: Option<&Place>) -> Event {
    let Place { model, provider, deployment, region } = place.cloned().unwrap_or_default();
    let known = [("model", model), ("provider", provider), ("deployment", deployment), ("region", region)];
    let known = known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_string())));
    let own = [
        ("rule".to_owned(), "Incident".to_owned()),
        ("channel".to_owned(), incident.channel.to_string()),
        ("kind".to_owned(), incident.kind.to_string()),
    ];
    Event {
        id: incident.id.to_string(),
        labels: Labels::new(own.into_iter().chain(known)),
        severity: incident.severity,
        summary: summary(incident),
        runbook: incident.runbook.clone(),
        since: incident.times.opened,
        ended: incident.times.resolved,
    }
}

/// What is the matter, by the column that is farthest out.
fn summary(incident: &Incident) -> String {
    let Incident { channel, kind, .. } = incident;
    let score = |blame: &Blame| blame.worst.score;
    let worst = incident.evidence.columns.iter().max_by(|(_, one), (_, other)| score(one).total_cmp(&score(other)));
    let Some((column, blame)) = worst else { return format!("{channel}: {kind}, nothing is heard of it") };
    let seen = blame.worst.value;
    match blame.worst.expected {
        Some(Expected { low, high, .. }) => {
            format!("{channel}: {kind}, {column} was {seen:.3} where {low:.3} to {high:.3} is usual")
        }
        None => format!("{channel}: {kind}, {column} was {seen:.3}"),
    }
}

fn of_group(group: &Group) -> Event {
    let labels = [
        ("rule", "IncidentGroup".to_owned()),
        ("scope", group.scope.level().to_owned()),
        (group.scope.level(), group.scope.to_string()),
    ];
    let channels = group.members.len();
    Event {
        id: format!("group-{}", group.id),
        labels: Labels::new(labels),
        severity: group.severity,
        summary: format!("{} {}: {channels} incidents at once", group.scope.level(), group.scope),
        runbook: None,
        since: group.opened,
        ended: group.resolved,
    }
}
