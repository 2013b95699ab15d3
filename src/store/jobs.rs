//! The log of jobs: what happened to them since the document that holds their state was written.
//!
//! It is a log as that of batches is ([`crate::store::wal`]), with its own numbers, below `jobs/wal/`: one write and one
//! sync for a whole group of events, torn ends left behind, damage set aside. Whoever has written the document up to an
//! event lets go of the events before it.

use std::io::{self, ErrorKind};
use std::sync::Arc;

use bytes::Bytes;

use crate::store::blob::Blobs;
use crate::store::disk::{Below, Disk, Source, ensure_dir};
use crate::store::error::StoreError;
use crate::store::quarantine;
use crate::store::wal::frame::{self, Lsn};
use crate::store::wal::log::Log;
use crate::store::wal::segment::{self, Gap};

/// Directory of the log.
const DIR: &str = "jobs";
/// A segment that has reached this size is followed by a new one.
const SEGMENT_BYTES: u64 = 8 * 1024 * 1024;

/// What a look at the log of jobs found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckedJobs {
    /// Files that were read.
    pub files: u64,
    /// Bytes in them.
    pub bytes: u64,
    /// Whole events that the document does not know yet.
    pub events: u64,
    /// What is wrong, each with its file and offset.
    pub faults: Vec<String>,
}

/// Reads the log as far as the document does not know it yet, which is from number `from` on; changes nothing. A torn end is no
/// fault: its events were never acknowledged.
///
/// # Errors
/// If a file cannot be read.
pub(crate) fn check(disk: &Arc<dyn Disk>, from: Lsn) -> Result<CheckedJobs, StoreError> {
    let disk: Arc<dyn Disk> = Arc::new(Below::new(Arc::clone(disk), DIR));
    let firsts = match segments(&*disk) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(CheckedJobs::default()),
        firsts => firsts.map_err(StoreError::io("list", DIR))?,
    };
    let mut found = CheckedJobs::default();
    if let Some(missing) = missing(&firsts, from) {
        found.faults.push(format!("`{DIR}/{}`: {missing} events from {} on are missing", segment::DIR, from.0));
    }
    for (at, &first) in firsts.iter().enumerate() {
        let file = match Segment::read(&*disk, first, firsts.get(at + 1).copied()) {
            // A running server lets go of files that it does not need any more.
            Err(error) if error.is_not_found() => continue,
            file => file?,
        };
        found.files += 1;
        found.bytes += file.bytes.len() as u64;
        found.events += file.events(from).count() as u64;
        found.faults.extend(file.lost(from).map(|gap| {
            let (offset, lost) = (gap.bytes.start, gap.lost.end - gap.lost.start);
            format!("`{DIR}/{}`: {lost} events are lost at byte {offset}", file.path)
        }));
    }
    Ok(found)
}

/// One file of the log.
struct Segment {
    path: String,
    bytes: Bytes,
    scan: segment::Scan,
    /// Damage at its end: the file behind it begins with a later event than the next one.
    cut: Option<Gap>,
}

impl Segment {
    /// The file that begins with event `first`, as far as the one behind it, which begins with `before`, does not have them.
    fn read(disk: &dyn Disk, first: Lsn, before: Option<Lsn>) -> Result<Self, StoreError> {
        let path = segment::path_of(first);
        let bytes = disk.open(&path).and_then(Source::read_all).map_err(StoreError::io("read", &path))?;
        let scan = segment::scan(&bytes, first, before);
        let cut = before.filter(|before| *before > scan.next);
        let cut = cut.map(|before| Gap { bytes: scan.end..bytes.len(), lost: scan.next.0..before.0 });
        Ok(Self { path, bytes, scan, cut })
    }

    /// Damage by which events from number `from` on are lost.
    fn lost(&self, from: Lsn) -> impl Iterator<Item = &Gap> {
        self.scan.gaps.iter().chain(&self.cut).filter(move |gap| gap.lost.end > from.0)
    }

    /// Its whole events from number `from` on.
    fn events(&self, from: Lsn) -> impl Iterator<Item = &[u8]> {
        self.scan.good.iter().flat_map(move |run| {
            let mut rest = self.bytes.get(run.clone()).unwrap_or_default();
            std::iter::from_fn(move || {
                let frame = frame::parse(rest)?;
                rest = rest.get(frame.len()..).unwrap_or_default();
                Some((frame.lsn, frame.payload))
            })
            .filter_map(move |(number, payload)| (number >= from).then_some(payload))
        })
    }
}

/// The first event of each file, in their order.
fn segments(disk: &dyn Disk) -> io::Result<Vec<Lsn>> {
    let mut firsts: Vec<Lsn> =
        disk.list(segment::DIR)?.iter().filter_map(|entry| segment::first_of(&entry.name)).collect();
    firsts.sort_unstable();
    Ok(firsts)
}

/// How many events from number `from` on must have been in files that are gone; `None` if none is missing.
fn missing(firsts: &[Lsn], from: Lsn) -> Option<u64> {
    firsts.first()?.0.checked_sub(from.0).filter(|missing| *missing > 0)
}

/// The log of jobs, open for appending.
#[derive(Debug)]
pub(crate) struct JobLog {
    log: Log,
}

impl JobLog {
    /// Opens the log; with the events from number `from` on, in their order.
    ///
    /// # Errors
    /// If it cannot be read, or what is damaged cannot be set aside.
    pub(crate) fn open(disk: &Arc<dyn Disk>, blobs: &Blobs, from: Lsn) -> Result<(Self, Vec<Vec<u8>>), StoreError> {
        ensure_dir(&**disk, DIR).map_err(StoreError::io("create", DIR))?;
        let disk: Arc<dyn Disk> = Arc::new(Below::new(Arc::clone(disk), DIR));
        ensure_dir(&*disk, segment::DIR).map_err(StoreError::io("create", DIR))?;
        let firsts = segments(&*disk).map_err(StoreError::io("list", DIR))?;
        if let Some(lost) = missing(&firsts, from) {
            tracing::error!(from = from.0, lost, "events of jobs are missing");
        }
        let (mut events, mut next) = (Vec::new(), from);
        for (at, &first) in firsts.iter().enumerate() {
            let file = Segment::read(&*disk, first, firsts.get(at + 1).copied())?;
            for gap in file.lost(from) {
                let (path, offset) = (&file.path, gap.bytes.start as u64);
                quarantine::keep(blobs, &format!("{DIR}/{path}"), offset, file.bytes.slice(gap.bytes.clone()))?;
                tracing::error!(path, offset, lost = gap.lost.end - gap.lost.start, "events of jobs are damaged");
            }
            events.extend(file.events(from).map(<[u8]>::to_vec));
            next = next.max(file.scan.next);
        }
        Ok((Self { log: Log::new(disk, SEGMENT_BYTES, firsts, next) }, events))
    }

    /// Makes `events` durable, with one write and one sync; returns the number after the last.
    ///
    /// # Errors
    /// As [`Log::append`].
    pub(crate) fn append(&mut self, events: &[Vec<u8>]) -> Result<Lsn, StoreError> {
        self.log.append(events)
    }

    /// The number that the next event will get.
    pub(crate) const fn next(&self) -> Lsn {
        self.log.next()
    }

    /// Lets go of the events before number `from`, as far as they fill files of their own.
    pub(crate) fn prune(&mut self, from: Lsn) {
        self.log.prune(from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::blob::DurableLocal;
    use crate::store::disk::LocalDisk;

    #[test]
    fn events_come_back_in_their_order_and_a_torn_end_is_left_behind() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let disk: Arc<dyn Disk> = Arc::new(LocalDisk::create(dir.path()).expect("a directory"));
        let blobs = Blobs::new(Arc::new(DurableLocal::new(Arc::clone(&disk))));
        let open = |from| JobLog::open(&disk, &blobs, Lsn(from)).expect("it opens");
        let text = |events: Vec<Vec<u8>>| String::from_utf8(events.join(&b' ')).expect("text");
        let (mut log, none) = open(0);
        assert!(none.is_empty());
        assert_eq!(log.append(&[b"a".to_vec(), b"b".to_vec()]).expect("it appends"), Lsn(2));
        let path = "jobs/wal/00000000000000000000.wal";
        disk.open_append(path).and_then(|mut file| file.write_all(b"FRW1 torn")).expect("it is torn");
        let (mut log, events) = open(0);
        assert_eq!(text(events), "a b");
        log.append(&[b"c".to_vec()]).expect("it appends");
        let file = dir.path().join(path);
        let whole = std::fs::read(&file).expect("a file");
        let mut damaged = whole.clone();
        damaged[3] ^= 1;
        std::fs::write(&file, damaged).expect("it writes");
        let checked = check(&disk, Lsn(0)).expect("it reads");
        assert_eq!(checked.faults, [format!("`{path}`: 1 events are lost at byte 0")]);
        assert!(check(&disk, Lsn(1)).expect("it reads").faults.is_empty(), "a document knows the first one");
        let mut damaged = whole.clone();
        let end = whole.len() - b"FRW1 torn".len();
        damaged[end - 1] ^= 1;
        std::fs::write(&file, damaged).expect("it writes");
        let checked = check(&disk, Lsn(0)).expect("it reads");
        assert_eq!(checked.faults, [format!("`{path}`: 1 events are lost at byte {}", end / 2)], "at its end");
        assert_eq!(text(open(0).1), "a c");
        std::fs::write(&file, whole).expect("it writes");
        let (mut log, events) = open(1);
        assert_eq!(text(events), "b c");
        let checked = check(&disk, Lsn(1)).expect("it reads");
        assert_eq!((checked.files, checked.events, checked.faults.len()), (2, 2, 0), "a torn end is no fault");
        log.prune(Lsn(2));
        assert!(disk.open(path).is_err(), "what is not needed is gone");
        let checked = check(&disk, Lsn(1)).expect("it reads");
        assert_eq!(checked.faults, ["`jobs/wal`: 1 events from 1 on are missing"]);
        assert_eq!(check(&disk, Lsn(2)).expect("it reads").faults, [""; 0], "a document knows them");
        let (log, events) = open(7);
        assert!(events.is_empty() && log.next() == Lsn(7), "numbers that a document knows are not given again");
    }
}
