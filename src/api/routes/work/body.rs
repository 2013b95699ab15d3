//! Shares, scores and curves as the API tells them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::engine::{ModelStanding, WorkStanding};
use crate::policy::work::Kind;
use crate::policy::work::curve::{Point, Reached, reached};
use crate::policy::work::purse::Shut;
use crate::policy::work::report::{KindReport, ModelReport, Report};
use crate::policy::work::scores::Board;

/// The shares of a day, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllocationBody {
    /// When they were made, RFC 3339.
    pub at: String,
    /// When the next ones are due, RFC 3339; `null` where it was not asked for.
    pub next_at: Option<String>,
    /// Each class and tier.
    pub kinds: Vec<KindBody>,
    /// The report: the same in plain words, as Markdown.
    pub text: String,
}

/// The shares of one kind of work.
#[derive(Debug, Serialize, ToSchema)]
pub struct KindBody {
    /// The class.
    #[schema(example = "code")]
    pub class: String,
    /// The tier.
    #[schema(example = "L2")]
    pub tier: String,
    /// Mean worth of a job, 0 to 1, that is enough.
    pub enough: f64,
    /// Jobs of this kind that models took part in so far.
    pub jobs: u64,
    /// The models, the largest share first, which is the order in which they take over from each other.
    pub models: Vec<ModelBody>,
    /// Worth for a USD by these shares over that of the static choice, less 1; `null` if it cannot be told yet.
    pub gain: Option<f64>,
    /// Why, in plain words.
    pub why: String,
}

/// The share of one model.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelBody {
    /// The model.
    pub model: String,
    /// Its share of the jobs, 0 to 1.
    pub share: f64,
    /// Its share before; `null` if it had none.
    pub before: Option<f64>,
    /// Jobs that it took part in.
    pub jobs: u64,
    /// Jobs of these that it brought to a good end.
    pub successes: u64,
    /// Mean worth of a job, 0 to 1, by what is remembered.
    pub worth: f64,
    /// Mean USD of a job; `null` if nobody knows.
    pub cost_usd: Option<f64>,
    /// Worth for a USD.
    pub worth_per_usd: Option<f64>,
    /// Whether it is the static choice that all is compared with.
    pub r#static: bool,
}

impl AllocationBody {
    /// As `report` says.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let kinds = report.kinds.iter().map(KindBody::of).collect();
        Self { at: report.at().to_string(), next_at: None, kinds, text: report.text() }
    }
}

impl KindBody {
    fn of(kind: &KindReport) -> Self {
        Self {
            class: kind.class.clone(),
            tier: kind.tier.clone(),
            enough: kind.enough,
            jobs: kind.jobs,
            models: kind.models.iter().map(ModelBody::of).collect(),
            gain: kind.gain,
            why: kind.why.clone(),
        }
    }
}

impl ModelBody {
    fn of(model: &ModelReport) -> Self {
        Self {
            model: model.model.clone(),
            share: model.share,
            before: model.before,
            jobs: model.jobs,
            successes: model.successes,
            worth: model.worth,
            cost_usd: model.cost_usd,
            worth_per_usd: model.per_usd,
            r#static: model.fixed,
        }
    }
}

/// What is known of each model.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScoresBody {
    /// Jobs that were ever started.
    pub started: u64,
    /// Jobs that are open.
    pub open: usize,
    /// Each model for each kind of work that it had a part in.
    pub scores: Vec<ScoreBody>,
    /// Tokens of today, by class and model.
    pub tokens: Vec<TokensBody>,
}

/// What is known of one model for one kind of work.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScoreBody {
    /// The class.
    pub class: String,
    /// The tier.
    pub tier: &'static str,
    /// The model.
    pub model: String,
    /// Jobs that it took part in.
    pub jobs: u64,
    /// Jobs of these that it brought to a good end.
    pub successes: u64,
    /// Tokens of all of them.
    pub tokens: u64,
    /// USD of all of them.
    pub cost_usd: f64,
    /// Mean worth of a job, 0 to 1: what is long ago counts less, and a little is assumed of what is unknown.
    pub worth: f64,
    /// Mean USD of a job, likewise.
    pub usd_per_job: Option<f64>,
    /// Worth for a USD.
    pub worth_per_usd: Option<f64>,
}

/// Tokens of one model today.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokensBody {
    /// The class whose jobs took them.
    pub class: String,
    /// The model.
    pub model: String,
    /// Tokens of today (UTC).
    pub tokens_today: u64,
    /// Tokens that it may take in a day; `null` without a limit.
    pub tokens_per_day: Option<u64>,
    /// Why it is passed over now; `null` if it is not.
    pub passed_over: Option<String>,
    /// Until when, RFC 3339.
    pub until: Option<String>,
}

impl ScoresBody {
    /// As `standing` says.
    #[must_use]
    pub fn of(standing: &WorkStanding) -> Self {
        let scores = standing.boards.iter().flat_map(|(kind, board)| {
            board.arms.iter().map(|(model, arm)| {
                let usd_per_job = arm.cost_usd();
                ScoreBody {
                    class: kind.class.clone(),
                    tier: kind.tier.name(),
                    model: model.clone(),
                    jobs: arm.jobs,
                    successes: arm.successes,
                    tokens: arm.tokens,
                    cost_usd: arm.usd,
                    worth: arm.worth(),
                    usd_per_job,
                    worth_per_usd: usd_per_job.filter(|usd| *usd > 0.0).map(|usd| arm.worth() / usd),
                }
            })
        });
        let tokens = standing
            .classes
            .iter()
            .flat_map(|class| class.models.iter().map(|model| TokensBody::of(&class.class, model)));
        let (started, open) = (standing.count.started, standing.count.open);
        Self { started, open, scores: scores.collect(), tokens: tokens.collect() }
    }
}

impl TokensBody {
    fn of(class: &str, model: &ModelStanding) -> Self {
        Self {
            class: class.to_owned(),
            model: model.model.clone(),
            tokens_today: model.tokens_today,
            tokens_per_day: model.tokens_per_day,
            passed_over: model.shut.map(Shut::told),
            until: model.shut.map(|shut| shut.until().to_string()),
        }
    }
}

/// How each kind of work came along.
#[derive(Debug, Serialize, ToSchema)]
pub struct CurvesBody {
    /// Each class and tier of which jobs ended.
    pub curves: Vec<CurveBody>,
}

/// How one kind of work came along.
#[derive(Debug, Serialize, ToSchema)]
pub struct CurveBody {
    /// The class.
    pub class: String,
    /// The tier.
    pub tier: &'static str,
    /// The static choice that it is compared with.
    pub r#static: String,
    /// What was reached with the shares, day by day.
    pub days: Vec<ReachedBody>,
    /// Each model by itself.
    pub models: Vec<ModelCurveBody>,
}

/// What was reached on one day.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReachedBody {
    /// The day, in UTC.
    #[schema(example = "2026-11-21")]
    pub day: String,
    /// Parts of jobs that were over on it, of all models.
    pub jobs: u64,
    /// The same up to its end.
    pub jobs_so_far: u64,
    /// Mean worth of the day, 0 to 1.
    pub worth: f64,
    /// USD of the day.
    pub cost_usd: f64,
    /// Worth for a USD; `null` if nothing was paid.
    pub worth_per_usd: Option<f64>,
    /// Worth for a USD of the static choice by its own jobs so far; `null` if it had none.
    pub static_worth_per_usd: Option<f64>,
    /// The former over the latter, less 1.
    pub gain: Option<f64>,
}

/// The days of one model.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelCurveBody {
    /// The model.
    pub model: String,
    /// Its days, those without work left out.
    pub days: Vec<CurvePointBody>,
}

/// One day of one model.
#[derive(Debug, Serialize, ToSchema)]
pub struct CurvePointBody {
    /// The day, in UTC.
    pub day: String,
    /// Jobs that it took part in.
    pub jobs: u64,
    /// Jobs of these that it brought to a good end.
    pub successes: u64,
    /// Sum of what they were worth.
    pub worth: f64,
    /// USD.
    pub cost_usd: f64,
    /// Tokens.
    pub tokens: u64,
}

impl CurvesBody {
    /// As `standing` says.
    #[must_use]
    pub fn of(standing: &WorkStanding) -> Self {
        let curve = |(kind, board): &(Kind, Board)| {
            let class = standing.classes.iter().find(|class| class.class == kind.class)?;
            let models = board.curves.iter().map(|(model, curve)| ModelCurveBody {
                model: model.clone(),
                days: curve.0.iter().map(CurvePointBody::of).collect(),
            });
            Some(CurveBody {
                class: kind.class.clone(),
                tier: kind.tier.name(),
                r#static: class.fixed.clone(),
                days: reached(&board.curves, &class.fixed).iter().map(ReachedBody::of).collect(),
                models: models.collect(),
            })
        };
        Self { curves: standing.boards.iter().filter_map(curve).collect() }
    }
}

impl ReachedBody {
    fn of(reached: &Reached) -> Self {
        Self {
            day: reached.day.to_string(),
            jobs: reached.jobs,
            jobs_so_far: reached.jobs_so_far,
            worth: reached.worth,
            cost_usd: reached.usd,
            worth_per_usd: reached.per_usd,
            static_worth_per_usd: reached.fixed_per_usd,
            gain: reached.gain,
        }
    }
}

impl CurvePointBody {
    fn of(point: &Point) -> Self {
        Self {
            day: point.day.to_string(),
            jobs: point.jobs,
            successes: point.successes,
            worth: point.worth,
            cost_usd: point.usd,
            tokens: point.tokens,
        }
    }
}
