//! The log of jobs over failing disks and crashes.

use super::world::Engine;
use crate::store::Lsn;
use crate::store::faults::{Crash, Fault, SimDisk};

/// The events that are found on `disk`, as one text.
fn found(disk: &SimDisk) -> String {
    let engine = Engine::open(disk).expect("opens");
    let (events, _) = engine.store.open_jobs(Lsn(0)).expect("opens");
    String::from_utf8(events.concat()).expect("text")
}

#[test]
fn a_failed_write_takes_nothing_on_and_loses_nothing() {
    let mut failed = 0;
    for fault in [Fault::Fails, Fault::Short, Fault::FailsAfterwards, Fault::NoSpace] {
        for after in 0..4 {
            let case = format!("{fault:?} after {after}");
            let disk = SimDisk::new();
            let engine = Engine::open(&disk).expect("a new store");
            engine.store.open_jobs(Lsn(0)).expect("opens");
            engine.store.append_jobs(&[b"a".to_vec(), b"b".to_vec()]).expect("a sound disk");
            disk.plan(after, fault);
            let is_taken = engine.store.append_jobs(&[b"c".to_vec()]).is_ok();
            failed += u32::from(!is_taken);
            disk.heal();
            for crash in [Crash::Kill, Crash::PowerCut, Crash::Torn(after)] {
                let now = found(&disk.crash_now(crash));
                assert!(now == "abc" || (!is_taken && now == "ab"), "{case}, {crash:?}: {now}");
            }
            // The running engine reads again, and goes on with what it had said yes to.
            let (events, _) = engine.store.open_jobs(Lsn(0)).expect("opens again");
            let had = if is_taken { "abc" } else { "ab" };
            assert_eq!(String::from_utf8(events.concat()).expect("text"), had, "{case}");
            engine.store.append_jobs(&[b"d".to_vec()]).expect("a sound disk");
            assert_eq!(found(&disk.crash_now(Crash::PowerCut)), format!("{had}d"), "{case}");
        }
    }
    assert!(failed >= 6, "writes and syncs failed: {failed}");
}
