//! Pages in the Prometheus and OpenMetrics text formats.
#![no_main]

use std::hint::black_box;

use foreroute::collect::sources::prometheus::text;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|page: &[u8]| {
    for (_, line) in text::lines(page) {
        if let Ok(line) = line
            && let Some(point) = line.into_point()
        {
            black_box(point.label("model_id"));
        }
    }
});
