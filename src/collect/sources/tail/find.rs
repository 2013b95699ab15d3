//! Finding the file that was being read, and the one that follows it, after a rotation.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::collect::sources::tail::position::{FileId, HEAD_BYTES, Head, Position};

/// Most entries of the directory that are looked at: a log directory has dozens.
const MAX_ENTRIES: usize = 10_000;

/// The number of the file behind `metadata`.
#[must_use]
pub fn id_of(metadata: &Metadata) -> FileId {
    FileId { device: metadata.dev(), inode: metadata.ino() }
}

/// Up to [`HEAD_BYTES`] from the beginning of `file`, not beyond `limit`.
///
/// # Errors
/// Whatever the file system says.
pub fn head_of(file: &File, limit: u64) -> io::Result<Head> {
    let mut bytes = [0_u8; HEAD_BYTES];
    let wanted = usize::try_from(limit).unwrap_or(HEAD_BYTES).min(HEAD_BYTES);
    let mut have = 0;
    while have < wanted {
        match file.read_at(&mut bytes[have..wanted], have as u64)? {
            0 => break,
            read => have += read,
        }
    }
    Ok(Head::of(&bytes[..have]))
}

/// Whether `file` still begins with what was read of it, and reaches as far.
///
/// # Errors
/// Whatever the file system says.
pub fn continues(file: &File, position: &Position) -> io::Result<bool> {
    if file.metadata()?.len() < position.offset {
        return Ok(false);
    }
    Ok(head_of(file, position.head.length as u64)? == position.head)
}

/// The file of `position` under a new name: the same number, or (after copy and truncate) a copy with the same
/// beginning. `None` if there is none, or it does not reach as far as was read.
#[must_use]
pub fn moved(path: &Path, position: &Position) -> Option<File> {
    let mut candidates = rotated(path);
    candidates.sort_by_key(|(_, metadata)| id_of(metadata) != position.file);
    candidates.into_iter().find_map(|(candidate, metadata)| {
        // Without a head, only the number tells; every empty beginning is alike.
        if position.head.length == 0 && id_of(&metadata) != position.file {
            return None;
        }
        let file = File::open(candidate).ok()?;
        continues(&file, position).ok()?.then_some(file)
    })
}

/// The file to read after `finished`: the oldest one rotated since, or else the live file.
///
/// # Errors
/// Whatever the file system says about the live file.
pub fn following(path: &Path, finished: &File) -> io::Result<File> {
    let finished = finished.metadata()?;
    let newer = rotated(path).into_iter().filter(|(_, metadata)| {
        id_of(metadata) != id_of(&finished)
            && (metadata.mtime(), metadata.mtime_nsec()) > (finished.mtime(), finished.mtime_nsec())
    });
    let live = File::open(path)?;
    let live_changed = live.metadata().map(|metadata| (metadata.mtime(), metadata.mtime_nsec()))?;
    let next = newer
        .map(|(name, metadata)| ((metadata.mtime(), metadata.mtime_nsec()), name))
        .filter(|(changed, _)| *changed <= live_changed)
        .min();
    Ok(next.and_then(|(_, name)| File::open(name).ok()).unwrap_or(live))
}

/// Siblings of `path` whose name is its name with a number or a date behind, as logrotate and its kin make them.
/// Packed ones (`.gz`) cannot be read, and copies with other endings were made by hand.
fn rotated(path: &Path) -> Vec<(PathBuf, Metadata)> {
    let (Some(name), parent) = (path.file_name().and_then(|name| name.to_str()), path.parent()) else {
        return Vec::new();
    };
    let parent = parent.filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let is_rotated = |entry: &fs::DirEntry| {
        let entry = entry.file_name();
        let suffix = entry.to_str().and_then(|entry| entry.strip_prefix(name));
        suffix.is_some_and(|suffix| {
            !suffix.is_empty() && suffix.chars().all(|c| c.is_ascii_digit() || "-_.:TZ".contains(c))
        })
    };
    let files = entries.take(MAX_ENTRIES).filter_map(Result::ok).filter(is_rotated);
    let files = files.filter_map(|entry| Some((entry.path(), entry.metadata().ok()?)));
    files.filter(|(_, metadata)| metadata.is_file()).collect()
}
