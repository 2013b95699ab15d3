//! The few file operations that everything durable is made of.
//!
//! Why a trait of our own: what survives a power cut depends on the order of single writes, syncs and renames. Tests
//! put a simulated disk under the store (`faults.rs`) that forgets what was not synced and fails where it is told to,
//! so every step of every protocol is exercised, not only the ones a temporary folder lets one see.
//!
//! Paths are relative to the data directory, with `/` between their parts.

use std::any::Any;
use std::fmt::Debug;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};

/// A directory tree. All operations take effect at once for this process; what a power cut leaves is only what was
/// synced: contents by [`DiskFile::sync`], names by [`Disk::sync_dir`].
pub trait Disk: Debug + Send + Sync + 'static {
    /// Creates an empty file for writing; fails with `AlreadyExists` if there is one.
    ///
    /// # Errors
    /// As the operating system says.
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Opens an existing file for writing at its end.
    ///
    /// # Errors
    /// As the operating system says.
    fn open_append(&self, path: &str) -> io::Result<Box<dyn DiskFile>>;

    /// Opens an existing file for reading.
    ///
    /// # Errors
    /// As the operating system says.
    fn open(&self, path: &str) -> io::Result<Source>;

    /// Gives `from` the name `to`, replacing what was there.
    ///
    /// # Errors
    /// As the operating system says.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Gives `from` the further name `to`; fails with `AlreadyExists` if there is one.
    ///
    /// # Errors
    /// As the operating system says.
    fn hard_link(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// As the operating system says.
    fn remove(&self, path: &str) -> io::Result<()>;

    /// Creates one directory whose parent exists.
    ///
    /// # Errors
    /// As the operating system says.
    fn create_dir(&self, path: &str) -> io::Result<()>;

    /// Makes the names in a directory durable. `""` is the data directory itself.
    ///
    /// # Errors
    /// As the operating system says.
    fn sync_dir(&self, path: &str) -> io::Result<()>;

    /// Files and directories in a directory, in name order; nothing if there is no such directory.
    ///
    /// # Errors
    /// As the operating system says.
    fn list(&self, dir: &str) -> io::Result<Vec<Entry>>;

    /// Takes the lock file `path` for this process, for as long as the returned guard lives, and writes `note` into
    /// it. `Err(WouldBlock)` carries the note of whoever holds it. A dead process holds nothing.
    ///
    /// # Errors
    /// As the operating system says.
    fn lock(&self, path: &str, note: &str) -> io::Result<LockGuard>;
}

/// A held lock; dropping it lets go.
pub type LockGuard = Box<dyn Any + Send + Sync>;

/// A file open for writing at its end.
pub trait DiskFile: Debug + Send {
    /// Writes all of `bytes` at the end. After an error any part of them may have been written.
    ///
    /// # Errors
    /// As the operating system says.
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Makes the contents durable. After an error nothing is known about what was written since the last success.
    ///
    /// # Errors
    /// As the operating system says.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file to `len` bytes; later writes go there.
    ///
    /// # Errors
    /// As the operating system says.
    fn truncate(&mut self, len: u64) -> io::Result<()>;
}

/// One name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The name, without its directory.
    pub name: String,
    /// Whether it is a directory.
    pub is_dir: bool,
    /// Size in bytes.
    pub bytes: u64,
    /// When it was last written.
    pub modified: DateTime<Utc>,
}

/// An immutable file open for reading.
#[derive(Debug)]
pub enum Source {
    /// A file of this machine, with its full path.
    File(File, PathBuf),
    /// Bytes from anywhere else.
    Bytes(Bytes),
}

impl Source {
    /// All of its bytes.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn read_all(self) -> io::Result<Bytes> {
        match self {
            Self::File(mut file, _) => {
                let mut bytes = Vec::new();
                file.read_to_end(&mut bytes)?;
                Ok(bytes.into())
            }
            Self::Bytes(bytes) => Ok(bytes),
        }
    }
}

/// Creates `dir` and its parents as far as they are missing, and makes each durable in its parent. Also those that are
/// there already: an earlier run may have created one and failed before its name was durable.
///
/// # Errors
/// As the operating system says.
pub fn ensure_dir(disk: &dyn Disk, dir: &str) -> io::Result<()> {
    let ends = dir.match_indices('/').map(|(at, _)| at).chain([dir.len()]);
    let mut parent = "";
    for end in ends {
        let path = &dir[..end];
        match disk.create_dir(path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => disk.sync_dir(parent)?,
        }
        parent = path;
    }
    Ok(())
}

/// The directory part of `path`, `""` for a name in the data directory itself.
#[must_use]
pub fn parent_of(path: &str) -> &str {
    path.rfind('/').map_or("", |at| &path[..at])
}

/// A directory of the local file system.
#[derive(Debug, Clone)]
pub struct LocalDisk {
    root: PathBuf,
}

impl LocalDisk {
    /// The directory `root`, created if it is missing.
    ///
    /// # Errors
    /// As the operating system says.
    pub fn create(root: &Path) -> io::Result<Self> {
        fs::create_dir_all(root)?;
        Ok(Self { root: root.to_owned() })
    }

    /// The directory `root`, which must exist.
    ///
    /// # Errors
    /// `NotFound` or `NotADirectory`.
    pub fn existing(root: &Path) -> io::Result<Self> {
        if fs::metadata(root)?.is_dir() {
            Ok(Self { root: root.to_owned() })
        } else {
            Err(io::ErrorKind::NotADirectory.into())
        }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }
}

impl Disk for LocalDisk {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().append(true).create_new(true).open(self.at(path))?;
        Ok(Box::new(LocalFile(file)))
    }

    fn open_append(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        let file = OpenOptions::new().append(true).open(self.at(path))?;
        Ok(Box::new(LocalFile(file)))
    }

    fn open(&self, path: &str) -> io::Result<Source> {
        let full = self.at(path);
        Ok(Source::File(File::open(&full)?, full))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.at(from), self.at(to))
    }

    fn hard_link(&self, from: &str, to: &str) -> io::Result<()> {
        fs::hard_link(self.at(from), self.at(to))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        fs::remove_file(self.at(path))
    }

    fn create_dir(&self, path: &str) -> io::Result<()> {
        fs::create_dir(self.at(path))
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        File::open(self.at(path))?.sync_all()
    }

    fn list(&self, dir: &str) -> io::Result<Vec<Entry>> {
        let entries = match fs::read_dir(self.at(dir)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for entry in entries {
            let entry = entry?;
            // A file may vanish between listing and looking; a name that is not UTF-8 is not ours.
            let (Ok(meta), Ok(name)) = (entry.metadata(), entry.file_name().into_string()) else { continue };
            let modified = DateTime::<Utc>::from(meta.modified()?);
            found.push(Entry { name, is_dir: meta.is_dir(), bytes: meta.len(), modified });
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    fn lock(&self, path: &str, note: &str) -> io::Result<LockGuard> {
        let full = self.at(path);
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(full)?;
        match file.try_lock() {
            Ok(()) => {
                file.set_len(0)?;
                file.write_all(note.as_bytes())?;
                Ok(Box::new(file))
            }
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder)?;
                Err(io::Error::new(io::ErrorKind::WouldBlock, holder))
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// A directory of another disk, as a disk of its own.
#[derive(Debug)]
pub struct Below {
    disk: Arc<dyn Disk>,
    dir: &'static str,
}

impl Below {
    /// The directory `dir` of `disk`, which need not exist.
    #[must_use]
    pub fn new(disk: Arc<dyn Disk>, dir: &'static str) -> Self {
        Self { disk, dir }
    }

    fn at(&self, path: &str) -> String {
        if path.is_empty() { self.dir.to_owned() } else { format!("{}/{path}", self.dir) }
    }
}

impl Disk for Below {
    fn create_new(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.disk.create_new(&self.at(path))
    }

    fn open_append(&self, path: &str) -> io::Result<Box<dyn DiskFile>> {
        self.disk.open_append(&self.at(path))
    }

    fn open(&self, path: &str) -> io::Result<Source> {
        self.disk.open(&self.at(path))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(&self.at(from), &self.at(to))
    }

    fn hard_link(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.hard_link(&self.at(from), &self.at(to))
    }

    fn remove(&self, path: &str) -> io::Result<()> {
        self.disk.remove(&self.at(path))
    }

    fn create_dir(&self, path: &str) -> io::Result<()> {
        self.disk.create_dir(&self.at(path))
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        self.disk.sync_dir(&self.at(path))
    }

    fn list(&self, dir: &str) -> io::Result<Vec<Entry>> {
        self.disk.list(&self.at(dir))
    }

    fn lock(&self, path: &str, note: &str) -> io::Result<LockGuard> {
        self.disk.lock(&self.at(path), note)
    }
}

#[derive(Debug)]
struct LocalFile(File);

impl DiskFile for LocalFile {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn truncate(&mut self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }
}
