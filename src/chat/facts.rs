//! What answers are made of: plain facts, gathered by whoever has the engine or the store.
//!
//! Ratios are 0 to 1, money is USD, times are RFC 3339 in JSON. What is not known is `None`, never 0.

use serde::{Serialize, Serializer};

use crate::domain::target::Target;
use crate::domain::time::{Minute, Timestamp};
use crate::policy::report::Report;

fn text<S: Serializer, T: ToString>(value: &T, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&value.to_string())
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn texts<S: Serializer, T: ToString>(value: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => to.serialize_some(&value.to_string()),
        None => to.serialize_none(),
    }
}

/// How everything is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    /// When it was looked at.
    #[serde(serialize_with = "text")]
    pub at: Timestamp,
    /// The newest minute of which anything is known.
    #[serde(serialize_with = "texts")]
    pub newest: Option<Minute>,
    /// The route classes.
    pub classes: Vec<Class>,
    /// The channels, those that need a look first.
    pub channels: Vec<Channel>,
    /// Channels that are not listed.
    pub more_channels: usize,
    /// Incidents that are open, the gravest first.
    pub incidents: Vec<Incident>,
    /// The highest risks, the highest first.
    pub risks: Vec<Risk>,
    /// What decisions were worth in the last day.
    pub worth: Option<Worth>,
    /// What is spent.
    pub spend: Option<Spend>,
}

/// A route class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Class {
    /// Its name.
    pub class: String,
    /// What may be done about it: `observe`, `advise`, `approve` or `auto`.
    pub mode: Option<&'static str>,
    /// What it promises.
    pub promises: Vec<Promise>,
    /// The shares of its calls that hold, the largest first.
    pub shares: Vec<Share>,
    /// The name of the change that waits for approval.
    pub waiting: Option<String>,
}

/// A promise, and how it was kept in the last day.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Promise {
    /// `latency`, `error_ratio` or `availability`.
    pub promise: String,
    /// The share of events that must be good.
    pub target: f64,
    /// Of a latency: its limit.
    pub limit_ms: Option<f64>,
    /// The share of events that were good; `None` without events.
    pub kept: Option<f64>,
    /// What is left of the error budget of thirty days: 1 is all, below 0 it is overdrawn.
    pub budget_left: f64,
}

/// The share of calls that a channel gets.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Share {
    /// The channel.
    pub channel: String,
    /// Its share.
    pub share: f64,
}

/// A channel, in the span that was asked for.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Channel {
    /// Its name.
    pub channel: String,
    /// Calls.
    pub requests: Option<f64>,
    /// Calls that failed.
    pub errors: Option<f64>,
    /// Median latency of successful calls.
    pub latency_p50_ms: Option<f64>,
    /// 95th percentile of the same.
    pub latency_p95_ms: Option<f64>,
    /// Tokens that it wrote.
    pub tokens_completion: Option<f64>,
    /// Money.
    pub cost_usd: Option<f64>,
    /// Its 95th percentile of latency over the last hour, the oldest step first.
    pub last_hour_p95_ms: Vec<Option<f64>>,
    /// Its share of failed calls over the last hour, in the same steps.
    pub last_hour_failing: Vec<Option<f64>>,
    /// Probability of breaking a promise within the hour.
    pub risk: Option<f64>,
    /// Whether an incident is open.
    pub is_in_trouble: bool,
}

impl Channel {
    /// The share of calls that failed.
    #[must_use]
    pub fn failing(&self) -> Option<f64> {
        let requests = self.requests.filter(|requests| *requests > 0.0)?;
        Some(self.errors? / requests)
    }
}

/// An incident that is open.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Incident {
    /// Its name.
    pub id: String,
    /// `P1` to `P4`.
    pub severity: String,
    /// Kind of trouble.
    pub kind: String,
    /// The channel.
    pub channel: String,
    /// When it was detected.
    #[serde(serialize_with = "text")]
    pub since: Timestamp,
    /// The columns to blame.
    pub blamed: Vec<String>,
    /// Whether somebody has taken it on.
    pub is_acknowledged: bool,
}

/// A risk.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Risk {
    /// The channel.
    pub channel: String,
    /// The class whose promise is at risk.
    pub class: String,
    /// Probability of breaking it within the hour.
    pub probability: f64,
}

/// What decisions were worth, against calls spread evenly without any.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Worth {
    /// Calls.
    pub calls: f64,
    /// Calls that failed or were slower than promised.
    pub harmed: f64,
    /// Calls that would have been without decisions.
    pub unmanaged_harmed: Option<f64>,
    /// Calls that were spared.
    pub avoided: Option<f64>,
    /// Money that was saved; below 0 it was spent on top.
    pub saved_usd: Option<f64>,
    /// The share of calls in minutes in which that is known; `None` without calls.
    pub known: Option<f64>,
}

/// What is spent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Spend {
    /// Today, UTC.
    pub today_usd: f64,
    /// What today will come to.
    pub day_expected_usd: Option<f64>,
    /// The 5 and 95 % quantiles of that.
    pub day_between_usd: Option<(f64, f64)>,
    /// This month, UTC.
    pub month_usd: f64,
    /// What the month will come to.
    pub month_expected_usd: Option<f64>,
    /// Of what may be spent, the budget that is nearest to its end.
    pub budget: Option<Budget>,
    /// What decisions saved today.
    pub saved_usd: Option<f64>,
    /// The dearest channels of today, the dearest first.
    pub channels: Vec<Dear>,
}

/// What may be spent, and whether it will do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Budget {
    /// The route class whose budget it is.
    pub class: String,
    /// USD.
    pub usd: f64,
    /// `day` or `month`.
    pub per: &'static str,
    /// Used so far.
    pub used_usd: f64,
    /// Probability that it will not do.
    pub exceed_probability: Option<f64>,
    /// When it probably runs out.
    #[serde(serialize_with = "texts")]
    pub runs_out: Option<Timestamp>,
}

/// What a channel costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dear {
    /// The channel.
    pub channel: String,
    /// Today, UTC.
    pub today_usd: f64,
}

/// What a series will do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Outlook {
    /// The channel.
    pub channel: String,
    /// The column.
    #[serde(serialize_with = "text")]
    pub column: Target,
    /// The last value that is known.
    pub now: Option<f64>,
    /// What is foreseen, the nearest first.
    pub ahead: Vec<Ahead>,
    /// The last hour, the oldest step first.
    pub last_hour: Vec<Option<f64>>,
    /// The next hour, in the same steps.
    pub next_hour: Vec<Option<f64>>,
    /// How right such forecasts have been in the last day.
    pub trust: Option<Trust>,
}

/// What is foreseen of one minute.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Ahead {
    /// Minutes from now.
    pub minutes: u32,
    /// The expected value.
    pub mean: f64,
    /// The 5 % quantile.
    pub low: f64,
    /// The 95 % quantile.
    pub high: f64,
}

/// How right forecasts have been.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Trust {
    /// Share of outcomes inside the 90 % interval.
    pub coverage_90: Option<f64>,
    /// Mean absolute error as a share of the value.
    pub mape: Option<f64>,
    /// Forecasts whose outcome is known.
    pub outcomes: i64,
}

/// The last change of a route class.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// The class.
    pub class: String,
    /// The number of the decision.
    pub generation: u64,
    /// When it was made.
    #[serde(serialize_with = "text")]
    pub at: Timestamp,
    /// The shares that it gave, the largest first.
    pub shares: Vec<Share>,
    /// Why, as data.
    pub report: Report,
}

/// What may be done about a route class, and who said so.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mode {
    /// The class.
    pub class: String,
    /// What may be done.
    pub mode: &'static str,
    /// What is configured.
    pub configured: &'static str,
    /// Who set another mode than that, and why.
    pub set: Option<(String, String)>,
}

/// Something that waits for a person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Waiting {
    /// Its name.
    pub id: String,
    /// What it is about: a route class, or the channel of a playbook.
    pub about: String,
    /// Since when it waits.
    #[serde(serialize_with = "text")]
    pub since: Timestamp,
    /// Until when it can be approved.
    #[serde(serialize_with = "text")]
    pub expires: Timestamp,
    /// The shares that it would give; empty for a playbook.
    pub shares: Vec<Share>,
    /// Why.
    pub why: Why,
    /// How many different operators must approve it.
    pub needed: u8,
    /// Who has.
    pub approved_by: Vec<String>,
}

/// Why something is proposed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Why {
    /// As data.
    Report(Report),
    /// As it was said.
    Said(String),
}
