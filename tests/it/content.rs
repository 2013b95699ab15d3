//! Prompts and completions are gone once a body is read: nothing of them is in what is logged.

use foreroute::collect::source::Admission;
use foreroute::collect::sources::calls::{self, Limits};
use foreroute::collect::sources::otlp::{Encoding, Otlp};
use foreroute::domain::batch::Batch;
use foreroute::domain::time::Timestamp;
use foreroute::store::wal::codec;

/// Planted in the fixtures wherever content can be.
const SECRET: &str = "launch code";

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).expect("fixture can be read")
}

fn batches() -> Vec<Batch> {
    let door = Admission::open(Timestamp::parse_rfc3339("2026-11-21T00:50:00Z").expect("valid RFC 3339"));
    let otlp = Otlp::default();
    let traces = |name: &str, encoding| otlp.traces(&fixture(name), encoding, &door).expect("readable").harvest;
    let metrics = |name: &str, encoding| otlp.metrics(&fixture(name), encoding, &door).expect("readable").harvest;
    [
        calls::parse(&fixture("calls/with_content.ndjson"), Limits::default(), &door),
        traces("otlp/traces-1.bin", Encoding::Protobuf),
        traces("otlp/traces.otlp.json", Encoding::Json),
        metrics("otlp/metrics-cumulative-1.bin", Encoding::Protobuf),
        metrics("otlp/metrics.otlp.json", Encoding::Json),
    ]
    .into_iter()
    .map(|harvest| harvest.batch)
    .collect()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[test]
fn what_is_logged_holds_no_content() {
    for name in ["calls/with_content.ndjson", "otlp/traces-1.bin", "otlp/metrics-cumulative-1.bin"] {
        assert!(holds(&fixture(name), SECRET), "the secret was planted in {name}");
    }
    for batch in batches() {
        assert!(!batch.is_empty());
        assert!(!holds(&codec::encode(&batch), SECRET));
    }
}
