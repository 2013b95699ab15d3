//! What the planner wants: shares of the calls of one route class.

use std::cmp::Ordering;
use std::collections::{BTreeMap, btree_map};
use std::iter::Peekable;

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;

/// Shares of the calls of one route class; they are at least 0 and add up to 1, and no plan is empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The route class.
    pub class: String,
    /// The share of each channel that may serve it, 0 included.
    pub shares: BTreeMap<ChannelId, f64>,
    /// Channels that get single calls to find out how they are, with the seconds between two of them.
    pub probes: BTreeMap<ChannelId, f64>,
    /// What calls will cost, in USD each.
    pub cost_usd: f64,
    /// Share of calls that will be slow, 0 ..= 1.
    pub slow: f64,
    /// Share of calls that will fail, 0 ..= 1.
    pub failing: f64,
}

impl Plan {
    /// The share of `channel`; 0 if it has none.
    #[must_use]
    pub fn share(&self, channel: &ChannelId) -> f64 {
        self.shares.get(channel).copied().unwrap_or(0.0)
    }

    /// The part of the calls that would go elsewhere than by `other`, 0 ..= 1.
    #[must_use]
    pub fn distance(&self, other: &BTreeMap<ChannelId, f64>) -> f64 {
        let (mut old, mut new) = (Beside::new(other), Beside::new(&self.shares));
        let kept = self.shares.iter().map(|(name, share)| (share - old.get(name).copied().unwrap_or(0.0)).abs());
        let gone = other.iter().filter(|(name, _)| new.get(name).is_none()).map(|(_, share)| share.abs());
        kept.chain(gone).sum::<f64>() / 2.0
    }
}

/// Looks names up that come in ascending order, by walking beside them: of a thousand channels, most of which are there,
/// that is much less than a search for each.
pub(super) struct Beside<'a, V>(Peekable<btree_map::Iter<'a, ChannelId, V>>);

impl<'a, V> Beside<'a, V> {
    pub(super) fn new(map: &'a BTreeMap<ChannelId, V>) -> Self {
        Self(map.iter().peekable())
    }

    /// What is known of `name`, which comes after those asked for before.
    pub(super) fn get(&mut self, name: &ChannelId) -> Option<&'a V> {
        loop {
            match self.0.peek()?.0.cmp(name) {
                Ordering::Less => self.0.next(),
                Ordering::Equal => return self.0.next().map(|(_, value)| value),
                Ordering::Greater => return None,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::fixtures::id;

    #[test]
    fn names_are_found_beside_each_other_and_moves_are_counted_once() {
        let shares = |of: &[(&str, f64)]| of.iter().map(|(name, share)| (id(name), *share)).collect::<BTreeMap<_, _>>();
        let old = shares(&[("b", 0.25), ("c", 0.5), ("e", 0.25)]);
        let mut beside = Beside::new(&old);
        let found = ["a", "b", "d", "e", "f"].map(|name| beside.get(&id(name)).is_some());
        assert_eq!(found, [false, true, false, true, false]);
        let (class, probes) = (String::new(), BTreeMap::new());
        let new = shares(&[("a", 0.25), ("b", 0.5), ("c", 0.25)]);
        let plan = Plan { class, shares: new, probes, cost_usd: 0.0, slow: 0.0, failing: 0.0 };
        assert!((plan.distance(&old) - 0.5).abs() < 1e-12);
    }
}
