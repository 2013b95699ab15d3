//! What the tables' rows have in common: how they are ordered, joined, read and written.
//!
//! Three kinds of rows, samples, gauge minutes and records, go through the same publication, the same merge and the same
//! compaction.

use std::io::Write;

use crate::domain::batch::Mode;
use crate::domain::gauge::GaugeMinute;
use crate::domain::ids::ChannelId;
use crate::domain::record::{Record, RecordKey};
use crate::domain::sample::Sample;
use crate::domain::series::SeriesKey;
use crate::domain::time::Minute;
use crate::store::disk::Source;
use crate::store::parquet::{
    FileSource, FileStats, GaugeReader, GaugeWriter, ParquetError, RecordReader, RecordWriter, SampleReader,
    SampleWriter,
};
use crate::store::schema::{RowKind, TableSpec};

/// Rows of a file, in file order.
pub(crate) type Rows<R> = Box<dyn Iterator<Item = Result<R, ParquetError>>>;

/// A row of a table.
pub(crate) trait Row: Clone + Sized + 'static {
    /// What files are sorted by, and what is unique where the table says so.
    type Key: Ord + Clone;

    /// The key of this row.
    fn key(&self) -> Self::Key;

    /// The minute of this row.
    fn minute(&self) -> Minute;

    /// Joins `change` to the row that is there.
    fn join(&mut self, change: &Self, mode: Mode);

    /// Called once for a row that readers have seen and that pieces were added to.
    fn raise_revision(&mut self);

    /// Opens a file.
    ///
    /// # Errors
    /// If it is no file of such rows.
    fn read(source: Source) -> Result<Rows<Self>, ParquetError>;

    /// Writes all of `rows`, which come sorted, to a file of `table`.
    ///
    /// # Errors
    /// If the sink fails, or `rows` are not sorted.
    fn write<W: Write + Send>(
        table: &TableSpec,
        sink: W,
        rows: &mut dyn Iterator<Item = Self>,
    ) -> Result<(FileStats, W), ParquetError>;
}

fn open(source: Source) -> Result<FileSource, ParquetError> {
    match source {
        Source::File(file, path) => FileSource::from_file(file).map_err(|source| ParquetError::Open { path, source }),
        Source::Bytes(bytes) => Ok(FileSource::from_bytes(bytes)),
    }
}

impl Row for Sample {
    type Key = (ChannelId, Minute);

    fn key(&self) -> Self::Key {
        (self.channel.clone(), self.minute)
    }

    fn minute(&self) -> Minute {
        self.minute
    }

    fn join(&mut self, change: &Self, mode: Mode) {
        match mode {
            Mode::Add => self.merge(change),
            Mode::Replace if change.revision > self.revision => self.clone_from(change),
            Mode::Replace => {}
        }
    }

    fn raise_revision(&mut self) {
        self.revision = self.revision.saturating_add(1);
    }

    fn read(source: Source) -> Result<Rows<Self>, ParquetError> {
        Ok(Box::new(SampleReader::new(open(source)?)?))
    }

    fn write<W: Write + Send>(
        table: &TableSpec,
        sink: W,
        rows: &mut dyn Iterator<Item = Self>,
    ) -> Result<(FileStats, W), ParquetError> {
        let mut writer = SampleWriter::new(sink, table)?;
        for row in rows {
            writer.push(&row)?;
        }
        writer.finish()
    }
}

impl Row for GaugeMinute {
    type Key = (SeriesKey, Minute);

    fn key(&self) -> Self::Key {
        (self.series(), self.minute)
    }

    fn minute(&self) -> Minute {
        self.minute
    }

    fn join(&mut self, change: &Self, _mode: Mode) {
        self.merge(change);
    }

    fn raise_revision(&mut self) {}

    fn read(source: Source) -> Result<Rows<Self>, ParquetError> {
        Ok(Box::new(GaugeReader::new(open(source)?)?))
    }

    fn write<W: Write + Send>(
        table: &TableSpec,
        sink: W,
        rows: &mut dyn Iterator<Item = Self>,
    ) -> Result<(FileStats, W), ParquetError> {
        let mut writer = GaugeWriter::new(sink, table)?;
        for row in rows {
            writer.push(&row)?;
        }
        writer.finish()
    }
}

impl Row for Record {
    type Key = RecordKey;

    fn key(&self) -> Self::Key {
        Self::key(self)
    }

    fn minute(&self) -> Minute {
        self.ts().minute()
    }

    /// The later record takes the place of the earlier one: a conclusion is drawn anew, not added to.
    fn join(&mut self, change: &Self, _mode: Mode) {
        self.clone_from(change);
    }

    fn raise_revision(&mut self) {}

    fn read(source: Source) -> Result<Rows<Self>, ParquetError> {
        Ok(Box::new(RecordReader::new(open(source)?)?))
    }

    fn write<W: Write + Send>(
        table: &TableSpec,
        sink: W,
        rows: &mut dyn Iterator<Item = Self>,
    ) -> Result<(FileStats, W), ParquetError> {
        let RowKind::Records(described) = table.rows else {
            return Err(ParquetError::NotATable(format!("`{}` is no table of records", table.name)));
        };
        let mut writer = RecordWriter::new(sink, described)?;
        for row in rows {
            writer.push(&row)?;
        }
        writer.finish()
    }
}
