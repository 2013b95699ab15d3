//! How long it took to see a fault, to take calls away from it and to end it, and whether a person had to.
//!
//! Only of faults that somebody can end before their time. All spans begin with the fault itself, by the truth of the world:
//! it is *seen* when a playbook's trigger fires, *mitigated* when the channel gets less than a twentieth of the attempts, and
//! *recovered* when it is ended. It was ended *without a person* if a command did it, and no run of a playbook that went on
//! at any instant of the fault ended with a call for a person, were it hours later and for nothing.

use serde::Serialize;

use crate::sim::replay::deed::Means;
use crate::sim::replay::router::{Log, RunEnd};
use crate::sim::replay::scene::{Remedy, Scene};
use crate::sim::replay::score::{left_after, spell};
use crate::sim::replay::trail::Trail;

/// How a fault was ended.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recovery {
    /// Whether a command can end it; people can end all of these.
    pub recoverable: bool,
    /// Seconds until it was seen; `None` if it never was while it lasted.
    pub seen_after_s: Option<f64>,
    /// Seconds until calls were taken away; `None` if they were not while it lasted.
    pub mitigated_after_s: Option<f64>,
    /// Seconds until it was ended; `None` if it was not before the run was over.
    pub recovered_after_s: Option<f64>,
    /// By what it was ended: a command, or `person`.
    pub by: Option<String>,
    /// Whether no person was called because of it.
    pub without_person: bool,
}

/// How the spell `number` on the channel at `place` was ended; `None` if nobody can.
pub(super) fn of(scene: &Scene, trail: &Trail, log: &Log, (place, number): (usize, usize)) -> Option<Recovery> {
    let remedy = remedy(scene, place, number)?;
    let it = spell(scene, trail, (place, number))?;
    let mut here = trail.deeds.iter().filter(|done| done.deed.channel == place);
    let ended = here.find(|done| done.mended.contains(&number));
    let needs = |run: &&RunEnd| run.channel == place && run.ending.needs_person();
    let person = log.runs.iter().filter(needs).any(|run| run.began < it.to && it.from <= run.ended);
    let seen = log.alerts.iter().find(|(at, channel)| *channel == place && it.from <= *at && *at < it.to);
    Some(Recovery {
        recoverable: remedy.by.is_some(),
        seen_after_s: seen.map(|(at, _)| at.seconds_since(it.from)),
        mitigated_after_s: left_after(trail, place, it.from, it.to),
        recovered_after_s: ended.map(|_| it.to.seconds_since(it.from)),
        by: ended.map(|done| done.deed.means.name().to_owned()),
        without_person: ended.is_some_and(|done| done.deed.means != Means::Person) && !person,
    })
}

fn remedy(scene: &Scene, place: usize, number: usize) -> Option<&Remedy> {
    scene.channels.get(place)?.remedies.iter().find(|remedy| remedy.spell == number)
}
