//! Alertmanager of Prometheus: `POST /api/v2/alerts`
//! (<https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml>).
//!
//! Alertmanager groups, silences and repeats by itself, and takes an alert for over when it is not told of it any more.
//! So it hears every minute of everything that goes on, with an end a few minutes ahead, as Prometheus does it (four times
//! the interval of re-sending). What ended is sent once with its end in the past; if that is lost, Alertmanager ends it by
//! itself when the end that was ahead has come.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::alert::notice::Event;
use crate::domain::time::Timestamp;

/// Below the base address.
pub(super) const PATH: [&str; 3] = ["api", "v2", "alerts"];
/// How long an alert lasts there without being sent again.
const AHEAD_S: i64 = 240;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Alert<'e> {
    labels: BTreeMap<String, &'e str>,
    annotations: BTreeMap<&'static str, &'e str>,
    starts_at: String,
    ends_at: String,
    #[serde(rename = "generatorURL", skip_serializing_if = "Option::is_none")]
    generator_url: Option<&'e str>,
}

/// The request for everything that goes on, and for what ended, at `now`.
pub fn body<'e>(now: Timestamp, events: impl Iterator<Item = &'e Event>, link: Option<&str>) -> Vec<u8> {
    let generator = link.map(|link| format!("{}/v1/alerts", link.trim_end_matches('/')));
    let alert = |event: &'e Event| {
        let mut labels: BTreeMap<String, &str> = BTreeMap::new();
        for (name, value) in event.labels.0.iter().filter(|(_, value)| !value.is_empty()) {
            labels.insert(plain(name), value);
        }
        let name = Some(event.labels.get("rule")).filter(|rule| !rule.is_empty()).unwrap_or("Incident");
        labels.extend([("alertname".to_owned(), name), ("severity".to_owned(), event.severity.name())]);
        let mut annotations = BTreeMap::from([("summary", event.summary.as_str())]);
        annotations.extend(event.runbook.as_deref().map(|runbook| ("runbook_url", runbook)));
        Alert {
            labels,
            annotations,
            starts_at: event.since.to_string(),
            ends_at: event.ended.unwrap_or(now.plus_seconds(AHEAD_S)).to_string(),
            generator_url: generator.as_deref(),
        }
    };
    // Texts always print.
    serde_json::to_vec(&events.map(alert).collect::<Vec<_>>()).unwrap_or_default()
}

/// A label's name as every version of Alertmanager takes it: `[a-zA-Z_][a-zA-Z0-9_]*`.
fn plain(name: &str) -> String {
    let is_plain = |(at, c): (usize, char)| c.is_ascii_alphabetic() || c == '_' || (at > 0 && c.is_ascii_digit());
    name.chars().enumerate().map(|(at, c)| if is_plain((at, c)) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::act::receiver::tests::event;
    use crate::alert::rule::Labels;
    use crate::incident::severity::Severity;

    #[test]
    fn what_goes_on_ends_ahead_and_what_ended_has_ended() {
        let noon = Timestamp::parse_rfc3339("2026-11-20T12:01:05Z").expect("valid");
        let labels = Labels::new([("rule", "slow"), ("vllm:model", "m"), ("9", "x"), ("region", "")]);
        let events = [Event { labels, ..event("eu", Severity::P2, false) }, event("us", Severity::P3, true)];
        let body: Value = serde_json::from_slice(&body(noon, events.iter(), Some("http://f/"))).expect("JSON");
        let expected = json!([
            {
                "labels": {"_": "x", "alertname": "slow", "rule": "slow", "severity": "P2", "vllm_model": "m"},
                "annotations": {"runbook_url": "http://wiki.example/slow", "summary": "eu is <slow> & dear"},
                "startsAt": "2026-11-20T12:00:00Z",
                "endsAt": "2026-11-20T12:05:05Z",
                "generatorURL": "http://f/v1/alerts",
            },
            {
                "labels": {"alertname": "slow", "channel": "us", "rule": "slow", "severity": "P3"},
                "annotations": {"runbook_url": "http://wiki.example/slow", "summary": "us is <slow> & dear"},
                "startsAt": "2026-11-20T12:00:00Z",
                "endsAt": "2026-11-20T12:05:00Z",
                "generatorURL": "http://f/v1/alerts",
            },
        ]);
        assert_eq!(body, expected);
    }
}
