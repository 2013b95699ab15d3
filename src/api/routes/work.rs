//! Work: jobs that clients tell of, which model does them, and what was learnt from them.

pub mod body;

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::error::{ApiError, Problem};
use crate::api::state::ApiState;
use crate::domain::ids::IdempotencyKey;
use crate::engine::{WorkError, WorkStanding};
use crate::policy::work::Tier;
use crate::policy::work::ask::{Answer, Ask, End, Start, Step, Trouble};
use body::{AllocationBody, CurvesBody, ScoresBody};

/// The header by which a client tells what it says twice.
const KEY: &str = "idempotency-key";

/// What happens to a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum WorkEvent {
    /// It begins.
    Start,
    /// It goes on, or its model let it down.
    Step,
    /// It is over.
    End,
}

/// How a model let a job down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum WorkTrouble {
    /// It failed.
    Failed,
    /// Its tokens are used up.
    Exhausted,
}

/// What a client says of a job.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WorkReport {
    /// `start`, `step` or `end`.
    event: WorkEvent,
    /// The job. At its start it may be left out: then the header `Idempotency-Key` names it, or a name is made.
    #[schema(example = "ticket-4711")]
    job: Option<String>,
    /// Of `start`: the class of work.
    #[schema(example = "code")]
    class: Option<String>,
    /// Of `start`: how hard it is, `L1` to `L4`.
    #[schema(example = "L2")]
    tier: Option<String>,
    /// Of `start`: the model that the client chose; one is chosen if absent. Of `step`: the model that it is about.
    model: Option<String>,
    /// Of `step`: its number, from 1, ascending; or else the header `Idempotency-Key` must be sent.
    #[schema(minimum = 1)]
    step: Option<i64>,
    /// Of `step`: how its model let the job down, if it did.
    trouble: Option<WorkTrouble>,
    /// Of `step` with the trouble `exhausted`: seconds until the model has tokens again.
    retry_after_s: Option<f64>,
    /// Of `step` and `end`: tokens that the whole job took so far.
    #[schema(minimum = 0)]
    tokens: Option<i64>,
    /// Of `step` and `end`: USD that the whole job cost so far.
    cost_usd: Option<f64>,
    /// Of `end`: whether the job did what it was to do.
    success: Option<bool>,
    /// Of `end`: how well, 0 to 1; `null` if nobody judged it.
    quality: Option<f64>,
}

/// How a job stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkAnswer {
    /// The job.
    #[schema(example = "ticket-4711")]
    pub job: String,
    /// `open`, `ended`, or `abandoned` if nothing was heard of it for too long.
    #[schema(example = "open")]
    pub state: &'static str,
    /// The model that is to go on with it; `null` if none is left, or the job is over.
    pub model: Option<String>,
    /// The models that take over from it, in this order.
    pub chain: Vec<String>,
    /// Why, in plain words.
    pub why: String,
    /// Whether the same was said before, and so changed nothing.
    pub repeated: bool,
}

impl From<Answer> for WorkAnswer {
    fn from(Answer { job, state, model, chain, why, repeated }: Answer) -> Self {
        Self { job, state, model, chain, why, repeated }
    }
}

impl WorkReport {
    /// What it means.
    fn understood(self, key: Option<String>) -> Result<Ask, ApiError> {
        self.refuse_strangers()?;
        let is_missing = |field: &str| ApiError::Invalid(format!("`{field}` is missing"));
        let job = || self.job.clone().ok_or_else(|| is_missing("job"));
        Ok(match self.event {
            WorkEvent::Start => {
                let tier = self.tier.as_deref().ok_or_else(|| is_missing("tier"))?;
                let tier = Tier::parse(tier).ok_or_else(|| {
                    let known = Tier::ALL.map(Tier::name).join(", ");
                    ApiError::Invalid(format!("`tier` is `{tier}`; expected one of {known}"))
                })?;
                let class = self.class.ok_or_else(|| is_missing("class"))?;
                Ask::Start(Start { job: self.job.or(key), class, tier, model: self.model })
            }
            WorkEvent::Step => {
                let wrong = |step| ApiError::Invalid(format!("`step` is {step}; steps are numbered from 1"));
                let number = |step| u32::try_from(step).ok().filter(|step| *step > 0).ok_or_else(|| wrong(step));
                Ask::Step(Step {
                    job: job()?,
                    number: self.step.map(number).transpose()?,
                    key: key.filter(|_| self.step.is_none()),
                    model: self.model,
                    tokens: self.tokens.map(count).transpose()?,
                    cost_usd: self.cost_usd,
                    trouble: self.trouble.map(|trouble| match trouble {
                        WorkTrouble::Failed => Trouble::Failed,
                        WorkTrouble::Exhausted => Trouble::Exhausted,
                    }),
                    retry_after_s: self.retry_after_s,
                })
            }
            WorkEvent::End => Ask::End(End {
                job: job()?,
                success: self.success.ok_or_else(|| is_missing("success"))?,
                quality: self.quality,
                tokens: count(self.tokens.ok_or_else(|| is_missing("tokens"))?)?,
                cost_usd: self.cost_usd.ok_or_else(|| is_missing("cost_usd"))?,
            }),
        })
    }

    /// Refuses fields that say nothing about such an event: whoever sends them means something else.
    fn refuse_strangers(&self) -> Result<(), ApiError> {
        use WorkEvent::{End, Start, Step};
        let given: [(&str, bool, &[WorkEvent]); 10] = [
            ("class", self.class.is_some(), &[Start]),
            ("tier", self.tier.is_some(), &[Start]),
            ("model", self.model.is_some(), &[Start, Step]),
            ("step", self.step.is_some(), &[Step]),
            ("trouble", self.trouble.is_some(), &[Step]),
            ("retry_after_s", self.retry_after_s.is_some(), &[Step]),
            ("tokens", self.tokens.is_some(), &[Step, End]),
            ("cost_usd", self.cost_usd.is_some(), &[Step, End]),
            ("success", self.success.is_some(), &[End]),
            ("quality", self.quality.is_some(), &[End]),
        ];
        let stranger = given.iter().find(|(_, is_given, events)| *is_given && !events.contains(&self.event));
        stranger.map_or(Ok(()), |(field, ..)| {
            let event = match self.event {
                Start => "start",
                Step => "step",
                End => "end",
            };
            Err(ApiError::Invalid(format!("`{field}` says nothing about the event `{event}`; leave it out")))
        })
    }
}

/// A number of tokens.
fn count(tokens: i64) -> Result<u64, ApiError> {
    let wrong = |_| ApiError::Invalid(format!("`tokens` is {tokens}; expected a whole number of at least 0"));
    u64::try_from(tokens).map_err(wrong)
}

/// Tell of a job: that it begins, goes on, or is over. The answer names the model that is to do it, and who takes over.
///
/// What is acknowledged is on disk and counts once: the same `start`, `step` (by its number or `Idempotency-Key`) or `end` sent
/// again changes nothing. Every model that took part is scored: one that failed or had no tokens left has failed the job, the
/// last one as the job ended. A job of which nothing is heard for a day (`learn.expire_after`) is given up and scored for
/// nobody.
#[utoipa::path(
    post, path = "/v1/work", tag = "in", security(("token" = [])), request_body = WorkReport,
    params(("Idempotency-Key" = Option<String>, Header, description = "Tells a step without a number, or a start without a job, from others.")),
    responses(
        (status = 200, description = "It is on disk.", body = WorkAnswer),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
        (status = 409, response = Problem),
        (status = 503, response = Problem),
    )
)]
pub(super) async fn post_work(
    State(api): State<ApiState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<WorkAnswer>, ApiError> {
    let report: WorkReport = api.receive_json(&headers, body).await?;
    let wrong = |error: String| ApiError::Invalid(format!("the header Idempotency-Key {error}"));
    let key = headers.get(KEY).map(|value| value.to_str().map_err(|_| wrong("is not ASCII".to_owned()))).transpose()?;
    let key = key.map(|key| IdempotencyKey::new(key).map_err(|error| wrong(error.to_string()))).transpose()?;
    let ask = report.understood(key.map(|key| key.as_str().to_owned()))?;
    Ok(Json(api.engine().work(ask).await?.into()))
}

/// Show the shares of today: which model gets which part of each kind of work, why, and what changed since the day before.
#[utoipa::path(
    get, path = "/v1/work/allocation", tag = "out", security(("token" = [])),
    responses((status = 200, description = "The shares.", body = AllocationBody), (status = 404, response = Problem))
)]
pub(super) async fn allocation(State(api): State<ApiState>) -> Result<Json<AllocationBody>, ApiError> {
    let standing = standing(&api).await?;
    let none = || ApiError::NotFound("work is not shared out yet; that is done within moments of the start".to_owned());
    let report = standing.report.as_ref().ok_or_else(none)?;
    Ok(Json(AllocationBody { next_at: standing.next.map(|at| at.to_string()), ..AllocationBody::of(report) }))
}

/// Share the work out now, by what was learnt since the last time, instead of waiting for the schedule.
#[utoipa::path(
    post, path = "/v1/work/allocate", tag = "orders", security(("token" = [])),
    responses((status = 200, description = "The new shares.", body = AllocationBody), (status = 404, response = Problem))
)]
pub(super) async fn allocate(State(api): State<ApiState>) -> Result<Json<AllocationBody>, ApiError> {
    Ok(Json(AllocationBody::of(&api.engine().allocate().await?)))
}

/// Show what is known of each model for each kind of work, and who has no tokens left today.
#[utoipa::path(
    get, path = "/v1/work/scores", tag = "out", security(("token" = [])),
    responses((status = 200, description = "The scores.", body = ScoresBody), (status = 404, response = Problem))
)]
pub(super) async fn scores(State(api): State<ApiState>) -> Result<Json<ScoresBody>, ApiError> {
    Ok(Json(ScoresBody::of(&standing(&api).await?)))
}

/// Show how each kind of work came along day by day: what was reached for a USD, beside the static choice.
#[utoipa::path(
    get, path = "/v1/work/curves", tag = "out", security(("token" = [])),
    responses((status = 200, description = "The curves.", body = CurvesBody), (status = 404, response = Problem))
)]
pub(super) async fn curves(State(api): State<ApiState>) -> Result<Json<CurvesBody>, ApiError> {
    Ok(Json(CurvesBody::of(&standing(&api).await?)))
}

/// How work stands. The ledger may be busy with the disk, so it is asked on a thread that may block.
async fn standing(api: &ApiState) -> Result<WorkStanding, ApiError> {
    api.write(|engine| engine.work_standing().ok_or(WorkError::NoWork)).await
}
