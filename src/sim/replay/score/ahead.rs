//! How far ahead calls were moved away from a channel that was about to break its promise, and how often for nothing.
//!
//! A *breach* begins where a call on the channel must expect to be slow or to fail more often than its class promises,
//! for a minute and more, after ten minutes in which it did not. It is told by the truth of the world, so it is there
//! whether or not anybody still called the channel. Calls have *moved away* as soon as the channel gets less than half
//! of its usual share over a minute; the lead is the time from the middle of that minute to the breach.

use serde::Serialize;

use crate::sim::replay::router::{Decided, Log};
use crate::sim::replay::scene::Scene;
use crate::sim::replay::trail::Trail;
use crate::sim::replay::truth::{STEP_S, Truth};

/// Steps that a breach lasts at least, and that must have been well before it.
const BREACH_STEPS: usize = 3;
const WELL_STEPS: usize = 30;
/// Seconds before a breach in which calls may have moved away, and before those the ones in which shares are usual.
const AHEAD_S: usize = 1_800;
/// Seconds after a breach in which calls may still move away.
const LATE_S: usize = 1_800;
/// Seconds over which a share is taken.
const MINUTE_S: usize = 60;
/// A channel with less than this share has nothing that could be moved.
const LEAST_SHARE: f64 = 0.02;
/// Seconds before its breach in which a move away is not for nothing.
const NEEDED_S: f64 = 3_600.0;

/// What a router did about one breach.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BreachScore {
    /// The route class.
    pub class: String,
    /// The channel.
    pub channel: String,
    /// Seconds from the beginning of the run to the breach.
    pub at_s: f64,
    /// The channel's usual share.
    pub usual_share: f64,
    /// Seconds from when calls had moved away to the breach; below 0 if that was after it, `None` if never.
    pub lead_s: Option<f64>,
}

/// What becomes of every breach on a channel with traffic.
pub(super) fn breaches(scene: &Scene, truth: &Truth, trail: &Trail) -> Vec<BreachScore> {
    let mut found = Vec::new();
    for (class, of) in scene.classes.iter().enumerate() {
        for channel in &of.channels {
            let is_bad = course(scene, truth, class, *channel);
            let starts = starts(&is_bad);
            found.extend(starts.filter_map(|step| breach(scene, trail, (class, *channel), step * STEP_S as usize)));
        }
    }
    found
}

/// Whether the promise of `class` is broken on `channel` in each step.
fn course(scene: &Scene, truth: &Truth, class: usize, channel: usize) -> Vec<bool> {
    let Some(promise) = scene.classes.get(class) else { return Vec::new() };
    let is_bad = |step| {
        let expected = truth.at(class, channel, 0.5, step);
        expected.slow > promise.slow || expected.failing > promise.failing
    };
    (0..truth.steps()).map(is_bad).collect()
}

/// The steps at which a breach begins; what is bad from the first step on never began.
fn starts(is_bad: &[bool]) -> impl Iterator<Item = usize> {
    let begins = move |step: &usize| {
        let lasts = is_bad.get(*step..).unwrap_or_default().iter().take(BREACH_STEPS).all(|bad| *bad);
        let before = is_bad.get(step.saturating_sub(WELL_STEPS)..*step).unwrap_or_default();
        lasts && !before.iter().any(|bad| *bad)
    };
    (1..is_bad.len()).filter(begins)
}

fn breach(scene: &Scene, trail: &Trail, (class, channel): (usize, usize), at: usize) -> Option<BreachScore> {
    // Usual is what was before calls could have been moved because of it; in a short run, its first half until then.
    let ahead = at.saturating_sub(AHEAD_S).max(at / 2);
    let usual_share = trail.share(channel, ahead.saturating_sub(AHEAD_S)..ahead)?;
    if usual_share < LEAST_SHARE {
        return None;
    }
    let end = (at + LATE_S).min(trail.seconds().saturating_sub(MINUTE_S));
    let away = |second: &usize| {
        trail.share(channel, *second..second + MINUTE_S).is_some_and(|share| share < usual_share / 2.0)
    };
    #[expect(clippy::cast_precision_loss, reason = "seconds of a run")]
    let lead_s = (ahead..end).find(away).map(|second| at as f64 - (second + MINUTE_S / 2) as f64);
    Some(BreachScore {
        class: scene.classes.get(class)?.name.clone(),
        channel: scene.channels.get(channel)?.id.as_str().to_owned(),
        #[expect(clippy::cast_precision_loss, reason = "seconds of a run")]
        at_s: at as f64,
        usual_share,
        lead_s,
    })
}

/// Moves away from a channel that a forecast or a risk made, and those after which nothing would have happened.
pub(super) fn moves_ahead(scene: &Scene, truth: &Truth, trail: &Trail, log: &Log) -> (u64, u64) {
    let mut present: Vec<Option<&Decided>> = vec![None; scene.classes.len()];
    let (mut moves, mut unneeded) = (0, 0);
    for decided in &log.decisions {
        let Some(before) = present.get_mut(decided.class) else { continue };
        let old = before.replace(decided).map_or(&[][..], |before| before.shares.as_slice());
        let halved = |(_, (old, new)): &(usize, (&f64, &f64))| **old >= LEAST_SHARE && **new < **old / 2.0;
        let is_ahead = |(channel, _): &(usize, (&f64, &f64))| decided.ahead.contains(channel);
        for (channel, _) in old.iter().zip(&decided.shares).enumerate().filter(halved).filter(is_ahead) {
            let is_bad = course(scene, truth, decided.class, channel);
            let second = decided.at.seconds_since(trail.begin);
            let from = truth.step(decided.at);
            #[expect(clippy::cast_precision_loss, reason = "steps of a run")]
            let in_time = |(step, bad): (usize, &bool)| {
                *bad && (step >= from) && (step as f64 * f64::from(STEP_S) - second) <= NEEDED_S
            };
            moves += 1;
            unneeded += u64::from(!is_bad.iter().enumerate().any(in_time));
        }
    }
    (moves, unneeded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::decision::Trigger;
    use crate::sim::replay::baseline::oracle::{Aim, Oracle};
    use crate::sim::replay::baseline::round_robin::RoundRobin;
    use crate::sim::replay::run::run;
    use crate::sim::replay::toy;
    use crate::sim::world::fault::{FaultKind, Spell};
    use std::sync::Arc;

    #[test]
    fn breaches_are_found_and_leads_are_measured_from_the_move() {
        let mut scene = toy::mocks(10.0, 30);
        scene.classes[0].limit_ms = 200.0;
        let from = scene.begin().plus_seconds(900);
        // 50 ms become more than 200 after a quarter of the ramp.
        scene.channels[0].spells.push(Spell { from, to: from.plus_seconds(600), kind: FaultKind::Ramp(13.0) });
        let truth = Arc::new(Truth::of(&scene));
        let blind = breaches(&scene, &truth, &run(&scene, &mut RoundRobin::new(&scene)));
        assert_eq!(blind.len(), 1, "{blind:?}");
        assert!((blind[0].at_s - 1_050.0).abs() <= 30.0 && blind[0].lead_s.is_none(), "{blind:?}");
        let trail = run(&scene, &mut Oracle::new(Aim::Cheapest, &scene, Arc::clone(&truth)));
        let seeing = breaches(&scene, &truth, &trail);
        assert!(seeing.iter().all(|breach| breach.lead_s.is_some_and(|lead| lead.abs() <= 60.0)), "{seeing:?}");
        let decided = |second, shares: [f64; 3]| Decided {
            at: scene.begin().plus_seconds(second),
            class: 0,
            shares: shares.to_vec(),
            trigger: Trigger::Minute,
            ahead: vec![0, 1, 2],
            why: String::new(),
        };
        let third = 1.0 / 3.0;
        let decisions = vec![decided(0, [third; 3]), decided(600, [0.1, 0.45, 0.45]), decided(700, [0.1, 0.1, 0.8])];
        let log = Log { decisions, ..Log::default() };
        assert_eq!(moves_ahead(&scene, &truth, &trail, &log), (2, 1));
    }
}
