//! The resources, one file each, and the router that lists them.

pub mod accuracy;
pub mod actions;
pub mod aggregate;
pub mod alerts;
pub mod anomalies;
pub mod authority;
pub mod calls;
pub mod channels;
pub mod chatops;
pub mod decisions;
pub mod deliveries;
pub mod exhaustion;
pub mod expected;
pub mod forecasts;
pub mod health;
pub mod heat;
pub mod incidents;
pub mod knowledge;
pub mod otlp;
pub mod page;
pub mod reports;
pub mod risk;
pub mod samples;
pub mod silences;
pub mod spend;
pub mod sql;
pub mod stream;
pub mod summary;
pub mod work;

use axum::Router;
use axum::http::{Method, Uri};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use utoipa_swagger_ui::SwaggerUi;

use crate::api::error::ApiError;
use crate::api::layers::{self, Access};
use crate::api::openapi::{Base, name_operations};
use crate::api::state::ApiState;
use crate::config::valid::Role;

/// Resources that anybody may see: they hold no data.
fn open() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(health::livez)).routes(routes!(health::readyz))
}

/// Resources for readers.
fn out() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(channels::list))
        .routes(routes!(samples::show))
        .routes(routes!(samples::samples))
        .routes(routes!(forecasts::list))
        .routes(routes!(forecasts::forecast))
        .routes(routes!(expected::expected))
        .routes(routes!(exhaustion::exhaustion))
        .routes(routes!(accuracy::accuracy))
        .routes(routes!(aggregate::across))
        .routes(routes!(aggregate::top))
        .routes(routes!(heat::show))
        .routes(routes!(alerts::alerts))
        .routes(routes!(silences::list))
        .routes(routes!(anomalies::anomalies))
        .routes(routes!(incidents::list))
        .routes(routes!(incidents::detail::show))
        .routes(routes!(authority::modes))
        .routes(routes!(chatops::say))
        .routes(routes!(decisions::list))
        .routes(routes!(decisions::board))
        .routes(routes!(decisions::decision))
        .routes(routes!(deliveries::list))
        .routes(routes!(actions::list))
        .routes(routes!(actions::playbooks))
        .routes(routes!(work::allocation))
        .routes(routes!(work::scores))
        .routes(routes!(work::curves))
        .routes(routes!(risk::board))
        .routes(routes!(risk::of_channel))
        .routes(routes!(summary::summary))
        .routes(routes!(spend::spend))
        .routes(routes!(reports::report))
        .routes(routes!(stream::stream))
        .routes(routes!(knowledge::list))
        .routes(routes!(knowledge::show))
        .routes(routes!(sql::post_query))
        .routes(routes!(health::healthz))
        .routes(routes!(health::metrics))
}

/// Resources for operators.
fn orders() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(silences::create))
        .routes(routes!(silences::end))
        .routes(routes!(incidents::order::order))
        .routes(routes!(authority::set_mode))
        .routes(routes!(authority::approve))
        .routes(routes!(authority::reject))
        .routes(routes!(actions::approve))
        .routes(routes!(actions::reject))
        .routes(routes!(work::allocate))
        .routes(routes!(knowledge::add))
        .routes(routes!(knowledge::rewrite))
        .routes(routes!(knowledge::remove))
}

/// Resources whose requests are signed by who sends them.
fn signed() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(chatops::slack::command))
}

/// Resources for writers.
fn input() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(calls::post_calls)).routes(routes!(work::post_work))
}

/// Resources for writers that speak OpenTelemetry, in their errors too.
fn telemetry() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(otlp::post_traces)).routes(routes!(otlp::post_metrics))
}

/// The description of every resource.
#[must_use]
pub fn description() -> utoipa::openapi::OpenApi {
    let inwards = OpenApiRouter::with_openapi(Base::openapi()).merge(input()).merge(telemetry());
    let mut description = inwards.merge(out()).merge(orders()).merge(signed()).merge(open()).into_openapi();
    name_operations(&mut description);
    description
}

/// The whole interface as a function of its state; needs no port.
pub fn router(api: ApiState) -> Router {
    let admit = |role| from_fn_with_state(Access { api: api.clone(), role }, layers::guard);
    let guard = |role| admit(Some(role));
    let (router, mut description) = OpenApiRouter::with_openapi(Base::openapi())
        .merge(input().route_layer(guard(Role::Writer)))
        .merge(telemetry().route_layer(guard(Role::Writer)).route_layer(from_fn(otlp::speak_otlp)))
        .merge(out().route_layer(guard(Role::Reader)).route_layer(layers::smaller()))
        .merge(orders().route_layer(guard(Role::Operator)))
        .merge(signed().route_layer(admit(None)))
        .merge(open())
        .split_for_parts();
    name_operations(&mut description);
    router
        .merge(SwaggerUi::new("/docs").url("/openapi.json", description))
        .route("/", get(page::root))
        .route("/assets/{name}", get(page::asset))
        .route("/favicon.svg", get(page::beside))
        .fallback(no_such_resource)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(api.clone(), layers::in_time))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(from_fn(layers::observe))
        .with_state(api)
}

async fn no_such_resource(uri: Uri) -> ApiError {
    ApiError::NotFound(format!("there is nothing at `{}`; `/docs` lists every resource", uri.path()))
}

async fn no_such_method(method: Method) -> ApiError {
    ApiError::MethodNotAllowed(method.to_string())
}

#[cfg(test)]
mod tests;
