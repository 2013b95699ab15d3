//! A catalog from the files that are there, when neither the newest version nor its copy can be read.
//!
//! Names carry the version that published them, and superseded files are deleted right after each switch. So of all
//! files of one hour, or of one day, the one with the highest version was live; and a file that is older than the last
//! readable catalog and not in it was never live.

use std::collections::BTreeMap;

use crate::domain::gauge::GaugeMinute;
use crate::domain::record::Record;
use crate::domain::sample::Sample;
use crate::domain::time::{Day, Timestamp};
use crate::store::blob::Blobs;
use crate::store::catalog::{self, Catalog, FileRef, LiveFile};
use crate::store::checkpoint;
use crate::store::error::StoreError;
use crate::store::files;
use crate::store::rows::Row;
use crate::store::schema::{self, RowKind};

/// What could be put together.
pub(super) struct Rebuilt {
    pub(super) catalog: Catalog,
    /// Files that cannot be read, and why.
    pub(super) unreadable: Vec<(String, String)>,
    /// Whether the place in the log that the files reach up to is known. If not, the log is replayed from an older
    /// place, and what was published since counts twice.
    pub(super) knows_its_place: bool,
}

/// Versions of which there is a file or a copy, ascending.
pub(super) fn traces(blobs: &Blobs) -> Result<Vec<u64>, StoreError> {
    let number = |path: &str| {
        let name = path.strip_prefix("catalog/v")?;
        name.strip_suffix(".json").or_else(|| name.strip_suffix(".copy"))?.parse::<u64>().ok()
    };
    let mut versions: Vec<u64> = blobs.list(catalog::DIR)?.iter().filter_map(|(path, _)| number(path)).collect();
    versions.sort_unstable();
    versions.dedup();
    Ok(versions)
}

/// What a file's name says.
struct Name<'a> {
    table: &'a str,
    day: Day,
    hour: Option<u32>,
    version: u64,
}

fn parse(path: &str) -> Option<Name<'_>> {
    let parts: Vec<&str> = path.split('/').collect();
    let [table, day, name] = parts[..] else { return None };
    let (slot, version) = name.strip_suffix(".parquet")?.rsplit_once("-v")?;
    let midnight = Timestamp::parse_rfc3339(&format!("{}T00:00:00Z", day.strip_prefix("day=")?))?;
    let hour = if slot == "day" { None } else { Some(slot.strip_prefix('h')?.parse().ok()?) };
    Some(Name { table, day: midnight.minute().day(), hour, version: version.parse().ok()? })
}

/// The catalog that follows from the files, the last readable version `base`, and the fact that `newest` was current.
pub(super) fn from_files(blobs: &Blobs, base: &Catalog, newest: u64) -> Result<Rebuilt, StoreError> {
    let mut catalog = Catalog { version: newest, files: Vec::new(), ..base.clone() };
    let mut unreadable = Vec::new();
    let listed = blobs.list("")?;
    for (path, name) in chosen(&listed, base) {
        let known = base.files.iter().find(|file| file.path == path);
        match known.map_or_else(|| describe(blobs, &path, &name), |file| Ok(file.clone())) {
            Ok(file) => catalog.replace_files(&[], vec![file]),
            Err(error) => unreadable.push((path, error.to_string())),
        }
    }
    let mut newest_checkpoint = None;
    for (path, _) in listed.iter().rev().filter(|(path, _)| path.starts_with(checkpoint::DIR)) {
        let stem = path.trim_start_matches("checkpoint/v");
        let version = stem.trim_end_matches(".bin").trim_end_matches(".copy").parse::<u64>().unwrap_or(0);
        newest_checkpoint.get_or_insert_with(|| checkpoint::path_of(version));
        if version <= base.version {
            break;
        }
        let bytes = blobs.get(path)?;
        if let Ok((_, replay_from)) = checkpoint::from_bytes(path, &bytes) {
            let crc32 = crc32fast::hash(&bytes);
            let path = checkpoint::path_of(version);
            (catalog.checkpoint, catalog.replay_from) =
                (Some(FileRef { path, bytes: bytes.len() as u64, crc32 }), replay_from);
            break;
        }
    }
    let knows_its_place = catalog.checkpoint.as_ref().map(|file| &file.path) == newest_checkpoint.as_ref();
    Ok(Rebuilt { catalog, unreadable, knows_its_place })
}

/// The files that must have been live.
fn chosen<'a>(listed: &'a [(String, u64)], base: &Catalog) -> Vec<(String, Name<'a>)> {
    let mut newest: BTreeMap<(&str, Day, Option<u32>), (&str, Name<'a>)> = BTreeMap::new();
    for (path, _) in listed {
        let Some(name) = parse(path) else { continue };
        let was_live = name.version > base.version || base.files.iter().any(|file| file.path == *path);
        let slot = (name.table, name.day, name.hour);
        let is_newer = newest.get(&slot).is_none_or(|(_, other)| other.version < name.version);
        if was_live && is_newer {
            newest.insert(slot, (path, name));
        }
    }
    let whole_days: BTreeMap<(&str, Day), u64> =
        newest.values().filter(|(_, n)| n.hour.is_none()).map(|(_, n)| ((n.table, n.day), n.version)).collect();
    let is_merged = |name: &Name| name.hour.is_some() && whole_days.contains_key(&(name.table, name.day));
    newest.into_values().filter(|(_, name)| !is_merged(name)).map(|(path, name)| (path.to_owned(), name)).collect()
}

/// Reads a whole file to know what it holds.
fn describe(blobs: &Blobs, path: &str, name: &Name) -> Result<LiveFile, StoreError> {
    let bytes = blobs.get(path)?;
    let mut file = LiveFile {
        table: name.table.to_owned(),
        path: path.to_owned(),
        day: name.day,
        hour: name.hour,
        first_minute: name.day.first_minute().plus(1_439),
        last_minute: name.day.first_minute(),
        rows: 0,
        bytes: bytes.len() as u64,
        crc32: crc32fast::hash(&bytes),
        made_from: None,
    };
    match schema::table(name.table).map(|table| table.rows) {
        Some(RowKind::Samples) => count::<Sample>(blobs, &mut file)?,
        Some(RowKind::Gauges) => count::<GaugeMinute>(blobs, &mut file)?,
        Some(RowKind::Records(_)) => count::<Record>(blobs, &mut file)?,
        None => return Err(StoreError::damaged(path, "it belongs to no known table")),
    }
    Ok(file)
}

fn count<R: Row>(blobs: &Blobs, file: &mut LiveFile) -> Result<(), StoreError> {
    for row in files::read::<R>(blobs, &file.path)? {
        let minute = row?.minute();
        file.rows += 1;
        file.first_minute = file.first_minute.min(minute);
        file.last_minute = file.last_minute.max(minute);
    }
    Ok(())
}
