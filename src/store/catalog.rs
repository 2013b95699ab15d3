//! The catalog: which files are live. Its newest version is the only truth.
//!
//! A version is one JSON file, `catalog/vNNNNNNNN.json`, created exclusively: whoever publishes version N + 1 first
//! has it, and a second writer learns that it lost the store. Any tool that reads JSON can list the live files:
//! `SELECT f.path FROM (SELECT unnest(catalog.files) AS f FROM 'catalog/v00000042.json') WHERE f."table" = 'samples'`.
//!
//! The first bytes are fixed, so that the checksum can cover exactly the bytes of the value of `catalog`:
//! `{"format":1,"crc32":"89abcdef","catalog":` ... `}`. After a switch the same bytes are kept once more as
//! `vNNNNNNNN.copy`, for repair only.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::time::{Day, Hour, Minute, Timestamp};
use crate::store::blob::Blobs;
use crate::store::error::StoreError;
use crate::store::wal::frame::Lsn;

/// Directory of the versions.
pub(crate) const DIR: &str = "catalog";
/// Newest format that is understood.
const FORMAT: u32 = 1;
/// Versions kept, the newest included. Older ones only help a person to see what happened.
const KEPT_VERSIONS: u64 = 4;

/// Everything that is published, at one version.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Catalog {
    /// Counts publications from 1; 0 is the empty store that was never written.
    pub version: u64,
    /// Counts openings for writing, so that the versions of two writers can never be the same bytes.
    pub writer_epoch: u64,
    /// When it was published, RFC 3339.
    pub written_at: String,
    /// First frame of the log that is neither in the files nor in the checkpoint.
    #[serde(with = "lsn_number")]
    pub replay_from: Lsn,
    /// State of the accumulator at `replay_from`; `None` while there was none.
    pub checkpoint: Option<FileRef>,
    /// Every live file, ordered by table, day and hour.
    pub files: Vec<LiveFile>,
    /// How far each import has come.
    pub imports: BTreeMap<String, ImportMark>,
    /// What was counted since the store was created.
    pub counters: Counters,
}

/// A file other than a table's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Path relative to the data directory.
    pub path: String,
    /// Size.
    pub bytes: u64,
    /// CRC-32 (IEEE) of all bytes.
    pub crc32: u32,
}

/// One live Parquet file. All of its rows lie in one hour or one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveFile {
    /// Name of the table.
    pub table: String,
    /// Path relative to the data directory.
    pub path: String,
    /// The UTC day of its rows.
    #[serde(with = "day_text")]
    pub day: Day,
    /// The hour of the day of its rows; `None` if it holds the whole day.
    pub hour: Option<u32>,
    /// Minute of its earliest row.
    #[serde(with = "minute_text")]
    pub first_minute: Minute,
    /// Minute of its latest row.
    #[serde(with = "minute_text")]
    pub last_minute: Minute,
    /// Number of rows.
    pub rows: u64,
    /// Size.
    pub bytes: u64,
    /// CRC-32 (IEEE) of all bytes.
    pub crc32: u32,
    /// For a roll-up: path of the file it was made from. If that is no longer live, the roll-up is stale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_from: Option<String>,
}

impl LiveFile {
    /// Whether the file may hold rows of `hour`.
    #[must_use]
    pub fn covers(&self, hour: Hour) -> bool {
        self.day == hour.day() && self.hour.is_none_or(|own| own == hour.of_day())
    }

    fn order(&self) -> (&str, Day, Option<u32>) {
        (&self.table, self.day, self.hour)
    }
}

/// How far an import has come; kept for ever, so that a second run changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportMark {
    /// Identity of the input, for example a hash of content and mapping.
    pub id: String,
    /// Rows of the input that are published.
    pub rows_done: u64,
    /// Whether that is all of them.
    pub complete: bool,
    /// Where the input came from, for people.
    pub source: String,
}

/// What was counted since the store was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Counters {
    /// Samples that came too late and went to the table `late`.
    pub late_samples: u64,
    /// Damaged places of the log and files that were set aside in `quarantine/`.
    pub quarantined: u64,
    /// Frames of the log known to be lost to damage.
    pub lost_frames: u64,
}

impl Catalog {
    /// The live files of `table`, ordered by time.
    #[must_use]
    pub fn files_of(&self, table: &str) -> &[LiveFile] {
        let start = self.files.partition_point(|file| file.table.as_str() < table);
        let len = self.files[start..].partition_point(|file| file.table == table);
        &self.files[start..start + len]
    }

    /// Takes out the files whose paths are in `removed`, puts in `added`, and keeps the order.
    pub(crate) fn replace_files(&mut self, removed: &[String], added: Vec<LiveFile>) {
        self.files.retain(|file| !removed.contains(&file.path));
        self.files.extend(added);
        self.files.sort_by(|a, b| a.order().cmp(&b.order()));
    }

    /// The successor that is to be changed and published at `now`.
    pub(crate) fn successor(&self, now: Timestamp) -> Self {
        Self { version: self.version + 1, written_at: now.to_string(), ..self.clone() }
    }

    /// The bytes of the version's file.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        // Serialising plain data with string keys cannot fail; an empty body would be refused by every reader.
        let body = serde_json::to_string(self).unwrap_or_default();
        let crc = crc32fast::hash(body.as_bytes());
        format!("{{\"format\":{FORMAT},\"crc32\":\"{crc:08x}\",\"catalog\":{body}}}\n").into_bytes()
    }

    /// Reads the bytes of the file `path`.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] or [`StoreError::Newer`].
    pub(crate) fn from_bytes(path: &str, bytes: &[u8]) -> Result<Self, StoreError> {
        let damaged = |problem: &str| StoreError::damaged(path, problem);
        if bytes.is_empty() {
            return Err(damaged("it is empty"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| damaged("it is not text"))?;
        let rest = text.strip_prefix("{\"format\":").ok_or_else(|| damaged("it does not begin as a catalog does"))?;
        let (format, rest) = rest.split_once(',').ok_or_else(|| damaged("it has no format"))?;
        let format: u32 = format.parse().map_err(|_| damaged("its format is not a number"))?;
        if format > FORMAT {
            return Err(StoreError::Newer { path: path.to_owned(), found: format, known: FORMAT });
        }
        let sealed = rest.strip_prefix("\"crc32\":\"").and_then(|rest| rest.split_once("\",\"catalog\":"));
        let (crc, rest) = sealed.ok_or_else(|| damaged("it has no checksum"))?;
        let body = rest.trim_end().strip_suffix('}').ok_or_else(|| damaged("it ends early"))?;
        if u32::from_str_radix(crc, 16).ok() != Some(crc32fast::hash(body.as_bytes())) {
            return Err(damaged("its checksum does not match"));
        }
        serde_json::from_str(body).map_err(|error| damaged(&format!("it cannot be understood ({error})")))
    }
}

/// Path of version `version`.
pub(crate) fn path_of(version: u64) -> String {
    format!("{DIR}/v{version:08}.json")
}

/// Path of the copy of version `version`.
pub(crate) fn copy_of(version: u64) -> String {
    format!("{DIR}/v{version:08}.copy")
}

/// Numbers of the versions that are there, ascending.
///
/// # Errors
/// If the directory cannot be listed.
pub(crate) fn versions(blobs: &Blobs) -> Result<Vec<u64>, StoreError> {
    let listed = blobs.list(DIR)?;
    let number = |path: &str| path.strip_prefix("catalog/v")?.strip_suffix(".json")?.parse::<u64>().ok();
    let mut found: Vec<u64> = listed.iter().filter_map(|(path, _)| number(path)).collect();
    found.sort_unstable();
    Ok(found)
}

/// The newest version, or version 0 if there is none.
///
/// # Errors
/// [`StoreError::Damaged`] if the newest version cannot be read: an older one is never taken in silence.
pub(crate) fn load(blobs: &Blobs) -> Result<Catalog, StoreError> {
    let Some(&newest) = versions(blobs)?.last() else { return Ok(Catalog::default()) };
    let path = path_of(newest);
    let catalog = Catalog::from_bytes(&path, &blobs.get(&path)?)?;
    if catalog.version == newest {
        Ok(catalog)
    } else {
        Err(StoreError::damaged(&path, format!("it calls itself version {}", catalog.version)))
    }
}

/// Removes versions that are no longer kept. Best effort: what stays is removed next time.
pub(crate) fn prune(blobs: &Blobs, newest: u64) {
    let oldest_kept = newest.saturating_sub(KEPT_VERSIONS - 1);
    for version in versions(blobs).unwrap_or_default().into_iter().filter(|&version| version < oldest_kept) {
        let _best_effort = blobs.delete(&path_of(version)).and(blobs.delete(&copy_of(version)));
    }
}

/// A number in JSON.
mod lsn_number {
    use super::Lsn;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    pub(super) fn serialize<S: Serializer>(lsn: &Lsn, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(lsn.0)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Lsn, D::Error> {
        u64::deserialize(from).map(Lsn)
    }
}

/// RFC 3339 in JSON.
mod minute_text {
    use super::{Minute, Timestamp};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    pub(super) fn serialize<S: Serializer>(minute: &Minute, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(minute)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Minute, D::Error> {
        let text = String::deserialize(from)?;
        let at = Timestamp::parse_rfc3339(&text).ok_or_else(|| D::Error::custom("not a minute in RFC 3339"))?;
        Ok(at.minute())
    }
}

/// `YYYY-MM-DD` in JSON.
mod day_text {
    use super::{Day, Timestamp};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    pub(super) fn serialize<S: Serializer>(day: &Day, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(day)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Day, D::Error> {
        let text = String::deserialize(from)?;
        let at = Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z"));
        Ok(at.ok_or_else(|| D::Error::custom("not a day"))?.minute().day())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(table: &str, hour: Option<u32>) -> LiveFile {
        LiveFile {
            table: table.to_owned(),
            path: format!("{table}/day=2026-11-20/h{hour:?}"),
            day: Day(20_777),
            hour,
            first_minute: Day(20_777).first_minute(),
            last_minute: Day(20_777).first_minute().plus(59),
            rows: 60,
            bytes: 1_000,
            crc32: 7,
            made_from: None,
        }
    }

    fn catalog() -> Catalog {
        let mut catalog = Catalog { version: 3, writer_epoch: 2, replay_from: Lsn(17), ..Catalog::default() };
        catalog.replace_files(&[], vec![file("samples", Some(5)), file("gauges", None), file("samples", Some(4))]);
        catalog.imports.insert("x".into(), ImportMark { id: "x".into(), rows_done: 5, ..ImportMark::default() });
        catalog
    }

    #[test]
    fn catalogs_round_trip_in_order() {
        let catalog = catalog();
        let bytes = catalog.to_bytes();
        assert_eq!(Catalog::from_bytes("c", &bytes).expect("valid"), catalog);
        let whole: serde_json::Value = serde_json::from_slice(&bytes).expect("any JSON reader can read it");
        assert_eq!(whole["catalog"]["files"][1]["first_minute"], "2026-11-20T00:00:00Z");
        let hours: Vec<_> = catalog.files_of("samples").iter().map(|file| file.hour).collect();
        assert_eq!(hours, [Some(4), Some(5)]);
        assert_eq!(catalog.files_of("samples_5m"), []);
    }

    #[test]
    fn damage_is_named_and_never_panics() {
        let bytes = catalog().to_bytes();
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 4;
            let read = Catalog::from_bytes("catalog/v3", &flipped);
            // Only the closing brace and line end lie outside the checksum and the fixed beginning.
            assert!(read.is_err() || at + 2 >= bytes.len(), "byte {at}");
            assert!(Catalog::from_bytes("c", &bytes[..at]).is_err() || at + 1 == bytes.len());
        }
        let error = Catalog::from_bytes("catalog/v3", b"").expect_err("empty").to_string();
        assert!(error.contains("catalog/v3") && error.contains("inspect --repair"), "{error}");
    }

    #[test]
    fn a_newer_format_is_not_damage() {
        let text = String::from_utf8(catalog().to_bytes()).expect("text").replace("\"format\":1", "\"format\":2");
        assert!(matches!(Catalog::from_bytes("c", text.as_bytes()), Err(StoreError::Newer { found: 2, .. })));
    }
}
