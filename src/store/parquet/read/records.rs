//! The reader of tables of records.

use std::cmp::Ordering;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use parquet::data_type::{BoolType, ByteArrayType, DoubleType, Int64Type};
use parquet::file::metadata::{FileMetaData, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::RowGroupReader;

use crate::domain::record::{Cell, Kind, Record, RecordColumn, RecordTable};
use crate::domain::time::Timestamp;
use crate::store::parquet::read::{CHUNK_ROWS, Cursor, check_table, footer, group_at};
use crate::store::parquet::{FileSource, ParquetError};
use crate::store::schema::{FIRST_CELL, KEY_TABLE, RowKind, TS, record_schema, table};

/// Iterates over the records of one file in file order. After an error it ends.
pub struct RecordReader {
    table: &'static RecordTable,
    source: Arc<FileSource>,
    metadata: Arc<ParquetMetaData>,
    /// Rows still to come.
    rows: Range<u64>,
    /// The row group that is being read, and one past its last row.
    group: Option<(Group, u64)>,
    left_in_chunk: usize,
}

impl RecordReader {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// [`ParquetError::Open`] if the file system refuses, otherwise as [`RecordReader::new`].
    pub fn open(path: &Path) -> Result<Self, ParquetError> {
        Self::new(FileSource::open(path)?)
    }

    /// Reads an open file, whose footer says of which table it is.
    ///
    /// # Errors
    /// [`ParquetError::Format`] if it is not Parquet, [`ParquetError::NotATable`] if it is not a table of records.
    pub fn new(source: FileSource) -> Result<Self, ParquetError> {
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&source)?;
        let table = check_records(metadata.file_metadata())?;
        let rows = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(0);
        Ok(Self::rows(table, source, Arc::new(metadata), 0..rows))
    }

    /// Reads `rows` of a file of `table` whose metadata was read and checked before; with an offset index in it, pages
    /// without wanted rows are not touched.
    #[must_use]
    pub(crate) fn rows(
        table: &'static RecordTable,
        source: FileSource,
        metadata: Arc<ParquetMetaData>,
        rows: Range<u64>,
    ) -> Self {
        Self { table, source: Arc::new(source), metadata, rows, group: None, left_in_chunk: 0 }
    }

    fn read(&mut self) -> Result<Option<Record>, ParquetError> {
        if self.rows.is_empty() {
            return Ok(None);
        }
        let row = self.rows.start;
        let (mut group, end) = match self.group.take() {
            Some((group, end)) if row < end => (group, end),
            _ => self.enter(row)?,
        };
        if self.left_in_chunk == 0 {
            let wanted = usize::try_from(self.rows.end.min(end) - row).unwrap_or(CHUNK_ROWS);
            self.left_in_chunk = group.fill(wanted.min(CHUNK_ROWS))?;
        }
        let record = group.take(self.table, row)?;
        self.left_in_chunk = self.left_in_chunk.saturating_sub(1);
        self.rows.start += 1;
        self.group = Some((group, end));
        Ok(Some(record))
    }

    /// Opens the row group that holds `row`, positioned there; says where it ends.
    fn enter(&self, row: u64) -> Result<(Group, u64), ParquetError> {
        let (reader, skip, end) = group_at(&self.source, &self.metadata, row)?;
        Ok((Group::new(self.table, &reader, skip)?, end))
    }
}

impl Iterator for RecordReader {
    type Item = Result<Record, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read();
        if read.is_err() {
            self.rows.start = self.rows.end;
        }
        read.transpose()
    }
}

/// Checks that the file is one of a table of records; says of which.
pub(crate) fn check_records(metadata: &FileMetaData) -> Result<&'static RecordTable, ParquetError> {
    let name = footer(metadata, KEY_TABLE).unwrap_or_default();
    match table(name).map(|table| table.rows) {
        Some(RowKind::Records(described)) => check_table(metadata, &record_schema(described)).map(|()| described),
        _ => Err(ParquetError::NotATable(format!("`{name}` is no table of records"))),
    }
}

/// Which of `rows`, one whole row group, have `first` as their first cell: rows are sorted by it.
pub(crate) fn rows_with(
    first: &Cell,
    table: &RecordTable,
    source: &FileSource,
    metadata: &ParquetMetaData,
    rows: Range<u64>,
) -> Result<Range<u64>, ParquetError> {
    let none = rows.end..rows.end;
    let Some(column) = table.columns.first() else { return Ok(none) };
    let (group, _, _) = group_at(&Arc::new(source.clone()), metadata, rows.start)?;
    let mut cells = CellCursor::new(column, &group, FIRST_CELL, 0)?;
    let (mut begin, mut left_in_chunk) = (None, 0);
    for row in rows.clone() {
        if left_in_chunk == 0 {
            left_in_chunk = cells.fill(CHUNK_ROWS)?;
        }
        left_in_chunk = left_in_chunk.saturating_sub(1);
        match cells.take(row)?.cmp(first) {
            Ordering::Less => {}
            Ordering::Equal => begin = begin.or(Some(row)),
            Ordering::Greater => return Ok(begin.map_or(none, |begin| begin..row)),
        }
    }
    Ok(begin.map_or(none, |begin| begin..rows.end))
}

/// The row group that is being read.
struct Group {
    ts: Cursor<Int64Type>,
    columns: Vec<CellCursor>,
}

impl Group {
    fn new(table: &RecordTable, group: &dyn RowGroupReader, skip: usize) -> Result<Self, ParquetError> {
        let column = |(at, column): (usize, &'static RecordColumn)| CellCursor::new(column, group, at, skip);
        let columns = (FIRST_CELL..).zip(table.columns).map(column).collect::<Result<_, ParquetError>>()?;
        Ok(Self { ts: Cursor::new(group, TS, skip)?, columns })
    }

    fn fill(&mut self, rows: usize) -> Result<usize, ParquetError> {
        let filled = self.ts.fill(rows)?;
        for column in &mut self.columns {
            column.fill(rows)?;
        }
        Ok(filled)
    }

    fn take(&mut self, table: &'static RecordTable, row: u64) -> Result<Record, ParquetError> {
        let malformed = |field, problem: String| ParquetError::Malformed { row, field, problem };
        let ts = self.ts.take().ok_or_else(|| malformed("ts", "is missing".to_owned()))?;
        let cells = self.columns.iter_mut().map(|column| column.take(row)).collect::<Result<_, _>>()?;
        let record = Record::new(table, Timestamp::from_millis(ts), cells);
        record.map_err(|error| malformed(error.column(), format!("is refused: {error}")))
    }
}

/// One column of the row group that is being read, cell by cell.
struct CellCursor {
    column: &'static RecordColumn,
    values: Values,
}

enum Values {
    /// With the last text, which mostly repeats.
    Text(Cursor<ByteArrayType>, Arc<str>),
    Float(Cursor<DoubleType>),
    Integer(Cursor<Int64Type>),
    Flag(Cursor<BoolType>),
    Time(Cursor<Int64Type>),
}

impl CellCursor {
    /// The column at `position` of `group`, from row `skip` on; the file must have passed [`check_records`].
    fn new(
        column: &'static RecordColumn,
        group: &dyn RowGroupReader,
        position: usize,
        skip: usize,
    ) -> Result<Self, ParquetError> {
        let values = match column.kind {
            Kind::Text => Values::Text(Cursor::new(group, position, skip)?, Arc::from("")),
            Kind::Float => Values::Float(Cursor::new(group, position, skip)?),
            Kind::Integer => Values::Integer(Cursor::new(group, position, skip)?),
            Kind::Flag => Values::Flag(Cursor::new(group, position, skip)?),
            Kind::Time => Values::Time(Cursor::new(group, position, skip)?),
        };
        Ok(Self { column, values })
    }

    /// Decodes the next `rows` or what is left of the row group; says how many.
    fn fill(&mut self, rows: usize) -> Result<usize, ParquetError> {
        match &mut self.values {
            Values::Text(cursor, _) => cursor.fill(rows),
            Values::Float(cursor) => cursor.fill(rows),
            Values::Integer(cursor) | Values::Time(cursor) => cursor.fill(rows),
            Values::Flag(cursor) => cursor.fill(rows),
        }
    }

    /// The next cell, of row `row` of the file; null past the end.
    fn take(&mut self, row: u64) -> Result<Cell, ParquetError> {
        Ok(match &mut self.values {
            Values::Text(cursor, last) => {
                let Some(bytes) = cursor.take() else { return Ok(Cell::Null) };
                if bytes.data() != last.as_bytes() {
                    let field = self.column.name;
                    let not_text = |_| ParquetError::Malformed { row, field, problem: "is not text".to_owned() };
                    *last = Arc::from(std::str::from_utf8(bytes.data()).map_err(not_text)?);
                }
                Cell::Text(Arc::clone(last))
            }
            Values::Float(cursor) => cursor.take().into(),
            Values::Integer(cursor) => cursor.take().into(),
            Values::Flag(cursor) => cursor.take().into(),
            Values::Time(cursor) => cursor.take().map(Timestamp::from_micros).into(),
        })
    }
}
