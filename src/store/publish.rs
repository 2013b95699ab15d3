//! Publication: minutes become Parquet files, all at once.
//!
//! The order is the protocol. First the files, under names of the version to come, each durable but known to nobody;
//! then the checkpoint; then the catalog, whose appearance is the switch; only then are superseded files and old
//! segments of the log removed. Any error before the switch leaves the old state as it was, and the same publication
//! can be tried again.

use std::collections::BTreeMap;

use crate::domain::batch::{Amendment, Checkpoint, Mode};
use crate::domain::gauge::GaugeMinute;
use crate::domain::record::Record;
use crate::domain::sample::Sample;
use crate::domain::time::{Hour, Timestamp};
use crate::store::blob::Blobs;
use crate::store::catalog::{Catalog, ImportMark, LiveFile};
use crate::store::checkpoint;
use crate::store::compact::merge::amend;
use crate::store::error::StoreError;
use crate::store::files::{self, Slot, StoredRows};
use crate::store::rows::Row;
use crate::store::schema::{GAUGES, LATE, SAMPLES, TableSpec};
use crate::store::truth::Truth;
use crate::store::wal::frame::Lsn;

/// What is to become visible at once: all of it or nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Publication {
    /// Minutes and pieces of minutes for the table `samples`, in any order.
    pub samples: Vec<Amendment>,
    /// Pieces that came too late, for the table `late`.
    pub late: Vec<Sample>,
    /// Minutes and pieces of minutes for the table `gauges`.
    pub gauges: Vec<GaugeMinute>,
    /// Records of any tables, in any order. Of equal keys the last one holds, before that the published one.
    pub records: Vec<Record>,
    /// The accumulator's state after taking these out, and the number of the first frame that is in neither.
    /// `None` keeps the published state: an import does not touch the log.
    pub state: Option<(Checkpoint, Lsn)>,
    /// How far an import has come with this publication.
    pub import: Option<ImportMark>,
}

/// What a publication did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PublishReport {
    /// The catalog version that it became.
    pub version: u64,
    /// Parquet files written.
    pub files_written: u64,
    /// Rows in them, rows that were there before included.
    pub rows_written: u64,
    /// Bytes of them.
    pub bytes_written: u64,
}

/// A publication that is being prepared.
struct Draft<'a> {
    blobs: &'a Blobs,
    next: Catalog,
    /// Live files that are superseded.
    removed: Vec<String>,
    added: Vec<LiveFile>,
}

impl Draft<'_> {
    /// Writes the files of `table` that `changes` touch.
    fn amend<R: Row>(&mut self, table: &TableSpec, changes: Vec<(R, Mode)>) -> Result<(), StoreError> {
        let live = self.next.files_of(table.name);
        let mut hours: BTreeMap<Hour, Vec<(R, Mode)>> = BTreeMap::new();
        for change in changes {
            hours.entry(change.0.minute().hour()).or_default().push(change);
        }
        let mut slots: BTreeMap<Slot, Vec<(R, Mode)>> = BTreeMap::new();
        let mut superseded: BTreeMap<Slot, String> = BTreeMap::new();
        for (hour, changes) in hours {
            let (slot, file) = Slot::of(hour, live);
            superseded.extend(file.map(|file| (slot, file.path.clone())));
            slots.entry(slot).or_default().extend(changes);
        }
        for (slot, changes) in slots {
            let old: StoredRows<R> = match superseded.get(&slot) {
                Some(path) => files::read(self.blobs, path)?,
                None => Box::new(std::iter::empty()),
            };
            let target = (table, slot, self.next.version);
            let written = files::write(self.blobs, target, amend(old, changes, table.unique))?;
            self.added.extend(written);
        }
        self.removed.extend(superseded.into_values());
        Ok(())
    }

    fn write(&mut self, publication: Publication) -> Result<(), StoreError> {
        let adding = |row| (row, Mode::Add);
        self.next.counters.late_samples += publication.late.len() as u64;
        self.amend(&SAMPLES, publication.samples.into_iter().map(|change| (change.sample, change.mode)).collect())?;
        self.amend::<Sample>(&LATE, publication.late.into_iter().map(adding).collect())?;
        self.amend::<GaugeMinute>(&GAUGES, publication.gauges.into_iter().map(|row| (row, Mode::Add)).collect())?;
        let mut records: BTreeMap<&'static str, Vec<(Record, Mode)>> = BTreeMap::new();
        for record in publication.records {
            records.entry(record.table().name).or_default().push((record, Mode::Replace));
        }
        for changes in records.into_values() {
            if let Some((first, _)) = changes.first() {
                let table = TableSpec::records(first.table());
                self.amend(&table, changes)?;
            }
        }
        if let Some((state, replay_from)) = publication.state {
            self.next.checkpoint = Some(checkpoint::write(self.blobs, self.next.version, &state, replay_from)?);
            self.next.replay_from = replay_from;
        }
        if let Some(mark) = publication.import {
            self.next.imports.insert(mark.id.clone(), mark);
        }
        Ok(())
    }

    /// Removes what was written. Best effort: what stays is overwritten by the next try or removed at opening.
    fn discard(&self) {
        for file in &self.added {
            let _best_effort = self.blobs.delete(&file.path);
        }
        checkpoint::remove(self.blobs, &checkpoint::path_of(self.next.version));
    }
}

/// Publishes; `truth` stays locked meanwhile, so that no file vanishes while it is being rewritten.
///
/// # Errors
/// As [`crate::store::Store::publish`].
pub(crate) fn publish(
    blobs: &Blobs,
    truth: &mut Truth,
    publication: Publication,
    now: Timestamp,
) -> Result<PublishReport, StoreError> {
    let old_checkpoint = truth.current().checkpoint.clone();
    let mut draft = Draft { blobs, next: truth.begin(now)?, removed: Vec::new(), added: Vec::new() };
    let written = draft.write(publication);
    let report = PublishReport {
        version: draft.next.version,
        files_written: draft.added.len() as u64,
        rows_written: draft.added.iter().map(|file| file.rows).sum(),
        bytes_written: draft.added.iter().map(|file| file.bytes).sum(),
    };
    let mut next = draft.next.clone();
    next.replace_files(&draft.removed, draft.added.clone());
    if let Err(error) = written.and_then(|()| truth.switch(next)) {
        // A catalog that may or may not be on disk may name these files.
        if !truth.is_doubtful() {
            draft.discard();
        }
        return Err(error);
    }
    if let Some(old) = old_checkpoint.filter(|old| Some(old) != truth.current().checkpoint.as_ref()) {
        checkpoint::remove(blobs, &old.path);
    }
    Ok(report)
}
