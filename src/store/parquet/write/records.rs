//! The writer of tables of records.

use std::io::Write;

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::Result as FormatResult;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::types::ColumnPath;

use crate::domain::record::{Cell, Kind, Record, RecordTable};
use crate::store::parquet::write::{Counted, GROUP_ROWS, GROUP_ROWS_MAX, Pending, dictionary, open, properties};
use crate::store::parquet::{FileStats, ParquetError};
use crate::store::schema::{FIRST_CELL, TS, record_schema};

/// Writes records of one table, sorted by key and time, to `W`.
pub struct RecordWriter<W: Write + Send> {
    table: &'static RecordTable,
    file: SerializedFileWriter<Counted<W>>,
    stats: FileStats,
    last: Option<Record>,
    ts: Pending<i64>,
    /// In the order of the table's columns.
    columns: Vec<Column>,
}

impl<W: Write + Send> RecordWriter<W> {
    /// Starts a file of `table`.
    ///
    /// # Errors
    /// [`ParquetError::Format`] if the sink refuses the first bytes.
    pub fn new(sink: W, table: &'static RecordTable) -> Result<Self, ParquetError> {
        let file = open(sink, &record_schema(table), table.name, record_properties(table)?)?;
        let columns = table.columns.iter().map(|column| Column::new(column.kind)).collect();
        Ok(Self { table, file, stats: FileStats::default(), last: None, ts: Pending::default(), columns })
    }

    /// Adds the next row.
    ///
    /// # Errors
    /// [`ParquetError::Unsorted`] if the row does not come after the one before it, [`ParquetError::WrongTable`] if it
    /// is a record of another table, [`ParquetError::Format`] if the sink fails.
    pub fn push(&mut self, record: &Record) -> Result<(), ParquetError> {
        let (row, minute) = (self.stats.rows, record.ts().minute());
        if record.table() != self.table {
            let (expected, found) = (self.table.name, record.table().name);
            return Err(ParquetError::WrongTable { row, expected, found });
        }
        if self.last.as_ref().is_some_and(|last| last.key() >= record.key()) {
            return Err(ParquetError::Unsorted { row, key: format!("{:?}", record.key_cells()), minute });
        }
        let is_new_key = self.last.as_ref().is_none_or(|last| last.key_cells() != record.key_cells());
        let rows = self.ts.levels.len();
        if rows >= GROUP_ROWS_MAX || (rows >= GROUP_ROWS && is_new_key) {
            self.flush()?;
        }
        self.ts.push(Some(record.ts().millis()));
        for (column, cell) in self.columns.iter_mut().zip(record.cells()) {
            column.push(cell);
        }
        self.last = Some(record.clone());
        self.stats.rows += 1;
        self.stats.channels += u64::from(is_new_key);
        self.stats.first_minute = Some(self.stats.first_minute.map_or(minute, |first| first.min(minute)));
        self.stats.last_minute = self.stats.last_minute.max(Some(minute));
        Ok(())
    }

    /// Writes what is left and the footer; gives the sink back, to be synced.
    ///
    /// # Errors
    /// [`ParquetError::Format`] if the sink fails.
    pub fn finish(mut self) -> Result<(FileStats, W), ParquetError> {
        self.flush()?;
        let sink = self.file.into_inner()?;
        self.stats.bytes = sink.bytes;
        Ok((self.stats, sink.inner))
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        if self.ts.levels.is_empty() {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        self.ts.write::<Int64Type, _>(&mut group)?;
        for column in &mut self.columns {
            column.write(&mut group)?;
        }
        group.close()?;
        Ok(())
    }
}

fn record_properties(table: &RecordTable) -> FormatResult<WriterProperties> {
    let position = |at: usize| i32::try_from(at).unwrap_or_default();
    let keys = (FIRST_CELL..).take(table.key_columns).map(position);
    let mut builder = properties(keys.chain([position(TS)]))?;
    for column in table.columns {
        builder = match column.kind {
            Kind::Text => dictionary(builder, column.name),
            // Most floats are computed and never repeat, which makes a dictionary larger than what it stands for.
            Kind::Float => builder.set_column_encoding(ColumnPath::from(column.name), Encoding::BYTE_STREAM_SPLIT),
            Kind::Flag => builder.set_column_encoding(ColumnPath::from(column.name), Encoding::PLAIN),
            Kind::Integer | Kind::Time => builder,
        };
    }
    Ok(builder.build())
}

/// One column of the row group that is collected.
enum Column {
    Text(Pending<ByteArray>),
    Float(Pending<f64>),
    Integer(Pending<i64>),
    Flag(Pending<bool>),
}

impl Column {
    fn new(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text(Pending::default()),
            Kind::Float => Self::Float(Pending::default()),
            Kind::Integer | Kind::Time => Self::Integer(Pending::default()),
            Kind::Flag => Self::Flag(Pending::default()),
        }
    }

    /// Adds a cell, which a checked record has of the column's kind or null.
    fn push(&mut self, cell: &Cell) {
        match self {
            Self::Text(pending) => {
                pending.push(cell.text().map(|text| ByteArray::from(Bytes::copy_from_slice(text.as_bytes()))));
            }
            Self::Float(pending) => pending.push(cell.float()),
            Self::Integer(pending) => pending.push(cell.integer().or_else(|| Some(cell.time()?.micros()))),
            Self::Flag(pending) => pending.push(cell.flag()),
        }
    }

    fn write<W: Write + Send>(&mut self, group: &mut SerializedRowGroupWriter<'_, W>) -> FormatResult<()> {
        match self {
            Self::Text(pending) => pending.write::<ByteArrayType, _>(group),
            Self::Float(pending) => pending.write::<DoubleType, _>(group),
            Self::Integer(pending) => pending.write::<Int64Type, _>(group),
            Self::Flag(pending) => pending.write::<BoolType, _>(group),
        }
    }
}
