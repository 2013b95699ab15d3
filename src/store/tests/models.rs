//! Model files over crashes, faults and damage.

use std::sync::Arc;

use super::world::{Engine, now};
use crate::store::faults::{Crash, Fault, SimDisk};
use crate::store::repair::repair_on;
use crate::store::{Store, StoreError};

/// The readable models; a damaged one would be a failure of the test.
fn models(store: &Store) -> Vec<(String, Vec<u8>)> {
    let found = store.models().expect("listed");
    found.into_iter().map(|(name, bytes)| (name, bytes.expect("whole"))).collect()
}

fn named(models: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    models.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.as_bytes().to_vec())).collect()
}

/// One step of the history below.
type Step = fn(&Store) -> Result<(), StoreError>;

/// A history, and the models that are there after each step.
const STEPS: [(Step, &[(&str, &str)]); 5] = [
    (|store| store.put_model("a", b"old"), &[("a", "old")]),
    (|store| store.put_model("b-2", b""), &[("a", "old"), ("b-2", "")]),
    (|store| store.put_model("a", b"a newer one"), &[("a", "a newer one"), ("b-2", "")]),
    (|store| store.remove_model("b-2"), &[("a", "a newer one")]),
    (|store| store.remove_model("never-there"), &[("a", "a newer one")]),
];

#[test]
fn a_crash_leaves_the_old_model_or_the_new_one() {
    let disk = SimDisk::new();
    let engine = Engine::open(&disk).expect("a new store");
    disk.keep_pictures();
    let mut before: &[(&str, &str)] = &[];
    for (step, after) in STEPS {
        let first = disk.pictures();
        step(&engine.store).expect("done");
        assert_eq!(models(&engine.store), named(after));
        for at in first..disk.pictures() {
            for crash in [Crash::Kill, Crash::PowerCut, Crash::Torn(at as u64)] {
                let crashed = disk.after_crash(at, crash);
                let found = models(&Engine::open(&crashed).expect("opens").store);
                let is_done = at + 1 == disk.pictures();
                assert!(found == named(after) || (!is_done && found == named(before)), "{crash:?} {found:?}");
                assert!(
                    !crashed.paths().iter().any(|path| path.ends_with(crate::store::blob::TEMPORARY)),
                    "leftovers are removed"
                );
            }
        }
        before = after;
    }
}

#[test]
fn what_fails_can_be_done_again() {
    for fault in [Fault::Fails, Fault::Short, Fault::FailsAfterwards, Fault::NoSpace] {
        for after in 0..8 {
            let disk = SimDisk::new();
            let engine = Engine::open(&disk).expect("a new store");
            engine.store.put_model("a", b"old").expect("written");
            disk.plan(after, fault);
            let failed = engine.store.put_model("a", b"new").is_err();
            let found = models(&engine.store);
            assert!(found == named(&[("a", "new")]) || (failed && found == named(&[("a", "old")])), "{found:?}");
            disk.heal();
            engine.store.put_model("a", b"new").expect("written");
            assert_eq!(
                models(&Engine::open(&disk.crash_now(Crash::PowerCut)).expect("opens").store),
                named(&[("a", "new")])
            );
        }
    }
}

#[test]
fn a_damaged_model_is_set_aside_and_the_rest_goes_on() {
    let disk = SimDisk::new();
    let engine = Engine::open(&disk).expect("a new store");
    engine.store.put_model("a", b"whole").expect("written");
    let damaged = || {
        engine.store.put_model("b", b"to be damaged").expect("written");
        disk.damage("models/b.model", |bytes| bytes[22] ^= 1);
    };
    damaged();
    let found = engine.store.models().expect("not fatal");
    assert_eq!(found.len(), 2);
    let error = found[1].1.as_ref().expect_err("reported");
    assert!(matches!(error, StoreError::Damaged { path, .. } if path == "models/b.model"), "{error}");
    assert_eq!(models(&engine.store), named(&[("a", "whole")]), "reported once");
    assert!(disk.paths().contains(&"quarantine/models.b.model@0".to_owned()));

    damaged();
    drop(engine);
    let version = Engine::open(&disk).expect("a damaged model keeps nobody out").store.snapshot().version();
    let report = repair_on(Arc::new(disk.clone()), now()).expect("repaired");
    assert_eq!((report.findings.len(), report.findings[0].loses, report.version), (1, false, version));
    assert_eq!(repair_on(Arc::new(disk.clone()), now()).expect("repaired").findings, []);
    assert_eq!(models(&Engine::open(&disk).expect("opens").store), named(&[("a", "whole")]));
}

#[test]
fn readers_see_models_and_change_nothing() {
    let dir = tempfile::tempdir().expect("a directory");
    let (writer, _) = Store::open(dir.path(), crate::store::StoreOptions::default(), now()).expect("a new store");
    let reader = Store::open_read_only(dir.path()).expect("opens");
    assert_eq!(models(&reader), []);
    writer.put_model("a", b"model").expect("written");
    assert_eq!(models(&reader), named(&[("a", "model")]));
    assert!(matches!(reader.put_model("a", b"x"), Err(StoreError::ReadOnly)));
    assert!(matches!(reader.remove_model("a"), Err(StoreError::ReadOnly)));
    let path = dir.path().join("models/a.model");
    std::fs::write(&path, b"FRMD").expect("written");
    for _ in 0..2 {
        assert!(reader.models().expect("listed")[0].1.is_err());
    }
    assert!(path.exists(), "setting aside is the writer's");
}
