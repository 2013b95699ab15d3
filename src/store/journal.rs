//! The journal: what was decided and done, and by whom, one line each, chained by hashes.
//!
//! Each line is a JSON object that ends with `"before"`, the hash of the line in front of it, and `"hash"`, the SHA-256 of
//! all of the line up to its own hash. Whoever changes, removes or adds a line breaks the chain from there on; whoever keeps
//! the newest hash elsewhere can also tell that nothing was cut off the end. Any language checks it in a dozen lines.
//!
//! Lines are only ever appended, each synced before the call returns, to files of some megabytes below `journal/`. A torn
//! last line, left by a power cut, is cut off. Damage anywhere else is left as it is, for [`check`] to show: what follows
//! goes to a new file and begins a new chain.

mod line;

use std::fmt::Debug;
use std::sync::Arc;

use serde_json::Value;

use crate::domain::time::Timestamp;
use crate::store::disk::{Disk, DiskFile, Source, ensure_dir};
use crate::store::error::StoreError;
use line::{Before, Head, Line};

/// Directory of the journal.
pub(crate) const DIR: &str = "journal";
/// Ending of its files.
const ENDING: &str = ".jsonl";
/// A file that has reached this size is followed by a new one.
const FILE_BYTES: u64 = 16 * 1024 * 1024;

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its number, from 1.
    pub number: u64,
    /// When it was written.
    pub at: Timestamp,
    /// What kind of thing happened.
    pub kind: String,
    /// What happened.
    pub body: Value,
}

/// What [`check`] found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checked {
    /// Lines that are in order.
    pub entries: u64,
    /// Files that were read.
    pub files: u64,
    /// Hash of the newest line, in hexadecimal; empty if there is none.
    pub head: String,
    /// What is wrong, each with its file and line.
    pub faults: Vec<String>,
}

/// The journal, open for appending.
#[derive(Debug)]
pub(crate) struct Journal {
    disk: Arc<dyn Disk>,
    head: Head,
    file_bytes: u64,
    active: Option<Active>,
}

/// The file that is written to.
#[derive(Debug)]
struct Active {
    path: String,
    file: Box<dyn DiskFile>,
    /// Bytes that were written and synced.
    acknowledged: u64,
    /// A write or sync failed: nobody knows what lies behind the acknowledged bytes.
    suspect: bool,
}

impl Journal {
    /// Opens the journal on `disk`, cutting off a torn last line.
    ///
    /// # Errors
    /// If it cannot be read, or the torn line not be cut off.
    pub(crate) fn open(disk: Arc<dyn Disk>) -> Result<Self, StoreError> {
        Self::open_with(disk, FILE_BYTES)
    }

    fn open_with(disk: Arc<dyn Disk>, file_bytes: u64) -> Result<Self, StoreError> {
        let mut journal = Self { disk, head: Head::default(), file_bytes, active: None };
        let files = files(&*journal.disk)?;
        let Some(last) = files.last() else { return Ok(journal) };
        let bytes = read(&*journal.disk, last)?;
        let found = line::scan(&bytes, Before::Unknown);
        // Behind damage a new file begins, and with it a new chain.
        if found.fault.is_none() {
            journal.head = found.head.unwrap_or(Head { number: number_of(last).max(1) - 1, hash: String::new() });
            let mut file = journal.disk.open_append(last).map_err(StoreError::io("open", last))?;
            if let Some(whole) = found.torn {
                tracing::warn!(file = last, "the last line of the journal was torn and is cut off");
                file.truncate(whole).map_err(StoreError::io("cut", last))?;
                file.sync().map_err(StoreError::io("sync", last))?;
            }
            let acknowledged = found.torn.unwrap_or(bytes.len() as u64);
            journal.active = Some(Active { path: last.clone(), file, acknowledged, suspect: false });
        } else {
            // Beyond anything that it may hold.
            let lines = bytes.split(|byte| *byte == b'\n').count() as u64;
            journal.head.number = number_of(last) + lines;
            tracing::error!(file = last, "the journal is damaged; what follows begins a new chain");
        }
        Ok(journal)
    }

    /// Appends one line; when this returns, it survives a power cut. Returns its number.
    ///
    /// # Errors
    /// Whatever the operating system refuses. The line is then not there, and the call can be repeated.
    pub(crate) fn append(&mut self, at: Timestamp, kind: &str, body: &Value) -> Result<u64, StoreError> {
        let number = self.head.number + 1;
        let Line { text, hash } = Line::of(number, at, kind, body, &self.head.hash);
        let active = self.writable()?;
        active.suspect = true;
        active.file.write_all(text.as_bytes()).map_err(StoreError::io("append to", &active.path))?;
        active.file.sync().map_err(StoreError::io("sync", &active.path))?;
        active.suspect = false;
        active.acknowledged += text.len() as u64;
        self.head = Head { number, hash };
        Ok(number)
    }

    /// The file to write to, without anything of a write that failed.
    fn writable(&mut self) -> Result<&mut Active, StoreError> {
        let active = match self.active.take() {
            Some(mut active) if active.acknowledged < self.file_bytes => {
                if active.suspect {
                    active.file.truncate(active.acknowledged).map_err(StoreError::io("cut", &active.path))?;
                    active.suspect = false;
                }
                active
            }
            _ => self.begin_file()?,
        };
        Ok(self.active.insert(active))
    }

    fn begin_file(&self) -> Result<Active, StoreError> {
        let path = path_of(self.head.number + 1);
        ensure_dir(&*self.disk, DIR).map_err(StoreError::io("create", DIR))?;
        // One that is there holds no line: its first write failed.
        let _gone = self.disk.remove(&path);
        let file = self.disk.create_new(&path).map_err(StoreError::io("create", &path))?;
        self.disk.sync_dir(DIR).map_err(StoreError::io("sync", DIR))?;
        Ok(Active { path, file, acknowledged: 0, suspect: false })
    }
}

/// Reads every line and checks the chain; changes nothing. A torn last line is no fault: the writer may be at it.
///
/// # Errors
/// If a file cannot be read.
pub(crate) fn check(disk: &dyn Disk) -> Result<Checked, StoreError> {
    let mut checked = Checked::default();
    let mut head: Option<Head> = None;
    let files = files(disk)?;
    for (at, path) in files.iter().enumerate() {
        let found = line::scan(&read(disk, path)?, head.clone().map_or(Before::Nothing, Before::Line));
        checked.files += 1;
        checked.entries += found.lines;
        checked.faults.extend(found.fault.map(|(line, problem)| format!("{path}:{line}: {problem}")));
        if found.torn.is_some() && at + 1 < files.len() {
            checked.faults.push(format!("{path}: its last line is torn"));
        }
        head = found.head.or(head);
    }
    checked.head = head.map(|head| head.hash).unwrap_or_default();
    Ok(checked)
}

/// The newest `most` entries, the newest first, as far as they are in order.
///
/// # Errors
/// If a file cannot be read.
pub(crate) fn newest(disk: &dyn Disk, most: usize) -> Result<Vec<Entry>, StoreError> {
    let mut entries = Vec::new();
    for path in files(disk)?.iter().rev() {
        let bytes = read(disk, path)?;
        let lines = bytes.split(|byte| *byte == b'\n').filter_map(line::entry);
        let mut found: Vec<Entry> = lines.collect();
        found.reverse();
        entries.extend(found);
        if entries.len() >= most {
            break;
        }
    }
    entries.truncate(most);
    Ok(entries)
}

fn read(disk: &dyn Disk, path: &str) -> Result<bytes::Bytes, StoreError> {
    disk.open(path).and_then(Source::read_all).map_err(StoreError::io("read", path))
}

/// Paths of all files, in the order of their lines.
fn files(disk: &dyn Disk) -> Result<Vec<String>, StoreError> {
    let entries = disk.list(DIR).map_err(StoreError::io("list", DIR))?;
    let files = entries.into_iter().filter(|entry| !entry.is_dir && entry.name.ends_with(ENDING));
    Ok(files.map(|entry| format!("{DIR}/{}", entry.name)).collect())
}

/// Path of the file whose first line has `number`.
fn path_of(number: u64) -> String {
    format!("{DIR}/{number:012}{ENDING}")
}

/// Number of the first line of the file at `path`.
fn number_of(path: &str) -> u64 {
    let name = path.strip_prefix(DIR).and_then(|path| path.strip_prefix('/'));
    name.and_then(|name| name.strip_suffix(ENDING)?.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
