//! Channels of one model against each other: one that is out of line with its siblings at the same minute.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::anomaly::detector::{Band, Reading};
use crate::anomaly::features::TARGETS;
use crate::anomaly::peers::{LEAST, Params, Peers};
use crate::domain::ids::ChannelId;
use crate::domain::target::{Quantity, Target};
use crate::engine::machine::Heard;
use crate::engine::machine::rulebook::Rulebook;

/// What the siblings say of each column of one channel.
pub type Sibling = [Option<Reading>; TARGETS];

/// Every pool of three channels or more.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Pools(BTreeMap<String, Pool>);

/// The channels of one model, in the order of their names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Pool {
    members: Vec<ChannelId>,
    /// One for each column that is compared.
    peers: Vec<Peers>,
}

/// Whether members can be compared: durations and shares can, how much traffic each gets is the router's doing.
fn is_compared(target: Target) -> bool {
    matches!(target.quantity(), Quantity::Duration | Quantity::Ratio)
}

/// The scale on which differences are comparable.
fn forward(target: Target, value: f64) -> f64 {
    if target.quantity() == Quantity::Duration { (value + 1.0).ln() } else { value }
}

fn back(target: Target, value: f64) -> f64 {
    if target.quantity() == Quantity::Duration { value.exp() - 1.0 } else { value }
}

impl Pools {
    /// What the siblings say of every channel's minute. A pool whose members change begins anew.
    pub(super) fn observe(
        &mut self,
        book: &Rulebook,
        heard: &BTreeMap<ChannelId, Heard>,
    ) -> BTreeMap<ChannelId, Sibling> {
        let mut members: BTreeMap<&str, Vec<&ChannelId>> = BTreeMap::new();
        for name in heard.keys() {
            if let Some(model) = book.topology.place(name).and_then(|place| place.model.as_deref()) {
                members.entry(model).or_default().push(name);
            }
        }
        members.retain(|_, members| members.len() >= LEAST);
        self.0.retain(|model, _| members.contains_key(model.as_str()));
        let mut said = BTreeMap::new();
        for (model, members) in members {
            let is_same = self.0.get(model).is_some_and(|pool| pool.members.iter().eq(members.iter().copied()));
            if !is_same {
                let Some(pool) = Pool::new(&members) else { continue };
                self.0.insert(model.to_owned(), pool);
            }
            if let Some(pool) = self.0.get_mut(model) {
                pool.observe(heard, &mut said);
            }
        }
        said
    }
}

impl Pool {
    fn new(members: &[&ChannelId]) -> Option<Self> {
        let peers = Target::ALL.into_iter().filter(|target| is_compared(*target));
        let peers = peers.map(|_| Peers::new(members.len(), Params::default())).collect::<Result<_, _>>().ok()?;
        Some(Self { members: members.iter().map(|name| (*name).clone()).collect(), peers })
    }

    fn observe(&mut self, heard: &BTreeMap<ChannelId, Heard>, said: &mut BTreeMap<ChannelId, Sibling>) {
        let compared = Target::ALL.into_iter().enumerate().filter(|(_, target)| is_compared(*target));
        for ((slot, target), peers) in compared.zip(&mut self.peers) {
            let value = |name: &ChannelId| {
                let sample = heard.get(name).and_then(|heard| heard.sample.as_ref());
                sample.map_or(f64::NAN, |sample| forward(target, target.observe(sample).0))
            };
            let values: Vec<f64> = self.members.iter().map(value).collect();
            for (name, reading) in self.members.iter().zip(peers.observe(&values)) {
                let place = said.entry(name.clone()).or_insert([None; TARGETS]).get_mut(slot);
                if let Some(place) = place {
                    *place = reading.map(|reading| in_units(target, reading));
                }
            }
        }
    }
}

/// The same reading with its band in the unit of the column.
fn in_units(target: Target, Reading { oddness, expected }: Reading) -> Reading {
    let Band { low, middle, high } = expected;
    let [low, middle, high] = [low, middle, high].map(|edge| back(target, edge));
    Reading { oddness, expected: Band { low, middle, high } }
}
