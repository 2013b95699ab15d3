//! Readers: rows out in file order, a thousand or so decoded at a time.

mod gauges;
mod records;
mod samples;

use std::sync::Arc;

use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::DataType;
use parquet::file::metadata::{FileMetaData, KeyValue, ParquetMetaData};
use parquet::file::properties::ReaderProperties;
use parquet::file::reader::RowGroupReader;
use parquet::file::serialized_reader::SerializedRowGroupReader;
use parquet::schema::parser::parse_message_type;

use crate::store::parquet::{FileSource, ParquetError};
use crate::store::schema::{FORMAT_VERSION, KEY_VERSION};

pub use gauges::GaugeReader;
pub use records::RecordReader;
pub(crate) use records::{check_records, rows_with};
pub use samples::SampleReader;

/// Rows decoded at a time.
const CHUNK_ROWS: usize = 1_024;

/// The value of a footer key, if the file has it.
pub(crate) fn footer<'a>(metadata: &'a FileMetaData, key: &str) -> Option<&'a str> {
    let pairs: &[KeyValue] = metadata.key_value_metadata().map_or(&[], Vec::as_slice);
    pairs.iter().find(|pair| pair.key == key)?.value.as_deref()
}

/// Checks that the file is one of ours, of a version this program knows, with the columns of `schema`.
pub(crate) fn check_table(metadata: &FileMetaData, schema: &str) -> Result<(), ParquetError> {
    let Some(version) = footer(metadata, KEY_VERSION) else {
        return Err(ParquetError::NotATable(format!("its footer lacks `{KEY_VERSION}`")));
    };
    if version.parse() != Ok(FORMAT_VERSION) {
        let problem = format!("it has format version {version}, this program reads version {FORMAT_VERSION}");
        return Err(ParquetError::NotATable(problem));
    }
    let expected = parse_message_type(schema)?;
    if metadata.schema_descr().root_schema().get_fields() != expected.get_fields() {
        return Err(ParquetError::NotATable("its columns are not those of the table".to_owned()));
    }
    Ok(())
}

/// The row group that holds `row` of a file, how many of its rows come before, and one past its last row. With an
/// offset index in `metadata`, pages without wanted rows are not touched.
fn group_at<'f>(
    source: &Arc<FileSource>,
    metadata: &'f ParquetMetaData,
    row: u64,
) -> Result<(SerializedRowGroupReader<'f, FileSource>, usize, u64), ParquetError> {
    let mut start = 0;
    for (number, group) in metadata.row_groups().iter().enumerate() {
        let end = start + u64::try_from(group.num_rows()).unwrap_or(0);
        if row < end {
            let index = metadata.offset_index().and_then(|groups| groups.get(number)).map(Vec::as_slice);
            let properties = Arc::new(ReaderProperties::builder().build());
            let reader = SerializedRowGroupReader::new(Arc::clone(source), group, index, properties)?;
            return Ok((reader, usize::try_from(row - start).unwrap_or(usize::MAX), end));
        }
        start = end;
    }
    Err(ParquetError::NotATable(format!("it ends before row {row}")))
}

/// One column of the row group that is being read, decoded chunk by chunk.
struct Cursor<D: DataType> {
    reader: ColumnReaderImpl<D>,
    nullable: bool,
    values: Vec<D::T>,
    levels: Vec<i16>,
    value: usize,
    level: usize,
}

impl<D: DataType> Cursor<D> {
    /// Column `position` of `group` from row `skip` on; its physical type must be that of `D`, which [`check_table`]
    /// has made sure of.
    fn new(group: &dyn RowGroupReader, position: usize, skip: usize) -> Result<Self, ParquetError> {
        let nullable = group.metadata().column(position).column_descr().max_def_level() > 0;
        let mut reader: ColumnReaderImpl<D> = get_typed_column_reader(group.get_column_reader(position)?);
        reader.skip_records(skip)?;
        Ok(Self { reader, nullable, values: Vec::new(), levels: Vec::new(), value: 0, level: 0 })
    }

    /// Decodes the next `rows` or what is left of the row group; says how many.
    fn fill(&mut self, rows: usize) -> Result<usize, ParquetError> {
        self.values.clear();
        self.levels.clear();
        (self.value, self.level) = (0, 0);
        let levels = self.nullable.then_some(&mut self.levels);
        Ok(self.reader.read_records(rows, levels, None, &mut self.values)?.0)
    }

    /// The value of the next row; `None` for null, and past the end.
    fn take(&mut self) -> Option<D::T> {
        if self.nullable {
            self.level += 1;
            if self.levels.get(self.level - 1) != Some(&1) {
                return None;
            }
        }
        self.value += 1;
        self.values.get_mut(self.value - 1).map(std::mem::take)
    }
}
