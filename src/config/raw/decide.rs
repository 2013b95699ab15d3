//! `[decide]` as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::elements::duration::DurationText;

/// Which channel should carry which share of a route class.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Decide {
    /// Whether decisions are made at all.
    pub enabled: bool,
    /// How long a decision holds without being renewed: who has heard nothing newer by then goes back to its own ways.
    #[schemars(with = "DurationText")]
    pub lease: String,
    /// Directory in which the decision of each route class is kept as a file `CLASS.json`, replaced as a whole; none if absent.
    pub directory: Option<String>,
    /// The share of calls that every usable channel gets, so that it stays known.
    #[schemars(range(min = 0.0, max = 0.2))]
    pub explore: f64,
    /// Probability of breaking its promise from which a channel is left.
    #[schemars(range(min = 0.05, max = 1.0))]
    pub leave_at: f64,
    /// Probability below which it is taken back.
    #[schemars(range(min = 0.0, max = 0.95))]
    pub return_below: f64,
    /// Time between two changes that nothing forces.
    #[schemars(with = "DurationText")]
    pub dwell: String,
    /// The largest part of the calls that such a change moves.
    #[schemars(range(min = 0.01, max = 1.0))]
    pub largest_shift: f64,
    /// Time within which a change that needs approval can be approved; then it is proposed anew, if it is still wanted.
    #[schemars(with = "DurationText")]
    pub approve_within: String,
    /// Decisions within a day that may do harm before a class that is on `approve` or `auto` goes back to `advise`.
    #[schemars(range(min = 1, max = 1000))]
    pub harmful_per_day: u32,
}

impl Default for Decide {
    fn default() -> Self {
        Self {
            enabled: true,
            lease: "2m".to_owned(),
            directory: None,
            explore: 0.01,
            leave_at: 0.5,
            return_below: 0.25,
            dwell: "10m".to_owned(),
            largest_shift: 0.25,
            approve_within: "15m".to_owned(),
            harmful_per_day: 3,
        }
    }
}
