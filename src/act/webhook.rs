//! Our own JSON.
//!
//! ```json
//! {
//!   "version": 1,
//!   "id": "4f6ce4a3e0f3b1d2-1795003500000000",
//!   "receiver": "ops",
//!   "at": "2026-11-20T12:05:00Z",
//!   "status": "firing",
//!   "group": {"rule": "slow"},
//!   "firing": [{
//!     "id": "slow{channel=\"eu\"}", "labels": {"channel": "eu", "rule": "slow"}, "severity": "P2",
//!     "summary": "eu is slow", "runbook": "http://wiki.example/slow", "since": "2026-11-20T12:00:00Z", "ended": null
//!   }],
//!   "ended": [],
//!   "link": "http://foreroute.example/v1/alerts"
//! }
//! ```
//!
//! `firing` is everything of the group that goes on, new or not; `ended` is what ended since the notice before. `status`
//! is `ended` if nothing goes on any more. A notice may arrive more than once, with the same `id`, which is also the header
//! `idempotency-key`. Fields may be added; a change of those here is a new `version`.

use serde::Serialize;

use crate::alert::notice::{Event, Notice};
use crate::alert::rule::Labels;

#[derive(Serialize)]
struct Body<'n> {
    version: u32,
    id: &'n str,
    receiver: &'n str,
    at: String,
    status: &'static str,
    group: &'n Labels,
    firing: Vec<EventBody<'n>>,
    ended: Vec<EventBody<'n>>,
    link: Option<String>,
}

#[derive(Serialize)]
struct EventBody<'n> {
    id: &'n str,
    labels: &'n Labels,
    severity: &'static str,
    summary: &'n str,
    runbook: Option<&'n str>,
    since: String,
    ended: Option<String>,
}

impl<'n> EventBody<'n> {
    fn of(event: &'n Event) -> Self {
        Self {
            id: &event.id,
            labels: &event.labels,
            severity: event.severity.name(),
            summary: &event.summary,
            runbook: event.runbook.as_deref(),
            since: event.since.to_string(),
            ended: event.ended.map(|at| at.to_string()),
        }
    }
}

/// The request for `notice`, which is known by `id`.
#[must_use]
pub fn body(id: &str, receiver: &str, notice: &Notice, link: Option<&str>) -> Vec<u8> {
    let body = Body {
        version: 1,
        id,
        receiver,
        at: notice.at.to_string(),
        status: if notice.firing.is_empty() { "ended" } else { "firing" },
        group: &notice.group,
        firing: notice.firing.iter().map(EventBody::of).collect(),
        ended: notice.ended.iter().map(EventBody::of).collect(),
        link: link.map(|link| format!("{}/v1/alerts", link.trim_end_matches('/'))),
    };
    // Texts and numbers always print.
    serde_json::to_vec(&body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::act::receiver::tests::{event, notice};
    use crate::incident::severity::Severity;

    #[test]
    fn the_shape_is_the_documented_one() {
        let firing = vec![event("eu", Severity::P2, false)];
        let notice = Notice { firing, ..notice() };
        let body: Value = serde_json::from_slice(&body("4-5", "ops", &notice, Some("http://f/"))).expect("JSON");
        let event = |channel: &str, severity: &str, ended: Value| {
            json!({
                "id": format!("slow {channel}"),
                "labels": {"channel": channel, "rule": "slow"},
                "severity": severity,
                "summary": format!("{channel} is <slow> & dear"),
                "runbook": "http://wiki.example/slow",
                "since": "2026-11-20T12:00:00Z",
                "ended": ended,
            })
        };
        let expected = json!({
            "version": 1,
            "id": "4-5",
            "receiver": "ops",
            "at": "2026-11-20T12:05:00Z",
            "status": "firing",
            "group": {"rule": "slow"},
            "firing": [event("eu", "P2", Value::Null)],
            "ended": [event("asia", "P3", json!("2026-11-20T12:05:00Z"))],
            "link": "http://f/v1/alerts",
        });
        assert_eq!(body, expected);
    }
}
