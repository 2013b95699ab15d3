//! Documents over crashes and damage.

use super::world::{Engine, now};
use crate::store::faults::{Crash, SimDisk};
use crate::store::{Store, StoreError};

#[test]
fn a_crash_leaves_the_old_document_or_the_new_one() {
    let disk = SimDisk::new();
    let engine = Engine::open(&disk).expect("a new store");
    engine.store.put_document("silences", b"old").expect("written");
    disk.keep_pictures();
    engine.store.put_document("silences", b"new").expect("written");
    for at in 0..disk.pictures() {
        for crash in [Crash::Kill, Crash::PowerCut, Crash::Torn(at as u64)] {
            let crashed = Engine::open(&disk.after_crash(at, crash)).expect("opens");
            let found = crashed.store.document("silences").expect("whole").expect("there");
            let is_done = at + 1 == disk.pictures();
            assert!(found == b"new" || (!is_done && found == b"old"), "{crash:?} {found:?}");
        }
    }
}

#[test]
fn a_damaged_document_is_set_aside_and_readers_change_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let (writer, _) = Store::open(dir.path(), crate::store::StoreOptions::default(), now()).expect("a new store");
    assert_eq!(writer.document("silences").expect("readable"), None);
    writer.put_document("silences", b"some").expect("written");
    let reader = Store::open_read_only(dir.path()).expect("opens");
    assert_eq!(reader.document("silences").expect("readable").as_deref(), Some(&b"some"[..]));
    assert!(matches!(reader.put_document("silences", b"x"), Err(StoreError::ReadOnly)));
    let path = dir.path().join("operators/silences.document");
    std::fs::write(&path, b"FROD").expect("written");
    assert!(matches!(reader.document("silences"), Err(StoreError::Damaged { .. })));
    assert!(path.exists(), "setting aside is the writer's");
    assert!(matches!(writer.document("silences"), Err(StoreError::Damaged { .. })));
    assert_eq!(writer.document("silences").expect("set aside"), None);
    assert!(dir.path().join("quarantine/operators.silences.document@0").exists());
}
