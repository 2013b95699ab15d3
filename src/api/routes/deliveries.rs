//! `/v1/deliveries`: how bringing decisions to orchestrators goes.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::state::ApiState;
use crate::engine::{ClassDelivery, DeliveryStanding};

/// Everybody whom decisions are brought to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deliveries {
    /// In the order of the configuration.
    pub targets: Vec<TargetBody>,
}

/// One target.
#[derive(Debug, Serialize, ToSchema)]
pub struct TargetBody {
    /// Its name in the configuration.
    #[schema(example = "edge")]
    pub name: String,
    /// What is there: `webhook`, `redis-litellm`, `haproxy`, `nginx` or `manifest`.
    #[schema(example = "haproxy")]
    pub kind: &'static str,
    /// Where it is, without secrets.
    #[schema(example = "/run/haproxy/admin.sock")]
    pub at: String,
    /// Its route classes.
    pub classes: Vec<DeliveredClassBody>,
    /// Tries that failed since the last one that did not.
    pub failures: u32,
    /// Why the last try that failed did; `null` if none has since the start.
    pub last_error: Option<ErrorBody>,
}

/// One route class of a target.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveredClassBody {
    /// The route class.
    pub class: String,
    /// Whether its decisions may be delivered: its mode is `approve` or `auto`.
    pub acts: bool,
    /// The newest generation that arrived; `null` if none has.
    pub generation: Option<u64>,
    /// When it arrived, RFC 3339.
    pub delivered_at: Option<String>,
    /// The generation that is on its way; `null` if none is.
    pub waiting: Option<u64>,
    /// Whether weights stay there until they are put back, and have not been.
    pub holds: bool,
}

/// A failure.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorBody {
    /// When, RFC 3339.
    pub at: String,
    /// Why.
    pub error: String,
}

impl From<ClassDelivery> for DeliveredClassBody {
    fn from(of: ClassDelivery) -> Self {
        Self {
            class: of.class,
            acts: of.acts,
            generation: of.generation,
            delivered_at: of.delivered_at.map(|at| at.to_string()),
            waiting: of.waiting,
            holds: of.holds,
        }
    }
}

impl From<DeliveryStanding> for TargetBody {
    fn from(of: DeliveryStanding) -> Self {
        Self {
            name: of.name,
            kind: of.kind,
            at: of.at,
            classes: of.classes.into_iter().map(DeliveredClassBody::from).collect(),
            failures: of.failures,
            last_error: of.last_error.map(|(at, error)| ErrorBody { at: at.to_string(), error }),
        }
    }
}

/// Show whom decisions are brought to, what arrived there last, and what went wrong.
#[utoipa::path(
    get, path = "/v1/deliveries", tag = "out", security(("token" = [])),
    responses((status = 200, description = "The targets.", body = Deliveries))
)]
pub(super) async fn list(State(api): State<ApiState>) -> Json<Deliveries> {
    Json(Deliveries { targets: api.engine().deliveries().into_iter().map(TargetBody::from).collect() })
}
