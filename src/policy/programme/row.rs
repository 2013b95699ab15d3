//! The limits of a mix, and what it costs to cross them.
//!
//! Every limit is soft: crossing it has a price so steep that a mix crosses one only where there is no other, and then by as
//! little as can be. So there always is a mix: the least bad. Steeper prices are crossed last, in the order: serve
//! at all, failures, slowness, risk, budget.

use crate::policy::input::PolicyInput;
use crate::policy::offer::Offer;
use crate::policy::planner::Setting;
use crate::policy::report::Binding;

/// Prices are in mean costs of a call, for each call over the limit.
const FAILING: f64 = 5_000.0;
const SLOW: f64 = 1_000.0;
const RISK: f64 = 100.0;
const BUDGET: f64 = 50.0;
const LATENCY: f64 = 2_000.0;
/// Price of a call for which no channel has room.
pub(super) const ROOM: f64 = 50_000.0;
/// Price of a call on a channel that is out, by each step of its rank.
pub(super) const BARRED: f64 = 50.0;
/// Part of the price that is asked within the margin, where the promise itself is still kept.
const WITHIN: f64 = 0.1;

/// The largest multiple of a limit that is told apart: the solver is spared numbers of all magnitudes.
const MOST: f64 = 1e4;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Failing,
    Slow,
    Risk,
    /// In shares of the budget.
    Budget,
    /// In shares of the bound.
    Latency,
}

/// One limit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub measure: Measure,
    /// Where the margin begins.
    pub soft: f64,
    /// Where the promise ends.
    pub hard: f64,
    pub price: f64,
    /// What one unit of the measure is in its own unit.
    pub unit: f64,
}

impl Row {
    /// The price of each call within the margin.
    pub(super) fn within(&self) -> f64 {
        self.price * WITHIN
    }

    /// The price of `value`.
    pub(super) fn penalty(&self, value: f64) -> f64 {
        let inside = (value - self.soft).clamp(0.0, self.hard - self.soft);
        self.within() * inside + self.beyond(value)
    }

    /// The price of `value`, were the margin for nothing.
    pub(super) fn beyond(&self, value: f64) -> f64 {
        self.price * (value - self.hard).max(0.0)
    }

    /// What a call on `offer` adds, if its marginal slowness and latency are these.
    pub(super) fn coefficient(&self, offer: &Offer, slow: f64, latency: f64) -> f64 {
        match self.measure {
            Measure::Failing => offer.failing,
            Measure::Slow => slow,
            Measure::Risk => offer.risk,
            Measure::Budget => (offer.cost / self.unit).min(MOST),
            Measure::Latency => (latency / self.unit).min(MOST),
        }
    }

    pub(super) const fn binding(&self) -> Option<Binding> {
        match self.measure {
            Measure::Failing => Some(Binding::Failing),
            Measure::Slow => Some(Binding::Slow),
            Measure::Risk => Some(Binding::Risk),
            Measure::Budget => Some(Binding::Budget),
            Measure::Latency => None,
        }
    }
}

/// The limits of `input`, the steepest first, with a bound on mean latency if there is one.
pub(super) fn rows(setting: &Setting, input: &PolicyInput, latency_ms: Option<f64>) -> Vec<Row> {
    let promised = |measure, limit: Option<f64>, price| {
        let hard = limit.filter(|limit| limit.is_finite())?.clamp(0.0, 1.0);
        Some(Row { measure, soft: hard * setting.margin, hard, price, unit: 1.0 })
    };
    let bound = |measure, unit: Option<f64>, price| {
        let unit = unit.filter(|unit| unit.is_finite())?.max(f64::MIN_POSITIVE);
        Some(Row { measure, soft: 1.0, hard: 1.0, price, unit })
    };
    let risk =
        Row { measure: Measure::Risk, soft: setting.largest_risk, hard: setting.largest_risk, price: RISK, unit: 1.0 };
    let rows = [
        promised(Measure::Failing, input.promise.failing, FAILING),
        bound(Measure::Latency, latency_ms, LATENCY),
        promised(Measure::Slow, input.promise.slow, SLOW),
        Some(risk),
        bound(Measure::Budget, input.budget_usd_per_call, BUDGET),
    ];
    rows.into_iter().flatten().collect()
}
