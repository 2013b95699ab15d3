//! Payloads, checkpoints and whole segments of the write-ahead log.
#![no_main]

use foreroute::store::wal::{codec, frame};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(batch) = codec::decode(bytes) {
        // What was read can be written, and reads as the same again.
        let again = codec::encode(&batch);
        assert_eq!(codec::encode(&codec::decode(&again).expect("own bytes are valid")), again);
    }
    let _ = codec::decode_checkpoint(bytes);
    let mut at = 0;
    while let Some(found) = frame::find(bytes, at) {
        assert!(found >= at);
        let _ = frame::parse(&bytes[found..]);
        at = found + 1;
    }
});
