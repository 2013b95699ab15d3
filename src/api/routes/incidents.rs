//! `GET /v1/incidents`: incidents and groups of them as they stand.

pub mod body;
pub mod detail;
pub mod order;

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::api::ask::{Scope, ask};
use crate::api::error::{ApiError, Problem};
use crate::api::params::{self, Params, Span};
use crate::api::state::ApiState;
use crate::domain::time::Timestamp;
use crate::engine::View;
use crate::engine::chronicle::{Shelf, position};
use crate::incident::severity::Severity;
use crate::incident::told::Told;
use body::IncidentBody;

/// Incidents on a page unless more are asked for.
const USUAL: usize = 50;
/// Most incidents on a page.
const MOST: usize = 1_000;

/// Which incidents.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct IncidentsParams {
    /// First instant: RFC 3339, or an age such as `-30d`. A week before `to` if absent.
    #[param(example = "-7d")]
    from: Option<String>,
    /// First instant after the span: incidents are shown as they stood then. Now if absent.
    to: Option<String>,
    /// `open` or `over`; both if absent.
    #[param(example = "open")]
    state: Option<String>,
    /// Only incidents of this channel, and groups that they belong to.
    channel: Option<String>,
    /// Severities, separated by commas.
    #[param(example = "P1,P2")]
    severity: Option<String>,
    /// How many on a page, up to 1000.
    #[param(example = 50)]
    limit: Option<usize>,
    /// Where the page begins: `next` of the page before, with the other parameters as they were.
    cursor: Option<String>,
}

/// A page of incidents.
#[derive(Debug, Serialize, ToSchema)]
pub struct IncidentPage {
    /// Start of the span, RFC 3339.
    pub from: String,
    /// End of the span, RFC 3339.
    pub to: String,
    /// Incidents and groups that were open at some time in the span, the newest first by when they were detected.
    pub incidents: Vec<IncidentBody>,
    /// Of all that fit, how many are open, by severity: on every page the same. Groups do not count.
    #[schema(value_type = Object, example = json!({"P2": 1, "P4": 3}))]
    pub open: BTreeMap<String, usize>,
    /// `cursor` of the next page; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// What was asked, understood.
#[derive(Debug)]
struct Wanted {
    open: Option<bool>,
    channel: Option<String>,
    severities: BTreeSet<Severity>,
    after: Option<(Timestamp, String)>,
}

impl Wanted {
    fn read(asked: &IncidentsParams) -> Result<Self, ApiError> {
        let open = match asked.state.as_deref() {
            None => None,
            Some("open") => Some(true),
            Some("over") => Some(false),
            Some(other) => return Err(ApiError::Invalid(format!("`state` is `{other}`; expected `open` or `over`"))),
        };
        let severity = |name: &str| {
            let wrong = || ApiError::Invalid(format!("`{name}` is no severity; expected `P1`, `P2`, `P3` or `P4`"));
            Severity::parse(name.trim()).ok_or_else(wrong)
        };
        let severities = asked.severity.as_deref().map(|names| names.split(',').map(severity).collect()).transpose()?;
        let channel = asked.channel.as_deref().map(params::channel).transpose()?;
        Ok(Self {
            open,
            channel: channel.map(|channel| channel.to_string()),
            severities: severities.unwrap_or_default(),
            after: asked.cursor.as_deref().map(read_cursor).transpose()?,
        })
    }

    /// Those of `all` that are wanted, whatever the page.
    fn choose(&self, all: Vec<Told>) -> Vec<Told> {
        let of_channel: BTreeSet<String> = all
            .iter()
            .filter(|told| told.channel() == self.channel.as_deref())
            .map(|told| told.id().to_owned())
            .collect();
        let fits = |told: &Told| {
            self.open.is_none_or(|open| told.is_open() == open)
                && (self.severities.is_empty()
                    || Severity::parse(told.severity()).is_some_and(|severity| self.severities.contains(&severity)))
                && (self.channel.is_none()
                    || of_channel.contains(told.id())
                    || told.members().iter().any(|member| of_channel.contains(member)))
        };
        all.into_iter().filter(fits).collect()
    }
}

fn cursor_of(told: &Told) -> String {
    format!("{:x}-{}", told.times.opened.micros(), told.id())
}

fn read_cursor(text: &str) -> Result<(Timestamp, String), ApiError> {
    let parts = text.split_once('-').and_then(|(at, id)| Some((i64::from_str_radix(at, 16).ok()?, id)));
    let (at, id) =
        parts.ok_or_else(|| ApiError::Invalid(format!("`cursor` is `{text}`; expected `next` of the page before")))?;
    Ok((Timestamp::from_micros(at), id.to_owned()))
}

/// List incidents, and groups of incidents that share a region, a deployment, a provider or a model, as they stand.
///
/// The newest come first, by when they were detected. An incident that has been open for more than 31 days before `from`
/// without any change is not listed.
#[utoipa::path(
    get, path = "/v1/incidents", tag = "out", security(("token" = [])),
    params(IncidentsParams),
    responses((status = 200, description = "A page.", body = IncidentPage), (status = 400, response = Problem))
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Params(asked): Params<IncidentsParams>,
) -> Result<Json<IncidentPage>, ApiError> {
    let now = api.engine().clock().now();
    let from = asked.from.as_deref().or(asked.to.is_none().then_some("-7d"));
    let span = Span::parse(from, asked.to.as_deref(), None, now)?;
    let limit = params::limit(asked.limit, USUAL, MOST)?;
    let wanted = Wanted::read(&asked)?;
    let scope = Scope { channel: None, from: span.to, to: span.to };
    let read = move |view: &View| {
        let shelf = Shelf { snapshot: &view.snapshot, fresh: &view.fresh_records };
        shelf.incidents(span.from.start(), span.to.start())
    };
    let all = ask(&api, "incidents", scope, read).await?;
    let groups = body::group_of_each(&all);
    let chosen = wanted.choose(all);
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    for told in chosen.iter().filter(|told| told.is_open() && told.channel().is_some()) {
        *open.entry(told.severity().to_owned()).or_default() += 1;
    }
    let is_behind = |told: &&Told| {
        let after = wanted.after.as_ref().map(|(at, id)| (std::cmp::Reverse(*at), id.as_str()));
        after.is_none_or(|after| position(told) > after)
    };
    let mut page: Vec<&Told> = chosen.iter().filter(is_behind).take(limit + 1).collect();
    let more = page.len() > limit;
    page.truncate(limit);
    let next = page.last().filter(|_| more).map(|last| cursor_of(last));
    let incidents = page.into_iter().map(|told| IncidentBody::of(told, groups.get(told.id()).map(String::as_str)));
    Ok(Json(IncidentPage {
        from: span.from.to_string(),
        to: span.to.to_string(),
        incidents: incidents.collect(),
        open,
        next,
    }))
}
