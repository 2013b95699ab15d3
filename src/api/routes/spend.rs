//! `GET /v1/spend`: what was spent, and what will have been.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::error::ApiError;
use crate::api::state::ApiState;
use crate::policy::worth::Worth;
use crate::report::facts::{Limit, Line, Span, Spend};

/// Everything that was spent today and in this month, UTC. Money is in USD, and `null` is "not known".
#[derive(Debug, Serialize, ToSchema)]
pub struct SpendBody {
    /// The day.
    #[schema(example = "2026-11-22")]
    pub day: String,
    /// The calendar month.
    #[schema(example = "2026-11")]
    pub month: String,
    /// Up to when, RFC 3339.
    pub now: String,
    /// All channels together. Its limit is the sum of the budgets of the route classes, if each of them has one.
    pub total: LineBody,
    /// Each channel.
    pub channels: Vec<LineBody>,
    /// Each model that the configuration names: its channels together.
    pub models: Vec<LineBody>,
    /// Each tier of work, `L1` to `L4`; expected at its mean pace. None where no work is shared out.
    pub tiers: Vec<LineBody>,
    /// Each route class about which something is decided, with its budget. A channel of several counts in equal parts for each.
    pub classes: Vec<LineBody>,
    /// What the decisions of the day saved.
    pub saved: SavedBody,
}

/// Money and tokens of one name.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineBody {
    /// The channel, model, tier or route class; `total` for all.
    pub name: String,
    /// Today.
    pub day: SpanBody,
    /// This month.
    pub month: SpanBody,
}

/// Money and tokens of one period.
///
/// The rest of the day is forecast from the standing forecasts of each channel, whose errors are taken to have nothing to do
/// with each other. The days after it are taken to be like the coming 24 hours; half of what is wrong about a day is taken to
/// be wrong about every later one too, so the interval widens by the day. Weekdays and growth are left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpanBody {
    /// USD so far.
    pub spent_usd: f64,
    /// Tokens so far, prompt and completion together.
    pub tokens: u64,
    /// Calls so far; parts of jobs for a tier.
    pub requests: u64,
    /// Expected at the end of the period.
    pub expected_usd: Option<f64>,
    /// It will be less with a probability of 5 %.
    pub low_usd: Option<f64>,
    /// It will be more with a probability of 5 %.
    pub high_usd: Option<f64>,
    /// USD that may be spent.
    pub limit_usd: Option<f64>,
    /// Tokens of jobs that may be used in a day.
    pub limit_tokens: Option<u64>,
    /// Probability that the limit in USD is exceeded before the period ends.
    pub exceed_probability: Option<f64>,
    /// When the limit in USD is used up; `null` if it lasts to the end of the period even in the worst of ten cases.
    pub runs_out: Option<RunsOut>,
}

/// When a limit is used up, RFC 3339; `null` if not before the period ends.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunsOut {
    /// With a probability of 10 % it is by then.
    pub earliest: Option<String>,
    /// With a probability of 50 % it is by then.
    pub median: Option<String>,
    /// With a probability of 90 % it is by then.
    pub latest: Option<String>,
}

/// What the decisions of the day saved, as `/v1/summary` reckons it.
#[derive(Debug, Serialize, ToSchema)]
pub struct SavedBody {
    /// Start of the day, RFC 3339.
    pub from: String,
    /// Up to when, RFC 3339.
    pub to: String,
    /// USD of all calls.
    pub actual_usd: f64,
    /// USD that even shares would have cost, for those calls for which that is known.
    pub unmanaged_usd: Option<f64>,
    /// USD saved on those calls; below 0 if decisions cost more.
    pub saved_usd: Option<f64>,
}

/// Show what was spent today and in this month, and what will have been: per channel, model, tier and route class.
#[utoipa::path(
    get, path = "/v1/spend", tag = "out", security(("token" = [])),
    responses((status = 200, description = "What was spent.", body = SpendBody))
)]
pub(super) async fn spend(State(api): State<ApiState>) -> Result<Json<SpendBody>, ApiError> {
    let engine = api.engine().clone();
    let spend = api.query(move || engine.spend()).await??;
    Ok(Json(SpendBody::of(spend)))
}

impl SpendBody {
    fn of(of: Spend) -> Self {
        let lines = |lines: Vec<Line>| lines.into_iter().map(LineBody::from).collect();
        let day = of.day.to_string();
        Self {
            month: day.get(..7).unwrap_or_default().to_owned(),
            saved: SavedBody::of(of.day.first_minute().to_string(), of.now.to_string(), &of.saved),
            day,
            now: of.now.to_string(),
            total: of.total.into(),
            channels: lines(of.channels),
            models: lines(of.models),
            tiers: lines(of.tiers),
            classes: lines(of.classes),
        }
    }
}

impl From<Line> for LineBody {
    fn from(of: Line) -> Self {
        Self { name: of.name, day: of.day.into(), month: of.month.into() }
    }
}

impl From<Span> for SpanBody {
    fn from(of: Span) -> Self {
        Self {
            spent_usd: of.spent_usd,
            tokens: of.tokens,
            requests: of.requests,
            expected_usd: of.expected.map(|expected| expected.usd),
            low_usd: of.expected.and_then(|expected| expected.low_usd),
            high_usd: of.expected.and_then(|expected| expected.high_usd),
            limit_usd: of.limit.map(|limit| limit.usd),
            limit_tokens: of.limit_tokens,
            exceed_probability: of.limit.and_then(|limit| limit.exceeds),
            runs_out: of.limit.as_ref().and_then(RunsOut::of),
        }
    }
}

impl RunsOut {
    /// When `limit` runs out; `None` if it does not even in the worst of ten cases.
    #[must_use]
    pub fn of(limit: &Limit) -> Option<Self> {
        let [earliest, median, latest] = limit.runs_out.map(|at| at.map(|at| at.to_string()));
        earliest.is_some().then_some(Self { earliest, median, latest })
    }
}

impl SavedBody {
    fn of(from: String, to: String, worth: &Worth) -> Self {
        let unmanaged_usd = (worth.paid.calls > 0.0).then_some(worth.paid.even_usd);
        Self { from, to, actual_usd: worth.usd, unmanaged_usd, saved_usd: worth.saved_usd() }
    }
}
