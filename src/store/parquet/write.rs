//! Writers: rows in, one row group at a time out.
//!
//! A row group is collected as one vector per column and encoded when it is full, so memory is bounded by the row
//! group, not by the file. Groups end between channels where they can, which lets readers skip whole groups.

mod gauges;
mod records;
mod samples;
mod scores;

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::DataType;
use parquet::errors::Result;
use parquet::file::metadata::{KeyValue, SortingColumn};
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesBuilder};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;

use crate::store::schema::{FORMAT_VERSION, KEY_TABLE, KEY_VERSION};

pub use gauges::GaugeWriter;
pub use records::RecordWriter;
pub use samples::SampleWriter;
pub use scores::{ScoreWriter, ScoredRow};

/// Rows after which a row group ends at the next change of key.
const GROUP_ROWS: usize = 65_536;
/// Rows after which it ends wherever it is.
const GROUP_ROWS_MAX: usize = 2 * GROUP_ROWS;
/// Rows of a page: what a query for one channel decodes at least.
const PAGE_ROWS: usize = 8_192;
/// zstd level: see the table in `src/docs/parquet-layout.md`.
const ZSTD_LEVEL: i32 = 3;

/// Properties common to all tables; `sorted_by` are the column numbers of the sort order.
fn properties(sorted_by: impl IntoIterator<Item = i32>) -> Result<WriterPropertiesBuilder> {
    let ascending = |column_idx| SortingColumn { column_idx, descending: false, nulls_first: false };
    let sorting = sorted_by.into_iter().map(ascending).collect();
    Ok(WriterProperties::builder()
        .set_created_by(concat!("foreroute ", env!("CARGO_PKG_VERSION")).to_owned())
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_encoding(Encoding::DELTA_BINARY_PACKED)
        .set_dictionary_enabled(false)
        .set_statistics_enabled(EnabledStatistics::Page)
        .set_data_page_row_count_limit(PAGE_ROWS)
        .set_data_page_size_limit(1 << 20)
        .set_max_row_group_row_count(None)
        .set_sorting_columns(Some(sorting)))
}

/// Text with few different values: run-length encoded numbers of dictionary entries, plain text should they overflow.
fn dictionary(properties: WriterPropertiesBuilder, column: &str) -> WriterPropertiesBuilder {
    properties
        .set_column_dictionary_enabled(ColumnPath::from(column), true)
        .set_column_encoding(ColumnPath::from(column), Encoding::DELTA_LENGTH_BYTE_ARRAY)
}

fn open<W: Write + Send>(
    sink: W,
    schema: &str,
    table: &str,
    properties: WriterProperties,
) -> Result<SerializedFileWriter<Counted<W>>> {
    let schema = Arc::new(parse_message_type(schema)?);
    let mut file = SerializedFileWriter::new(Counted { inner: sink, bytes: 0 }, schema, Arc::new(properties))?;
    let pair = |key: &str, value: String| KeyValue { key: key.to_owned(), value: Some(value) };
    file.append_key_value_metadata(pair(KEY_VERSION, FORMAT_VERSION.to_string()));
    file.append_key_value_metadata(pair(KEY_TABLE, table.to_owned()));
    Ok(file)
}

/// A sink that knows how much went through it.
struct Counted<W> {
    inner: W,
    bytes: u64,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(buffer)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// One column of a row group on its way to disk: the values that are there and, if the column is nullable, a level
/// per row (1 = there).
#[derive(Debug, Default)]
struct Pending<T> {
    values: Vec<T>,
    levels: Vec<i16>,
}

impl<T> Pending<T> {
    fn push(&mut self, value: Option<T>) {
        self.levels.push(i16::from(value.is_some()));
        self.values.extend(value);
    }

    /// Writes the next column of `group` and empties this one. `levels` are ignored where the column is required.
    fn write<D: DataType<T = T>, W: Write + Send>(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<()> {
        if let Some(mut column) = group.next_column()? {
            column.typed::<D>().write_batch(&self.values, Some(&self.levels), None)?;
            column.close()?;
        }
        self.values.clear();
        self.levels.clear();
        Ok(())
    }
}
