//! Lines in files, in order and out of it, over torn writes and lost power.

use serde_json::json;

use super::*;
use crate::store::disk::LocalDisk;
use crate::store::faults::{Crash, SimDisk};

fn at(second: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_000_000 + second)
}

fn append(journal: &mut Journal, n: i64) -> u64 {
    journal.append(at(n), "decision", &json!({"class": "chat", "n": n})).expect("appended")
}

#[test]
fn lines_follow_each_other_over_files_and_restarts() {
    let dir = tempfile::tempdir().expect("a directory");
    let disk: Arc<dyn Disk> = Arc::new(LocalDisk::create(dir.path()).expect("a disk"));
    let mut journal = Journal::open_with(disk.clone(), 500).expect("opens");
    let numbers: Vec<u64> = (1..=5).map(|n| append(&mut journal, n)).collect();
    drop(journal);
    let mut journal = Journal::open_with(disk.clone(), 500).expect("opens again");
    assert_eq!((numbers, append(&mut journal, 6)), (vec![1, 2, 3, 4, 5], 6));
    let checked = check(&*disk).expect("read");
    assert_eq!((checked.entries, checked.faults.len()), (6, 0), "{:?}", checked.faults);
    assert!(checked.files > 1 && checked.head == journal.head.hash);
    let newest = newest(&*disk, 2).expect("read");
    assert_eq!(newest.iter().map(|entry| (entry.number, entry.at)).collect::<Vec<_>>(), [(6, at(6)), (5, at(5))]);
    assert_eq!(newest[0].body["n"], 6);
}

#[test]
fn a_torn_line_is_cut_off_and_a_changed_one_is_found() {
    let dir = tempfile::tempdir().expect("a directory");
    let disk: Arc<dyn Disk> = Arc::new(LocalDisk::create(dir.path()).expect("a disk"));
    let mut journal = Journal::open(disk.clone()).expect("opens");
    for n in 1..=3 {
        append(&mut journal, n);
    }
    drop(journal);
    let path = dir.path().join(path_of(1));
    let whole = std::fs::read_to_string(&path).expect("text");
    std::fs::write(&path, format!("{whole}{{\"number\":4,\"at")).expect("written");
    assert_eq!(check(&*disk).expect("read").faults, Vec::<String>::new(), "the writer may be at it");
    let mut journal = Journal::open(disk.clone()).expect("opens");
    assert_eq!(append(&mut journal, 4), 4);
    assert_eq!(check(&*disk).expect("read").entries, 4);
    drop(journal);

    // A word in the second line, a line less, two lines changed over: each is found where it is.
    let whole = std::fs::read_to_string(&path).expect("text");
    let lines: Vec<&str> = whole.lines().collect();
    let fault = |lines: &[&str]| {
        std::fs::write(&path, lines.join("\n") + "\n").expect("written");
        check(&*disk).expect("read").faults.concat()
    };
    assert!(fault(&lines[1..]).contains(":1: follows from a line that is gone"));
    let changed = lines[1].replace("\"n\":2", "\"n\":7");
    assert!(fault(&[lines[0], &changed, lines[2], lines[3]]).contains(":2: was changed"));
    assert!(fault(&[lines[0], lines[2], lines[3]]).contains(":2: does not follow"));
    assert!(fault(&[lines[0], lines[2], lines[1]]).contains(":2: does not follow"));

    // Behind damage a new chain begins, and the damage stays visible.
    let mut journal = Journal::open(disk.clone()).expect("opens");
    append(&mut journal, 5);
    let checked = check(&*disk).expect("read");
    assert_eq!((checked.files, checked.faults.is_empty()), (2, false), "{checked:?}");
}

#[test]
fn what_was_acknowledged_survives_a_power_cut() {
    for torn in 0..20 {
        let disk = SimDisk::new();
        let mut journal = Journal::open(Arc::new(disk.clone())).expect("opens");
        for n in 1..=3 {
            append(&mut journal, n);
        }
        let after = disk.crash_now(Crash::Torn(torn));
        let mut journal = Journal::open(Arc::new(after.clone())).expect("opens");
        assert_eq!(append(&mut journal, 4), 4);
        assert_eq!(check(&after).expect("read").entries, 4);
    }
}
