//! Damaged files, full disks and second writers: each is answered as the module's table says.

use super::world::{Engine, batch, next_day};
use crate::store::StoreError;
use crate::store::faults::{Fault, SimDisk};

/// A store with published, checkpointed and logged batches, closed.
fn filled() -> SimDisk {
    let disk = SimDisk::new();
    let mut engine = Engine::open(&disk).expect("a new store");
    for number in 0..6 {
        engine.append(&[batch(number)]).expect("appended");
    }
    engine.publish(false).expect("published");
    for number in 6..12 {
        engine.append(&[batch(number)]).expect("appended");
    }
    disk
}

fn newest(disk: &SimDisk, prefix: &str, suffix: &str) -> String {
    let paths = disk.paths().into_iter().filter(|path| path.starts_with(prefix) && path.ends_with(suffix));
    paths.max().expect("there is one")
}

type Change = fn(&mut Vec<u8>);

/// Ways in which a file goes bad.
const CHANGES: [(&str, Change); 3] = [
    ("emptied", Vec::clear),
    ("cut", |bytes| bytes.truncate(bytes.len() / 2)),
    ("flipped", |bytes| {
        let middle = bytes.len() / 2;
        bytes[middle] ^= 16;
    }),
];

#[test]
fn a_damaged_catalog_or_checkpoint_is_refused_by_name() {
    for (prefix, suffix) in [("catalog/", ".json"), ("checkpoint/", ".bin")] {
        for (how, change) in CHANGES {
            let disk = filled();
            let path = newest(&disk, prefix, suffix);
            disk.damage(&path, change);
            let before = disk.paths();
            let error = Engine::open(&disk).expect_err("refused");
            assert!(
                matches!(&error, StoreError::Damaged { path: named, .. } if *named == path),
                "{path} {how}: {error}"
            );
            assert!(error.to_string().contains("foreroute inspect --repair"), "{error}");
            assert_eq!(disk.paths(), before, "nothing is touched");
        }
    }
}

#[test]
fn a_live_file_that_is_gone_or_short_is_refused_by_name() {
    let disk = filled();
    let path = newest(&disk, "samples/", ".parquet");
    disk.damage(&path, |bytes| bytes.truncate(100));
    let error = Engine::open(&disk).expect_err("refused").to_string();
    assert!(error.contains(&path) && error.contains("100 bytes instead of"), "{error}");
}

#[test]
fn a_store_without_its_catalog_is_not_taken_for_a_new_one() {
    let disk = filled();
    for path in disk.paths().into_iter().filter(|path| path.starts_with("catalog/")) {
        crate::store::disk::Disk::remove(&disk, &path).expect("removed");
    }
    let error = Engine::open(&disk).expect_err("refused").to_string();
    assert!(error.contains("no version although there is data"), "{error}");
}

/// The logged batches are 6 to 11; each test damages frames of some of them.
fn reopened(disk: &SimDisk) -> (Engine, crate::store::RecoveryReport) {
    let engine = Engine::open(disk).expect("damage of the log is not fatal");
    let report = engine.report.clone();
    (engine, report)
}

#[test]
fn a_flipped_bit_in_the_log_costs_one_batch_and_is_told() {
    let disk = filled();
    let paths = disk.paths();
    let segment = paths.iter().filter(|path| path.starts_with("wal/")).nth(1).expect("several segments").clone();
    let mut frame = Vec::new();
    disk.damage(&segment, |bytes| {
        frame.clone_from(bytes);
        bytes[30] ^= 1;
    });
    let (engine, report) = reopened(&disk);
    assert_eq!(report.damage.len(), 1, "{report:?}");
    let damage = &report.damage[0];
    assert_eq!(
        (damage.path.as_str(), damage.offset, damage.lost_frames, damage.is_new),
        (segment.as_str(), 0, 1, true)
    );
    assert_eq!(engine.counted().len(), 11);
    assert!(disk.paths().contains(&format!("quarantine/{}@0", segment.replace('/', "."))));
    assert_eq!(engine.store.snapshot().catalog().counters.lost_frames, 1);
    drop(engine);
    let (engine, report) = reopened(&disk);
    assert!(!report.damage[0].is_new, "counted once, reported as long as it is there");
    assert_eq!(engine.store.snapshot().catalog().counters.quarantined, 1);
}

#[test]
fn a_segment_that_lost_its_contents_is_told() {
    let disk = filled();
    let paths = disk.paths();
    let segment = paths.iter().filter(|path| path.starts_with("wal/")).nth(1).expect("several segments").clone();
    disk.damage(&segment, Vec::clear);
    let (engine, report) = reopened(&disk);
    assert!(report.lost_frames() > 0, "{report:?}");
    assert_eq!(engine.counted().len() as u64 + report.lost_frames(), 12);
}

#[test]
fn a_torn_end_is_cut_and_the_log_goes_on() {
    let disk = filled();
    let segment = newest(&disk, "wal/", ".wal");
    disk.damage(&segment, |bytes| bytes.extend_from_slice(b"FRW1torn"));
    let (mut engine, report) = reopened(&disk);
    assert_eq!(report.tail.as_ref().map(|tail| tail.bytes), Some(8));
    engine.append(&[batch(12)]).expect("appended");
    drop(engine);
    let (engine, report) = reopened(&disk);
    assert_eq!((engine.counted().len(), &report.tail, report.lost_frames()), (13, &None, 0));
}

#[test]
fn a_full_disk_refuses_and_then_goes_on() {
    let disk = filled();
    let mut engine = Engine::open(&disk).expect("opened");
    engine.append(&[batch(12)]).expect("appended");
    (0..60).for_each(|after| disk.plan(after, Fault::NoSpace));
    assert!(matches!(engine.append(&[batch(13)]), Err(StoreError::Io { .. })));
    let full = engine.publish(true).expect_err("no room for a file");
    assert!(matches!(full, StoreError::Object { .. } | StoreError::Io { .. } | StoreError::Parquet { .. }), "{full}");
    disk.heal();
    engine.append(&[batch(13)]).expect("appended");
    engine.publish(true).expect("published");
    assert_eq!(engine.counted().len(), 14);
}

#[test]
fn a_second_writer_is_refused_and_a_first_one_fenced() {
    let disk = filled();
    let mut first = Engine::open(&disk).expect("opened");
    assert!(matches!(Engine::open(&disk), Err(StoreError::Locked { .. })));
    disk.break_lock();
    let second = Engine::open(&disk).expect("without the lock nobody is kept out");
    assert!(matches!(first.publish(true), Err(StoreError::Fenced { .. })));
    assert!(matches!(first.store.maintain(next_day()), Ok(_) | Err(StoreError::Fenced { .. })));
    assert!(matches!(first.append(&[batch(20)]), Err(StoreError::Fenced { .. })), "what a fenced writer logs is lost");
    assert_eq!(second.counted().len(), 12);
}

#[test]
fn a_day_becomes_one_file_with_roll_ups_and_expires() {
    let disk = filled();
    let mut engine = Engine::open(&disk).expect("opened");
    engine.publish(true).expect("published");
    let report = engine.store.maintain(next_day()).expect("maintained");
    assert_eq!((report.days_merged, report.roll_ups, report.overtaken), (3, 2, 0));
    assert_eq!(engine.counted().len(), 12);
    let paths = engine.paths();
    assert_eq!(paths.iter().filter(|path| path.starts_with("samples/")).count(), 1, "{paths:?}");
    assert_eq!(disk.paths().iter().filter(|path| path.ends_with(".parquet")).count(), 5, "superseded files are gone");
    // An amendment of the finished day makes the roll-ups stale, and upkeep makes them anew.
    engine.append(&[batch(12)]).expect("appended");
    engine.publish(true).expect("published");
    assert_eq!(engine.store.maintain(next_day()).expect("maintained").roll_ups, 2);
    assert_eq!(engine.counted().len(), 13);
    let years_later = next_day().plus_seconds(2 * 366 * 86_400);
    assert_eq!(engine.store.maintain(years_later).expect("maintained").files_expired, 4);
    assert_eq!(engine.paths().len(), 1, "hours are kept for ever");
}
