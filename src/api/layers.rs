//! What every request passes before and after its handler.

use std::any::Any;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::compression::{CompressionLayer, CompressionLevel};

use crate::api::auth;
use crate::api::error::ApiError;
use crate::api::state::ApiState;
use crate::clock::Stopwatch;
use crate::config::valid::Role;
use crate::telemetry::names::Metric;

/// Headers of every answer. The policy lets the documentation page load its own files and nothing else.
const SECURITY: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
];

/// Answers that are not compressed even where they may be: it would take longer than sending them. Decisions are among them.
const SMALL_BYTES: u16 = 16_384;

/// Compresses large answers for who takes gzip: what is told of a thousand channels shrinks to a tenth. The stream is left alone,
/// for its events are not to wait for each other.
#[must_use]
pub fn smaller() -> CompressionLayer<impl Predicate> {
    let when = SizeAbove::new(SMALL_BYTES).and(NotForContentType::SSE);
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(when)
}

/// Counts and times every request, and adds the security headers to its answer.
pub async fn observe(request: Request, next: Next) -> Response {
    let watch = Stopwatch::start();
    let method = request.method().clone();
    // The pattern, not the path: a metric label must not be the caller's to choose.
    let route = request.extensions().get::<MatchedPath>().map_or("none".to_owned(), |path| path.as_str().to_owned());
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    let elapsed = watch.elapsed();
    tracing::debug!(%method, route, status, ?elapsed, "request");
    count(route, &method, status, elapsed);
    let headers = response.headers_mut();
    for (name, value) in SECURITY {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn count(route: String, method: &Method, status: u16, elapsed: Duration) {
    let method = match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    };
    metrics::histogram!(Metric::HttpSeconds.name(), "route" => route.clone()).record(elapsed);
    let labels = [("route", route), ("method", method.to_owned()), ("status", status.to_string())];
    metrics::counter!(Metric::HttpRequests.name(), &labels).increment(1);
}

/// Answers a request whose handler panicked. The panic itself is already reported by the panic hook.
#[must_use]
pub fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let text = match cause.downcast::<String>() {
        Ok(text) => *text,
        Err(cause) => cause.downcast_ref::<&str>().copied().unwrap_or("unknown").to_owned(),
    };
    ApiError::Internal { doing: "handling a request", cause: text }.into_response()
}

/// Gives up on requests that take longer than the limit for a whole request.
pub async fn in_time(State(api): State<ApiState>, request: Request, next: Next) -> Response {
    let limit = api.settings().server.request_timeout;
    tokio::time::timeout(limit, next.run(request)).await.unwrap_or_else(|_| {
        let advice = "send it again with the same Idempotency-Key, or ask for less";
        ApiError::TooSlow { what: "the request", limit_s: limit.as_secs(), advice }.into_response()
    })
}

/// What [`guard`] needs to know.
#[derive(Clone)]
pub struct Access {
    /// The shared state.
    pub api: ApiState,
    /// The role that the guarded resources ask for; `None` where something else than a token says who asks.
    pub role: Option<Role>,
}

/// Lets a request in if its address and its token have not asked too often and the token allows it.
///
/// # Errors
/// [`ApiError::Busy`], [`ApiError::Unauthorized`], [`ApiError::Forbidden`] or [`ApiError::CrossSite`].
pub async fn guard(State(access): State<Access>, request: Request, next: Next) -> Result<Response, ApiError> {
    let client = client_of(&request);
    match access.check(client, request.headers()) {
        Ok(()) => Ok(next.run(request).await),
        Err(error) => {
            let metric =
                if matches!(error, ApiError::Busy { .. }) { Metric::HttpThrottled } else { Metric::HttpUnauthorized };
            metrics::counter!(metric.name()).increment(1);
            Err(error)
        }
    }
}

impl Access {
    fn check(&self, client: IpAddr, headers: &HeaderMap) -> Result<(), ApiError> {
        // First the address, so that tokens cannot be guessed at any speed.
        self.api.throttle().address(client)?;
        refuse_cross_site(headers)?;
        let Some(role) = self.role else { return Ok(()) };
        if let Some(token) = auth::authorise(&self.api.settings().server.tokens, headers, role)? {
            self.api.throttle().token(&token.name)?;
        }
        Ok(())
    }
}

/// The client's address; unspecified where there is no connection, as in tests.
fn client_of(request: &Request) -> IpAddr {
    let connection = request.extensions().get::<ConnectInfo<SocketAddr>>();
    connection.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip())
}

/// Without tokens a browser is the only way in for a stranger: a web page can make it send requests to loopback.
/// Browsers say so in a header that pages cannot forge (W3C Fetch Metadata).
fn refuse_cross_site(headers: &HeaderMap) -> Result<(), ApiError> {
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(b"cross-site" | b"same-site") => Err(ApiError::CrossSite),
        _ => Ok(()),
    }
}
