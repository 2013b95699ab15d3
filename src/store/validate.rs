//! The one validator of sample and record files: for tests, and for a person who wants to know whether a file can be
//! trusted.
//!
//! [`SampleReader`] and [`RecordReader`] already refuse what is not a table, fields that no writer writes and sketches
//! that do not decode. This goes on to what a reader takes for granted: the order of rows, windows that begin where the
//! table's windows begin, and a channel index that describes exactly the rows.

use std::path::Path;

use parquet::file::metadata::ParquetMetaDataReader;

use crate::domain::ids::ChannelId;
use crate::domain::record::Record;
use crate::domain::time::Minute;
use crate::store::parquet::{ChannelIndex, FileSource, FileStats, ParquetError, RecordReader, SampleReader, read};
use crate::store::schema::{KEY_CHANNELS, KEY_TABLE, RowKind, TableSpec};

/// Why a file is not a valid file of its table.
#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    /// It cannot be read to the end.
    #[error("the file cannot be read")]
    Unreadable(#[from] ParquetError),
    /// It says that it belongs elsewhere.
    #[error("the file belongs to the table `{found}`, not to `{expected}`")]
    WrongTable {
        /// Table asked for.
        expected: &'static str,
        /// Table named in the footer.
        found: String,
    },
    /// A row does not come after the one before it.
    #[error("row {row} ({key}, {minute}) does not come after the row before it")]
    Unsorted {
        /// Row, counted from 0.
        row: u64,
        /// Its channel, or its key if it is a record.
        key: String,
        /// Its minute.
        minute: Minute,
    },
    /// A row's window does not begin where windows of the table begin.
    #[error("row {row} begins at {minute}, not at a multiple of {width_minutes} minutes")]
    Misaligned {
        /// Row, counted from 0.
        row: u64,
        /// Its minute.
        minute: Minute,
        /// Width of the table's windows.
        width_minutes: u32,
    },
    /// The footer's channel index describes other rows.
    #[error("the channel index does not describe the rows: queries would read wrong minutes")]
    WrongIndex,
}

/// Reads all of the file at `path` and checks it against `table`; says what it holds.
///
/// # Errors
/// The first fault found, see [`ValidateError`].
pub fn validate(path: &Path, table: &TableSpec) -> Result<FileStats, ValidateError> {
    let source = FileSource::open(path)?;
    let metadata = ParquetMetaDataReader::new().parse_and_finish(&source).map_err(ParquetError::from)?;
    let footer = |key| read::footer(metadata.file_metadata(), key).unwrap_or_default();
    if footer(KEY_TABLE) != table.name {
        return Err(ValidateError::WrongTable { expected: table.name, found: footer(KEY_TABLE).to_owned() });
    }
    let stats = FileStats { bytes: parquet::file::reader::Length::len(&source), ..FileStats::default() };
    if let RowKind::Records(_) = table.rows {
        return records(source, stats);
    }
    let (stats, index) = samples(source, table, stats)?;
    if ChannelIndex::from_text(footer(KEY_CHANNELS)) != Ok(index) {
        return Err(ValidateError::WrongIndex);
    }
    Ok(stats)
}

fn samples(
    source: FileSource,
    table: &TableSpec,
    mut stats: FileStats,
) -> Result<(FileStats, ChannelIndex), ValidateError> {
    let mut index = ChannelIndex::default();
    let mut last: Option<(ChannelId, Minute)> = None;
    for (row, sample) in (0..).zip(SampleReader::new(source)?) {
        let sample = sample?;
        let (channel, minute) = (sample.channel, sample.minute);
        if minute.floor_to(table.width_minutes) != minute {
            return Err(ValidateError::Misaligned { row, minute, width_minutes: table.width_minutes });
        }
        let order = last.as_ref().map(|(before, at)| (before, at).cmp(&(&channel, &minute)));
        if order.is_some_and(|order| order.is_gt() || (table.unique && order.is_eq())) {
            return Err(ValidateError::Unsorted { row, key: channel.to_string(), minute });
        }
        index.push(&channel, minute);
        count(&mut stats, minute);
        last = Some((channel, minute));
    }
    stats.channels = index.spans().len() as u64;
    Ok((stats, index))
}

fn records(source: FileSource, mut stats: FileStats) -> Result<FileStats, ValidateError> {
    let mut last: Option<Record> = None;
    for (row, record) in (0..).zip(RecordReader::new(source)?) {
        let record = record?;
        let minute = record.ts().minute();
        if last.as_ref().is_some_and(|last| last.key() >= record.key()) {
            return Err(ValidateError::Unsorted { row, key: format!("{:?}", record.key_cells()), minute });
        }
        let is_new_key = last.as_ref().is_none_or(|last| last.key_cells() != record.key_cells());
        stats.channels += u64::from(is_new_key);
        count(&mut stats, minute);
        last = Some(record);
    }
    Ok(stats)
}

fn count(stats: &mut FileStats, minute: Minute) {
    stats.rows += 1;
    stats.first_minute = Some(stats.first_minute.map_or(minute, |first| first.min(minute)));
    stats.last_minute = stats.last_minute.max(Some(minute));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sample::Sample;
    use crate::store::parquet::tests::any_record;
    use crate::store::parquet::{RecordWriter, SampleWriter};
    use crate::store::schema::{LATE, RECORD_TABLES, SAMPLES, SAMPLES_5M};
    use proptest::strategy::{Strategy, ValueTree};
    use proptest::test_runner::TestRunner;

    fn file(table: &TableSpec, rows: &[(&str, u32)]) -> (tempfile::NamedTempFile, FileStats) {
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        let mut writer = SampleWriter::new(file.reopen().expect("opens again"), table).expect("header");
        for &(channel, minute) in rows {
            let channel = ChannelId::new(channel).expect("valid name");
            writer.push(&Sample::new(channel, Minute(minute))).expect("sorted row");
        }
        let (stats, _) = writer.finish().expect("footer");
        (file, stats)
    }

    #[test]
    fn what_the_writer_writes_is_valid() {
        let (written, stats) = file(&SAMPLES, &[("a", 1), ("a", 2), ("b", 9)]);
        assert_eq!(validate(written.path(), &SAMPLES).expect("valid"), stats);
        let (late, stats) = file(&LATE, &[("a", 1), ("a", 1)]);
        assert_eq!(validate(late.path(), &LATE).expect("pieces of one minute"), stats);
    }

    #[test]
    fn records_are_checked_too() {
        let [table, ..] = &RECORD_TABLES;
        let RowKind::Records(described) = table.rows else { unreachable!("a table of records") };
        let mut runner = TestRunner::deterministic();
        let record = any_record(described).new_tree(&mut runner).expect("a record").current();
        let file = tempfile::NamedTempFile::new().expect("temporary file");
        let mut writer = RecordWriter::new(file.reopen().expect("opens again"), described).expect("header");
        writer.push(&record).expect("a row");
        let (stats, _) = writer.finish().expect("footer");
        assert_eq!((stats.rows, stats.channels), (1, 1));
        assert_eq!(validate(file.path(), table).expect("valid"), stats);
        assert!(matches!(validate(file.path(), &SAMPLES), Err(ValidateError::WrongTable { .. })));
    }

    #[test]
    fn faults_are_named() {
        let (written, _) = file(&SAMPLES, &[("a", 1)]);
        let wrong = validate(written.path(), &LATE).expect_err("another table");
        assert!(wrong.to_string().contains("`samples`"), "{wrong}");
        let (roll_up, _) = file(&SAMPLES_5M, &[("a", 7)]);
        let misaligned = validate(roll_up.path(), &SAMPLES_5M).expect_err("no window begins there");
        assert!(matches!(misaligned, ValidateError::Misaligned { row: 0, .. }));
        let mut bytes = std::fs::read(written.path()).expect("bytes");
        let at = bytes.windows(7).position(|window| window == b"a\t1\t1\t1").expect("the index entry");
        bytes[at + 4] = b'0';
        std::fs::write(written.path(), bytes).expect("written");
        assert!(matches!(validate(written.path(), &SAMPLES), Err(ValidateError::WrongIndex)));
    }
}
