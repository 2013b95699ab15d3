//! Which channels can matter at all.
//!
//! A channel is dropped if others that are at least as good by every measure can, with what they were tried with, take all
//! calls. Whatever a mix sends to it could go to one of those instead: their part of the mix and its own make at most
//! all calls, so there is space, and no measure gets worse. So the best mix is not lost by this.
//!
//! Of a thousand channels with independent measures some hundred are left. Of more than [`ENOUGH`], those are kept that are
//! best by price and harm together, until they have room for all calls several times over: with so much choice the rest
//! could improve a mix by next to nothing.

use crate::policy::offer::{Offer, Rank};

/// Channels that the programme looks at in any case.
const ENOUGH: usize = 48;
/// Room of those that it looks at, in multiples of all calls.
const ROOM: f64 = 4.0;

/// Indices of the offers that are looked at, in order. `by_latency` if mean latency matters; `price` is that of a call on
/// an offer without any limit.
pub(super) fn promising(offers: &[Offer], by_latency: bool, price: impl Fn(&Offer) -> f64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..offers.len()).filter(|at| offers[*at].most() > 0.0).collect();
    order.sort_by(|a, b| offers[*a].cost.total_cmp(&offers[*b].cost).then(a.cmp(b)));
    let mut kept: Vec<(Measures, usize)> = Vec::new();
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
    if kept.len() > ENOUGH {
        let mut priced: Vec<_> = kept.into_iter().map(|one| (price(&offers[one.1]), one)).collect();
        priced.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.1.cmp(&b.1.1)));
        let mut room = 0.0;
        let needed = priced.iter().position(|(_, (measures, _))| {
            room += measures.space;
            room >= ROOM
        });
        priced.truncate(needed.map_or(usize::MAX, |needed| needed + 1).max(ENOUGH));
        kept = priced.into_iter().map(|(_, one)| one).collect();
    }
    let mut kept: Vec<usize> = kept.into_iter().map(|(_, at)| at).collect();
    kept.sort_unstable();
    kept
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
        Self {
            values: [offer.slow, offer.failing, offer.risk, latency],
            rank: offer.rank,
            space: offer.load.tried().min(offer.most()).min(1.0),
        }
    }

    fn is_no_worse(&self, other: &Self) -> bool {
        self.rank <= other.rank && self.values.iter().zip(&other.values).all(|(own, other)| own <= other)
    }
}
