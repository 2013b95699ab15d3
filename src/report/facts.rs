//! What a span of time was like, as values: gathered by the engine, told by the API and by reports.
//!
//! Ratios are 0 ..= 1, money is in USD, and `None` is "not known", never zero.

use serde::Serialize;

use crate::domain::time::{Day, Timestamp};
use crate::policy::worth::Worth;

/// How one promise of a route class was kept.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Kept {
    /// The route class.
    pub class: String,
    /// `latency`, `error_ratio` or `availability`.
    pub promise: String,
    /// Share of events that must be good.
    pub target: f64,
    /// Of a latency: milliseconds.
    pub limit_ms: Option<f64>,
    /// Calls, or minutes of an availability.
    pub events: u64,
    /// Those that broke the promise.
    pub bad: u64,
    /// What is left of the error budget of the last thirty days, 1 at most and below 0 if it is overdrawn.
    pub budget_left: f64,
}

impl Kept {
    /// Share of events that were good; `None` without events.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "calls of a month are far below 2^52")]
        let bad = self.bad as f64 / self.events as f64;
        (self.events > 0).then_some(1.0 - bad)
    }

    /// Whether fewer events were good than promised; `None` without events.
    #[must_use]
    pub fn is_broken(&self) -> Option<bool> {
        self.ratio().map(|ratio| ratio < self.target)
    }
}

/// How long trouble lasted, in seconds: medians over the incidents of a span.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Times {
    /// From the first odd minute until it was detected.
    pub detect_s: Option<f64>,
    /// From the first odd minute until the harm ended.
    pub mitigate_s: Option<f64>,
    /// From the first odd minute until it was over.
    pub resolve_s: Option<f64>,
}

/// What was decided in a span.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// Decisions; renewals of leases do not count.
    pub made: usize,
    /// Those that gave a channel another share.
    pub changes: usize,
    /// Those that did harm, in the last day; `None` where that is not known.
    pub harmful: Option<usize>,
    /// Channels that were left because of what was foreseen, and whose trouble came.
    pub foreseen: usize,
    /// Channels that were left because of what was foreseen, and whose trouble did not come.
    pub in_vain: usize,
    /// Changes that wait for approval now.
    pub waiting: usize,
}

/// The worth of the decisions about one route class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClassWorth {
    /// The route class.
    pub class: String,
    /// Calls beside the yardstick.
    pub worth: Worth,
}

/// Money and tokens of one period.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Span {
    /// USD so far.
    pub spent_usd: f64,
    /// Tokens so far, prompt and completion together.
    pub tokens: u64,
    /// Calls so far; parts of jobs for a tier.
    pub requests: u64,
    /// What it will be at the end of the period.
    pub expected: Option<Expected>,
    /// What may be spent.
    pub limit: Option<Limit>,
    /// Tokens that may be used.
    pub limit_tokens: Option<u64>,
}

/// A sum at the end of a period.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Expected {
    /// Expected value, USD.
    pub usd: f64,
    /// It is less than this with a probability of 5 %; `None` for a mean pace.
    pub low_usd: Option<f64>,
    /// It is more than this with a probability of 5 %; `None` for a mean pace.
    pub high_usd: Option<f64>,
}

/// A budget, and what becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Limit {
    /// USD of the period.
    pub usd: f64,
    /// Probability that it is exceeded before the period ends; `None` without forecasts.
    pub exceeds: Option<f64>,
    /// By when it has run out with a probability of 10, 50 and 90 %; `None` if it has not by the end.
    #[serde(serialize_with = "crate::report::shown::instants_if")]
    pub runs_out: [Option<Timestamp>; 3],
}

/// Money and tokens of a channel, of a model, of a tier of work, of a route class, or of all.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Line {
    /// Whose.
    pub name: String,
    /// The UTC day so far.
    pub day: Span,
    /// The calendar month so far, UTC.
    pub month: Span,
}

/// Everything that was spent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spend {
    /// The day.
    #[serde(serialize_with = "crate::report::shown::instant")]
    pub day: Day,
    /// Up to when.
    #[serde(serialize_with = "crate::report::shown::instant")]
    pub now: Timestamp,
    /// All channels together.
    pub total: Line,
    /// Each channel.
    pub channels: Vec<Line>,
    /// Each model: its channels together.
    pub models: Vec<Line>,
    /// Each tier of work.
    pub tiers: Vec<Line>,
    /// Each route class; a channel of several counts in equal parts for each.
    pub classes: Vec<Line>,
    /// What the decisions of the day saved.
    pub saved: Worth,
}
