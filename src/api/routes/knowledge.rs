//! `/v1/knowledge`: what operators know of errors, offered again when they recur.

use axum::Json;
use axum::body::Body;
use axum::extract::{FromRequestParts, Path, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::error::{ApiError, Problem};
use crate::api::params::{self, Params};
use crate::api::state::ApiState;
use crate::incident::fingerprint::Fingerprint;
use crate::incident::knowledge::{Draft, Entry, EntryId};

/// Entries that are answered with unless more are asked for.
const USUAL: usize = 50;
/// Most entries of one answer.
const MOST: usize = 1_000;

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct KnowledgeParams {
    /// Words that they should hold, or begin with; those that fit best come first.
    #[param(example = "quota exhausted")]
    q: Option<String>,
    /// The trouble that they explain: 16 hexadecimal digits, as incidents carry it.
    #[param(example = "eb5e9174c5a2bc09")]
    fingerprint: Option<String>,
    /// How many at most, up to 1000.
    #[param(example = 50)]
    limit: Option<usize>,
}

/// What is known.
#[derive(Debug, Serialize, ToSchema)]
pub struct KnowledgeList {
    /// The entries: what fits best first where words were given, else what was written last.
    pub entries: Vec<EntryBody>,
    /// How many entries there are in all.
    pub total: usize,
}

/// What is known of one kind of trouble.
#[derive(Debug, Serialize, ToSchema)]
pub struct EntryBody {
    /// Its number.
    #[schema(example = 12)]
    pub id: u64,
    /// The trouble that it explains.
    #[schema(example = "eb5e9174c5a2bc09")]
    pub fingerprint: String,
    /// In a few words.
    #[schema(example = "Quota exhausted")]
    pub title: String,
    /// What caused it.
    pub cause: String,
    /// What helped.
    pub fix: String,
    /// Who wrote last.
    pub by: String,
    /// When it was written first, RFC 3339.
    pub created: String,
    /// When it was written last, RFC 3339.
    pub updated: String,
    /// How often it was written.
    pub revision: u32,
    /// How well it fits the words that were searched for (BM25); absent where none were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}

impl EntryBody {
    /// `entry` as JSON, with how well it fits what was searched for.
    #[must_use]
    pub fn of(entry: &Entry, score: Option<f64>) -> Self {
        let Draft { fingerprint, title, cause, fix, by } = entry.draft.clone();
        Self {
            id: entry.id.0,
            fingerprint: fingerprint.to_string(),
            title,
            cause,
            fix,
            by,
            created: entry.created.to_string(),
            updated: entry.updated.to_string(),
            revision: entry.revision,
            score,
        }
    }
}

/// What a person writes down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryDraft {
    /// The trouble that it explains, as incidents carry it.
    #[schema(example = "eb5e9174c5a2bc09")]
    fingerprint: String,
    /// In a few words.
    #[schema(example = "Quota exhausted", max_length = 200)]
    title: String,
    /// What caused it.
    #[schema(example = "The tokens per minute of the deployment ran out.", max_length = 10_000)]
    cause: String,
    /// What helped.
    #[schema(example = "Raise the quota, or shift traffic to Azure.", max_length = 10_000)]
    fix: String,
    /// Who writes.
    #[schema(example = "ada", max_length = 200)]
    by: String,
}

impl EntryDraft {
    fn read(self) -> Result<Draft, ApiError> {
        let Self { fingerprint, title, cause, fix, by } = self;
        Ok(Draft { fingerprint: params::fingerprint(&fingerprint)?, title, cause, fix, by })
    }
}

/// The entry named by the last variable of the path.
#[derive(Debug)]
pub struct EntryPath(EntryId);

impl<S: Send + Sync> FromRequestParts<S> for EntryPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let Path(id) = Path::<u64>::from_request_parts(parts, state).await?;
        Ok(Self(EntryId(id)))
    }
}

/// Search what operators know of errors, or list it.
#[utoipa::path(
    get, path = "/v1/knowledge", tag = "out", security(("token" = [])),
    params(KnowledgeParams),
    responses((status = 200, description = "The entries.", body = KnowledgeList), (status = 400, response = Problem))
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Params(asked): Params<KnowledgeParams>,
) -> Result<Json<KnowledgeList>, ApiError> {
    let limit = params::limit(asked.limit, USUAL, MOST)?;
    let mark = asked.fingerprint.as_deref().map(params::fingerprint).transpose()?;
    let knowledge = api.engine().knowledge();
    let fits = |entry: &Entry| mark.is_none_or(|mark: Fingerprint| entry.draft.fingerprint == mark);
    let mut entries: Vec<EntryBody> = if let Some(words) = &asked.q {
        let found = knowledge.search(words, usize::MAX).into_iter().filter(|(entry, _)| fits(entry));
        found.map(|(entry, score)| EntryBody::of(entry, Some(score))).collect()
    } else {
        let mut found: Vec<&Entry> = knowledge.iter().filter(|entry| fits(entry)).collect();
        found.sort_by_key(|entry| (std::cmp::Reverse(entry.updated), entry.id));
        found.into_iter().map(|entry| EntryBody::of(entry, None)).collect()
    };
    entries.truncate(limit);
    Ok(Json(KnowledgeList { entries, total: knowledge.iter().count() }))
}

/// Show one entry.
#[utoipa::path(
    get, path = "/v1/knowledge/{id}", tag = "out", security(("token" = [])),
    params(("id" = u64, Path, description = "The entry's number.")),
    responses((status = 200, description = "The entry.", body = EntryBody), (status = 404, response = Problem))
)]
pub(super) async fn show(State(api): State<ApiState>, EntryPath(id): EntryPath) -> Result<Json<EntryBody>, ApiError> {
    let knowledge = api.engine().knowledge();
    let entry = knowledge.get(id).ok_or_else(|| ApiError::NotFound(format!("there is no entry {}", id.0)))?;
    Ok(Json(EntryBody::of(entry, None)))
}

/// Write down what caused a kind of trouble and what helped.
///
/// It is offered with every incident of the same fingerprint. When this answers, it is on disk.
#[utoipa::path(
    post, path = "/v1/knowledge", tag = "orders", security(("token" = [])),
    request_body = EntryDraft,
    responses(
        (status = 201, description = "The new entry; `Location` is where it is.", body = EntryBody),
        (status = 400, response = Problem),
        (status = 409, response = Problem),
        (status = 503, response = Problem),
    )
)]
pub(super) async fn add(
    State(api): State<ApiState>,
    headers: HeaderMap,
    body: Body,
) -> Result<impl IntoResponse, ApiError> {
    let draft = api.receive_json::<EntryDraft>(&headers, body).await?.read()?;
    let entry = api.write(move |engine| engine.learn(draft)).await?;
    let location = [(header::LOCATION, format!("/v1/knowledge/{}", entry.id.0))];
    Ok((StatusCode::CREATED, location, Json(EntryBody::of(&entry, None))))
}

/// Write an entry anew.
#[utoipa::path(
    put, path = "/v1/knowledge/{id}", tag = "orders", security(("token" = [])),
    params(("id" = u64, Path, description = "The entry's number.")),
    request_body = EntryDraft,
    responses(
        (status = 200, description = "The entry as it is now.", body = EntryBody),
        (status = 400, response = Problem),
        (status = 404, response = Problem),
        (status = 503, response = Problem),
    )
)]
pub(super) async fn rewrite(
    State(api): State<ApiState>,
    EntryPath(id): EntryPath,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<EntryBody>, ApiError> {
    let draft = api.receive_json::<EntryDraft>(&headers, body).await?.read()?;
    let entry = api.write(move |engine| engine.relearn(id, draft)).await?;
    Ok(Json(EntryBody::of(&entry, None)))
}

/// Remove an entry.
#[utoipa::path(
    delete, path = "/v1/knowledge/{id}", tag = "orders", security(("token" = [])),
    params(("id" = u64, Path, description = "The entry's number.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 404, response = Problem),
        (status = 503, response = Problem),
    )
)]
pub(super) async fn remove(State(api): State<ApiState>, EntryPath(id): EntryPath) -> Result<StatusCode, ApiError> {
    api.write(move |engine| engine.unlearn(id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
