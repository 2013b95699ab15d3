//! Bodies of `POST /v1/calls`.
#![no_main]

use foreroute::collect::source::Admission;
use foreroute::collect::sources::calls::{Limits, parse};
use foreroute::domain::time::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let door = Admission::open(Timestamp::from_seconds(1_795_218_840));
    let harvest = parse(body, Limits::default(), &door);
    for call in &harvest.batch.calls {
        assert!(door.check_ts(call.ts).is_ok());
    }
});
