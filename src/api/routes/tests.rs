//! The router without a port.

use std::num::NonZeroU32;

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use tempfile::TempDir;
use tower::ServiceExt;

use super::*;
use crate::api::settings::Settings;
use crate::clock::Clock;
use crate::config::valid::{Server, Token, TokenHash};
use crate::engine::{self, Engine};
use crate::store::StoreOptions;

struct Answer {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    body: String,
}

impl Answer {
    fn header(&self, name: impl header::AsHeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    fn problem(&self) -> String {
        assert_eq!(self.header(header::CONTENT_TYPE), "application/problem+json", "{}", self.body);
        let problem: serde_json::Value = serde_json::from_str(&self.body).expect("a problem is JSON");
        assert_eq!(problem["status"], self.status.as_u16());
        problem["type"].as_str().unwrap_or_default().trim_start_matches("urn:foreroute:problem:").to_owned()
    }
}

fn with(server: Server) -> (Router, TempDir) {
    let settings = Settings { server, ..Settings::default() };
    let data = tempfile::tempdir().expect("temporary folder");
    let (engine, _report) =
        Engine::open(data.path(), StoreOptions::default(), engine::Settings::default(), Clock::system())
            .expect("engine opens");
    (router(ApiState::new(engine, settings, None)), data)
}

async fn ask(router: &Router, request: &str, headers: &[(&str, &str)]) -> Answer {
    let (method, path) = request.split_once(' ').expect("METHOD PATH");
    let mut builder = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        builder = builder.header(*name, *value);
    }
    let request = builder.body(Body::empty()).expect("valid request");
    let response = router.clone().oneshot(request).await.expect("the router always answers");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("body in memory").to_bytes();
    Answer { status: parts.status, headers: parts.headers, body: String::from_utf8_lossy(&body).into_owned() }
}

#[tokio::test]
async fn every_refusal_is_a_problem_document_with_safe_headers() {
    let (router, _data) = with(Server::default());
    for (request, status, kind) in [
        ("GET /nowhere", StatusCode::NOT_FOUND, "not-found"),
        ("GET /v1/nowhere", StatusCode::NOT_FOUND, "not-found"),
        ("POST /livez", StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed"),
        ("DELETE /v1/calls", StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed"),
        ("GET /v1/routes/nobody/decision", StatusCode::NOT_FOUND, "not-found"),
    ] {
        let answer = ask(&router, request, &[]).await;
        assert_eq!((answer.status, answer.problem().as_str()), (status, kind), "{request}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    }
    assert!(ask(&router, "POST /livez", &[]).await.header(header::ALLOW).contains("GET"));
}

#[tokio::test]
async fn the_documentation_is_served_from_the_binary() {
    let (router, _data) = with(Server::default());
    assert!(ask(&router, "GET /", &[]).await.body.contains("/docs/"));
    assert_eq!(ask(&router, "GET /docs", &[]).await.status, StatusCode::SEE_OTHER);
    assert!(ask(&router, "GET /docs/", &[]).await.body.contains("swagger-ui"));
    assert!(ask(&router, "GET /docs/swagger-ui-bundle.js", &[]).await.body.len() > 100_000);
    let document = ask(&router, "GET /openapi.json", &[]).await;
    assert!(document.body.contains(r#""/v1/calls""#), "{}", document.body);
}

#[tokio::test]
async fn data_needs_the_right_token_and_health_needs_none() {
    let token = |role, secret: &str| Token { name: secret.into(), role, hash: TokenHash::of(secret) };
    let tokens = vec![token(Role::Reader, "read"), token(Role::Writer, "write"), token(Role::Operator, "order")];
    let (router, _data) = with(Server { tokens, ..Server::default() });
    let status = async |request, token| ask(&router, request, &[("authorization", token)]).await.status;
    assert_eq!(status("GET /livez", "").await, StatusCode::OK);
    assert_eq!(status("GET /metrics", "").await, StatusCode::UNAUTHORIZED);
    assert_eq!(status("GET /metrics", "Bearer write").await, StatusCode::FORBIDDEN);
    assert_eq!(status("GET /metrics", "Bearer read").await, StatusCode::OK);
    assert_eq!(status("POST /v1/calls", "Bearer read").await, StatusCode::FORBIDDEN);
    assert_eq!(status("GET /v1/silences", "Bearer read").await, StatusCode::OK);
    assert_eq!(status("POST /v1/silences", "Bearer read").await, StatusCode::FORBIDDEN);
    assert_eq!(status("DELETE /v1/silences/0", "Bearer read").await, StatusCode::FORBIDDEN);
    assert_eq!(status("DELETE /v1/silences/0", "Bearer order").await, StatusCode::NOT_FOUND);
    for order in ["POST /v1/knowledge", "DELETE /v1/knowledge/0", "POST /v1/incidents/0/close"] {
        assert_eq!(status(order, "Bearer read").await, StatusCode::FORBIDDEN, "{order}");
    }
    assert_eq!(status("DELETE /v1/knowledge/0", "Bearer order").await, StatusCode::NOT_FOUND);
    assert_eq!(status("GET /v1/incidents", "Bearer order").await, StatusCode::OK);
    let challenged = ask(&router, "GET /v1/channels", &[]).await;
    assert_eq!(challenged.problem(), "unauthorized");
    assert!(challenged.header(header::WWW_AUTHENTICATE).starts_with("Bearer"));
}

#[tokio::test]
async fn other_sites_and_impatient_callers_are_refused() {
    let (one, two) = (NonZeroU32::new(1), NonZeroU32::new(2).expect("not zero"));
    let (router, _data) = with(Server { per_address_per_s: one, burst: two, ..Server::default() });
    let cross = ask(&router, "POST /v1/calls", &[("sec-fetch-site", "cross-site")]).await;
    assert_eq!((cross.status, cross.problem().as_str()), (StatusCode::FORBIDDEN, "cross-site"));
    assert_eq!(ask(&router, "GET /metrics", &[]).await.status, StatusCode::OK);
    let refused = ask(&router, "GET /metrics", &[]).await;
    assert_eq!((refused.status, refused.header(header::RETRY_AFTER)), (StatusCode::TOO_MANY_REQUESTS, "1"));
    assert_eq!(ask(&router, "GET /livez", &[]).await.status, StatusCode::OK);
}
