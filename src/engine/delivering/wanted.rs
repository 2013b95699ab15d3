//! What should be at a target: the decisions that hold, in the words of the target.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde_json::Value;

use crate::act::adapters::Pool;
use crate::config::valid::{Deliver, Target};
use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::policy::authority::Mode;
use crate::policy::decision::Decision;

/// Shares below this are none.
const NOTHING: f64 = 1e-9;

impl Engine {
    /// The decision of `class` as `deliver` is told it at `now`; `None` if none holds, or the engine may not act on it.
    pub(super) fn pool_of(&self, deliver: &Deliver, class: &str, now: Timestamp) -> Option<Pool> {
        let told = self.decision(class).filter(|told| told.decision.expires > now)?;
        let decision = &told.decision;
        let may_go = match self.mode(class)? {
            Mode::Observe | Mode::Advise => false,
            Mode::Approve => self.0.delivering.kept().is_approved(decision),
            Mode::Auto => true,
        };
        if !may_go {
            return None;
        }
        let is_posted = matches!(deliver.target, Target::Webhook { .. });
        Some(Pool {
            class: class.to_owned(),
            generation: decision.generation,
            issued: decision.issued,
            valid_until: decision.expires,
            weights: weights(deliver, decision),
            json: if is_posted { renamed(&deliver.names, &told.json) } else { Bytes::new() },
        })
    }

    /// What `deliver` goes back to once no decision of `class` holds; `None` where leases end by themselves.
    pub(super) fn fallback(deliver: &Deliver, class: &str, now: Timestamp) -> Option<Pool> {
        let fallback = deliver.target.fallback()?;
        Some(Pool {
            class: class.to_owned(),
            generation: 0,
            issued: now,
            valid_until: now,
            weights: fallback.weights.clone(),
            json: Bytes::new(),
        })
    }

    /// Whether decisions of `class` may be delivered.
    pub(super) fn may_act(&self, class: &str) -> bool {
        self.mode(class).is_some_and(Mode::acts)
    }
}

/// Shares by the names of `deliver`. What it does not know is of an older configuration.
fn weights(deliver: &Deliver, decision: &Decision) -> BTreeMap<String, f64> {
    let probe_share = deliver.target.fallback().map_or(0.0, |fallback| fallback.probe_share);
    let share = |(channel, share): (&ChannelId, &f64)| {
        let is_probed = *share <= NOTHING && decision.plan.probes.contains_key(channel);
        Some((deliver.names.get(channel)?.clone(), if is_probed { probe_share } else { *share }))
    };
    decision.plan.shares.iter().filter_map(share).collect()
}

/// `json` with the channels' names there.
fn renamed(names: &BTreeMap<ChannelId, String>, json: &Bytes) -> Bytes {
    if names.iter().all(|(channel, name)| channel.as_str() == name) {
        return json.clone();
    }
    let Ok(mut told) = serde_json::from_slice::<Value>(json) else { return json.clone() };
    let theirs: BTreeMap<&str, &String> = names.iter().map(|(channel, name)| (channel.as_str(), name)).collect();
    for key in ["weights", "probes"] {
        if let Some(map) = told.get_mut(key).and_then(Value::as_object_mut) {
            let renamed = std::mem::take(map).into_iter();
            *map = renamed.map(|(name, of)| (theirs.get(name.as_str()).map_or(name, |it| (*it).clone()), of)).collect();
        }
    }
    // What was read can be written.
    serde_json::to_vec(&told).map_or_else(|_| json.clone(), Bytes::from)
}
