//! Decisions: the one that holds for a route class, and those of the past with what came of them.

mod board;
mod hold;

pub(super) use board::{__path_board, board};
pub(super) use hold::{__path_decision, decision};

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::api::ask::{Scope, ask};
use crate::api::error::{ApiError, Problem};
use crate::api::params::{Params, Span};
use crate::api::state::ApiState;
use crate::domain::record::{Cell, Record};
use crate::engine::View;
use crate::engine::chronicle::Shelf;

/// Which decisions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct DecisionsParams {
    /// One route class; all of them if absent.
    #[param(example = "chat")]
    class: Option<String>,
    /// First instant: RFC 3339, or an age such as `-6h`. A day before `to` if absent.
    #[param(example = "-6h")]
    from: Option<String>,
    /// First instant after the span. Now if absent.
    to: Option<String>,
    /// Whether renewals of leases are listed, which change nothing.
    #[serde(default)]
    renewals: bool,
}

/// Decisions of a span.
#[derive(Debug, Serialize, ToSchema)]
pub struct Decisions {
    /// Start of the span, RFC 3339.
    pub from: String,
    /// End of the span, RFC 3339.
    pub to: String,
    /// The decisions, the newest first.
    pub decisions: Vec<PastDecision>,
    /// Whether there are more than are listed.
    pub truncated: bool,
}

/// A decision, and what came of it.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct PastDecision {
    /// The route class.
    pub class: String,
    /// Its number within the class.
    pub generation: u64,
    /// The generation that it followed; 0 for none.
    pub parent: u64,
    /// When it was made, RFC 3339.
    pub issued_at: String,
    /// Until when it held without being renewed, RFC 3339.
    pub valid_until: Option<String>,
    /// What made it necessary: `minute`, `trip`, `recovery`, `timer`, `renewal`, `approval`
    /// or `playbook`.
    pub trigger: Option<String>,
    /// The share of calls of each channel.
    #[schema(value_type = Object)]
    pub weights: Value,
    /// Channels that got single calls to find out how they are, with the seconds between two of them.
    #[schema(value_type = Object)]
    pub probes: Value,
    /// Why, in plain words.
    pub why: Option<String>,
    /// Why, as data: reasons, and the constraints that bind.
    #[schema(value_type = Object)]
    pub reasons: Value,
    /// What was expected of it.
    pub expected: Expected,
    /// What was heard while it held; `null` while it holds.
    pub heard: Option<HeardMeanwhile>,
    /// Of each channel that was left because of what was foreseen: whether the trouble came, once that is known.
    pub foreseen: BTreeMap<String, bool>,
}

/// What was expected of a decision.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Expected {
    /// USD of a call on average.
    pub cost_usd: Option<f64>,
    /// Share of calls that are slow, 0 to 1.
    pub slow: Option<f64>,
    /// Share of calls that fail, 0 to 1.
    pub failing: Option<f64>,
}

/// What was heard while a decision held.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct HeardMeanwhile {
    /// When the next one took its place, RFC 3339.
    pub until: String,
    /// Calls on the channels of the class.
    pub calls: u64,
    /// Calls that failed.
    pub failed: u64,
    /// Calls that took longer than promised.
    pub slow: u64,
}

/// List decisions, the newest first, with their reasons and what came of each.
#[utoipa::path(
    get, path = "/v1/decisions", tag = "out", security(("token" = [])),
    params(DecisionsParams),
    responses((status = 200, description = "The decisions.", body = Decisions), (status = 400, response = Problem))
)]
pub(super) async fn list(
    State(api): State<ApiState>,
    Params(asked): Params<DecisionsParams>,
) -> Result<Json<Decisions>, ApiError> {
    let from = asked.from.clone().or_else(|| asked.to.is_none().then(|| "-24h".to_owned()));
    let span = Span::parse(from.as_deref(), asked.to.as_deref(), None, api.engine().clock().now())?;
    let (most, class) = (api.limits().points, asked.class);
    let scope = Scope { channel: None, from: span.from, to: span.to };
    let read = move |view: &View| {
        let shelf = Shelf { snapshot: &view.snapshot, fresh: &view.fresh_records };
        shelf.decisions(class.as_deref(), (span.from, span.to), most + 1)
    };
    let rows = ask(&api, "decisions", scope, read).await?;
    let truncated = rows.len() > most;
    let mut decisions = joined(rows);
    decisions.retain(|decision| asked.renewals || decision.trigger.as_deref() != Some("renewal"));
    Ok(Json(Decisions { from: span.from.start().to_string(), to: span.to.start().to_string(), decisions, truncated }))
}

/// The changes of each decision as one, the newest decision first. What came of one that was made before the span is left
/// out.
pub fn joined(rows: Vec<Record>) -> Vec<PastDecision> {
    let mut decisions: BTreeMap<(String, u64), PastDecision> = BTreeMap::new();
    for row in rows {
        let text = |name: &str| row.get(name).and_then(Cell::text).map(str::to_owned);
        let number = |name: &str| row.get(name).and_then(Cell::integer).and_then(|it| u64::try_from(it).ok());
        let (Some(class), Some(generation)) = (text("class"), number("generation")) else { continue };
        let decision = decisions.entry((class.clone(), generation)).or_default();
        match text("change").as_deref() {
            Some("made") => made(decision, (class, generation), &row),
            Some("held") => {
                let count = |name| number(name).unwrap_or_default();
                decision.heard = Some(HeardMeanwhile {
                    until: row.ts().to_string(),
                    calls: count("calls"),
                    failed: count("failed_calls"),
                    slow: count("slow_calls"),
                });
            }
            _ => {
                let came = row.get("happened").and_then(Cell::flag);
                decision.foreseen.extend(text("subject").zip(came));
            }
        }
    }
    let mut found: Vec<PastDecision> =
        decisions.into_values().filter(|decision| !decision.issued_at.is_empty()).collect();
    found.sort_by(|one, other| (&other.issued_at, other.generation).cmp(&(&one.issued_at, one.generation)));
    found
}

fn made(decision: &mut PastDecision, (class, generation): (String, u64), row: &Record) {
    let text = |name: &str| row.get(name).and_then(Cell::text).map(str::to_owned);
    let json = |name: &str| text(name).and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(Value::Null);
    let float = |name: &str| row.get(name).and_then(Cell::float);
    (decision.class, decision.generation) = (class, generation);
    decision.parent =
        row.get("parent").and_then(Cell::integer).and_then(|it| u64::try_from(it).ok()).unwrap_or_default();
    decision.issued_at = row.ts().to_string();
    decision.valid_until = row.get("expires").and_then(Cell::time).map(|at| at.to_string());
    decision.trigger = text("trigger");
    decision.weights = json("shares");
    decision.probes = json("probes");
    decision.why = text("why");
    decision.reasons = json("reasons");
    decision.expected = Expected { cost_usd: float("cost_usd"), slow: float("slow"), failing: float("failing") };
}
