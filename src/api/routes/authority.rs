//! Who may say yes: modes of route classes, and changes that wait for approval.

use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::auth;
use crate::api::error::{ApiError, Problem};
use crate::api::state::ApiState;
use crate::config::valid::Role;
use crate::engine::machine::pilot::waiting::Approved;
use crate::engine::{AuthorityError, ClassMode, Engine};
use crate::policy::authority::Mode;
use crate::policy::authority::proposal::{ApprovalError, Proposal};

/// Longest text of an operator.
const LONGEST_TEXT: usize = 2_000;

/// What may be done about each class.
#[derive(Debug, Serialize, ToSchema)]
pub struct Modes {
    /// The classes, in the order in which they choose.
    pub classes: Vec<ModeBody>,
}

/// What may be done about one class.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModeBody {
    /// The route class.
    pub class: String,
    /// What may be done: `observe`, `advise`, `approve` or `auto`.
    #[schema(example = "approve")]
    pub mode: &'static str,
    /// What the configuration says.
    #[schema(example = "advise")]
    pub configured: &'static str,
    /// Who set another mode than that, when (RFC 3339) and why; `null` if nobody did.
    pub set: Option<SetBody>,
    /// Decisions of the last day that did harm.
    pub harmful_decisions: usize,
    /// The change that waits for approval; `null` if none does.
    pub waiting: Option<ProposalBody>,
}

/// Who set a mode.
#[derive(Debug, Serialize, ToSchema)]
pub struct SetBody {
    /// Who; `foreroute` if it took the right to act from itself.
    pub by: String,
    /// When, RFC 3339.
    pub at: String,
    /// Why.
    pub reason: String,
}

/// A change that waits for approval.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProposalBody {
    /// Its name: `POST /v1/decisions/{id}/approve`.
    #[schema(example = "chat@1795168800000000")]
    pub id: String,
    /// The route class.
    pub class: String,
    /// When it was first proposed, RFC 3339.
    pub since: String,
    /// Until when it can be approved, RFC 3339; then it is proposed anew, if it is still wanted.
    pub expires: String,
    /// The share of calls that each channel would get.
    #[schema(value_type = Object)]
    pub weights: Value,
    /// Why, in plain words.
    pub why: String,
    /// Why, as data: reasons, and the constraints that bind.
    #[schema(value_type = Object)]
    pub reasons: Value,
    /// How many different operators must approve it.
    pub needed: u8,
    /// Who has.
    pub approved_by: Vec<String>,
}

impl From<&Proposal> for ProposalBody {
    fn from(proposal: &Proposal) -> Self {
        let plan = &proposal.decision.plan;
        Self {
            id: proposal.id(),
            class: plan.class.clone(),
            since: proposal.since.to_string(),
            expires: proposal.expires.to_string(),
            weights: serde_json::to_value(&plan.shares).unwrap_or_default(),
            why: proposal.decision.report.to_string(),
            reasons: serde_json::to_value(&proposal.decision.report).unwrap_or_default(),
            needed: proposal.needed,
            approved_by: proposal.approvals.iter().map(|approval| approval.by.clone()).collect(),
        }
    }
}

impl From<ClassMode> for ModeBody {
    fn from(of: ClassMode) -> Self {
        let set = of.set.map(|set| SetBody { by: set.by, at: set.at.to_string(), reason: set.reason });
        Self {
            class: of.class,
            mode: of.mode.name(),
            configured: of.configured.name(),
            set,
            harmful_decisions: of.harmful,
            waiting: of.waiting.as_ref().map(ProposalBody::from),
        }
    }
}

/// An order to change the mode.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ModeOrder {
    /// The route class; all of them if absent.
    #[schema(example = "chat")]
    class: Option<String>,
    /// `observe`, `advise`, `approve` or `auto`.
    #[schema(example = "auto")]
    mode: String,
    /// Who orders it; the name of the token where tokens are configured.
    #[schema(example = "kim")]
    by: Option<String>,
    /// Why.
    #[schema(example = "it has advised well for a week")]
    reason: String,
}

/// A person's yes or no.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// Who says so; the name of the token where tokens are configured.
    #[schema(example = "kim")]
    pub(super) by: Option<String>,
    /// Why.
    #[schema(example = "the provider has confirmed the outage")]
    pub(super) reason: String,
}

/// What came of a yes or a no.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerdictAnswer {
    /// `decided`, `waits` for another operator, or `rejected`.
    #[schema(example = "decided")]
    pub state: &'static str,
    /// The number of the decision, once there is one.
    pub generation: Option<u64>,
    /// Who has approved it so far.
    pub approved_by: Vec<String>,
}

impl From<AuthorityError> for ApiError {
    fn from(error: AuthorityError) -> Self {
        match &error {
            AuthorityError::UnknownClass(_) | AuthorityError::Approval(ApprovalError::Unknown) => {
                Self::NotFound(error.to_string())
            }
            AuthorityError::Approval(ApprovalError::NoReason) => Self::Invalid(error.to_string()),
            AuthorityError::Approval(_) => Self::Conflict(error.to_string()),
            AuthorityError::Store(_) => Self::Internal { doing: "keeping what you said", cause: error.to_string() },
        }
    }
}

/// Show what may be done about each route class, who said so, and which changes wait for approval.
#[utoipa::path(
    get, path = "/v1/mode", tag = "out", security(("token" = [])),
    responses((status = 200, description = "The modes.", body = Modes))
)]
pub(super) async fn modes(State(api): State<ApiState>) -> Json<Modes> {
    Json(Modes { classes: api.engine().modes().into_iter().map(ModeBody::from).collect() })
}

/// Set what may be done about a route class, or about all. It holds over restarts, and above the configuration.
#[utoipa::path(
    post, path = "/v1/mode", tag = "orders", security(("token" = [])), request_body = ModeOrder,
    responses(
        (status = 200, description = "The modes as they are now.", body = Modes),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
    )
)]
pub(super) async fn set_mode(
    State(api): State<ApiState>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Modes>, ApiError> {
    let order: ModeOrder = api.receive_json(&headers, body).await?;
    let by = who(&api, &headers, order.by)?;
    let mode = Mode::parse(&order.mode).ok_or_else(|| {
        let known = Mode::ALL.map(Mode::name).join(", ");
        ApiError::Invalid(format!("`mode` is `{}`; expected one of {known}", order.mode))
    })?;
    let reason = text(order.reason)?;
    carried_out(&api, move |engine| engine.set_mode(order.class.as_deref(), mode, &by, &reason)).await?;
    Ok(modes(State(api)).await)
}

/// Approve a change that waits. Where two are needed, it is decided when two different operators have approved it.
#[utoipa::path(
    post, path = "/v1/decisions/{id}/approve", tag = "orders", security(("token" = [])), request_body = Verdict,
    params(("id" = String, Path, description = "Name of the proposal, as `/v1/mode` lists it.")),
    responses(
        (status = 200, description = "It counts.", body = VerdictAnswer),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
        (status = 409, response = Problem),
    )
)]
pub(super) async fn approve(
    State(api): State<ApiState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<VerdictAnswer>, ApiError> {
    let (by, reason) = verdict(&api, &headers, body).await?;
    let is_proven = !api.settings().server.tokens.is_empty();
    Ok(Json(match approve_change(&api, id, by, reason, is_proven).await? {
        Approved::Waits(proposal) => {
            VerdictAnswer { state: "waits", generation: None, approved_by: ProposalBody::from(&proposal).approved_by }
        }
        Approved::Decided(decided) => {
            VerdictAnswer { state: "decided", generation: Some(decided.decision.generation), approved_by: Vec::new() }
        }
    }))
}

/// Counts the yes of `by` to the change `id`. Where two are needed, it must be proven who they are.
///
/// # Errors
/// As [`carried_out`].
pub(super) async fn approve_change(
    api: &ApiState,
    id: String,
    by: String,
    reason: String,
    is_proven: bool,
) -> Result<Approved, ApiError> {
    let approve = move |engine: &Engine| {
        if !is_proven
            && engine.modes().iter().any(|of| of.waiting.as_ref().is_some_and(|it| it.id() == id && it.needed > 1))
        {
            return Err(AuthorityError::Approval(ApprovalError::Unproven));
        }
        engine.approve(&id, &by, &reason)
    };
    carried_out(api, approve).await
}

/// Reject a change that waits. It is not proposed again within the hour.
#[utoipa::path(
    post, path = "/v1/decisions/{id}/reject", tag = "orders", security(("token" = [])), request_body = Verdict,
    params(("id" = String, Path, description = "Name of the proposal, as `/v1/mode` lists it.")),
    responses(
        (status = 200, description = "It is dropped.", body = VerdictAnswer),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
    )
)]
pub(super) async fn reject(
    State(api): State<ApiState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<VerdictAnswer>, ApiError> {
    let (by, reason) = verdict(&api, &headers, body).await?;
    let proposal = carried_out(&api, move |engine| engine.reject(&id, &by, &reason)).await?;
    let approved_by = ProposalBody::from(&proposal).approved_by;
    Ok(Json(VerdictAnswer { state: "rejected", generation: None, approved_by }))
}

/// Who says yes or no, and why.
pub(super) async fn verdict(api: &ApiState, headers: &HeaderMap, body: Body) -> Result<(String, String), ApiError> {
    let Verdict { by, reason } = api.receive_json(headers, body).await?;
    Ok((who(api, headers, by)?, text(reason)?))
}

/// Who gives the order. Where there are tokens, nobody can give another name than that of the token.
pub(super) fn who(api: &ApiState, headers: &HeaderMap, by: Option<String>) -> Result<String, ApiError> {
    let tokens = &api.settings().server.tokens;
    match auth::authorise(tokens, headers, Role::Operator)? {
        Some(token) => Ok(token.name.clone()),
        None => by
            .filter(|by| !by.trim().is_empty())
            .map_or_else(|| Err(ApiError::Invalid("say who orders it: `by`".to_owned())), text),
    }
}

/// `text`, if it is not too long.
pub(super) fn text(text: String) -> Result<String, ApiError> {
    if text.len() > LONGEST_TEXT {
        return Err(ApiError::Invalid(format!("at most {LONGEST_TEXT} bytes in each text")));
    }
    Ok(text)
}

/// Has the engine carry out what blocks on the disk.
pub(super) async fn carried_out<T: Send + 'static>(
    api: &ApiState,
    order: impl FnOnce(&Engine) -> Result<T, AuthorityError> + Send + 'static,
) -> Result<T, ApiError> {
    let engine = api.engine().clone();
    let done = tokio::task::spawn_blocking(move || order(&engine)).await;
    done.map_err(|error| ApiError::Internal { doing: "carrying out an order", cause: error.to_string() })?
        .map_err(ApiError::from)
}
