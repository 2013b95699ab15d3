use super::*;
use crate::store::faults::SimDisk;
use crate::store::tests::world::{Engine, batch, now};
use crate::store::{Store, StoreOptions};

/// Twelve batches: published, in the checkpoint and in the log.
fn filled() -> SimDisk {
    let disk = SimDisk::new();
    let mut engine = Engine::open(&disk).expect("a new store");
    for number in 0..8 {
        engine.append(&[batch(number)]).expect("appended");
    }
    engine.publish(false).expect("published");
    for number in 8..12 {
        engine.append(&[batch(number)]).expect("appended");
    }
    disk
}

fn newest(disk: &SimDisk, prefix: &str, suffix: &str) -> String {
    let paths = disk.paths().into_iter().filter(|path| path.starts_with(prefix) && path.ends_with(suffix));
    paths.max().expect("there is one")
}

fn repaired(disk: &SimDisk) -> (Inspection, usize) {
    let report = repair_on(Arc::new(disk.clone()), now()).expect("repaired");
    let again = repair_on(Arc::new(disk.clone()), now()).expect("nothing left to do");
    assert_eq!(again.findings, [], "repairing twice changes nothing more");
    let counted = Engine::open(disk).expect("the store opens again").counted();
    assert!(counted.values().all(|&times| times == 1), "{counted:?}");
    (report, counted.len())
}

#[test]
fn a_sound_store_has_no_findings() {
    let disk = filled();
    let before = disk.paths();
    assert_eq!(repaired(&disk).1, 12);
    assert!(before.iter().all(|path| disk.paths().contains(path) || path.starts_with("catalog/")));
}

#[test]
fn catalog_and_checkpoint_come_back_whole_from_their_copies() {
    for (prefix, suffix) in [("catalog/", ".json"), ("checkpoint/", ".bin")] {
        let disk = filled();
        let path = newest(&disk, prefix, suffix);
        disk.damage(&path, Vec::clear);
        assert!(Engine::open(&disk).is_err());
        let (report, counted) = repaired(&disk);
        assert_eq!(counted, 12, "nothing is lost");
        assert!(report.findings.iter().all(|finding| finding.path == path && !finding.loses), "{report:?}");
    }
}

#[test]
fn without_any_readable_catalog_the_files_tell() {
    for all in [false, true] {
        let disk = filled();
        let mut damaged: Vec<_> = disk.paths().into_iter().filter(|path| path.starts_with("catalog/")).collect();
        if !all {
            damaged = damaged.split_off(damaged.len() - 2);
        }
        for path in damaged {
            disk.damage(&path, |bytes| bytes[40] ^= 1);
        }
        let (report, counted) = repaired(&disk);
        assert_eq!(counted, 12, "{report:?}");
        assert!(report.findings.iter().any(|finding| finding.loses), "what is not known for sure is said");
    }
}

#[test]
fn a_bad_file_costs_its_rows_and_a_lost_checkpoint_its_batches() {
    let disk = filled();
    let path = newest(&disk, "samples/", ".parquet");
    disk.damage(&path, |bytes| bytes[10] ^= 1);
    let report = repair_on(Arc::new(disk.clone()), now()).expect("repaired");
    assert_eq!((report.findings.len(), report.findings[0].path.as_str()), (1, path.as_str()));
    assert!(disk.paths().contains(&quarantine::path_of(&path, 0)));
    let (store, _) = Store::open_on(Arc::new(disk), Path::new("/"), StoreOptions::default(), now()).expect("opens");
    assert_eq!(store.snapshot().catalog().counters.quarantined, 1);

    let disk = filled();
    for suffix in [".bin", ".copy"] {
        disk.damage(&newest(&disk, "checkpoint/", suffix), Vec::clear);
    }
    let report = repair_on(Arc::new(disk.clone()), now()).expect("repaired");
    assert!(report.findings[0].loses, "{report:?}");
    assert!(Engine::open(&disk).is_ok());
}

#[test]
fn when_nothing_tells_the_place_in_the_log_the_report_says_so() {
    let disk = filled();
    for path in disk.paths().into_iter().filter(|path| path.starts_with("catalog/") || path.starts_with("checkpoint/"))
    {
        disk.damage(&path, |bytes| bytes[40] ^= 1);
    }
    let report = repair_on(Arc::new(disk.clone()), now()).expect("repaired");
    let said = report.findings.iter().find(|finding| finding.path == checkpoint::DIR);
    assert!(said.is_some_and(|finding| finding.answer.contains("count twice")), "{report:?}");
    assert!(Engine::open(&disk).is_ok());
}
