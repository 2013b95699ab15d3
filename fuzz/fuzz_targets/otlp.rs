//! Bodies of `/v1/traces` and `/v1/metrics`, in both encodings, against their own marks.
#![no_main]

use std::hint::black_box;

use foreroute::collect::source::Admission;
use foreroute::collect::sources::otlp::{Encoding, Otlp, Signal, success};
use foreroute::domain::time::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let door = Admission::open(Timestamp::from_seconds(1_795_222_200));
    let mut otlp = Otlp::default();
    for encoding in [Encoding::Protobuf, Encoding::Json] {
        if let Ok(reading) = otlp.traces(body, encoding, &door) {
            black_box(success(Signal::Traces, encoding, &reading));
        }
        for _ in 0..2 {
            if let Ok(reading) = otlp.metrics(body, encoding, &door) {
                assert!(reading.harvest.batch.gauges.iter().all(|gauge| gauge.value.is_finite()));
                black_box(success(Signal::Metrics, encoding, &reading));
                otlp.commit(&reading.harvest.batch.cursors);
            }
        }
    }
});
