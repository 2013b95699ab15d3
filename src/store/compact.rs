//! Upkeep: hour files of finished days become day files, day files get roll-ups, expired files go.
//!
//! New files are prepared without holding anybody up, from the files of one catalog version. Before the switch it is
//! checked that those are still live; if a publication has amended one meanwhile, the work is dropped and done again
//! next time.

pub(crate) mod merge;
pub mod policy;

use std::sync::{Arc, Mutex};

use crate::domain::gauge::GaugeMinute;
use crate::domain::record::Record;
use crate::domain::sample::Sample;
use crate::domain::time::{Day, Timestamp};
use crate::store::blob::Blobs;
use crate::store::catalog::{Catalog, LiveFile};
use crate::store::error::StoreError;
use crate::store::files::{self, Slot, StoredRows};
use crate::store::rollup::roll_up;
use crate::store::rows::Row;
use crate::store::schema::{RowKind, SAMPLES, TableSpec};
use crate::store::truth::Truth;
use crate::store::{StoreOptions, locked, retention};
use policy::Task;

/// What one round of upkeep did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MaintainReport {
    /// Days whose hour files became one file, per table.
    pub days_merged: u64,
    /// Roll-up files written.
    pub roll_ups: u64,
    /// Files dropped because their retention was over.
    pub files_expired: u64,
    /// Pieces of work that a publication overtook; they are done next time.
    pub overtaken: u64,
}

/// A change of the live files that is ready to be switched to.
struct Change {
    /// Files that it was made from, all of which must still be live.
    inputs: Vec<String>,
    removed: Vec<String>,
    added: Option<LiveFile>,
}

/// One round of upkeep.
pub(crate) struct Upkeep<'a> {
    pub(crate) blobs: &'a Blobs,
    pub(crate) truth: &'a Mutex<Truth>,
    pub(crate) options: &'a StoreOptions,
    /// Lets readers see a new version.
    pub(crate) show: &'a dyn Fn(Arc<Catalog>),
}

impl Upkeep<'_> {
    /// Does everything there is to do at `now`.
    ///
    /// # Errors
    /// The first failure; what was done before it stays done.
    pub(crate) fn run(&self, now: Timestamp) -> Result<MaintainReport, StoreError> {
        let mut report = MaintainReport { files_expired: self.expire(now)?, ..MaintainReport::default() };
        let mut tried = Vec::new();
        loop {
            let StoreOptions { retention, settle_minutes, .. } = self.options;
            let tasks = policy::plan(&self.current(), retention, *settle_minutes, now);
            let Some(task) = tasks.into_iter().find(|task| !tried.contains(task)) else { return Ok(report) };
            tried.push(task);
            let is_done = match self.prepare(task)? {
                Some(change) => self.commit(&change, now)?,
                None => false,
            };
            let counter = match task {
                _ if !is_done => &mut report.overtaken,
                Task::Merge { .. } => &mut report.days_merged,
                Task::RollUp { .. } => &mut report.roll_ups,
            };
            *counter += 1;
        }
    }

    fn current(&self) -> Arc<Catalog> {
        locked(self.truth).current().clone()
    }

    fn expire(&self, now: Timestamp) -> Result<u64, StoreError> {
        let current = self.current();
        let expired = retention::expired(&current, &self.options.retention, now);
        let removed: Vec<String> = expired.into_iter().map(|file| file.path.clone()).collect();
        if removed.is_empty() {
            return Ok(0);
        }
        let count = removed.len() as u64;
        let is_done = self.commit(&Change { inputs: removed.clone(), removed, added: None }, now)?;
        Ok(if is_done { count } else { 0 })
    }

    /// Writes the new file of `task`; `None` if a publication has replaced what it was to be made from.
    fn prepare(&self, task: Task) -> Result<Option<Change>, StoreError> {
        let current = self.current();
        match task {
            Task::Merge { table, day } => match table.rows {
                RowKind::Samples => self.merge::<Sample>(&current, table, day),
                RowKind::Gauges => self.merge::<GaugeMinute>(&current, table, day),
                RowKind::Records(_) => self.merge::<Record>(&current, table, day),
            },
            Task::RollUp { table, day } => self.roll_up(&current, table, day),
        }
    }

    fn merge<R: Row>(&self, current: &Catalog, table: &TableSpec, day: Day) -> Result<Option<Change>, StoreError> {
        let of_day = current.files_of(table.name).iter().filter(|file| file.day == day);
        let inputs: Vec<String> = of_day.map(|file| file.path.clone()).collect();
        let mut opened = Vec::new();
        for path in &inputs {
            let Some(rows) = self.open::<R>(path)? else { return Ok(None) };
            opened.push(rows);
        }
        let target = (table, Slot::Day(day), current.version + 1);
        let added = files::write(self.blobs, target, merge::merge(opened))?;
        Ok(Some(Change { removed: inputs.clone(), inputs, added }))
    }

    fn roll_up(&self, current: &Catalog, table: &TableSpec, day: Day) -> Result<Option<Change>, StoreError> {
        let is_day_file = |file: &&LiveFile| file.day == day && file.hour.is_none();
        let Some(minutes) = current.files_of(SAMPLES.name).iter().find(is_day_file) else { return Ok(None) };
        let Some(rows) = self.open::<Sample>(&minutes.path)? else { return Ok(None) };
        let target = (table, Slot::Day(day), current.version + 1);
        let written = files::write(self.blobs, target, roll_up(rows, table.width_minutes))?;
        let added = written.map(|file| LiveFile { made_from: Some(minutes.path.clone()), ..file });
        let old = current.files_of(table.name).iter().filter(|file| file.day == day);
        let removed = old.map(|file| file.path.clone()).collect();
        Ok(Some(Change { inputs: vec![minutes.path.clone()], removed, added }))
    }

    /// The rows of a live file; `None` if it has been replaced meanwhile.
    fn open<R: Row>(&self, path: &str) -> Result<Option<StoredRows<R>>, StoreError> {
        match files::read(self.blobs, path) {
            Ok(rows) => Ok(Some(rows)),
            Err(error) if error.is_not_found() && self.current().files.iter().all(|file| file.path != path) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Switches to `change`; `false` if one of its inputs is no longer live.
    fn commit(&self, change: &Change, now: Timestamp) -> Result<bool, StoreError> {
        let mut truth = locked(self.truth);
        let current = truth.current().clone();
        let is_live = |path: &String| current.files.iter().any(|file| file.path == *path);
        let is_current = change.inputs.iter().all(is_live);
        let switched =
            if is_current { truth.begin(now).and_then(|next| switch(&mut truth, next, change)) } else { Ok(()) };
        if is_current && switched.is_ok() {
            (self.show)(truth.current().clone());
        } else if !truth.is_doubtful()
            && let Some(file) = &change.added
        {
            let _best_effort = self.blobs.delete(&file.path);
        }
        switched.map(|()| is_current)
    }
}

fn switch(truth: &mut Truth, mut next: Catalog, change: &Change) -> Result<(), StoreError> {
    next.replace_files(&change.removed, change.added.clone().into_iter().collect());
    truth.switch(next).map(drop)
}
