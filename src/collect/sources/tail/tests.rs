//! Real files in a temporary directory; no time passes, every step is one pass.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::time::{Duration, UNIX_EPOCH};

use super::*;
use crate::collect::sources::calls;
use crate::domain::time::Timestamp;

const NOW: Timestamp = Timestamp::from_seconds(1_800_000_100);

/// A log directory and everything that was read from it.
struct Bench {
    dir: tempfile::TempDir,
    tail: Tail,
    read: String,
    gauges: Vec<String>,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("temporary directory");
        let tail = Tail::new("log", &dir.path().join("log"), TailLimits { pass_bytes: 0, line_bytes: 20 });
        Self { dir, tail, read: String::new(), gauges: Vec::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn append(&self, name: &str, text: &str) {
        let mut file = OpenOptions::new().create(true).append(true).open(self.path(name)).expect("opens");
        file.write_all(text.as_bytes()).expect("writes");
    }

    /// Sets when a file last changed, so that the order of rotations does not hang on the file system's clock.
    fn changed_at(&self, name: &str, second: u64) {
        let file = OpenOptions::new().append(true).open(self.path(name)).expect("opens");
        file.set_modified(UNIX_EPOCH + Duration::from_secs(second)).expect("sets the time");
    }

    fn pass(&mut self) -> Harvest {
        let read = &mut self.read;
        let parse = |lines: &[u8], _: &Admission| {
            read.push_str(str::from_utf8(lines).expect("ASCII"));
            Harvest::default()
        };
        let harvest = self.tail.pass(&Admission::open(NOW), parse).expect("readable");
        self.gauges.extend(harvest.batch.gauges.iter().map(|gauge| gauge.metric.clone()));
        harvest
    }

    /// Passes until nothing is new, accepting everything.
    fn drain(&mut self) -> String {
        self.read.clear();
        for _ in 0..8 {
            self.pass();
            self.tail.accepted();
        }
        std::mem::take(&mut self.read)
    }

    /// As if the program had been stopped and started again.
    fn restart(&mut self) {
        let cursor = self.tail.at.as_ref().expect("a position").position.encode();
        self.tail = Tail::new("log", &self.path("log"), self.tail.limits);
        self.tail.resume(&cursor).expect("its own cursor");
    }
}

#[test]
fn lines_are_read_once_and_a_partial_one_waits() {
    let mut bench = Bench::new();
    bench.append("log", "a\nb\nhal");
    assert_eq!(bench.drain(), "a\nb\n");
    assert!(bench.pass().batch.is_empty(), "nothing to make durable");
    bench.append("log", "f\n");
    assert_eq!(bench.drain(), "half\n");
    bench.restart();
    bench.append("log", "c\n");
    assert_eq!(bench.drain(), "c\n");
}

#[test]
fn a_refused_harvest_is_read_again() {
    let mut bench = Bench::new();
    bench.append("log", "a\n");
    let cursor = bench.pass().batch.cursors["log"].clone();
    bench.append("log", "b\n");
    assert_eq!(bench.drain(), "a\nb\n");
    bench.tail.resume(&cursor).expect("its own cursor");
    assert_eq!(bench.drain(), "b\n", "the cursor of the first batch lies before b");
}

#[test]
fn rename_and_create_finishes_the_old_file_first() {
    for restarted in [false, true] {
        let mut bench = Bench::new();
        bench.append("log", "a\n");
        bench.drain();
        bench.append("log", "b\n");
        fs::rename(bench.path("log"), bench.path("log.1")).expect("renames");
        bench.append("log", "new\n");
        if restarted {
            bench.restart();
        }
        bench.pass();
        bench.tail.accepted();
        bench.append("log.1", "late\nend without a break");
        assert_eq!(bench.read.clone() + &bench.drain(), "b\nlate\nend without a breaknew\n");
        assert_eq!(bench.gauges, [""; 0]);
    }
}

#[test]
fn the_last_line_of_a_finished_file_needs_no_break() {
    let mut bench = Bench::new();
    bench.append("log", "a\nend");
    assert_eq!(bench.drain(), "a\n");
    fs::rename(bench.path("log"), bench.path("log-20270115")).expect("renames");
    bench.append("log", "new\n");
    assert_eq!(bench.drain(), "endnew\n");
}

#[test]
fn several_rotations_are_followed_in_order() {
    let mut bench = Bench::new();
    bench.append("log", "a\n");
    bench.drain();
    bench.append("log", "b\n");
    fs::rename(bench.path("log"), bench.path("log.3")).expect("renames");
    for (name, text, second) in [("log.2", "c\n", 200), ("log.1", "d\n", 300), ("log", "e\n", 400)] {
        bench.append(name, text);
        bench.changed_at(name, second);
    }
    bench.append("log.bak", "a copy made by hand\n");
    bench.changed_at("log.3", 100);
    bench.restart();
    let mut all = bench.drain();
    all += &bench.drain();
    assert_eq!(all, "b\nc\nd\ne\n");
}

#[test]
fn copy_and_truncate_finishes_the_copy_first() {
    let mut bench = Bench::new();
    bench.append("log", "a\n");
    bench.drain();
    bench.append("log", "b\n");
    fs::copy(bench.path("log"), bench.path("log.1")).expect("copies");
    let live = OpenOptions::new().write(true).open(bench.path("log")).expect("opens");
    live.set_len(0).expect("truncates");
    // Longer than what was read before: only its beginning tells that it is another text.
    bench.append("log", "c\nd\ne\nf\n");
    assert_eq!(bench.drain(), "b\nc\nd\ne\nf\n");
    assert_eq!(bench.gauges, [TRUNCATED]);
}

#[test]
fn a_file_that_is_gone_is_counted_as_lost() {
    let mut bench = Bench::new();
    bench.append("log", "a\n");
    bench.drain();
    bench.restart();
    fs::remove_file(bench.path("log")).expect("removes");
    let nothing = bench.tail.pass(&Admission::open(NOW), |_, _| Harvest::default());
    assert!(matches!(nothing, Err(CollectFailure::Io(_))), "{nothing:?}");
    bench.append("log", "other\n");
    assert_eq!(bench.drain(), "other\n");
    // The file system may give the new file the number of the old one; then it is the same file, begun anew.
    assert!(bench.gauges == [LOST] || bench.gauges == [TRUNCATED], "{:?}", bench.gauges);
}

#[test]
fn a_line_that_is_too_long_is_passed_over_and_told() {
    let mut bench = Bench::new();
    bench.append("log", "a\n");
    bench.append("log", &"x".repeat(100));
    let mut rejects = Vec::new();
    for _ in 0..4 {
        rejects.extend(bench.pass().rejects);
        bench.tail.accepted();
    }
    bench.append("log", "x\nb\n");
    assert_eq!(bench.drain(), "b\n");
    let told: Vec<_> = rejects.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["line 2: is longer than 20 bytes"]);
    assert_eq!(bench.tail.at.as_ref().map(|spot| spot.position.line), Some(3));
}

#[test]
fn call_records_keep_their_line_numbers() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tail/calls.jsonl");
    let mut tail = Tail::new("log", &path, TailLimits { pass_bytes: 0, line_bytes: 200 });
    let (mut calls, mut rejects) = (Vec::new(), Vec::new());
    for _ in 0..8 {
        let parse = |lines: &[u8], door: &Admission| calls::parse_lines(lines, calls::Limits::default(), door);
        let harvest = tail.pass(&Admission::open(NOW), parse).expect("readable");
        calls.extend(harvest.batch.calls);
        rejects.extend(harvest.rejects);
        tail.accepted();
    }
    assert_eq!(calls.len(), 4);
    let told: Vec<_> = rejects.iter().map(|reject| (reject.line, reject.field.as_str())).collect();
    assert_eq!(told.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [4, 5], "{told:?}");
    assert_eq!(told[0].1, "latency_ms");
}
