//! Peers: one member of a pool out of line with its siblings at the same minute.
//!
//! Channels that serve the same model from other regions or by other providers share its tides: a new release, the
//! American morning, a flood of long prompts. What moves all of them is no fault of one of them, and what moves one alone
//! is, even when it stays within what that one has done before. The median of the pool is held against each member and
//! the median absolute deviation of the pool is the spread, so that just under half of the members may be odd at once (the
//! rule of Datadog's outlier monitors, among others; distances in density, as in DBSCAN, need more members than pools have).
//!
//! Members need not be alike, only move alike: each one's usual difference to the pool is learnt, slowly and with clipped
//! steps, and taken off first. The spread is at least what the member usually differs by, because the median deviation of
//! three or four values is small by chance now and then. Give values on a scale on which differences are comparable: for
//! latency its logarithm.
//!
//! A reading is the stronger of two: this minute's distance, and that of the last [`Params::window`] minutes together
//! (Stouffer's sum of clipped distances over the root of their number), which finds a member that is a little out of line
//! for a while.
//!
//! - Warm-up: [`Params::warm_up`] minutes with at least three known members, for each member on its own.
//! - A gap is a member that is absent: it is not judged, its window begins anew, and the others go on. With fewer than three
//!   members nobody is judged.
//! - Constant pools: the spread is [`Params::floor`] times the pool's median; around a constant zero every difference is as
//!   odd as can be.
//! - A difference that lasts is adopted within about [`Params::span`] minutes.
//! - A minute of n members costs O(n log n) and one vector of n numbers besides the readings.

use serde::{Deserialize, Serialize};

use crate::anomaly::bounds::{known, oddness};
use crate::anomaly::detector::{Band, Reading};
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;
use crate::stats::robust::{SIGMA_PER_MAD, SIGMA_PER_MEAN_DEVIATION, deviation_sorted, median_sorted};

/// Members without whom there is no majority.
pub const LEAST: usize = 3;
/// Deviations to either side that are usual, and as how many a minute counts at most in the window.
const USUAL: f64 = 3.0;
/// As how many deviations a difference is learnt at most.
const CLIP: f64 = 4.0;

/// Parameters of [`Peers`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Params {
    /// Minutes that are judged together, 1 to 60.
    pub window: usize,
    /// Minutes of a member among its peers before its first reading, at least 1.
    pub warm_up: u32,
    /// Minutes over which a member's usual difference is learnt, at least 1.
    pub span: f64,
    /// The smallest spread as a share of the pool's median, 0 to 1.
    pub floor: f64,
}

impl Default for Params {
    /// Five minutes together, half an hour to warm up, differences learnt over a day, spreads of a thousandth at least.
    fn default() -> Self {
        Self { window: 5, warm_up: 30, span: 1_440.0, floor: 1e-3 }
    }
}

/// A pool; see the module.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Peers {
    params: Params,
    members: Vec<Member>,
}

impl Peers {
    /// A pool of `members` members that has seen nothing yet.
    ///
    /// # Errors
    /// If there are fewer than three members or a parameter lies outside its range.
    pub fn new(members: usize, params: Params) -> Result<Self, ParameterError> {
        let wrong = |parameter, needed, found: String| Err(ParameterError { parameter, needed, found });
        if members < LEAST {
            return wrong("members", "at least 3", members.to_string());
        }
        if !(1..=60).contains(&params.window) {
            return wrong("window", "from 1 to 60", params.window.to_string());
        }
        if params.warm_up < 1 {
            return wrong("warm_up", "at least 1", params.warm_up.to_string());
        }
        if !(1.0..1e9).contains(&params.span) {
            return wrong("span", "from 1 to 10^9", params.span.to_string());
        }
        if !(0.0..=1.0).contains(&params.floor) {
            return wrong("floor", "from 0 to 1", params.floor.to_string());
        }
        Ok(Self { params, members: vec![Member::default(); members] })
    }

    /// Judges the members' `values` of the next minute (NaN for one that is absent, as is one without a value) and then
    /// learns them. One entry for each member: `None` while it warms up, is absent, or has too few peers.
    pub fn observe(&mut self, values: &[f64]) -> Vec<Option<Reading>> {
        let value = |at: usize| values.get(at).and_then(|value| known(Observation::of(*value)));
        let at_home = |(at, member): (usize, &Member)| Some(value(at)? - member.difference);
        let mut sorted: Vec<f64> = self.members.iter().enumerate().filter_map(at_home).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let pool = median_sorted(&sorted).zip(median_sorted(&sorted).and_then(|at| deviation_sorted(&sorted, at)));
        let pool = pool.filter(|_| sorted.len() >= LEAST);
        let params = self.params;
        let judge = |(at, member): (usize, &mut Member)| {
            let Some((value, (middle, deviation))) = value(at).zip(pool) else {
                member.recent.clear();
                return None;
            };
            member.observe(value, middle, deviation, &params)
        };
        self.members.iter_mut().enumerate().map(judge).collect()
    }
}

/// What is known of one member.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Member {
    seen: u32,
    /// Its usual difference to the pool.
    difference: f64,
    /// Its usual distance from where it is expected, without a sign.
    distance: f64,
    /// Clipped distances of the last minutes in deviations, oldest first.
    recent: Vec<f64>,
}

impl Member {
    fn observe(&mut self, value: f64, middle: f64, deviation: f64, params: &Params) -> Option<Reading> {
        let expected = middle + self.difference;
        let spread =
            (SIGMA_PER_MAD * deviation).max(SIGMA_PER_MEAN_DEVIATION * self.distance).max(params.floor * middle.abs());
        let warm = self.seen >= params.warm_up;
        let away = value - expected;
        let now = oddness(away, spread);
        if warm {
            if self.recent.len() >= params.window {
                self.recent.remove(0);
            }
            self.recent.push(now.clamp(-USUAL, USUAL));
        }
        self.learn(away, if warm && spread > 0.0 { CLIP * spread } else { f64::INFINITY }, params.span);
        let together = self.together();
        let odd = if together.abs() > now.abs() { together } else { now };
        warm.then(|| Reading { oddness: odd, expected: Band::around(expected, USUAL * spread) })
    }

    fn learn(&mut self, away: f64, bound: f64, span: f64) {
        self.seen = self.seen.saturating_add(1);
        let weight = (2.0 / (span + 1.0)).max(1.0 / f64::from(self.seen));
        let away = away.clamp(-bound, bound);
        self.difference += weight * away;
        self.distance += weight * (away.abs() - self.distance);
    }

    /// The last minutes as one, in deviations.
    #[expect(clippy::cast_precision_loss, reason = "an hour of minutes at most")]
    fn together(&self) -> f64 {
        self.recent.iter().sum::<f64>() / (self.recent.len().max(1) as f64).sqrt()
    }
}

#[cfg(test)]
mod tests;
