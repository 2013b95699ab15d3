//! Appending to the log.

use std::io;
use std::sync::Arc;

use super::frame::{self, Lsn};
use super::segment;
use crate::store::disk::{Disk, DiskFile};
use crate::store::error::StoreError;

/// Memory kept between two appends; a rare huge one does not hold on to its size.
const KEPT_BUFFER_BYTES: usize = 1024 * 1024;

/// The log, open for appending.
#[derive(Debug)]
pub(crate) struct Log {
    disk: Arc<dyn Disk>,
    /// A segment that has reached this size is followed by a new one.
    segment_bytes: u64,
    /// First frames of all segments that exist, ascending; the last one is the active one, if any.
    firsts: Vec<Lsn>,
    active: Option<Active>,
    /// Number of the next frame.
    next: Lsn,
    buffer: Vec<u8>,
}

/// The segment that is written to.
#[derive(Debug)]
struct Active {
    path: String,
    file: Box<dyn DiskFile>,
    /// Bytes that were acknowledged: written and synced.
    acknowledged: u64,
    /// A write or sync failed: nobody knows what lies behind the acknowledged bytes.
    suspect: bool,
}

impl Log {
    /// A log whose existing segments begin at `firsts` and whose next frame is `next`. The first append begins a new
    /// segment.
    pub(crate) fn new(disk: Arc<dyn Disk>, segment_bytes: u64, firsts: Vec<Lsn>, next: Lsn) -> Self {
        Self { disk, segment_bytes, firsts, active: None, next, buffer: Vec::new() }
    }

    /// The number that the next frame will get.
    pub(crate) const fn next(&self) -> Lsn {
        self.next
    }

    /// Makes one frame of each of `payloads` durable, with one write and one sync; returns the number after the last.
    ///
    /// After an error none of them is acknowledged, and the next call first undoes whatever arrived of them.
    pub(crate) fn append(&mut self, payloads: &[Vec<u8>]) -> Result<Lsn, StoreError> {
        if let Some(bytes) = payloads.iter().map(Vec::len).find(|&bytes| bytes > frame::MAX_PAYLOAD) {
            return Err(StoreError::TooLarge { bytes, limit: frame::MAX_PAYLOAD });
        }
        self.undo_failed_write()?;
        if payloads.is_empty() {
            return Ok(self.next);
        }
        self.buffer.clear();
        let mut after = self.next;
        for payload in payloads {
            frame::put(&mut self.buffer, after, payload);
            after = after.next();
        }
        let active = match self.active.take() {
            Some(active) if active.acknowledged < self.segment_bytes => self.active.insert(active),
            _ => {
                let begun = self.begin_segment()?;
                self.active.insert(begun)
            }
        };
        active.suspect = true;
        active.file.write_all(&self.buffer).map_err(StoreError::io("append to", &active.path))?;
        active.file.sync().map_err(StoreError::io("sync", &active.path))?;
        active.suspect = false;
        active.acknowledged += self.buffer.len() as u64;
        self.buffer.truncate(KEPT_BUFFER_BYTES);
        self.buffer.shrink_to(KEPT_BUFFER_BYTES);
        self.next = after;
        Ok(after)
    }

    /// Cuts a segment whose last write failed back to what was acknowledged, and leaves it for a new one: after a
    /// failed sync the kernel may have marked lost pages as clean, so nothing more is entrusted to that file.
    fn undo_failed_write(&mut self) -> Result<(), StoreError> {
        let Some(active) = self.active.as_mut().filter(|active| active.suspect) else { return Ok(()) };
        let cut = active.file.truncate(active.acknowledged).and_then(|()| active.file.sync());
        cut.map_err(|source| StoreError::Poisoned { path: active.path.clone(), source })?;
        tracing::warn!(segment = active.path, kept_bytes = active.acknowledged, "log cut back after a failed write");
        if active.acknowledged == 0 {
            self.firsts.pop();
        }
        self.active = None;
        Ok(())
    }

    /// Creates the segment that begins with the next frame, its name durable.
    fn begin_segment(&mut self) -> Result<Active, StoreError> {
        let path = segment::path_of(self.next);
        let created = match self.disk.create_new(&path) {
            // Nothing in it was acknowledged, or the next frame would have another number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.disk.remove(&path).and_then(|()| self.disk.create_new(&path))
            }
            other => other,
        };
        let file = created.map_err(StoreError::io("create", &path))?;
        self.disk.sync_dir(segment::DIR).map_err(StoreError::io("sync the directory of", &path))?;
        if self.firsts.last() != Some(&self.next) {
            self.firsts.push(self.next);
        }
        Ok(Active { path, file, acknowledged: 0, suspect: false })
    }

    /// Removes the segments that hold only frames before `from`. Best effort: what stays is removed next time.
    pub(crate) fn prune(&mut self, from: Lsn) {
        let still_needed = |next_first: Option<&Lsn>| next_first.is_none_or(|&next_first| next_first > from);
        while self.firsts.len() > 1 && !still_needed(self.firsts.get(1)) {
            let path = segment::path_of(self.firsts[0]);
            match self.disk.remove(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return,
                _ => drop(self.firsts.remove(0)),
            }
        }
    }
}
