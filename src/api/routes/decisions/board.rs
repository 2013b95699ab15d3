//! `GET /v1/routes`: every route class, what is decided about it, and what could be.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::api::state::ApiState;
use crate::engine::Engine;
use crate::engine::machine::pilot::{Route, RouteBook};
use crate::policy::pareto;

/// Every route class.
#[derive(Debug, Serialize, ToSchema)]
pub struct RouteBoard {
    /// The classes, in the order in which they choose.
    pub routes: Vec<RouteBody>,
}

/// One route class.
#[derive(Debug, Serialize, ToSchema)]
pub struct RouteBody {
    /// Its name.
    pub class: String,
    /// What may be done about it: `observe`, `advise`, `approve` or `auto`.
    pub mode: &'static str,
    /// The decision that holds, as `/v1/routes/{class}/decision` tells it; `null` before the first.
    #[schema(value_type = Object)]
    pub decision: Value,
    /// Why the last plan was as it was, also where nothing was changed.
    pub last_plan: Option<String>,
    /// What each channel looks like to the planner.
    #[schema(value_type = Object)]
    pub channels: Value,
    /// Mixes of which none is both cheaper and faster than another, from the cheapest to the fastest.
    #[schema(value_type = Vec<Object>)]
    pub front: Value,
}

/// Show every route class: the decision that holds, why, how its channels look, and what other mixes would cost.
#[utoipa::path(
    get, path = "/v1/routes", tag = "out", security(("token" = [])),
    responses((status = 200, description = "The route classes.", body = RouteBoard))
)]
pub(in crate::api::routes) async fn board(State(api): State<ApiState>) -> Json<RouteBoard> {
    let engine = api.engine();
    let book = engine.settings().decide.as_ref().map(|decide| decide.book.clone());
    let routes = book.iter().flat_map(|book| book.routes.iter().map(|route| body(engine, book, route)));
    Json(RouteBoard { routes: routes.collect() })
}

fn body(engine: &Engine, book: &RouteBook, route: &Route) -> RouteBody {
    let class = &route.class.name;
    let held = engine.held(class);
    let question = engine.what_if(class);
    let decision = held.as_ref().and_then(|held| held.decision.as_ref());
    let front = question.as_ref().map(|question| pareto::front(&book.planner, question));
    RouteBody {
        class: class.clone(),
        mode: engine.mode(class).unwrap_or(route.mode).name(),
        decision: decision.and_then(|told| serde_json::to_value(told.decision.told()).ok()).unwrap_or_default(),
        last_plan: held.and_then(|held| held.last_report).map(|report| report.to_string()),
        channels: question.and_then(|question| serde_json::to_value(question.candidates).ok()).unwrap_or_default(),
        front: front.and_then(|front| serde_json::to_value(front).ok()).unwrap_or_default(),
    }
}
