//! Risks, budgets and their worth as JSON.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::ids::ChannelId;
use crate::domain::record::{Cell, Record};
use crate::domain::time::Minute;
use crate::engine::{ClassSituation, Situation};
use crate::risk::budget::{Budget, PERIOD};
use crate::risk::burn::{Urgency, WORKBOOK, burning};
use crate::risk::chance::HORIZONS;
use crate::risk::lead::Leads;
use crate::risk::objective::Promise;
use crate::risk::outlook::Risk;
use crate::risk::reliability::{Point, Reliability};

/// Windows whose burn rates are shown, in minutes: those of the multi-window alerts, from the shortest.
const WINDOWS: [u32; 5] = [5, 30, 60, 360, 4_320];
/// Events in the long window below which a burn rate says nothing.
const LEAST_EVENTS: u64 = 10;

/// How likely a channel is to break what a route class promises.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RiskBody {
    /// The channel.
    #[schema(example = "openai-eu")]
    pub channel: String,
    /// The route class.
    #[schema(example = "chat")]
    pub class: String,
    /// Seconds ahead.
    #[schema(example = 900)]
    pub horizon_s: u32,
    /// By the forecasts alone, 0 to 1.
    #[schema(example = 0.12)]
    pub chance: f64,
    /// Calibrated on what came true, 0 to 1.
    #[schema(example = 0.18)]
    pub probability: f64,
}

impl RiskBody {
    /// `risk` of `channel` for `class`.
    #[must_use]
    pub fn of(channel: &ChannelId, class: &str, risk: &Risk) -> Self {
        Self {
            channel: channel.to_string(),
            class: class.to_owned(),
            horizon_s: risk.horizon.saturating_mul(60),
            chance: risk.chance,
            probability: risk.probability,
        }
    }
}

/// What was said after one minute, and what came.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RiskRow {
    /// Start of the minute, RFC 3339.
    pub ts: String,
    /// The route class.
    pub class: String,
    /// Seconds ahead.
    #[schema(example = 900)]
    pub horizon_s: i64,
    /// By the forecasts alone, 0 to 1.
    pub chance: f64,
    /// Calibrated, 0 to 1.
    pub probability: f64,
    /// Whether it came true; `null` until that is known.
    pub happened: Option<bool>,
}

impl RiskRow {
    /// What the row of the table `risks` tells.
    #[must_use]
    pub fn of(record: &Record) -> Self {
        let number = |name: &str| record.get(name).and_then(Cell::float).unwrap_or_default();
        Self {
            ts: record.ts().to_string(),
            class: record.get("class").and_then(Cell::text).unwrap_or_default().to_owned(),
            horizon_s: record.get("horizon_s").and_then(Cell::integer).unwrap_or_default(),
            chance: number("chance"),
            probability: number("probability"),
            happened: record.get("happened").and_then(Cell::flag),
        }
    }
}

/// What a route class promises, how it is kept, and how right its risks have been.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ClassBody {
    /// Its name.
    #[schema(example = "chat")]
    pub class: String,
    /// One object for each promise.
    pub slo: Vec<SloBody>,
    /// How right its risks have been, by horizon; the newest count most.
    pub worth: Vec<WorthBody>,
    /// What came of warnings: a warning stands from a probability of 0.5 within the hour until it is below 0.3.
    pub warnings: WarningsBody,
}

/// One promise and its error budget of the last thirty days.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SloBody {
    /// What is promised: `latency`, `error_ratio` or `availability`.
    #[schema(example = "latency")]
    pub promise: &'static str,
    /// The share of events that must be good.
    #[schema(example = 0.95)]
    pub target: f64,
    /// Of a latency: its limit in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_ms: Option<f64>,
    /// Events of the last thirty days.
    pub events: u64,
    /// Those of them that broke the promise.
    pub bad: u64,
    /// What is left of the error budget: 1 is all of it, below 0 it is overdrawn.
    #[schema(example = 0.72)]
    pub budget_left: f64,
    /// Hours until nothing is left if it goes on as in the last hour; `null` if nothing is used up.
    pub hours_left: Option<f64>,
    /// How many times faster than allowed events failed, by window; 1 uses up the budget in just thirty days.
    pub burn_rates: Vec<BurnBody>,
    /// `page` or `ticket` if it is used up too fast by two windows at once, as the Site Reliability Workbook has them.
    #[schema(example = "page")]
    pub burning: Option<&'static str>,
}

/// The burn rate of one window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct BurnBody {
    /// Length of the window in seconds.
    #[schema(example = 3600)]
    pub window_s: u32,
    /// The rate; `null` without events.
    #[schema(example = 1.4)]
    pub rate: Option<f64>,
}

/// How right the risks of one horizon have been.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WorthBody {
    /// Seconds ahead.
    #[schema(example = 900)]
    pub horizon_s: u32,
    /// Risks whose outcome is known.
    pub outcomes: u64,
    /// The Brier score and its parts; `null` before the first outcome.
    pub brier: Option<BrierBody>,
    /// The reliability diagram: one object for each tenth in which there were risks.
    pub diagram: Vec<BinBody>,
}

/// The Brier score: the mean squared distance between what was said and what came. 0 is perfect.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct BrierBody {
    /// The score, 0 to 1.
    #[schema(example = 0.031)]
    pub score: f64,
    /// How far what was said is from what came, by tenths; 0 is honest.
    pub reliability: f64,
    /// How much more than the mean rate is told.
    pub resolution: f64,
    /// The score of always saying the mean rate.
    pub uncertainty: f64,
    /// What the tenths leave out.
    pub within: f64,
    /// The share of the uncertainty that is taken away; `null` if everything or nothing came true.
    pub skill: Option<f64>,
}

/// One bin of a reliability diagram.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct BinBody {
    /// Lower edge.
    #[schema(example = 0.1)]
    pub from: f64,
    /// Upper edge.
    #[schema(example = 0.2)]
    pub to: f64,
    /// Risks in it; older ones count less.
    pub weight: f64,
    /// What was said, on average.
    pub called: f64,
    /// The share that came true.
    pub came: f64,
}

/// What came of warnings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct WarningsBody {
    /// Harm that was warned of.
    pub warned: u64,
    /// Harm that was not.
    pub missed: u64,
    /// Warnings that no harm followed.
    pub false_warnings: u64,
    /// Lead that half of the harm warned of had at least, in seconds; `null` if there was none.
    pub median_lead_s: Option<usize>,
}

impl ClassBody {
    /// Every route class of `situation`, by name.
    #[must_use]
    pub fn all(situation: &Situation) -> Vec<Self> {
        let now = situation.minute.unwrap_or_default();
        situation.classes.iter().map(|(name, class)| Self::of(name, class, now)).collect()
    }

    fn of(name: &str, class: &ClassSituation, now: Minute) -> Self {
        let scored =
            (0..).zip(HORIZONS).filter_map(|(at, horizon)| Some((horizon, class.calibration.reliability(at)?)));
        Self {
            class: name.to_owned(),
            slo: class.budgets.iter().map(|(promise, budget)| SloBody::of(promise, budget, now)).collect(),
            worth: scored.map(|(horizon, reliability)| WorthBody::of(horizon, reliability)).collect(),
            warnings: WarningsBody::of(&class.calibration.leads),
        }
    }
}

impl SloBody {
    fn of(promise: &Promise, budget: &Budget, now: Minute) -> Self {
        let counts = budget.window(now, PERIOD);
        let rates = WINDOWS.map(|minutes| BurnBody { window_s: minutes * 60, rate: budget.burn_rate(now, minutes) });
        let burning = burning(budget, now, &WORKBOOK, LEAST_EVENTS);
        Self {
            promise: promise.name(),
            target: promise.target(),
            limit_ms: if let Promise::Latency { limit_ms, .. } = promise { Some(*limit_ms) } else { None },
            events: counts.total,
            bad: counts.bad,
            budget_left: budget.left(now),
            hours_left: budget.minutes_left(now, 60).map(|minutes| minutes / 60.0),
            burn_rates: rates.to_vec(),
            burning: burning.map(|burning| match burning.pair.urgency {
                Urgency::Page => "page",
                Urgency::Ticket => "ticket",
            }),
        }
    }
}

impl WorthBody {
    fn of(horizon: u32, reliability: &Reliability) -> Self {
        let brier = reliability.brier().map(|brier| BrierBody {
            score: brier.score,
            reliability: brier.reliability,
            resolution: brier.resolution,
            uncertainty: brier.uncertainty,
            within: brier.within,
            skill: brier.skill(),
        });
        let bin = |Point { from, to, weight, called, came }: Point| BinBody { from, to, weight, called, came };
        Self {
            horizon_s: horizon * 60,
            outcomes: reliability.outcomes(),
            brier,
            diagram: reliability.diagram().into_iter().map(bin).collect(),
        }
    }
}

impl WarningsBody {
    fn of(leads: &Leads) -> Self {
        Self {
            warned: leads.warned(),
            missed: leads.missed,
            false_warnings: leads.false_warnings,
            median_lead_s: leads.median().map(|minutes| minutes * 60),
        }
    }
}
