//! Rows of one column, decoded straight from its pages.
//!
//! What is needed of a row group is read from the file at once, whole pages from the first wanted row to the last;
//! pages before and between wanted rows are skipped undecoded where the offset index allows it. Values come as the
//! stored integers, as floats: sums of them are exact, and one division at the very end brings back the unit.

use std::ops::Range;
use std::sync::Arc;

use bytes::{Buf, Bytes};
use parquet::basic::Type as Physical;
use parquet::column::reader::ColumnReaderImpl;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::errors::{ParquetError as FormatError, Result};
use parquet::file::reader::{ChunkReader, Length};
use parquet::file::serialized_reader::SerializedPageReader;

use crate::store::query::file::OpenFile;

/// Part of a file in memory, addressed as in the file.
struct Window {
    start: u64,
    bytes: Bytes,
}

impl Length for Window {
    fn len(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }
}

impl ChunkReader for Window {
    type T = bytes::buf::Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let length = usize::try_from(self.len().saturating_sub(start)).unwrap_or(0);
        Ok(self.get_bytes(start, length)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let begin = start.checked_sub(self.start).and_then(|begin| usize::try_from(begin).ok());
        let range = begin.and_then(|begin| Some(begin..begin.checked_add(length)?));
        let range = range.filter(|range| range.end <= self.bytes.len());
        range.map(|range| self.bytes.slice(range)).ok_or_else(|| {
            FormatError::EOF(format!("page of {length} bytes at {start} lies outside of what the index names"))
        })
    }
}

/// The pages of `rows` of column `position` in row group `group`, read from the file at once.
fn pages(file: &OpenFile, group: usize, position: usize, rows: Range<u64>) -> Result<SerializedPageReader<Window>> {
    let parquet = &file.meta.parquet;
    let chunk = parquet.row_group(group).column(position);
    let index = parquet.offset_index().and_then(|groups| groups.get(group)?.get(position)).ok_or_else(short)?;
    let locations = index.page_locations().clone();
    let first_row = |at: usize| locations.get(at).and_then(|page| u64::try_from(page.first_row_index).ok());
    let group_start = file.meta.group_starts.get(group).copied().unwrap_or(0);
    let wanted = rows.start - group_start..rows.end - group_start;
    let holds_first = (0..locations.len()).rfind(|&at| first_row(at).is_some_and(|row| row <= wanted.start));
    let behind_last = (0..locations.len()).find(|&at| first_row(at).is_some_and(|row| row >= wanted.end));
    let offset = |at: usize| locations.get(at).and_then(|page| u64::try_from(page.offset).ok());
    let (chunk_start, length) = chunk.byte_range();
    // What lies before the first page is a dictionary, which every page needs.
    let has_dictionary = offset(0).is_some_and(|first| first > chunk_start);
    let first_page = holds_first.and_then(offset).ok_or_else(short)?;
    let start = if has_dictionary { chunk_start } else { first_page };
    let end = behind_last.and_then(offset).unwrap_or(chunk_start + length);
    let size = usize::try_from(end.saturating_sub(start)).map_err(|_| short())?;
    let window = Window { start, bytes: file.source.get_bytes(start, size)? };
    let group_rows = usize::try_from(parquet.row_group(group).num_rows()).map_err(|_| short())?;
    SerializedPageReader::new(Arc::new(window), chunk, group_rows, Some(locations))
}

/// One column of one file, read forwards.
pub(super) struct Rows<'f, D: DataType> {
    file: &'f OpenFile,
    position: usize,
    /// One past the last row that will be asked for.
    until: u64,
    open: Option<Group<D>>,
    values: Vec<D::T>,
    levels: Vec<i16>,
}

struct Group<D: DataType> {
    rows: Range<u64>,
    reader: ColumnReaderImpl<D>,
}

impl<'f, D: DataType> Rows<'f, D> {
    /// Column `position` of `file`, of which rows up to `until` will be asked for.
    pub fn new(file: &'f OpenFile, position: usize, until: u64) -> Self {
        Self { file, position, until, open: None, values: Vec::new(), levels: Vec::new() }
    }

    /// Decodes `rows`, which must not begin before the rows already read. Levels stay empty where the schema knows no
    /// nulls; values are those that are there.
    pub fn read(&mut self, mut rows: Range<u64>) -> Result<(&mut Vec<D::T>, &[i16])> {
        self.values.clear();
        self.levels.clear();
        while rows.start < rows.end {
            let mut group = match self.open.take() {
                Some(group) if group.rows.end > rows.start => group,
                _ => self.enter(rows.start)?,
            };
            let skip = usize::try_from(rows.start.checked_sub(group.rows.start).ok_or_else(short)?).unwrap_or(0);
            let wanted = usize::try_from(rows.end.min(group.rows.end) - rows.start).unwrap_or(0);
            if group.reader.skip_records(skip)? != skip {
                return Err(short());
            }
            if group.reader.read_records(wanted, Some(&mut self.levels), None, &mut self.values)?.0 != wanted {
                return Err(short());
            }
            rows.start += wanted as u64;
            group.rows.start = rows.start;
            self.open = Some(group);
        }
        Ok((&mut self.values, &self.levels))
    }

    /// Opens the row group that holds `row`.
    fn enter(&self, row: u64) -> Result<Group<D>> {
        let starts = &self.file.meta.group_starts;
        let number = starts.partition_point(|&start| start <= row).checked_sub(1).ok_or_else(short)?;
        let (Some(&start), Some(&end)) = (starts.get(number), starts.get(number + 1)) else { return Err(short()) };
        let pages = pages(self.file, number, self.position, row..end.min(self.until.max(row + 1)))?;
        let column = self.file.meta.parquet.row_group(number).column(self.position).column_descr_ptr();
        Ok(Group { rows: start..end, reader: ColumnReaderImpl::new(column, Box::new(pages)) })
    }
}

fn short() -> FormatError {
    FormatError::General("the file ends before the rows that its index names".to_owned())
}

/// A numeric column of either width, as floats.
pub(super) enum Numbers<'f> {
    Narrow(Rows<'f, Int32Type>),
    Wide(Rows<'f, Int64Type>),
}

impl<'f> Numbers<'f> {
    /// Column `position` of `file`, of which rows up to `until` will be asked for.
    pub fn new(file: &'f OpenFile, position: usize, until: u64) -> Result<Self> {
        let column = file.meta.parquet.file_metadata().schema_descr().column(position);
        match column.physical_type() {
            Physical::INT32 => Ok(Self::Narrow(Rows::new(file, position, until))),
            Physical::INT64 => Ok(Self::Wide(Rows::new(file, position, until))),
            other => Err(FormatError::General(format!("column {} is {other}, not a number", column.name()))),
        }
    }

    /// Appends the stored integers of `rows` to `out`, NaN where there is no value.
    pub fn read(&mut self, rows: Range<u64>, out: &mut Vec<f64>) -> Result<()> {
        match self {
            Self::Narrow(column) => {
                let (values, levels) = column.read(rows)?;
                spread(values, levels, out, f64::from);
            }
            Self::Wide(column) => {
                let (values, levels) = column.read(rows)?;
                #[expect(clippy::cast_precision_loss, reason = "kernels compute with floats")]
                spread(values, levels, out, |value| value as f64);
            }
        }
        Ok(())
    }
}

/// Appends one float per row: the next value where the level says that there is one, else NaN.
fn spread<T: Copy>(values: &[T], levels: &[i16], out: &mut Vec<f64>, float: impl Fn(T) -> f64) {
    if levels.is_empty() || levels.len() == values.len() {
        out.extend(values.iter().map(|&value| float(value)));
        return;
    }
    let mut values = values.iter();
    let next = |level: &i16| if *level > 0 { values.next() } else { None };
    out.extend(levels.iter().map(next).map(|value| value.map_or(f64::NAN, |&value| float(value))));
}

/// A column of bytes: one entry per row, `None` for null.
pub(super) fn read_bytes(column: &mut Rows<'_, ByteArrayType>, rows: Range<u64>) -> Result<Vec<Option<ByteArray>>> {
    let (values, levels) = column.read(rows)?;
    let mut values = values.drain(..);
    Ok(levels.iter().map(|&level| if level > 0 { values.next() } else { None }).collect())
}
