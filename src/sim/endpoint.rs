//! A channel of the world behind an OpenAI-compatible HTTP endpoint.
//!
//! `POST /v1/chat/completions` (whole and as server-sent events) and `GET /v1/models`, with usage, `x-request-id`,
//! `Retry-After` and the error objects of the original. The request's `seed` is its number on the channel, so the
//! same `seed` meets the same luck; without one the endpoint counts by itself.

mod answer;
mod tally;
mod wire;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};

use crate::clock::Clock;
use crate::sim::loopback::{self, Body, Loopback};
use crate::sim::stage::Stage;
use crate::sim::world::day::Day;
use crate::sim::world::profile::Profile;
use crate::sim::world::{Ask, Reply};

pub use crate::sim::endpoint::tally::Tally;

/// Largest request that is read. The demo's longest prompt has about 40 kB.
const MAX_REQUEST_BYTES: usize = 1 << 20;

/// A running endpoint of one channel. It stops when it is dropped or told to.
#[derive(Debug)]
pub struct Endpoint {
    channel: Arc<Channel>,
    server: Loopback,
}

/// What the connections of one endpoint share.
#[derive(Debug)]
struct Channel {
    stage: Arc<Stage>,
    profile: Profile,
    day: Day,
    clock: Clock,
    in_flight: AtomicU32,
    arrivals: AtomicU64,
    counts: tally::Counts,
}

impl Endpoint {
    /// Starts serving `profile` of `stage` on a free port of 127.0.0.1. Must run inside a tokio runtime.
    ///
    /// # Errors
    /// The error of the operating system if no port can be bound.
    pub async fn start(stage: Arc<Stage>, profile: &Profile, day: Day, clock: Clock) -> io::Result<Self> {
        let channel = Arc::new(Channel {
            stage,
            profile: *profile,
            day,
            clock,
            in_flight: AtomicU32::new(0),
            arrivals: AtomicU64::new(0),
            counts: tally::Counts::default(),
        });
        let serving = Arc::clone(&channel);
        let server = Loopback::start(0, move |request| {
            let channel = Arc::clone(&serving);
            async move { handle(&channel, request).await }
        });
        Ok(Self { channel, server: server.await? })
    }

    /// The base URL, without a path: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// What was served so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.channel.counts.read()
    }

    /// Stops listening and cuts the connections that are open; callers finish their calls first.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

async fn handle(channel: &Arc<Channel>, request: Request<Incoming>) -> Response<Body> {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/v1/models") => loopback::json(StatusCode::OK, &wire::models(&channel.profile)),
        (&Method::POST, "/v1/chat/completions") => match read(request).await {
            Ok(request) => complete(channel, &request).await,
            Err(refused) => *refused,
        },
        (_, "/v1/models" | "/v1/chat/completions") => {
            wire::error(StatusCode::METHOD_NOT_ALLOWED, "invalid_request_error", "the method is not allowed here")
        }
        (_, path) => wire::error(StatusCode::NOT_FOUND, "invalid_request_error", &format!("no resource at {path}")),
    }
}

/// Reads the request, or answers why it cannot be read.
async fn read(request: Request<Incoming>) -> Result<wire::ChatRequest, Box<Response<Body>>> {
    let refuse = |status, why: &str| Err(Box::new(wire::error(status, "invalid_request_error", why)));
    let Some(body) = loopback::read(request, MAX_REQUEST_BYTES).await else {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "the body is cut off or larger than 1 MiB");
    };
    match serde_json::from_slice(&body) {
        Ok(request) => Ok(request),
        Err(error) => refuse(StatusCode::BAD_REQUEST, &format!("the body is not a chat request: {error}")),
    }
}

async fn complete(channel: &Arc<Channel>, request: &wire::ChatRequest) -> Response<Body> {
    let arrived_at = channel.clock.now();
    if request.model != channel.profile.model {
        let why =
            format!("the model `{}` does not exist; this endpoint serves `{}`", request.model, channel.profile.model);
        return wire::error(StatusCode::NOT_FOUND, "invalid_request_error", &why);
    }
    let index = request.seed.unwrap_or_else(|| channel.arrivals.fetch_add(1, Ordering::Relaxed));
    let place = tally::Place::take(Arc::clone(channel));
    let ask = Ask { index, prompt_tokens: request.prompt_tokens(), max_tokens: request.limit(), answer_tokens: None };
    let reply = channel.stage.reply(&channel.profile, ask, place.before, channel.day.hour(arrived_at), arrived_at);
    channel.counts.record(&ask, &reply);
    let call = answer::Served { id: wire::request_id(channel.profile.name, index), arrived_at, ask };
    let mut response = match reply {
        Reply::Refusal(refusal) => answer::refuse(place, &call, &refusal).await,
        Reply::Answer(answer) if request.stream => answer::stream(place, &call, answer, request.wants_usage()),
        Reply::Answer(answer) => answer::whole(place, &call, answer).await,
    };
    wire::set_header(&mut response, "x-request-id", &call.id);
    response
}

#[cfg(test)]
mod tests;
