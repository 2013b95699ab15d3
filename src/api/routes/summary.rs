//! `GET /v1/summary`: how a span of time went, at a glance.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::error::{ApiError, Problem};
use crate::api::params::{Params, Span};
use crate::api::routes::spend::RunsOut;
use crate::api::state::ApiState;
use crate::engine::Summary;
use crate::policy::worth::Worth;
use crate::report::facts::{Kept, Line, Spend};

/// Longest span, in minutes: what an error budget is for, and a day.
const LONGEST: u32 = 31 * 1_440;

/// Which span.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct SummaryParams {
    /// First instant: RFC 3339, or an age such as `-7d`. A day before `to` if absent.
    #[param(example = "-24h")]
    from: Option<String>,
    /// First instant after the span. Now if absent.
    #[param(example = "now")]
    to: Option<String>,
}

/// How a span went. Ratios are 0 to 1, money is in USD, and `null` is "not known".
#[derive(Debug, Serialize, ToSchema)]
pub struct SummaryBody {
    /// Start of the span, RFC 3339.
    pub from: String,
    /// End of the span, RFC 3339.
    pub to: String,
    /// How each promise was kept.
    pub objectives: Vec<ObjectiveBody>,
    /// What decisions were worth: each route class, and last, without a class, all of them. The yardstick are the same calls,
    /// split evenly over the channels of their class in every minute, each channel failing, slow and as dear as it was in that
    /// minute or, with fewer than ten calls in it, in the calls around it, up to half an hour away. It assumes that a channel is
    /// no better or worse for carrying another load. A channel of several classes counts in equal parts for each.
    pub harm: Vec<HarmBody>,
    /// Money of today and of this month, whatever the span.
    pub spend: SpendGlance,
    /// Incidents; groups of them do not count.
    pub incidents: IncidentCounts,
    /// Decisions.
    pub decisions: DecisionCounts,
    /// What may be done about each route class now.
    pub modes: Vec<ModeGlance>,
}

/// How one promise was kept. Events of more than six hours ago are told apart by the hour only.
#[derive(Debug, Serialize, ToSchema)]
pub struct ObjectiveBody {
    /// The route class.
    #[schema(example = "chat")]
    pub class: String,
    /// `latency`, `error_ratio` or `availability`.
    #[schema(example = "latency")]
    pub promise: String,
    /// Share of events that must be good.
    #[schema(example = 0.95)]
    pub target: f64,
    /// Of a latency: milliseconds.
    #[schema(example = 2000.0)]
    pub limit_ms: Option<f64>,
    /// Calls, or minutes of an availability.
    pub events: u64,
    /// Those that broke the promise.
    pub bad: u64,
    /// Share of events that kept it.
    pub kept: Option<f64>,
    /// What is left of the error budget of thirty days: 1 at most, below 0 if it is overdrawn.
    pub budget_left: f64,
}

/// Calls as they went, beside the yardstick.
#[derive(Debug, Serialize, ToSchema)]
pub struct HarmBody {
    /// The route class; `null` for all of them together.
    pub class: Option<String>,
    /// Calls.
    pub calls: f64,
    /// Calls that failed or were slower than promised.
    pub harmed: f64,
    /// Share of calls that were harmed.
    pub harmed_ratio: Option<f64>,
    /// Calls that the yardstick would have harmed, in the minutes for which it is known.
    pub unmanaged_harmed: Option<f64>,
    /// Share of calls that the yardstick would have harmed.
    pub unmanaged_ratio: Option<f64>,
    /// Calls that were kept from harm, in the minutes for which the yardstick is known; below 0 if decisions did worse.
    pub avoided: Option<f64>,
    /// What these would have cost in vain.
    pub avoided_usd: Option<f64>,
    /// What was paid, in the minutes for which the yardstick's price is known.
    pub actual_usd: Option<f64>,
    /// What the yardstick would have paid in them.
    pub unmanaged_usd: Option<f64>,
    /// The difference; below 0 if decisions cost more.
    pub saved_usd: Option<f64>,
    /// Share of the calls that stand in minutes for which the yardstick is known.
    pub known: Option<f64>,
}

/// Money at a glance.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpendGlance {
    /// Spent today, UTC.
    pub today_usd: f64,
    /// Expected by midnight.
    pub day_expected_usd: Option<f64>,
    /// Spent in this calendar month.
    pub month_usd: f64,
    /// Expected by the end of the month.
    pub month_expected_usd: Option<f64>,
    /// The budget that is most likely to be exceeded, or without forecasts the one that is used up the most.
    pub budget: Option<BudgetGlance>,
}

/// A budget at a glance.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetGlance {
    /// The route class that it is for.
    pub class: String,
    /// USD of the period.
    pub usd: f64,
    /// `day` or `month`.
    pub per: &'static str,
    /// USD that are used of it.
    pub used_usd: f64,
    /// Probability that it is exceeded before the period ends.
    pub exceed_probability: Option<f64>,
    /// When it has run out, if it does.
    pub runs_out: Option<RunsOut>,
}

/// Incidents of the span.
#[derive(Debug, Serialize, ToSchema)]
pub struct IncidentCounts {
    /// Open at the end of the span, by severity.
    #[schema(value_type = Object, example = json!({"P2": 1}))]
    pub open: BTreeMap<String, usize>,
    /// Detected in the span.
    pub opened: usize,
    /// Over in the span.
    pub resolved: usize,
    /// Of those detected in the span: median seconds from the first sign to the detection.
    pub median_to_detect_s: Option<f64>,
    /// Median seconds from the first sign to the end of the harm.
    pub median_to_mitigate_s: Option<f64>,
    /// Median seconds from the first sign to the end.
    pub median_to_resolve_s: Option<f64>,
}

/// Decisions of the span.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionCounts {
    /// Made; renewals of leases do not count.
    pub made: usize,
    /// Of these, those that gave a channel another share.
    pub changes: usize,
    /// Did harm in the last day; `null` for a span that is over.
    pub harmful: Option<usize>,
    /// Channels that were left before the trouble that was foreseen came.
    pub foreseen: usize,
    /// Channels that were left for a trouble that did not come.
    pub in_vain: usize,
    /// Wait for approval now; 0 for a span that is over.
    pub waiting: usize,
}

/// What may be done about a route class.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModeGlance {
    /// The route class.
    pub class: String,
    /// `observe`, `advise`, `approve` or `auto`.
    pub mode: &'static str,
}

/// Show how a span of time went: promises, harm avoided, money, incidents and decisions.
#[utoipa::path(
    get, path = "/v1/summary", tag = "out", security(("token" = [])),
    params(SummaryParams),
    responses((status = 200, description = "The summary.", body = SummaryBody), (status = 400, response = Problem))
)]
pub(super) async fn summary(
    State(api): State<ApiState>,
    Params(asked): Params<SummaryParams>,
) -> Result<Json<SummaryBody>, ApiError> {
    let from = asked.from.as_deref().or(asked.to.is_none().then_some("-24h"));
    let span = Span::parse(from, asked.to.as_deref(), None, api.engine().clock().now())?;
    if span.to.0 - span.from.0 > LONGEST {
        return Err(ApiError::Invalid("at most 31 days are summed up; ask for a shorter span".to_owned()));
    }
    let engine = api.engine().clone();
    let read = move || Ok::<_, ApiError>((engine.summary(span.from, span.to)?, engine.spend()?));
    let (summary, spend) = api.query(read).await??;
    Ok(Json(SummaryBody::of(span, summary, &spend)))
}

impl SummaryBody {
    fn of(span: Span, of: Summary, spend: &Spend) -> Self {
        let mut total = Worth::default();
        of.harm.iter().for_each(|class| total += class.worth);
        let rows = of.harm.into_iter().map(|of| HarmBody::of(Some(of.class), &of.worth));
        Self {
            from: span.from.to_string(),
            to: span.to.to_string(),
            objectives: of.objectives.into_iter().map(ObjectiveBody::from).collect(),
            harm: rows.chain([HarmBody::of(None, &total)]).collect(),
            spend: SpendGlance::of(spend),
            incidents: IncidentCounts {
                open: of.open,
                opened: of.opened,
                resolved: of.resolved,
                median_to_detect_s: of.times.detect_s,
                median_to_mitigate_s: of.times.mitigate_s,
                median_to_resolve_s: of.times.resolve_s,
            },
            decisions: DecisionCounts {
                made: of.decided.made,
                changes: of.decided.changes,
                harmful: of.decided.harmful,
                foreseen: of.decided.foreseen,
                in_vain: of.decided.in_vain,
                waiting: of.decided.waiting,
            },
            modes: of.modes.into_iter().map(|of| ModeGlance { mode: of.mode.name(), class: of.class }).collect(),
        }
    }
}

impl From<Kept> for ObjectiveBody {
    fn from(of: Kept) -> Self {
        let kept = of.ratio();
        let Kept { class, promise, target, limit_ms, events, bad, budget_left } = of;
        Self { class, promise, target, limit_ms, events, bad, kept, budget_left }
    }
}

impl HarmBody {
    fn of(class: Option<String>, worth: &Worth) -> Self {
        let (felt, paid) = (&worth.felt, &worth.paid);
        Self {
            class,
            calls: worth.calls,
            harmed: worth.harmed,
            harmed_ratio: worth.harmed_ratio(),
            unmanaged_harmed: (felt.calls > 0.0).then_some(felt.even),
            unmanaged_ratio: worth.even_ratio(),
            avoided: worth.avoided(),
            avoided_usd: worth.avoided_usd(),
            actual_usd: (paid.calls > 0.0).then_some(paid.usd),
            unmanaged_usd: (paid.calls > 0.0).then_some(paid.even_usd),
            saved_usd: worth.saved_usd(),
            known: worth.known(),
        }
    }
}

impl SpendGlance {
    /// The sums of `spend`, and the budget that is nearest to its end.
    #[must_use]
    pub fn of(spend: &Spend) -> Self {
        let Line { day, month, .. } = &spend.total;
        Self {
            today_usd: day.spent_usd,
            day_expected_usd: day.expected.map(|expected| expected.usd),
            month_usd: month.spent_usd,
            month_expected_usd: month.expected.map(|expected| expected.usd),
            budget: BudgetGlance::tightest(&spend.classes),
        }
    }
}

impl BudgetGlance {
    fn tightest(classes: &[Line]) -> Option<Self> {
        let spans = classes.iter().flat_map(|line| [(line, "day", &line.day), (line, "month", &line.month)]);
        let budgets = spans.filter_map(|(line, per, span)| {
            let limit = span.limit?;
            let used = span.spent_usd / limit.usd;
            let budget = Self {
                class: line.name.clone(),
                usd: limit.usd,
                per,
                used_usd: span.spent_usd,
                exceed_probability: limit.exceeds,
                runs_out: RunsOut::of(&limit),
            };
            Some((limit.exceeds.unwrap_or_default(), used, budget))
        });
        let tightest = budgets.max_by(|one, other| one.0.total_cmp(&other.0).then(one.1.total_cmp(&other.1)));
        tightest.map(|(_, _, budget)| budget)
    }
}
