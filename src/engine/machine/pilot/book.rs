//! What operators say about routing: configuration, and no part of any state.

use std::collections::BTreeMap;

use crate::domain::ids::ChannelId;
use crate::domain::price::PriceList;
use crate::engine::machine::promises::Class;
pub use crate::policy::authority::Mode;
use crate::policy::fast::setting::LaneSetting;
use crate::policy::planner::Setting;
use crate::risk::objective::Promise;

/// What a channel is allowed by its provider.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Quota {
    /// Calls a minute.
    pub calls_per_min: Option<f64>,
    /// Tokens a minute, prompt and completion together.
    pub tokens_per_min: Option<f64>,
}

/// What a route class may spend.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Purse {
    /// USD for each period.
    pub usd: f64,
    /// Whether the period is a calendar month and not a day, in UTC.
    pub monthly: bool,
}

/// One route class.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// What is promised, and who may serve it.
    pub class: Class,
    /// What may be done, unless people have said otherwise since.
    pub mode: Mode,
    /// How many people must approve a change where it needs approval: one, or two different ones.
    pub approvals: u8,
    /// What may be spent; `None` for any amount.
    pub purse: Option<Purse>,
}

impl Route {
    /// The share of calls that may be harmed, as promised: slow ones and failed ones together. 1 if nothing is promised.
    #[must_use]
    pub fn harm_limit(&self) -> f64 {
        let slow = latency_limit(&self.class).map(|(quantile, _)| 1.0 - quantile);
        let failing = error_limit(&self.class);
        match (slow, failing) {
            (None, None) => 1.0,
            (slow, failing) => slow.unwrap_or(0.0) + failing.unwrap_or(0.0),
        }
    }
}

/// Everything that operators say.
#[derive(Debug, Clone, Default)]
pub struct RouteBook {
    /// Route classes in the order in which they choose: the first takes what it needs of a quota.
    pub routes: Vec<Route>,
    /// What calls cost.
    pub prices: PriceList,
    /// What providers allow.
    pub quotas: BTreeMap<ChannelId, Quota>,
    /// How plans are made.
    pub planner: Setting,
    /// Seconds within which a change can be approved.
    pub approve_within_s: f64,
    /// How single calls are read.
    pub lane: LaneSetting,
}

impl RouteBook {
    /// The place of the route class `class`.
    #[must_use]
    pub fn place(&self, class: &str) -> Option<usize> {
        self.routes.iter().position(|route| route.class.name == class)
    }

    /// The classes that `channel` may serve.
    pub fn routes_of<'a>(&'a self, channel: &'a ChannelId) -> impl Iterator<Item = (usize, &'a Route)> {
        self.routes.iter().enumerate().filter(move |(_, route)| route.class.channels.contains(channel))
    }

    /// Milliseconds from which a call on `channel` is slow: the tightest limit among its classes, for a call does not say
    /// which one it belongs to.
    #[must_use]
    pub fn limit_ms(&self, channel: &ChannelId) -> Option<f64> {
        self.routes_of(channel).filter_map(|(_, route)| latency_limit(&route.class)).map(|(_, ms)| ms).reduce(f64::min)
    }
}

/// The quantile of latency that `class` promises, and its limit in milliseconds.
pub(super) fn latency_limit(class: &Class) -> Option<(f64, f64)> {
    class.objective.promises().find_map(|promise| match promise {
        Promise::Latency { quantile, limit_ms } => Some((quantile, limit_ms)),
        Promise::Errors { .. } | Promise::Availability { .. } => None,
    })
}

/// The share of calls of `class` that may fail.
pub(super) fn error_limit(class: &Class) -> Option<f64> {
    class.objective.promises().find_map(|promise| match promise {
        Promise::Errors { limit } => Some(limit),
        Promise::Latency { .. } | Promise::Availability { .. } => None,
    })
}
