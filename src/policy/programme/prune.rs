//! Which channels can matter at all.
//!
//! A channel is dropped if others that are at least as good by every measure can, with what they were tried with, take all
//! calls in shares for which spreading asks the least. Whatever a mix sends to it could go to one of those instead: their
//! part of the mix and its own make at most all calls, so there is space, and no measure gets worse. So the best mix is not
//! lost by this.
//!
//! Of more than [`ENOUGH`] channels only those are compared that lead one of three orders: by price as if limits were
//! free, at a small price, and at their full price. Each order is followed until its leaders have room for all calls twice,
//! so whatever limits bind, both those that keep them and those that are cheap are there.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

use crate::policy::offer::{Offer, Rank};
use crate::policy::programme::spread;

/// Channels that are all looked at.
const ENOUGH: usize = 48;
/// Leaders of each order at least, and their room in multiples of all calls.
const LEADERS: (usize, f64) = (16, 2.0);
/// Parts of the full price of limits, one for each order.
const WEIGHTS: [f64; 3] = [0.0, 0.02, 1.0];

/// Indices of the offers that are looked at, in order. `by_latency` if mean latency matters; `price` is that of sending all
/// calls to an offer, as if limits were free and of the limits that this would cross.
pub(super) fn promising(offers: &[Offer], by_latency: bool, price: impl Fn(&Offer) -> (f64, f64)) -> Vec<usize> {
    let mut order: Vec<usize> = (0..offers.len()).filter(|at| offers[*at].most() > 0.0).collect();
    if order.len() > ENOUGH {
        let mut leaders = Vec::new();
        let costs: Vec<(f64, f64)> = order.iter().map(|at| price(&offers[*at])).collect();
        for weight in WEIGHTS {
            let priced = costs.iter().zip(&order).map(|((free, crossed), at)| Priced(free + weight * crossed, *at));
            lead(offers, priced.map(Reverse).collect(), &mut leaders);
        }
        leaders.sort_unstable();
        leaders.dedup();
        order = leaders;
    }
    order.sort_by(|a, b| offers[*a].cost.total_cmp(&offers[*b].cost).then(a.cmp(b)));
    let mut kept: Vec<(Measures, usize)> = Vec::with_capacity(order.len());
    for at in order {
        let own = Measures::of(&offers[at], by_latency);
        let mut space = 0.0;
        let mut better = kept.iter().filter(|(other, _)| other.is_no_worse(&own));
        let is_dominated = better.any(|(other, _)| {
            space += other.space;
            space >= 1.0
        });
        if !is_dominated {
            kept.push((own, at));
        }
    }
    let mut kept: Vec<usize> = kept.into_iter().map(|(_, at)| at).collect();
    kept.sort_unstable();
    kept
}

/// An offer with its price, the cheapest first.
struct Priced(f64, usize);

impl Ord for Priced {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0).then(self.1.cmp(&other.1))
    }
}

impl PartialOrd for Priced {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Priced {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Priced {}

/// Adds those that lead by their price to `leaders`. A heap, because a few dozen of a thousand are taken.
fn lead(offers: &[Offer], mut priced: BinaryHeap<Reverse<Priced>>, leaders: &mut Vec<usize>) {
    let (mut count, mut room) = (0, 0.0);
    while let Some(Reverse(Priced(_, at))) = priced.pop() {
        if count >= LEADERS.0 && room >= LEADERS.1 {
            break;
        }
        leaders.push(at);
        (count, room) = (count + 1, room + space(&offers[at]));
    }
}

/// The share that it takes without being crowded, and at the least price of spreading.
fn space(offer: &Offer) -> f64 {
    offer.load.tried().min(offer.most()).min(spread::LEAST)
}

/// What offers are compared by, but for their cost, by which they come in order.
struct Measures {
    values: [f64; 4],
    rank: Rank,
    space: f64,
}

impl Measures {
    fn of(offer: &Offer, by_latency: bool) -> Self {
        let latency = if by_latency { offer.latency } else { 0.0 };
        Self { values: [offer.slow, offer.failing, offer.risk, latency], rank: offer.rank, space: space(offer) }
    }

    fn is_no_worse(&self, other: &Self) -> bool {
        self.rank <= other.rank && self.values.iter().zip(&other.values).all(|(own, other)| own <= other)
    }
}
