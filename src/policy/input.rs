//! Everything that a plan depends on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::incident::severity::Severity;

/// The whole question: one route class at one instant. Classes that share a channel are planned one after another, each
/// with what the ones before left of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyInput {
    /// The instant.
    pub now: Timestamp,
    /// The route class.
    pub class: String,
    /// What is promised.
    pub promise: Promised,
    /// Calls a minute that are expected of the class over the next minutes.
    pub demand_per_min: f64,
    /// USD that may be spent on one call on average, so that the budget lasts; `None` without a budget.
    pub budget_usd_per_call: Option<f64>,
    /// Channels that may serve the class, by name.
    pub candidates: BTreeMap<ChannelId, Candidate>,
}

/// What a route class promises to its callers, as shares of calls, which add up over channels where percentiles do not.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Promised {
    /// Largest share of calls that may take longer than the latency promised; `None` if no latency is promised.
    pub slow: Option<f64>,
    /// Largest share of calls that may fail; `None` if nothing is promised.
    pub failing: Option<f64>,
}

/// One channel as it stands for one route class. What is not known is NaN, and counts as what the others have on average.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// USD of an average call of the class.
    pub cost_usd: f64,
    /// Milliseconds of an average successful call, as forecast.
    pub latency_ms: f64,
    /// Share of calls that will take longer than the latency promised, 0 ..= 1: the worse of forecast and present.
    pub slow: f64,
    /// Share of calls that takes longer now, 0 ..= 1: what was heard, without anything that is foreseen; NaN if not known.
    pub slow_now: f64,
    /// Share of calls that will fail, 0 ..= 1: the worse of forecast and present.
    pub failing: f64,
    /// Calibrated probability of breaking the promise within the quarter of an hour, 0 ..= 1; NaN without forecasts.
    pub risk: f64,
    /// The worst open incident that blames what callers feel: latency, errors or absence.
    pub incident: Option<Severity>,
    /// What the fast lane says.
    pub standing: Standing,
    /// Calls a minute of this class that it can take at most: what quotas leave; infinite without any.
    pub room_per_min: f64,
    /// Calls a minute, of all classes, that it has carried well within the last day: beyond, it is not known.
    pub tried_per_min: f64,
    /// Calls a minute that it carries for other classes.
    pub others_per_min: f64,
    /// By how much more calls are slow for each doubling of the load beyond what was tried: 0 for none, 1 for twice as
    /// many.
    pub crowding: f64,
}

/// What the fast lane says of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It answers.
    Closed,
    /// It is left alone.
    Open {
        /// Why.
        reason: TripReason,
        /// When it is tried again.
        until: Timestamp,
    },
    /// It is tried, one call at a time.
    HalfOpen {
        /// Why it was left alone.
        reason: TripReason,
        /// Calls in a row that went well.
        passed: u32,
    },
    /// It answers again since then: it gets its share back in steps.
    Returning {
        /// When it was found well.
        since: Timestamp,
    },
    /// Nothing was heard of it for long: it may be well, and is asked now and then.
    Stale {
        /// When it was last heard of.
        since: Timestamp,
    },
}

impl Standing {
    /// Whether callers should leave it alone, but for single calls that try it.
    #[must_use]
    pub const fn is_shut(self) -> bool {
        matches!(self, Self::Open { .. } | Self::HalfOpen { .. })
    }

    /// Whether single calls should be sent to find out how it is.
    #[must_use]
    pub const fn wants_probes(self) -> bool {
        self.is_shut() || matches!(self, Self::Stale { .. })
    }

    /// Why it is shut.
    #[must_use]
    pub const fn trip(self) -> Option<TripReason> {
        match self {
            Self::Open { reason, .. } | Self::HalfOpen { reason, .. } => Some(reason),
            Self::Closed | Self::Returning { .. } | Self::Stale { .. } => None,
        }
    }
}

/// Why a channel is left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TripReason {
    /// Several calls in a row failed.
    Consecutive,
    /// Too large a share of calls failed.
    FailureRate,
    /// Too large a share of calls was refused for load.
    Throttled,
    /// Too large a share of calls took longer than promised.
    Slow,
    /// The forecast says that it is about to break what is promised.
    Forecast,
    /// A playbook keeps calls away from it.
    Drained,
}

impl TripReason {
    /// The name in tables and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consecutive => "consecutive_failures",
            Self::FailureRate => "failure_rate",
            Self::Throttled => "throttled",
            Self::Slow => "slow",
            Self::Forecast => "forecast",
            Self::Drained => "drained",
        }
    }
}
