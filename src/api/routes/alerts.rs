//! `GET /v1/alerts`: what is in breach of a rule.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::state::ApiState;
use crate::engine::{AlertStanding, AlertState};

/// Everything in breach of a rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertsBody {
    /// The server's clock, RFC 3339.
    pub now: String,
    /// By rule and labels.
    pub alerts: Vec<AlertBody>,
    /// Why the file of rules, which has changed, was not taken up: the rules are those of before. `null` if nothing is wrong.
    pub rules_problem: Option<String>,
}

/// A series in breach of a rule.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertBody {
    /// Name of the rule.
    #[schema(example = "slow")]
    pub rule: String,
    /// The series.
    #[schema(value_type = Object, example = json!({"channel": "gpt-eu", "provider": "azure"}))]
    pub labels: std::collections::BTreeMap<String, String>,
    /// `pending` until it has lasted for as long as the rule says, `firing` from then on.
    #[schema(example = "firing")]
    pub state: &'static str,
    /// How grave it is: `P1` is the worst; `null` of a rule that is not there any more.
    #[schema(example = "P2")]
    pub severity: Option<&'static str>,
    /// What the rule says.
    pub summary: String,
    /// Where to read what to do.
    pub runbook: Option<String>,
    /// When it was first seen in breach, RFC 3339.
    pub since: String,
    /// When it began to fire, RFC 3339.
    pub fired: Option<String>,
    /// The newest known value.
    #[schema(example = 5120.0)]
    pub value: Option<f64>,
    /// The worst known value since it began.
    #[schema(example = 6200.5)]
    pub worst: Option<f64>,
    /// Number of the silence that covers it; nobody is told of it until that ends.
    pub silence: Option<u64>,
}

impl From<AlertStanding> for AlertBody {
    fn from(alert: AlertStanding) -> Self {
        let known = |value: f64| Some(value).filter(|value| value.is_finite());
        Self {
            rule: alert.rule,
            labels: alert.labels.0,
            state: match alert.state {
                AlertState::Pending => "pending",
                AlertState::Firing => "firing",
            },
            severity: alert.severity.map(crate::incident::severity::Severity::name),
            summary: alert.summary,
            runbook: alert.runbook,
            since: alert.since.to_string(),
            fired: alert.fired.map(|at| at.to_string()),
            value: known(alert.value),
            worst: known(alert.worst),
            silence: alert.silence,
        }
    }
}

/// Show what is in breach of a rule, and since when.
#[utoipa::path(
    get, path = "/v1/alerts", tag = "out", security(("token" = [])),
    responses((status = 200, description = "Pending and firing alerts.", body = AlertsBody))
)]
pub(super) async fn alerts(State(api): State<ApiState>) -> Json<AlertsBody> {
    let engine = api.engine();
    let alerts = engine.alerts().into_iter().map(AlertBody::from).collect();
    Json(AlertsBody { now: engine.clock().now().to_string(), alerts, rules_problem: engine.rules_problem() })
}
