//! What latency costs: the mixes of which none is both cheaper and faster than another.
//!
//! From the cheapest mix to the fastest, a bound on mean latency is moved, and the cheapest mix within each is found. Both ends
//! and all between keep the promises as far as any mix does. Moving a bound finds every kind of mix on the front, where
//! weighing cost against latency would find its corners only (A. Geoffrion's bounds, cf. Ehrgott, *Multicriteria
//! Optimization*, 2005, chapter 4: the epsilon-constraint method).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;
use crate::policy::input::PolicyInput;
use crate::policy::planner::{Question, Setting, offered};
use crate::policy::programme::{Aim, Mix, Programme};

/// Points that are told at most.
pub const MOST: usize = 12;

/// One mix of the front.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// USD of a call.
    pub cost_usd: f64,
    /// Milliseconds of a call.
    pub latency_ms: f64,
    /// Share of slow calls, 0 ..= 1.
    pub slow: f64,
    /// Share of failing calls, 0 ..= 1.
    pub failing: f64,
    /// The share of each channel that has one.
    pub shares: BTreeMap<ChannelId, f64>,
}

/// The front of cost per call against mean latency, the cheapest first, at most [`MOST`] points; empty without candidates.
#[must_use]
pub fn front(setting: &Setting, input: &PolicyInput) -> Vec<Point> {
    // Points are of cost and latency alone.
    let setting = &Setting { spread_price: 0.0, ..*setting };
    let question = Question::new(setting, input, offered(setting, input));
    let solve = |aim| Programme::new(setting, input, &question.offers, aim).solve();
    let (Some(cheapest), Some(fastest)) = (solve(Aim::Cheapest), solve(Aim::Fastest)) else { return Vec::new() };
    let (slow, fast) = (cheapest.value.latency, fastest.value.latency);
    let mut mixes = vec![cheapest];
    if fast < slow {
        let steps = f64::from(u8::try_from(MOST).unwrap_or(u8::MAX) - 1);
        let bounds = (1..MOST - 1).zip(1_u8..).map(|(_, step)| slow + (fast - slow) * f64::from(step) / steps);
        mixes.extend(bounds.filter_map(|bound| solve(Aim::Within(bound))));
        mixes.extend(solve(Aim::Within(fast)));
        mixes.push(fastest);
    }
    let mut points: Vec<Point> = mixes.iter().map(|mix| point(&question, mix)).collect();
    points.sort_by(|a, b| a.cost_usd.total_cmp(&b.cost_usd).then(a.latency_ms.total_cmp(&b.latency_ms)));
    let mut least = f64::INFINITY;
    // What is not faster than everything cheaper is no point of the front.
    points.retain(|point| {
        let is_faster = point.latency_ms < least * (1.0 - SAME);
        if is_faster {
            least = point.latency_ms;
        }
        is_faster
    });
    points.truncate(MOST);
    points
}

/// Relative difference below which latencies are the same.
const SAME: f64 = 1e-6;

fn point(question: &Question, mix: &Mix) -> Point {
    let shares = question.offers.iter().zip(&mix.shares).filter(|(_, share)| **share > 0.0);
    Point {
        cost_usd: mix.value.cost,
        latency_ms: mix.value.latency,
        slow: mix.value.slow,
        failing: mix.value.failing,
        shares: shares.map(|(offer, share)| (offer.channel.clone(), *share)).collect(),
    }
}

#[cfg(test)]
mod tests;
