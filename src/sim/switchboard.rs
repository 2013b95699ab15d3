//! What people do to a world while it runs: break its channels, and have them repaired.
//!
//! | request | does |
//! |---|---|
//! | `GET /faults` | what goes wrong now, each with its end |
//! | `POST /faults` `{"channel", "kind", "for_s"}` | breaks a channel: `down`, `slow`, `errors` or `throttled`, for 300 s unless it says otherwise |
//! | `DELETE /faults/{channel}` | takes back what goes wrong there |
//! | `POST /workshop` | repairs the channel that a playbook's webhook names; it is taken on at once and done a minute later |
//!
//! It stands for the machine room behind the channels and is no part of the product: the product learns of all this only
//! from calls that fail.

use std::io;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::domain::time::Timestamp;
use crate::sim::loopback::{self, Body, Loopback};
use crate::sim::stage::Stage;
use crate::sim::world::casebook::{Case, MOST_BY_HAND};
use crate::sim::world::fault::FaultKind;
use crate::sim::world::profile::Profile;

/// Largest request that is read.
const MAX_REQUEST_BYTES: usize = 64 << 10;
/// How long a fault lasts that does not say, and at most, in seconds.
const USUAL_S: i64 = 300;
const LONGEST_S: i64 = 86_400;
/// How long a repair takes, in seconds.
const REPAIR_S: i64 = 60;

/// A fault by its name.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    /// Every call fails.
    Down,
    /// Everything takes five times as long.
    Slow,
    /// Four calls in ten fail.
    Errors,
    /// Six calls in ten are refused for load.
    Throttled,
}

impl Kind {
    const fn fault(self) -> FaultKind {
        match self {
            Self::Down => FaultKind::Failing(1.0),
            Self::Slow => FaultKind::Step(5.0),
            Self::Errors => FaultKind::Failing(0.4),
            Self::Throttled => FaultKind::Throttling(0.6),
        }
    }
}

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wish {
    channel: String,
    kind: Kind,
    for_s: Option<i64>,
}

/// The running server.
#[derive(Debug)]
pub struct Switchboard(Loopback);

impl Switchboard {
    /// Serves the switches of `stage` on `port` of 127.0.0.1; 0 takes a free one. Must run inside a tokio runtime.
    ///
    /// # Errors
    /// The error of the operating system if the port cannot be bound.
    pub async fn start(stage: Arc<Stage>, port: u16, clock: Clock) -> io::Result<Self> {
        let handle = move |request| {
            let (stage, clock) = (Arc::clone(&stage), clock.clone());
            async move { handle(&stage, &clock, request).await }
        };
        Loopback::start(port, handle).await.map(Self)
    }

    /// The base URL, without a path.
    #[must_use]
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// Where a playbook's webhook has channels repaired.
    #[must_use]
    pub fn workshop(&self) -> String {
        format!("{}/workshop", self.url())
    }

    /// Stops listening.
    pub async fn stop(self) {
        self.0.stop().await;
    }
}

async fn handle(stage: &Arc<Stage>, clock: &Clock, request: Request<Incoming>) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let channel = path.strip_prefix("/faults/");
    match (request.method().clone(), path.as_str(), channel) {
        (Method::GET, "/faults", _) => told(StatusCode::OK, stage.cases().current(clock.now())),
        (Method::POST, "/faults", _) => match body(request).await.and_then(|body| wish(stage, clock, &body)) {
            Ok(case) => loopback::json(StatusCode::CREATED, &row(&case)),
            Err((status, why)) => refuse(status, &why),
        },
        (Method::DELETE, _, Some(channel)) => match known(stage, channel) {
            Ok(profile) => told(StatusCode::OK, &stage.cases_mut().take_back(profile.name, clock.now())),
            Err((_, why)) => refuse(StatusCode::NOT_FOUND, &why),
        },
        (Method::POST, "/workshop", _) => match body(request).await {
            Ok(body) => repair(stage, clock, &body),
            Err((status, why)) => refuse(status, &why),
        },
        (_, "/faults" | "/workshop", _) | (_, _, Some(_)) => refuse(
            StatusCode::METHOD_NOT_ALLOWED,
            "not allowed here; there are GET /faults, POST /faults and DELETE /faults/{channel}",
        ),
        (_, path, _) => refuse(StatusCode::NOT_FOUND, &format!("nothing is at {path}; faults are at /faults")),
    }
}

/// Why nothing came of a request.
type Refusal = (StatusCode, String);

async fn body(request: Request<Incoming>) -> Result<bytes::Bytes, Refusal> {
    let cut = || (StatusCode::PAYLOAD_TOO_LARGE, "the body is cut off or larger than 64 KiB".to_owned());
    loopback::read(request, MAX_REQUEST_BYTES).await.ok_or_else(cut)
}

/// Does what is wished for.
fn wish(stage: &Stage, clock: &Clock, body: &[u8]) -> Result<Case, Refusal> {
    let refused = |why: String| (StatusCode::BAD_REQUEST, why);
    let example = r#"expected {"channel": "harbor-mini", "kind": "down", "for_s": 120}"#;
    let wish: Wish = serde_json::from_slice(body).map_err(|error| refused(format!("{error}; {example}")))?;
    let profile = known(stage, &wish.channel)?;
    let for_s = wish.for_s.unwrap_or(USUAL_S);
    if !(1..=LONGEST_S).contains(&for_s) {
        return Err(refused(format!("`for_s` is {for_s}; expected 1 to {LONGEST_S} seconds")));
    }
    let now = clock.now();
    let span = (now, now.plus_seconds(for_s));
    let full = || (StatusCode::TOO_MANY_REQUESTS, format!("{MOST_BY_HAND} faults hold already; take some back first"));
    stage.cases_mut().add(profile.name, wish.kind.fault(), span).ok_or_else(full)
}

fn known<'a>(stage: &'a Stage, channel: &str) -> Result<&'a Profile, Refusal> {
    let names = || stage.profiles().iter().map(|profile| profile.name).collect::<Vec<_>>().join(", ");
    let unknown = || (StatusCode::BAD_REQUEST, format!("`channel` is `{channel}`; there are: {}", names()));
    stage.profiles().iter().find(|profile| profile.name == channel).ok_or_else(unknown)
}

/// Repairs the channel of a playbook's webhook. Notices of incidents come here as well and are nothing to do about.
fn repair(stage: &Arc<Stage>, clock: &Clock, body: &[u8]) -> Response<Body> {
    let Ok(said) = serde_json::from_slice::<Value>(body) else {
        return refuse(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    if said["type"] != "playbook" {
        return told(StatusCode::OK, &[]);
    }
    match known(stage, said["channel"].as_str().unwrap_or_default()) {
        Ok(profile) => {
            let (name, done_at) = (profile.name, clock.now().plus_seconds(REPAIR_S));
            let (stage, clock) = (Arc::clone(stage), clock.clone());
            tokio::spawn(async move {
                clock.sleep_until(done_at).await;
                stage.cases_mut().repair(name, done_at);
            });
            loopback::json(StatusCode::ACCEPTED, &json!({ "channel": name, "done_at": done_at.to_string() }))
        }
        Err((status, why)) => refuse(status, &why),
    }
}

fn told<'a>(status: StatusCode, cases: impl IntoIterator<Item = &'a Case>) -> Response<Body> {
    loopback::json(status, &json!({ "faults": cases.into_iter().map(row).collect::<Vec<_>>() }))
}

fn row(case: &Case) -> Value {
    let spell = case.spell();
    let until: Timestamp = spell.to;
    json!({
        "channel": case.fault.channel,
        "what": spell.kind.about(),
        "from": spell.from.to_string(),
        "until": until.to_string(),
        "by": case.origin.name(),
    })
}

fn refuse(status: StatusCode, why: &str) -> Response<Body> {
    loopback::json(status, &json!({ "error": why }))
}

#[cfg(test)]
mod tests;
