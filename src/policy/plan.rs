//! What the planner wants: shares of the calls of one route class.

use std::collections::BTreeMap;

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
        let names = self.shares.keys().chain(other.keys().filter(|name| !self.shares.contains_key(*name)));
        let moved: f64 = names.map(|name| (self.share(name) - other.get(name).copied().unwrap_or(0.0)).abs()).sum();
        moved / 2.0
    }
}
