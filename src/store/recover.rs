//! What an opening finds: the state to begin with, the batches to apply to it, and a report of everything unusual.

use std::collections::VecDeque;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

use crate::domain::batch::{Batch, Checkpoint};
use crate::domain::time::Timestamp;
use crate::store::blob::{Blobs, TEMPORARY};
use crate::store::catalog::{self, Catalog};
use crate::store::checkpoint;
use crate::store::disk::{Disk, Source};
use crate::store::error::StoreError;
use crate::store::quarantine;
use crate::store::wal::codec;
use crate::store::wal::frame::{self, Lsn};
use crate::store::wal::segment;

/// The state after the last acknowledged batch is the checkpoint with every batch of the replay applied, in order.
#[derive(Debug)]
pub struct Recovery {
    /// The accumulator's state when the newest catalog version was published.
    pub checkpoint: Checkpoint,
    /// Batches acknowledged since. Must be read to its end before anything is published.
    pub replay: Replay,
    /// What was found on the way.
    pub report: RecoveryReport,
}

/// What an opening found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecoveryReport {
    /// Catalog version that was found; 0 for a new store.
    pub version: u64,
    /// First frame to replay.
    pub replay_from: Lsn,
    /// Frames to replay.
    pub frames: u64,
    /// Number of the next frame: the state after the whole replay is the state before this one.
    pub next: Lsn,
    /// The torn or damaged end of the log that was cut off. Nothing acknowledged lies in it unless the disk lost it.
    pub tail: Option<Damage>,
    /// Damage elsewhere in the log.
    pub damage: Vec<Damage>,
    /// Files of unfinished publications that were removed.
    pub orphans_removed: u64,
}

impl RecoveryReport {
    /// Frames that are known to be lost.
    #[must_use]
    pub fn lost_frames(&self) -> u64 {
        self.damage.iter().map(|damage| damage.lost_frames).sum()
    }
}

/// One damaged place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file, relative to the data directory.
    pub path: String,
    /// Where the damage begins.
    pub offset: u64,
    /// How many bytes are damaged; 0 if frames are missing without a trace.
    pub bytes: u64,
    /// Acknowledged batches that are known to be lost with it.
    pub lost_frames: u64,
    /// Whether this is the first opening that saw it.
    pub is_new: bool,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, offset, bytes, lost_frames, .. } = self;
        write!(f, "`{path}` at byte {offset}: {bytes} damaged bytes, {lost_frames} acknowledged batches lost")?;
        if *bytes > 0 {
            write!(f, ", kept in `{}`", quarantine::path_of(path, *offset))?;
        }
        Ok(())
    }
}

/// Tries of a reader whose files vanish because the writer publishes. Each try reads the newest catalog.
const PATIENCE: u32 = 5;

/// Everything a writer begins with.
pub(crate) struct Opened {
    /// The catalog that was found.
    pub(crate) found: Catalog,
    /// Its successor, which records the opening and fences every earlier writer.
    pub(crate) next: Catalog,
    pub(crate) recovery: Recovery,
    /// First frames of the log's segments.
    pub(crate) firsts: Vec<Lsn>,
    /// Number of the next frame.
    pub(crate) next_frame: Lsn,
}

/// Reads the state for a writer, sets damage aside and removes what unfinished publications left behind.
///
/// # Errors
/// [`StoreError::Damaged`] if something that is needed is damaged; nothing was changed then.
pub(crate) fn open(disk: &Arc<dyn Disk>, blobs: &Blobs, now: Timestamp) -> Result<Opened, StoreError> {
    let found = catalog::load(blobs)?;
    let checkpoint = checkpoint::load(blobs, found.checkpoint.as_ref())?;
    let listed = blobs.list("")?;
    check_files(&found, &listed)?;
    let mut survey = Survey::of(&**disk, found.replay_from)?;
    let new_places = survey.settle(&**disk, blobs)?;
    let orphans_removed = remove_orphans(blobs, &found, &listed)?;
    let (firsts, next_frame) = (survey.firsts.clone(), survey.next);
    let (mut report, replay) = survey.into_replay(disk.clone(), found.replay_from);
    (report.version, report.orphans_removed) = (found.version, orphans_removed);
    let mut next = found.successor(now);
    next.writer_epoch += 1;
    next.counters.quarantined += new_places;
    next.counters.lost_frames += report.damage.iter().filter(|d| d.is_new).map(|d| d.lost_frames).sum::<u64>();
    Ok(Opened { found, next, recovery: Recovery { checkpoint, replay, report }, firsts, next_frame })
}

/// Reads the state for a reader. Changes nothing.
///
/// # Errors
/// As [`open`].
pub(crate) fn look(disk: &Arc<dyn Disk>, blobs: &Blobs) -> Result<(Catalog, Recovery), StoreError> {
    let found = catalog::load(blobs)?;
    let checkpoint = checkpoint::load(blobs, found.checkpoint.as_ref())?;
    let survey = Survey::of(&**disk, found.replay_from)?;
    let (mut report, replay) = survey.into_replay(disk.clone(), found.replay_from);
    report.version = found.version;
    Ok((found, Recovery { checkpoint, replay, report }))
}

/// Repeats `read` while it fails, a few times: a writer may replace files between two steps of a reader.
pub(crate) fn patiently<T>(mut read: impl FnMut() -> Result<T, StoreError>) -> Result<T, StoreError> {
    let mut result = read();
    for _ in 1..PATIENCE {
        match &result {
            Err(error) if error.is_not_found() || matches!(error, StoreError::Damaged { .. }) => result = read(),
            _ => break,
        }
    }
    result
}

/// Every live file must be there in its size; and a store with data must have a catalog.
fn check_files(found: &Catalog, listed: &[(String, u64)]) -> Result<(), StoreError> {
    for file in &found.files {
        let at = listed.binary_search_by(|(path, _)| path.cmp(&file.path));
        let problem = match at {
            Err(_) => "it is gone".to_owned(),
            Ok(at) if listed[at].1 != file.bytes => format!("it has {} bytes instead of {}", listed[at].1, file.bytes),
            Ok(_) => continue,
        };
        return Err(StoreError::damaged(&file.path, problem));
    }
    let data = listed.iter().find(|(path, bytes)| *bytes > 0 && (is_table_file(path) || path.starts_with("wal/")));
    match data {
        Some((path, _)) if found.version == 0 => {
            Err(StoreError::damaged(catalog::DIR, format!("it holds no version although there is data (`{path}`)")))
        }
        _ => Ok(()),
    }
}

/// Whether `path` is named as the store names the files of tables: `TABLE/day=YYYY-MM-DD/NAME-vNNNNNNNN.parquet`.
/// Nothing else is ever removed.
pub(crate) fn is_table_file(path: &str) -> bool {
    let parts: Vec<&str> = path.split('/').collect();
    let [_, day, name] = parts[..] else { return false };
    let version = name.strip_suffix(".parquet").and_then(|stem| stem.rsplit_once("-v"));
    day.starts_with("day=") && version.is_some_and(|(_, version)| version.parse::<u64>().is_ok())
}

/// Removes what unfinished publications left behind: files that the catalog does not name.
fn remove_orphans(blobs: &Blobs, found: &Catalog, listed: &[(String, u64)]) -> Result<u64, StoreError> {
    let own = found.checkpoint.as_ref().map(|file| file.path.clone());
    let copy = own.as_deref().map(checkpoint::copy_of);
    let mut removed = 0;
    for (path, _) in listed {
        let is_orphan = if path.starts_with(checkpoint::DIR) {
            Some(path) != own.as_ref() && Some(path) != copy.as_ref()
        } else {
            path.ends_with(TEMPORARY) || is_table_file(path) && !found.files.iter().any(|file| file.path == *path)
        };
        if is_orphan {
            blobs.delete(path)?;
            removed += 1;
        }
    }
    if removed > 0 {
        tracing::info!(removed, "files of unfinished publications removed");
    }
    Ok(removed)
}

/// The part of the log that is still needed, read once from end to end.
#[derive(Debug, Default)]
pub(crate) struct Survey {
    /// First frames of all segments, needed or not, ascending.
    pub(crate) firsts: Vec<Lsn>,
    /// Number of the next frame to be written.
    pub(crate) next: Lsn,
    /// Damage with its bytes, the torn end excluded.
    pub(crate) damage: Vec<(Damage, Bytes)>,
    /// The torn end.
    pub(crate) tail: Option<(Damage, Bytes)>,
    frames: u64,
    runs: VecDeque<Run>,
}

/// A run of valid frames.
#[derive(Debug)]
struct Run {
    path: String,
    bytes: Range<usize>,
}

impl Survey {
    /// Reads every segment that may hold frames from `from` on. Changes nothing.
    ///
    /// # Errors
    /// If a file cannot be read; damage is not an error.
    pub(crate) fn of(disk: &dyn Disk, from: Lsn) -> Result<Self, StoreError> {
        let listed = disk.list(segment::DIR).map_err(StoreError::io("list", segment::DIR))?;
        let mut firsts: Vec<Lsn> = listed.iter().filter_map(|entry| segment::first_of(&entry.name)).collect();
        firsts.sort_unstable();
        let mut survey = Self { next: from, ..Self::default() };
        let mut expected = from;
        for (at, &first) in firsts.iter().enumerate() {
            let following = firsts.get(at + 1).copied();
            if following.is_some_and(|following| following <= from) {
                continue;
            }
            expected = survey.read(disk, first, following, from, expected)?;
        }
        survey.next = expected.max(from);
        survey.firsts = firsts;
        Ok(survey)
    }

    /// Reads one segment; returns the number of the frame that should come next.
    fn read(
        &mut self,
        disk: &dyn Disk,
        first: Lsn,
        following: Option<Lsn>,
        from: Lsn,
        expected: Lsn,
    ) -> Result<Lsn, StoreError> {
        let path = segment::path_of(first);
        let bytes = read(disk, &path)?;
        let scan = segment::scan(&bytes, first, following);
        let note = |range: Range<usize>, lost: Range<u64>| {
            let lost_frames = lost.end.saturating_sub(lost.start.max(from.0));
            let (offset, len) = (range.start as u64, range.len() as u64);
            let damage = Damage { path: path.clone(), offset, bytes: len, lost_frames, is_new: false };
            (damage, bytes.slice(range))
        };
        if first > expected {
            self.damage.push(note(0..0, expected.0..first.0));
        }
        for gap in &scan.gaps {
            self.damage.push(note(gap.bytes.clone(), gap.lost.clone()));
        }
        let rest = scan.end..bytes.len();
        match following {
            // What follows the last valid frame was never acknowledged if the next segment takes over its number.
            Some(following) if scan.next < following => self.damage.push(note(rest, scan.next.0..following.0)),
            None if !rest.is_empty() => self.tail = Some(note(rest, 0..0)),
            _ => {}
        }
        for run in scan.good {
            self.frames += count_from(&bytes[run.clone()], from);
            self.runs.push_back(Run { path: path.clone(), bytes: run });
        }
        Ok(following.map_or(scan.next, |following| following.max(scan.next)))
    }

    /// Cuts the torn end off and sets all damage aside; returns how many damaged places are new.
    ///
    /// # Errors
    /// If a file cannot be written. Doing it again is safe.
    pub(crate) fn settle(&mut self, disk: &dyn Disk, blobs: &Blobs) -> Result<u64, StoreError> {
        let mut new_places = 0;
        for (damage, bytes) in self.damage.iter_mut().filter(|(damage, _)| damage.bytes > 0) {
            damage.is_new = quarantine::keep(blobs, &damage.path, damage.offset, bytes.clone())?;
            new_places += u64::from(damage.is_new);
        }
        if let Some((damage, bytes)) = &mut self.tail {
            damage.is_new = quarantine::keep(blobs, &damage.path, damage.offset, bytes.clone())?;
            let cut = disk.open_append(&damage.path).and_then(|mut file| {
                file.truncate(damage.offset)?;
                file.sync()
            });
            cut.map_err(StoreError::io("cut", &damage.path))?;
            tracing::warn!(path = damage.path, offset = damage.offset, bytes = damage.bytes, "torn end of log cut off");
        }
        Ok(new_places)
    }

    /// The report and the batches from `from` on.
    pub(crate) fn into_replay(self, disk: Arc<dyn Disk>, from: Lsn) -> (RecoveryReport, Replay) {
        let report = RecoveryReport {
            replay_from: from,
            frames: self.frames,
            next: self.next,
            tail: self.tail.map(|(damage, _)| damage),
            damage: self.damage.into_iter().map(|(damage, _)| damage).collect(),
            ..RecoveryReport::default()
        };
        let open = (String::new(), Bytes::new());
        (report, Replay { disk, from, runs: self.runs, open, at: 0..0 })
    }
}

fn read(disk: &dyn Disk, path: &str) -> Result<Bytes, StoreError> {
    disk.open(path).and_then(Source::read_all).map_err(StoreError::io("read", path))
}

fn count_from(mut run: &[u8], from: Lsn) -> u64 {
    let mut count = 0;
    while let Some(frame) = frame::parse(run) {
        count += u64::from(frame.lsn >= from);
        run = &run[frame.len()..];
    }
    count
}

/// The acknowledged batches since the checkpoint, read one after the other; one segment is in memory at a time.
#[derive(Debug)]
pub struct Replay {
    disk: Arc<dyn Disk>,
    from: Lsn,
    runs: VecDeque<Run>,
    /// The segment that is being read.
    open: (String, Bytes),
    /// What is left of the current run.
    at: Range<usize>,
}

impl Replay {
    fn next_batch(&mut self) -> Result<Option<Batch>, StoreError> {
        loop {
            if self.at.is_empty() {
                let Some(run) = self.runs.pop_front() else { return Ok(None) };
                if self.open.0 != run.path {
                    self.open = (run.path.clone(), read(&*self.disk, &run.path)?);
                }
                self.at = run.bytes;
            }
            let (path, bytes) = &self.open;
            let frame = bytes.get(self.at.clone()).and_then(frame::parse);
            let frame = frame.ok_or_else(|| StoreError::damaged(path, "it changed while it was read"))?;
            let offset = self.at.start;
            self.at.start += frame.len();
            if frame.lsn >= self.from {
                let batch = codec::decode(frame.payload);
                let problem = |error| StoreError::damaged(path, format!("frame at byte {offset}: {error}"));
                return batch.map(Some).map_err(problem);
            }
        }
    }
}

impl Iterator for Replay {
    type Item = Result<Batch, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_batch().transpose()
    }
}
