//! The log of jobs: what happened to them since the document that holds their state was written.
//!
//! It is a log as that of batches is ([`crate::store::wal`]), with its own numbers, below `jobs/wal/`: one write and one
//! sync for a whole group of events, torn ends left behind, damage set aside. Whoever has written the document up to an
//! event lets go of the events before it.

use std::sync::Arc;

use crate::store::blob::Blobs;
use crate::store::disk::{Below, Disk, Source, ensure_dir};
use crate::store::error::StoreError;
use crate::store::quarantine;
use crate::store::wal::frame::{self, Lsn};
use crate::store::wal::log::Log;
use crate::store::wal::segment;

/// Directory of the log.
const DIR: &str = "jobs";
/// A segment that has reached this size is followed by a new one.
const SEGMENT_BYTES: u64 = 8 * 1024 * 1024;

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
        let listed = disk.list(segment::DIR).map_err(StoreError::io("list", DIR))?;
        let mut firsts: Vec<Lsn> = listed.iter().filter_map(|entry| segment::first_of(&entry.name)).collect();
        firsts.sort_unstable();
        let (mut events, mut next) = (Vec::new(), from);
        for (at, &first) in firsts.iter().enumerate() {
            let path = segment::path_of(first);
            let bytes = disk.open(&path).and_then(Source::read_all).map_err(StoreError::io("read", &path))?;
            let found = segment::scan(&bytes, first, firsts.get(at + 1).copied());
            for gap in found.gaps.iter().filter(|gap| gap.lost.end > from.0) {
                let offset = gap.bytes.start as u64;
                quarantine::keep(blobs, &format!("{DIR}/{path}"), offset, bytes.slice(gap.bytes.clone()))?;
                tracing::error!(path, offset, lost = gap.lost.end - gap.lost.start, "events of jobs are damaged");
            }
            for run in found.good {
                let mut rest = bytes.get(run).unwrap_or_default();
                while let Some(frame) = frame::parse(rest) {
                    if frame.lsn >= from {
                        events.push(frame.payload.to_vec());
                    }
                    rest = rest.get(frame.len()..).unwrap_or_default();
                }
            }
            next = next.max(found.next);
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
        let (mut log, events) = open(1);
        assert_eq!(text(events), "b c");
        log.prune(Lsn(2));
        assert!(disk.open(path).is_err(), "what is not needed is gone");
        let (log, events) = open(7);
        assert!(events.is_empty() && log.next() == Lsn(7), "numbers that a document knows are not given again");
    }
}
