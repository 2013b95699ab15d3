//! Looking for damage, and saving what can be saved.
//!
//! An opening refuses a store whose catalog, checkpoint or live files are damaged, because every way on loses or
//! guesses something, and that is the operator's decision. [`inspect`] reads everything and reports; [`repair`] takes
//! that decision:
//! - a damaged catalog or checkpoint is taken from its copy: nothing is lost;
//! - if the copy is damaged too, the catalog is put together from the names and contents of the files that are there:
//!   superseded files are deleted right after each switch, so that what is there is what was live;
//! - a checkpoint without a good copy is given up: batches that were accepted but not published then are lost;
//! - if catalog, checkpoint and both copies are damaged, what is left of the log is replayed from an older place:
//!   batches that were published since count twice, and the report says so;
//! - a damaged Parquet file is moved to `quarantine/` and its rows are lost;
//! - a damaged model is moved to `quarantine/`: it can be fitted anew;
//! - damage of the log is left to the opening, which steps over it.
//!
//! Whatever is replaced or given up is kept in `quarantine/` first. Repairing twice changes nothing more.

mod rebuild;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;

use crate::domain::time::Timestamp;
use crate::store::blob::{Blobs, DurableLocal};
use crate::store::catalog::{self, Catalog, LiveFile};
use crate::store::disk::{Disk, LocalDisk, ensure_dir};
use crate::store::error::StoreError;
use crate::store::recover::Survey;
use crate::store::wal::segment;
use crate::store::{checkpoint, lock, models, quarantine};

/// One damaged thing and what is done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file, relative to the data directory.
    pub path: String,
    /// What is wrong with it.
    pub problem: String,
    /// What repairing does, as a sentence.
    pub answer: String,
    /// Whether something is lost for good.
    pub loses: bool,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}; {}", self.path, self.problem, self.answer)
    }
}

/// What was found, and what there is besides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inspection {
    /// The catalog version that is (or after a repair: has become) the truth.
    pub version: u64,
    /// Live files.
    pub files: u64,
    /// Rows in them.
    pub rows: u64,
    /// Bytes of them.
    pub bytes: u64,
    /// Everything damaged. Empty if all is well.
    pub findings: Vec<Finding>,
}

/// Reads everything and reports what is damaged. Takes no lock and changes nothing; beside a running writer, a file
/// that is just being replaced may be reported as gone.
///
/// # Errors
/// If the directory cannot be read, or was written by a newer program.
pub fn inspect(root: &Path) -> Result<Inspection, StoreError> {
    let disk = LocalDisk::existing(root).map_err(StoreError::io("open", &root.to_string_lossy()))?;
    Surgeon::new(Arc::new(disk), false).operate().map(|(_, inspection)| inspection)
}

/// Saves what can be saved, as the module says, and publishes the result as a new catalog version.
///
/// # Errors
/// [`StoreError::Locked`] if a process is using the store; or if something cannot be read or written. Doing it again
/// is safe.
pub fn repair(root: &Path, now: Timestamp) -> Result<Inspection, StoreError> {
    let disk = LocalDisk::existing(root).map_err(StoreError::io("open", &root.to_string_lossy()))?;
    repair_on(Arc::new(disk), now)
}

/// [`repair`] on any disk.
pub(crate) fn repair_on(disk: Arc<dyn Disk>, now: Timestamp) -> Result<Inspection, StoreError> {
    let _lock = lock::acquire(&*disk, now)?;
    ensure_dir(&*disk, catalog::DIR).map_err(StoreError::io("create", catalog::DIR))?;
    let mut surgeon = Surgeon::new(disk, true);
    let (catalog, mut inspection) = surgeon.operate()?;
    let is_of_catalog =
        |finding: &Finding| ![segment::DIR, models::DIR].iter().any(|dir| finding.path.starts_with(dir));
    let is_changed = inspection.findings.iter().any(is_of_catalog);
    if is_changed {
        let mut next = catalog.successor(now);
        next.version = next.version.max(surgeon.newest + 1);
        next.writer_epoch += 1;
        next.counters.quarantined += surgeon.set_aside;
        let path = catalog::path_of(next.version);
        if !surgeon.blobs.put_if_absent(&path, next.to_bytes().into())? {
            return Err(StoreError::Fenced { version: next.version });
        }
        surgeon.blobs.put(&catalog::copy_of(next.version), next.to_bytes().into())?;
        inspection.version = next.version;
    }
    Ok(inspection)
}

/// Looks, and if it may, cuts.
struct Surgeon {
    disk: Arc<dyn Disk>,
    blobs: Blobs,
    may_change: bool,
    findings: Vec<Finding>,
    /// The newest version of which there is a trace.
    newest: u64,
    /// Damaged things newly set aside.
    set_aside: u64,
}

impl Surgeon {
    fn new(disk: Arc<dyn Disk>, may_change: bool) -> Self {
        let blobs = Blobs::new(Arc::new(DurableLocal::new(disk.clone())));
        Self { disk, blobs, may_change, findings: Vec::new(), newest: 0, set_aside: 0 }
    }

    /// Finds the catalog that is or is to be the truth.
    fn operate(&mut self) -> Result<(Catalog, Inspection), StoreError> {
        let mut catalog = self.catalog()?;
        self.checkpoint(&mut catalog)?;
        self.files(&mut catalog)?;
        self.models()?;
        let survey = Survey::of(&*self.disk, catalog.replay_from)?;
        for (damage, _) in survey.damage.iter().chain(&survey.tail) {
            let problem = format!("{} damaged bytes at byte {}", damage.bytes, damage.offset);
            let answer = format!("the next opening steps over them; {} batches are lost", damage.lost_frames);
            self.note(&damage.path, problem, answer, damage.lost_frames > 0);
        }
        let sum = |of: fn(&LiveFile) -> u64| catalog.files.iter().map(of).sum();
        let inspection = Inspection {
            version: catalog.version,
            files: catalog.files.len() as u64,
            rows: sum(|file| file.rows),
            bytes: sum(|file| file.bytes),
            findings: self.findings.clone(),
        };
        Ok((catalog, inspection))
    }

    fn note(&mut self, path: &str, problem: impl Into<String>, answer: impl Into<String>, loses: bool) {
        let finding = Finding { path: path.to_owned(), problem: problem.into(), answer: answer.into(), loses };
        self.findings.push(finding);
    }

    /// Keeps the damaged bytes of `path`, if it is there.
    fn set_aside(&mut self, path: &str) -> Result<(), StoreError> {
        if !self.may_change {
            return Ok(());
        }
        match self.blobs.get(path) {
            Ok(bytes) => self.set_aside += u64::from(quarantine::keep(&self.blobs, path, 0, bytes)?),
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Reads `path` by `read`; `Err` is what is wrong with it, the outer error what cannot be got over.
    fn try_read<T>(
        &self,
        path: &str,
        read: impl FnOnce(&Bytes) -> Result<T, StoreError>,
    ) -> Result<Result<T, String>, StoreError> {
        match self.blobs.get(path).and_then(|bytes| read(&bytes)) {
            Ok(value) => Ok(Ok(value)),
            Err(StoreError::Damaged { problem, .. }) => Ok(Err(problem)),
            Err(error) if error.is_not_found() => Ok(Err("it is gone".to_owned())),
            Err(error) => Err(error),
        }
    }

    fn catalog(&mut self) -> Result<Catalog, StoreError> {
        let versions = rebuild::traces(&self.blobs)?;
        let Some(&newest) = versions.last() else {
            let listed = self.blobs.list("")?;
            if listed.iter().any(|(path, _)| crate::store::recover::is_table_file(path)) {
                return self.rebuild(&Catalog::default());
            }
            return Ok(Catalog::default());
        };
        self.newest = newest;
        let (path, copy) = (catalog::path_of(newest), catalog::copy_of(newest));
        let problem = match self.try_read(&path, |bytes| Catalog::from_bytes(&path, bytes))? {
            Ok(catalog) => return Ok(catalog),
            Err(problem) => problem,
        };
        self.set_aside(&path)?;
        if let Ok(catalog) = self.try_read(&copy, |bytes| Catalog::from_bytes(&copy, bytes))? {
            self.note(&path, problem, format!("it is taken from its copy `{copy}`; nothing is lost"), false);
            return Ok(catalog);
        }
        self.set_aside(&copy)?;
        self.note(&path, problem, "its copy is damaged too; it is put together from the files that are there", true);
        for &version in versions.iter().rev().skip(1) {
            for path in [catalog::path_of(version), catalog::copy_of(version)] {
                if let Ok(base) = self.try_read(&path, |bytes| Catalog::from_bytes(&path, bytes))? {
                    return self.rebuild(&base);
                }
            }
        }
        self.rebuild(&Catalog::default())
    }

    fn rebuild(&mut self, base: &Catalog) -> Result<Catalog, StoreError> {
        let rebuilt = rebuild::from_files(&self.blobs, base, self.newest)?;
        for (path, problem) in rebuilt.unreadable {
            self.set_aside(&path)?;
            self.note(&path, problem, "it is moved to `quarantine/`; its rows are lost", true);
        }
        let since = format!("what was counted and how far imports came is known up to version {}", base.version);
        self.note(catalog::DIR, "the newest readable version is old", since, base.version < self.newest);
        if !rebuilt.knows_its_place {
            let answer = "the log is replayed from an older place; batches that were published since count twice";
            self.note(checkpoint::DIR, "the newest checkpoint cannot be read either", answer, true);
        }
        Ok(rebuilt.catalog)
    }

    fn checkpoint(&mut self, catalog: &mut Catalog) -> Result<(), StoreError> {
        let Some(file) = catalog.checkpoint.clone() else { return Ok(()) };
        let path = file.path;
        let Err(problem) = self.try_read(&path, |bytes| checkpoint::from_bytes(&path, bytes))? else { return Ok(()) };
        self.set_aside(&path)?;
        let copy = checkpoint::copy_of(&path);
        let saved = self.try_read(&copy, |bytes| checkpoint::from_bytes(&copy, bytes).map(|_| bytes.clone()))?;
        if let Ok(bytes) = saved {
            if self.may_change {
                self.blobs.put(&path, bytes)?;
            }
            self.note(&path, problem, format!("it is taken from its copy `{copy}`; nothing is lost"), false);
        } else {
            self.set_aside(&copy)?;
            catalog.checkpoint = None;
            let answer = "its copy is damaged too: batches accepted but not published when it was written, idempotency \
                          keys and source cursors of that time are lost; later batches are in the log";
            self.note(&path, problem, answer, true);
        }
        Ok(())
    }

    fn models(&mut self) -> Result<(), StoreError> {
        for (_, read) in models::all(&self.blobs)? {
            match read {
                Ok(_) => {}
                Err(StoreError::Damaged { path, problem }) => {
                    if self.may_change {
                        quarantine::set_aside(&self.blobs, &path)?;
                    }
                    self.note(&path, problem, "it is moved to `quarantine/`; the model is fitted anew", false);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn files(&mut self, catalog: &mut Catalog) -> Result<(), StoreError> {
        let mut bad = Vec::new();
        for file in &catalog.files {
            let checked = self.try_read(&file.path, |bytes| {
                let is_whole = bytes.len() as u64 == file.bytes && crc32fast::hash(bytes) == file.crc32;
                let damaged = || StoreError::damaged(&file.path, "its checksum does not match");
                is_whole.then_some(()).ok_or_else(damaged)
            })?;
            if let Err(problem) = checked {
                bad.push((file.clone(), problem));
            }
        }
        for (file, problem) in bad {
            self.set_aside(&file.path)?;
            let answer = format!("it is moved to `quarantine/`; {} rows of {} are lost", file.rows, file.day);
            self.note(&file.path, problem, answer, true);
            catalog.replace_files(&[file.path], Vec::new());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
