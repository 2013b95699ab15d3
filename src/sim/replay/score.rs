//! What a run is worth.
//!
//! A call is *harmed* if it failed in the end or took longer than its class promises, retries included. A router has
//! *left* a channel when a fault begins there as soon as the channel gets less than a twentieth of the attempts for a
//! while, and is *back* after it as soon as the channel has four fifths of its usual share again. A while is
//! four seconds, or longer where calls are few, so that a handful of them does not decide.

mod ahead;
mod measure;
mod recovery;

use serde::Serialize;

use crate::domain::time::Timestamp;
use crate::sim::replay::router::Log;
use crate::sim::replay::scene::Scene;
use crate::sim::replay::trail::Trail;
use crate::sim::replay::truth::Truth;
use crate::sim::world::fault::Spell;
use crate::stats::ddsketch::DdSketch;

pub use ahead::BreachScore;
pub use measure::MEASURES;
pub use recovery::Recovery;

/// The share of attempts below which a channel counts as left.
const LEFT_SHARE: f64 = 0.05;
/// The part of its usual share with which a channel counts as back.
const BACK_PART: f64 = 0.8;
/// The shortest while in seconds, and the attempts that it should have.
const WHILE_S: usize = 4;
const WHILE_ATTEMPTS: f64 = 40.0;
/// Seconds before a fault over which the usual share is taken.
const USUAL_S: usize = 600;
/// Shares that differ by less are the same.
const SAME_SHARE: f64 = 1e-6;

/// What one run is worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Score {
    /// Calls.
    pub calls: u64,
    /// Calls that failed or were slow.
    pub harmed: u64,
    /// Calls that failed in the end.
    pub failed: u64,
    /// Calls that were answered, and too late.
    pub slow: u64,
    /// Attempts, retries included.
    pub attempts: u64,
    /// Attempts on a channel while something went wrong there.
    pub attempts_at_faults: u64,
    /// Part of the calls that were answered, 0 ..= 1.
    pub availability: f64,
    /// USD spent.
    pub cost_usd: f64,
    /// Milliseconds of the mean call that was answered; NaN, which is null in JSON, if none was.
    pub mean_ms: f64,
    /// The 95th percentile of the same.
    pub p95_ms: f64,
    /// Changes of the shares of a class, per class and hour.
    pub changes_per_hour: f64,
    /// Moves away from a channel because of a forecast or a risk.
    pub moves_ahead: u64,
    /// Of those, the ones after which the channel would not have broken its promise within the hour.
    pub moves_unneeded: u64,
    /// What became of each fault.
    pub faults: Vec<FaultScore>,
    /// What became of each promise that a channel came to break.
    pub breaches: Vec<BreachScore>,
}

/// What a router did about one fault.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FaultScore {
    /// The channel's name.
    pub channel: String,
    /// What goes wrong, in words.
    pub what: String,
    /// Seconds from the beginning of the run to that of the fault.
    pub from_s: f64,
    /// The channel's share of the attempts before it, 0 ..= 1; NaN if there were none.
    pub usual_share: f64,
    /// Attempts on the channel while it lasted.
    pub attempts: u64,
    /// Calls that failed in the end while it lasted, on whichever channel.
    pub failed: u64,
    /// Calls that were answered too late while it lasted, on whichever channel.
    pub slow: u64,
    /// Seconds until the channel was left; `None` if it never was while the fault lasted.
    pub left_after_s: Option<f64>,
    /// Seconds after its end until the channel was back; `None` if it was not before the run was over.
    pub back_after_s: Option<f64>,
    /// How it was ended, if anybody can end it before its time.
    pub recovery: Option<Recovery>,
}

/// What `trail` of a run through `scene` is worth, by what calls had to expect and by what the router says of itself.
#[must_use]
pub fn score(scene: &Scene, truth: &Truth, trail: &Trail, log: &Log) -> Score {
    let sum = |of: &[u32]| of.iter().map(|n| u64::from(*n)).sum::<u64>();
    let (calls, failed, slow) = (sum(&trail.calls), sum(&trail.failed), sum(&trail.slow));
    let mut latency = DdSketch::new();
    trail.latency.iter().for_each(|step| latency.merge(step));
    #[expect(clippy::cast_precision_loss, reason = "counts of calls")]
    let availability = if calls > 0 { 1.0 - failed as f64 / calls as f64 } else { f64::NAN };
    let (moves_ahead, moves_unneeded) = ahead::moves_ahead(scene, truth, trail, log);
    let channels = scene.channels.iter().enumerate();
    let faults = channels.flat_map(|(place, channel)| (0..channel.spells.len()).map(move |spell| (place, spell)));
    Score {
        calls,
        harmed: failed + slow,
        failed,
        slow,
        attempts: trail.attempts.iter().map(|channel| sum(channel)).sum(),
        attempts_at_faults: trail.attempts_at_faults,
        availability,
        cost_usd: trail.cost_usd,
        mean_ms: latency.mean().unwrap_or(f64::NAN),
        p95_ms: latency.quantile(0.95).unwrap_or(f64::NAN),
        changes_per_hour: changes_per_hour(scene, log),
        moves_ahead,
        moves_unneeded,
        faults: faults.filter_map(|fault| fault_score(scene, trail, log, fault)).collect(),
        breaches: ahead::breaches(scene, truth, trail),
    }
}

/// What became of the spell `number` on the channel at `place`; `None` if it is not within the run, or harms nobody.
fn fault_score(scene: &Scene, trail: &Trail, log: &Log, (place, number): (usize, usize)) -> Option<FaultScore> {
    let spell = &spell(scene, trail, (place, number))?;
    let end = trail.begin.plus_seconds(i64::try_from(trail.seconds()).ok()?);
    if spell.from < trail.begin || spell.from >= end || !spell.kind.harms_from_its_start() {
        return None;
    }
    let (from, to) = (trail.second(spell.from), trail.second(spell.to.min(end)));
    let sum = |of: &[u32]| of.get(from..to).unwrap_or_default().iter().map(|n| u64::from(*n)).sum::<u64>();
    let usual = trail.share(place, from.saturating_sub(USUAL_S)..from);
    Some(FaultScore {
        channel: scene.channels.get(place)?.id.as_str().to_owned(),
        what: scene.channels.get(place)?.spells.get(number)?.kind.about(),
        from_s: spell.from.seconds_since(trail.begin),
        usual_share: usual.unwrap_or(f64::NAN),
        attempts: sum(trail.attempts.get(place)?),
        failed: sum(&trail.failed),
        slow: sum(&trail.slow),
        left_after_s: left_after(trail, place, spell.from, spell.to),
        back_after_s: usual.and_then(|usual| back_after(trail, place, usual, spell.to)),
        recovery: recovery::of(scene, trail, log, (place, number)),
    })
}

/// The spell as it came in the run.
fn spell(scene: &Scene, trail: &Trail, (place, number): (usize, usize)) -> Option<Spell> {
    let came = trail.spells.get(place).and_then(|spells| spells.get(number));
    came.or_else(|| scene.channels.get(place)?.spells.get(number)).copied()
}

/// Seconds from `from` until `channel` is left, before `to`.
#[must_use]
pub fn left_after(trail: &Trail, channel: usize, from: Timestamp, to: Timestamp) -> Option<f64> {
    let (first, last) = (trail.second(from), trail.second(to).min(trail.seconds()));
    let span = long_enough(trail);
    let left = |second: &usize| trail.share(channel, *second..*second + span).is_some_and(|share| share < LEFT_SHARE);
    seconds_to((first..last).find(left)?, first)
}

/// Seconds from `end` until `channel` has its `usual` share again.
#[must_use]
pub fn back_after(trail: &Trail, channel: usize, usual: f64, end: Timestamp) -> Option<f64> {
    let first = trail.second(end);
    let span = long_enough(trail);
    let back =
        |second: &usize| trail.share(channel, *second..*second + span).is_some_and(|share| share >= BACK_PART * usual);
    seconds_to((first..trail.seconds()).find(back)?, first)
}

fn seconds_to(second: usize, first: usize) -> Option<f64> {
    u32::try_from(second - first).ok().map(f64::from)
}

/// Seconds of a while in this run.
fn long_enough(trail: &Trail) -> usize {
    let all: u64 = trail.calls.iter().map(|n| u64::from(*n)).sum();
    #[expect(clippy::cast_precision_loss, reason = "counts of calls")]
    let per_second = all as f64 / trail.seconds().max(1) as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a small range")]
    let seconds = (WHILE_ATTEMPTS / per_second.max(1e-3)).clamp(0.0, 3_600.0).ceil() as usize;
    seconds.max(WHILE_S)
}

/// Decisions that changed shares, per class and hour.
fn changes_per_hour(scene: &Scene, log: &Log) -> f64 {
    let mut present: Vec<Option<&[f64]>> = vec![None; scene.classes.len()];
    let mut changes = 0_u32;
    for decided in &log.decisions {
        let Some(before) = present.get_mut(decided.class) else { continue };
        let moved = |old: &&[f64]| old.iter().zip(&decided.shares).any(|(a, b)| (a - b).abs() > SAME_SHARE);
        changes += u32::from(before.as_ref().is_some_and(moved));
        *before = Some(&decided.shares);
    }
    let class_hours = f64::from(scene.length_min) / 60.0 * f64::from(u32::try_from(present.len()).unwrap_or(u32::MAX));
    if class_hours > 0.0 { f64::from(changes) / class_hours } else { 0.0 }
}
