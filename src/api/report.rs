//! What a caller is told about the input it sent.

use serde::Serialize;
use utoipa::ToSchema;

use crate::collect::source::Harvest;
use crate::domain::batch::Reject;

/// One request served by a channel, as sent in. Absent and `null` are the same; fields not listed are ignored.
///
/// This type only describes the format: records are parsed by [`crate::collect::sources::calls`], and a test holds
/// the two together.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct CallRecord {
    /// When the call was sent: RFC 3339, or seconds, milliseconds or microseconds since 1970.
    #[schema(example = "2026-11-20T10:00:00.250Z")]
    pub ts: String,
    /// The channel that served it. A new name makes a new channel unless only configured ones are allowed.
    #[schema(example = "openai/gpt-4o-mini", max_length = 200)]
    pub channel: String,
    /// Your own name for the call; a second one with the same name in one body is rejected.
    pub id: Option<String>,
    /// HTTP status of the answer.
    #[schema(example = 200, minimum = 100, maximum = 599)]
    pub status: Option<u16>,
    /// How it ended, where that is known better than by the status: `ok`, `throttled`, `timeout`, `client_error`,
    /// `server_error` or `network_error`.
    pub outcome: Option<String>,
    /// Milliseconds from sending to the last byte.
    #[schema(example = 812.5, minimum = 0)]
    pub latency_ms: Option<f64>,
    /// Milliseconds from sending to the first token.
    #[schema(example = 240.0, minimum = 0)]
    pub ttft_ms: Option<f64>,
    /// Prompt tokens, cached ones included.
    #[schema(example = 420)]
    pub tokens_prompt: Option<u64>,
    /// Completion tokens.
    #[schema(example = 96)]
    pub tokens_completion: Option<u64>,
    /// Prompt tokens served from a cache.
    pub tokens_cached: Option<u64>,
    /// What the call cost, in USD; where absent, the price list says.
    #[schema(minimum = 0)]
    pub cost_usd: Option<f64>,
    /// Attempts beyond the first.
    pub retries: Option<u32>,
    /// Calls in flight on the channel when this one was sent.
    pub in_flight: Option<u32>,
    /// Calls waiting on the channel when this one was sent.
    pub queue: Option<u32>,
    /// Seconds for which the channel asked to be left alone (`Retry-After`).
    #[schema(minimum = 0)]
    pub retry_after_s: Option<f64>,
    /// Whether this is a synthetic probe.
    pub probe: Option<bool>,
}

/// Answer to calls that were sent in. Everything it counts as accepted is on disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CallsReport {
    /// Calls of this batch that are stored; for a duplicate, by the request that came first.
    #[schema(example = 998)]
    pub accepted: u64,
    /// Of the accepted calls, those that came after their minute's late window. They are kept aside in the table
    /// `late` and change no sample.
    pub late: u64,
    /// Whether a batch with this Idempotency-Key was counted before; this one changed nothing.
    pub duplicate: bool,
    /// Lines that were not accepted.
    #[schema(example = 2)]
    pub rejected: u64,
    /// The first of the lines that were not accepted, each with its reason.
    pub problems: Vec<LineProblem>,
}

/// One line that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LineProblem {
    /// Line of the body, or element of the array, counted from 1.
    #[schema(example = 17)]
    pub line: u64,
    /// The field at fault; empty if it is the line as a whole.
    #[schema(example = "tokens_prompt")]
    pub field: String,
    /// What is wrong with it.
    #[schema(example = "is negative")]
    pub problem: String,
}

impl LineProblem {
    /// The first `listed` of what `harvest` rejects.
    #[must_use]
    pub fn list(harvest: &Harvest, listed: usize) -> Vec<Self> {
        let line = |reject: &Reject| {
            let Reject { line, field, problem } = reject.clone();
            Self { line, field, problem }
        };
        harvest.rejects.iter().take(listed).map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::source::Admission;
    use crate::collect::sources::calls;
    use crate::domain::call::Outcome;
    use crate::domain::time::Timestamp;
    use crate::domain::units::{MicroUsd, Millis};

    /// A record with every field set is parsed without a reject, and every field arrives.
    #[test]
    fn the_described_record_is_the_parsed_one() {
        let record = CallRecord {
            ts: "2026-11-20T10:00:00.25Z".into(),
            channel: "c".into(),
            id: Some("1".into()),
            status: Some(429),
            outcome: Some("timeout".into()),
            latency_ms: Some(10.5),
            ttft_ms: Some(2.5),
            tokens_prompt: Some(3),
            tokens_completion: Some(4),
            tokens_cached: Some(2),
            cost_usd: Some(0.5),
            retries: Some(1),
            in_flight: Some(6),
            queue: Some(7),
            retry_after_s: Some(1.5),
            probe: Some(true),
        };
        let json = serde_json::to_vec(&record).expect("record is JSON");
        let admission = Admission::open(Timestamp::from_seconds(1_800_000_000));
        let harvest = calls::parse(&json, calls::Limits::default(), &admission);
        assert_eq!(harvest.rejects, []);
        let call = &harvest.batch.calls[0];
        assert_eq!((call.outcome, call.retries, call.probe), (Outcome::Timeout, 1, true));
        assert_eq!((call.latency.map(Millis::get), call.ttft.map(Millis::get)), (Some(10.5), Some(2.5)));
        assert_eq!((call.tokens_prompt, call.tokens_completion, call.tokens_cached), (Some(3), Some(4), Some(2)));
        assert_eq!(call.retry_after.map(Millis::get), Some(1_500.0));
        assert_eq!((call.cost, call.in_flight, call.queue), (Some(MicroUsd(500_000)), Some(6), Some(7)));
    }

    #[test]
    fn every_reject_is_counted_and_some_are_listed() {
        let mut harvest = Harvest::default();
        for line in 1..=5 {
            harvest.reject(line, "ts", "is missing");
        }
        let problems = LineProblem::list(&harvest, 2);
        let report = CallsReport { accepted: 1, late: 0, duplicate: false, rejected: harvest.rejected(), problems };
        assert_eq!((report.rejected, report.problems.len()), (5, 2));
        let json = serde_json::to_string(&report).expect("report is JSON");
        assert!(json.ends_with(r#""rejected":5,"problems":[{"line":1,"field":"ts","problem":"is missing"},{"line":2,"field":"ts","problem":"is missing"}]}"#), "{json}");
    }
}
