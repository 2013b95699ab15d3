//! Playbooks: what they did about channels in trouble, what came of it, and runs that wait for people.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ask::{Scope, ask};
use crate::api::error::{ApiError, Problem};
use crate::api::params::{Params, Span};
use crate::api::routes::authority::{Verdict, VerdictAnswer, carried_out, verdict};
use crate::api::state::ApiState;
use crate::domain::ids::ChannelId;
use crate::domain::record::{Cell, Record};
use crate::engine::chronicle::Shelf;
use crate::engine::{ActionRow, AuthorityError, Engine, PlaybookState, RunState, View};
use crate::policy::authority::proposal::ApprovalError;
use crate::policy::healing::times::{Past, Spans, Tally};

/// Which actions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct ActionsParams {
    /// One channel; all of them if absent.
    #[param(example = "azure/gpt-4o")]
    channel: Option<String>,
    /// One run; all of them if absent.
    #[param(example = "4f6ce4a3e0f3b1d2")]
    run: Option<String>,
    /// First instant: RFC 3339, or an age such as `-6h`. A day before `to` if absent.
    #[param(example = "-6h")]
    from: Option<String>,
    /// First instant after the span. Now if absent.
    to: Option<String>,
}

/// Actions of a span.
#[derive(Debug, Serialize, ToSchema)]
pub struct Actions {
    /// Start of the span, RFC 3339.
    pub from: String,
    /// End of the span, RFC 3339.
    pub to: String,
    /// The actions, the newest first.
    pub actions: Vec<ActionBody>,
    /// Whether there are more than are listed.
    pub truncated: bool,
}

/// One try of one step of a playbook; with `step` 0, a run of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionBody {
    /// When it began, RFC 3339.
    pub began_at: String,
    /// The channel.
    pub channel: String,
    /// The run.
    #[schema(example = "4f6ce4a3e0f3b1d2")]
    pub run: String,
    /// The playbook.
    pub playbook: String,
    /// Route classes that the channel serves.
    pub classes: Vec<String>,
    /// Number of the step, from 1; 0 is the run itself.
    pub step: i64,
    /// Number of the try, from 1; 0 of the run itself.
    pub r#try: i64,
    /// `drain`, `restore`, `webhook`, `command`, `wait` or `probe`; `run` is the run itself.
    #[schema(example = "command")]
    pub kind: String,
    /// The receiver of a webhook, or the name of a command.
    pub target: Option<String>,
    /// Idempotency key of the try: `RUN-STEP-TRY`.
    pub key: Option<String>,
    /// `null` while it goes on. Of a try: `ok`, `failed`, or `unknown` if nobody knows. Of a run: `asks`, `advised`, `done`,
    /// `rolled_back`, `handed_over` or `declined`.
    pub outcome: Option<String>,
    /// Seconds that it took.
    pub took_s: Option<f64>,
    /// What is known of it; of a run, why it began or ended so.
    pub message: Option<String>,
}

impl ActionBody {
    /// As it is told the moment it happens.
    #[must_use]
    pub fn of(row: &ActionRow) -> Self {
        Self {
            began_at: row.began.to_string(),
            channel: row.channel.to_string(),
            run: row.run.clone(),
            playbook: row.playbook.clone(),
            classes: row.classes.clone(),
            step: row.step.into(),
            r#try: row.tried.into(),
            kind: row.kind.clone(),
            target: row.target.clone(),
            key: row.key.clone(),
            outcome: row.outcome.clone(),
            took_s: row.took_s,
            message: row.message.clone(),
        }
    }

    /// As it is in the table.
    #[must_use]
    pub fn of_record(record: &Record) -> Self {
        let text = |name: &str| record.get(name).and_then(Cell::text).map(str::to_owned);
        let number = |name: &str| record.get(name).and_then(Cell::integer).unwrap_or_default();
        Self {
            began_at: record.ts().to_string(),
            channel: text("channel").unwrap_or_default(),
            run: text("run").unwrap_or_default(),
            playbook: text("playbook").unwrap_or_default(),
            classes: text("class").iter().flat_map(|names| names.split(',')).map(str::to_owned).collect(),
            step: number("step"),
            r#try: number("try"),
            kind: text("kind").unwrap_or_default(),
            target: text("target"),
            key: text("key"),
            outcome: text("outcome"),
            took_s: record.get("took_s").and_then(Cell::float),
            message: text("message"),
        }
    }
}

/// `rows` as they are told: the newest first, a run behind its steps.
pub fn newest_first(rows: &[Record]) -> Vec<ActionBody> {
    let mut bodies: Vec<ActionBody> = rows.iter().map(ActionBody::of_record).collect();
    bodies.sort_by(|one, other| {
        let key = |body: &ActionBody| (body.began_at.clone(), body.run.clone(), body.step, body.r#try);
        key(other).cmp(&key(one))
    });
    bodies
}

/// The playbooks.
#[derive(Debug, Serialize, ToSchema)]
pub struct Playbooks {
    /// Actions that began within the last hour.
    pub actions_within_the_hour: usize,
    /// How many may begin within an hour.
    pub actions_per_hour: usize,
    /// The playbooks, in the order of the configuration: of several that are for a channel the first one runs.
    pub playbooks: Vec<PlaybookBody>,
}

/// A playbook, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaybookBody {
    /// Its name.
    pub name: String,
    /// What its steps do, in their order.
    #[schema(example = json!(["drain", "webhook", "command", "wait", "restore"]))]
    pub steps: Vec<&'static str>,
    /// What the steps of its roll-back do.
    pub roll_back: Vec<&'static str>,
    /// Whether two different operators must approve each run.
    pub high_risk: bool,
    /// Runs that were begun and are over; the last few hundred of all playbooks count.
    pub runs: usize,
    /// Runs that went well.
    pub done: usize,
    /// Runs that failed and were taken back.
    pub rolled_back: usize,
    /// Runs that a person had to see to.
    pub handed_over: usize,
    /// Runs that people did not want; they count as no runs.
    pub declined: usize,
    /// Part of the runs that went well; `null` without runs.
    pub success_ratio: Option<f64>,
    /// From the first sign of trouble to the beginning of the run.
    pub time_to_detect: Option<SpansBody>,
    /// From the first sign until calls were kept away; where nothing is drained, until it was well.
    pub time_to_mitigate: Option<SpansBody>,
    /// From the first sign until it was well.
    pub time_to_recover: Option<SpansBody>,
    /// Runs that are not over.
    pub running: Vec<RunBody>,
    /// The run that ended last.
    pub last: Option<PastBody>,
}

/// Spans of several runs.
#[derive(Debug, Serialize, ToSchema)]
pub struct SpansBody {
    /// The mean, in seconds.
    pub mean_s: f64,
    /// The middle one, in seconds.
    pub median_s: f64,
    /// The longest, in seconds.
    pub longest_s: f64,
}

impl From<Spans> for SpansBody {
    fn from(Spans { mean_s, median_s, longest_s }: Spans) -> Self {
        Self { mean_s, median_s, longest_s }
    }
}

/// A run that is not over.
#[derive(Debug, Serialize, ToSchema)]
pub struct RunBody {
    /// Its name: `POST /v1/actions/{run}/approve` if it waits for people.
    #[schema(example = "4f6ce4a3e0f3b1d2")]
    pub run: String,
    /// Its channel.
    pub channel: String,
    /// Why it runs.
    pub cause: String,
    /// When it began, RFC 3339.
    pub began_at: String,
    /// `asking` people, `acting`, or `verifying` whether it helped.
    pub state: &'static str,
    /// Number of the step that it is at, from 1.
    pub step: Option<u32>,
    /// What that step does.
    pub doing: Option<&'static str>,
    /// Whether calls are kept away from the channel.
    pub drained: bool,
    /// How many different operators must approve it; `null` if it waits for nobody.
    pub needed: Option<u8>,
    /// Who has.
    pub approved_by: Vec<String>,
    /// Until when it can be approved, RFC 3339.
    pub expires: Option<String>,
}

impl From<RunState> for RunBody {
    fn from(run: RunState) -> Self {
        let (needed, approved_by, expires) = match run.asks {
            Some((needed, by, expires)) => (Some(needed), by, Some(expires.to_string())),
            None => (None, Vec::new(), None),
        };
        Self {
            run: run.id,
            channel: run.channel,
            cause: run.cause,
            began_at: run.began.to_string(),
            state: run.state,
            step: run.step.map(|(step, _)| step),
            doing: run.step.map(|(_, doing)| doing),
            drained: run.is_drained,
            needed,
            approved_by,
            expires,
        }
    }
}

/// A run that is over.
#[derive(Debug, Serialize, ToSchema)]
pub struct PastBody {
    /// Its name.
    pub run: String,
    /// Its channel.
    pub channel: String,
    /// Why it ran.
    pub cause: String,
    /// When it began, RFC 3339.
    pub began_at: String,
    /// When it ended, RFC 3339.
    pub ended_at: String,
    /// `done`, `rolled_back`, `handed_over` or `declined`.
    pub outcome: &'static str,
    /// Why it ended so.
    pub why: String,
}

impl From<Past> for PastBody {
    fn from(past: Past) -> Self {
        Self {
            run: past.run,
            channel: past.channel.to_string(),
            cause: past.cause,
            began_at: past.began.to_string(),
            ended_at: past.ended.to_string(),
            outcome: past.ending.name(),
            why: past.why,
        }
    }
}

impl From<PlaybookState> for PlaybookBody {
    fn from(state: PlaybookState) -> Self {
        let PlaybookState { playbook, tally, runs, last } = state;
        let Tally { done, rolled_back, handed_over, declined, success, .. } = tally;
        Self {
            steps: playbook.steps.iter().map(|step| step.action.name()).collect(),
            roll_back: playbook.roll_back.iter().map(|step| step.action.name()).collect(),
            name: playbook.name,
            high_risk: playbook.high_risk,
            runs: tally.runs,
            done,
            rolled_back,
            handed_over,
            declined,
            success_ratio: success,
            time_to_detect: tally.to_detect.map(SpansBody::from),
            time_to_mitigate: tally.to_mitigate.map(SpansBody::from),
            time_to_recover: tally.to_recover.map(SpansBody::from),
            running: runs.into_iter().map(RunBody::from).collect(),
            last: last.map(PastBody::from),
        }
    }
}

/// List what playbooks did, the newest first: every try of every step, and how their runs ended.
#[utoipa::path(
    get, path = "/v1/actions", tag = "out", security(("token" = [])),
    params(ActionsParams),
    responses((status = 200, description = "The actions.", body = Actions), (status = 400, response = Problem))
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Params(asked): Params<ActionsParams>,
) -> Result<Json<Actions>, ApiError> {
    let from = asked.from.clone().or_else(|| asked.to.is_none().then(|| "-24h".to_owned()));
    let span = Span::parse(from.as_deref(), asked.to.as_deref(), None, api.engine().clock().now())?;
    let wrong = |error| ApiError::Invalid(format!("`channel` {error}"));
    let channel = asked.channel.as_deref().map(ChannelId::new).transpose().map_err(wrong)?;
    let most = api.limits().points;
    // What began in this minute counts.
    let (from, to) = (span.from, span.to.plus(1));
    let scope = Scope { channel: None, from, to };
    let read = move |view: &View| {
        let shelf = Shelf { snapshot: &view.snapshot, fresh: &view.fresh_records };
        shelf.actions(channel.as_ref(), (from, to), most + 1)
    };
    let rows = ask(&api, "actions", scope, read).await?;
    let truncated = rows.len() > most;
    let mut actions = newest_first(&rows);
    actions.retain(|action| asked.run.as_ref().is_none_or(|run| *run == action.run));
    Ok(Json(Actions { from: from.start().to_string(), to: to.start().to_string(), actions, truncated }))
}

/// Show the playbooks: what runs, what waits for approval, and how often and how fast they brought channels back.
#[utoipa::path(
    get, path = "/v1/playbooks", tag = "out", security(("token" = [])),
    responses((status = 200, description = "The playbooks.", body = Playbooks))
)]
pub(super) async fn playbooks(State(api): State<ApiState>) -> Json<Playbooks> {
    let engine = api.engine();
    let (actions_within_the_hour, actions_per_hour) = engine.healing_budget();
    let playbooks = engine.playbooks().into_iter().map(PlaybookBody::from).collect();
    Json(Playbooks { actions_within_the_hour, actions_per_hour, playbooks })
}

/// Approve a run that waits. A playbook of high risk runs when two different operators have approved it.
#[utoipa::path(
    post, path = "/v1/actions/{run}/approve", tag = "orders", security(("token" = [])), request_body = Verdict,
    params(("run" = String, Path, description = "Name of the run, as `/v1/playbooks` lists it.")),
    responses(
        (status = 200, description = "It counts.", body = VerdictAnswer),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
        (status = 409, response = Problem),
    )
)]
pub(super) async fn approve(
    State(api): State<ApiState>,
    Path(run): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<VerdictAnswer>, ApiError> {
    let (by, reason) = verdict(&api, &headers, body).await?;
    let is_proven = !api.settings().server.tokens.is_empty();
    let state = if approve_run(&api, run, by, reason, is_proven).await? { "decided" } else { "waits" };
    Ok(Json(VerdictAnswer { state, generation: None, approved_by: Vec::new() }))
}

/// Counts the yes of `by` to the run `run`; whether it was the last that was needed. Where two are, it must be proven who they
/// are.
///
/// # Errors
/// As [`carried_out`].
pub(super) async fn approve_run(
    api: &ApiState,
    run: String,
    by: String,
    reason: String,
    is_proven: bool,
) -> Result<bool, ApiError> {
    let approve = move |engine: &Engine| {
        if !is_proven && engine.run_needs(&run).is_some_and(|needed| needed > 1) {
            return Err(AuthorityError::Approval(ApprovalError::Unproven));
        }
        engine.approve_run(&run, &by, &reason)
    };
    carried_out(api, approve).await
}

/// Reject a run that waits. Its playbook leaves the channel alone for its cool-down.
#[utoipa::path(
    post, path = "/v1/actions/{run}/reject", tag = "orders", security(("token" = [])), request_body = Verdict,
    params(("run" = String, Path, description = "Name of the run, as `/v1/playbooks` lists it.")),
    responses(
        (status = 200, description = "It is dropped.", body = VerdictAnswer),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
    )
)]
pub(super) async fn reject(
    State(api): State<ApiState>,
    Path(run): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<VerdictAnswer>, ApiError> {
    let (by, reason) = verdict(&api, &headers, body).await?;
    carried_out(&api, move |engine| engine.reject_run(&run, &by, &reason)).await?;
    Ok(Json(VerdictAnswer { state: "rejected", generation: None, approved_by: Vec::new() }))
}
