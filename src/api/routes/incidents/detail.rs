//! `GET /v1/incidents/{id}`: all that is known of one incident.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::{EvidenceBody, IncidentBody, NoteBody, group_of_each};
use crate::api::ask::{Scope, ask};
use crate::api::error::{ApiError, Problem};
use crate::api::routes::knowledge::EntryBody;
use crate::api::state::ApiState;
use crate::domain::time::Timestamp;
use crate::engine::View;
use crate::engine::chronicle::{LOOK_BACK_DAYS, Shelf};
use crate::incident::knowledge::Knowledge;
use crate::incident::told::Told;
use crate::store::query::QueryError;

/// Incidents of the same fingerprint that are shown at most.
const MOST_SIMILAR: usize = 20;

/// All that is known of an incident, or of a group of incidents.
#[derive(Debug, Serialize, ToSchema)]
pub struct IncidentDetail {
    /// How it stands.
    #[serde(flatten)]
    pub incident: IncidentBody,
    /// What speaks for it; `null` for a group, whose members have their own.
    pub evidence: Option<EvidenceBody>,
    /// Everything that happened, in the order of time.
    pub timeline: Vec<ChangeBody>,
    /// What operators wrote about this kind of trouble: what was written last comes first.
    pub knowledge: Vec<EntryBody>,
    /// The same trouble in the month before and since, the newest first.
    pub similar: Vec<IncidentBody>,
    /// Of a group: its incidents as they stand.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub incidents: Vec<IncidentBody>,
}

/// One step in the life of an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangeBody {
    /// When, RFC 3339.
    pub at: String,
    /// Its number, from 1.
    pub revision: u32,
    /// What happened: `opened`, `raised`, `acknowledged`, `recovered`, ...
    #[schema(example = "raised")]
    pub change: String,
    /// How grave it was afterwards.
    #[schema(example = "P2")]
    pub severity: String,
    /// The columns to blame afterwards.
    pub blamed: Vec<String>,
    /// What a person said with it.
    pub note: Option<NoteBody>,
}

impl ChangeBody {
    /// `told`, after `before`: a note is told once, with the change that brought it.
    fn of(told: &Told, before: Option<&Told>) -> Self {
        // People act by a note each; what the engine does leaves the last note as it was.
        let by_a_person = ["acknowledged", "silenced", "unsilenced", "annotated", "mitigated", "closed"];
        let is_new = by_a_person.contains(&told.change()) || told.note() != before.and_then(Told::note);
        Self {
            at: told.at().to_string(),
            revision: told.revision(),
            change: told.change().to_owned(),
            severity: told.severity().to_owned(),
            blamed: told.blamed().into_iter().map(str::to_owned).collect(),
            note: told.note().filter(|_| is_new).map(NoteBody::of),
        }
    }
}

impl IncidentDetail {
    /// All that is known of `id` at `to`; `None` if there is no such incident.
    ///
    /// # Errors
    /// [`QueryError`].
    pub fn read(shelf: Shelf<'_>, id: &str, to: Timestamp, knowledge: &Knowledge) -> Result<Option<Self>, QueryError> {
        let changes = shelf.changes(id, to)?;
        let Some(newest) = changes.last() else { return Ok(None) };
        let month = -86_400 * i64::from(LOOK_BACK_DAYS);
        let from = newest.times.opened.plus_seconds(month).max(Timestamp::from_seconds(0));
        let around = shelf.incidents(from, to)?;
        let groups = group_of_each(&around);
        let body = |told: &Told| IncidentBody::of(told, groups.get(told.id()).map(String::as_str));
        let is_similar = |told: &&Told| told.fingerprint == newest.fingerprint && told.id() != newest.id();
        let members = newest.members();
        let is_member = |told: &&Told| members.iter().any(|member| member == told.id());
        let before = std::iter::once(None).chain(changes.iter().map(Some));
        let known = knowledge.offer(newest.fingerprint).into_iter();
        Ok(Some(Self {
            incident: body(newest),
            evidence: newest.evidence().map(EvidenceBody::of),
            timeline: changes.iter().zip(before).map(|(told, before)| ChangeBody::of(told, before)).collect(),
            knowledge: known.map(|entry| EntryBody::of(entry, None)).collect(),
            similar: around.iter().filter(is_similar).take(MOST_SIMILAR).map(body).collect(),
            incidents: around.iter().filter(is_member).map(body).collect(),
        }))
    }
}

/// Show one incident, or a group: how it stands, why, all that happened to it, and what is known of its like.
#[utoipa::path(
    get, path = "/v1/incidents/{id}", tag = "out", security(("token" = [])),
    params(("id" = String, Path, description = "The incident's name: 16 hexadecimal digits.")),
    responses((status = 200, description = "The incident.", body = IncidentDetail), (status = 404, response = Problem))
)]
pub(in crate::api::routes) async fn show(
    State(api): State<ApiState>,
    Path(id): Path<String>,
) -> Result<Json<IncidentDetail>, ApiError> {
    let to = api.engine().clock().now().minute().plus(1);
    let scope = Scope { channel: None, from: to, to };
    let (asked, knowledge) = (id.clone(), api.engine().knowledge());
    let read = move |view: &View| {
        let shelf = Shelf { snapshot: &view.snapshot, fresh: &view.fresh_records };
        IncidentDetail::read(shelf, &asked, to.start(), &knowledge)
    };
    let found = ask(&api, "incident", scope, read).await?;
    let none = || ApiError::NotFound(format!("there is no incident `{id}`; `/v1/incidents` lists them"));
    found.map(Json).ok_or_else(none)
}
