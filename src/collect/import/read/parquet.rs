//! Parquet: only the wanted columns are decoded, one batch of rows at a time.
//!
//! Whatever the physical type, a column arrives as one of five: whole numbers, floats, flags, text or instants.

use std::fs::File;
use std::path::Path;

use ::parquet::arrow::ProjectionMask;
use ::parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions};
use ::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use arrow::array::{Array, ArrayRef, AsArray, BooleanArray, Float64Array, Int64Array, StringArray};
use arrow::array::{RecordBatch, TimestampMicrosecondArray};
use arrow::compute::{CastOptions, cast_with_options};
use arrow::datatypes::{DataType, Float64Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use arrow::error::ArrowError;

use super::ReadError;
use crate::collect::import::cell::Cell;
use crate::domain::time::Timestamp;

/// Rows of a Parquet file.
pub(super) struct ParquetRows {
    file: File,
    metadata: ArrowReaderMetadata,
    wanted: Vec<String>,
    /// Begun with the first batch, because it needs the wanted columns and the batch size.
    reader: Option<ParquetRecordBatchReader>,
}

/// Decoded columns of some rows.
#[derive(Debug)]
pub(super) struct Batch {
    rows: usize,
    columns: Vec<Values>,
}

#[derive(Debug)]
enum Values {
    Absent,
    Int(Int64Array),
    Float(Float64Array),
    Bool(BooleanArray),
    Text(StringArray),
    Instant(TimestampMicrosecondArray),
}

impl ParquetRows {
    pub(super) fn open(path: &Path, file: File) -> Result<Self, ReadError> {
        let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::default())
            .map_err(|error| ReadError::Parquet { path: path.to_owned(), row: 0, source: Box::new(error) })?;
        Ok(Self { file, metadata, wanted: Vec::new(), reader: None })
    }

    pub(super) fn columns(&self) -> Vec<String> {
        self.metadata.schema().fields().iter().map(|field| field.name().clone()).collect()
    }

    pub(super) fn total(&self) -> u64 {
        u64::try_from(self.metadata.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Keeps only `wanted`, whose types must be of use.
    pub(super) fn select(&mut self, path: &Path, wanted: &[String]) -> Result<(), ReadError> {
        for name in wanted {
            let Ok(field) = self.metadata.schema().field_with_name(name) else { continue };
            if common_type(field.data_type()).is_none() {
                let message = format!("column `{name}` has the type {}, which no field can take", field.data_type());
                return Err(ReadError::Parquet { path: path.to_owned(), row: 0, source: message.into() });
            }
        }
        self.wanted = wanted.to_vec();
        Ok(())
    }

    /// Up to `limit` rows; none at the end.
    pub(super) fn next_batch(&mut self, path: &Path, row: u64, limit: usize) -> Result<Batch, ReadError> {
        self.try_next(limit).map_err(|source| ReadError::Parquet { path: path.to_owned(), row, source })
    }

    fn try_next(&mut self, limit: usize) -> Result<Batch, Box<dyn std::error::Error + Send + Sync>> {
        let mut reader = match self.reader.take() {
            Some(reader) => reader,
            None => self.begin(limit)?,
        };
        let batch = match reader.next() {
            None => Batch { rows: 0, columns: Vec::new() },
            Some(batch) => Batch::new(&batch?, &self.wanted)?,
        };
        self.reader = Some(reader);
        Ok(batch)
    }

    fn begin(&self, limit: usize) -> Result<ParquetRecordBatchReader, Box<dyn std::error::Error + Send + Sync>> {
        let fields = self.metadata.schema().fields();
        let roots = fields.iter().enumerate().filter(|(_, field)| self.wanted.contains(field.name())).map(|(at, _)| at);
        let mask = ProjectionMask::roots(self.metadata.parquet_schema(), roots);
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file.try_clone()?, self.metadata.clone());
        Ok(builder.with_projection(mask).with_batch_size(limit.max(1)).build()?)
    }
}

impl Batch {
    fn new(batch: &RecordBatch, wanted: &[String]) -> Result<Self, ArrowError> {
        let values = |name: &String| batch.column_by_name(name).map_or(Ok(Values::Absent), Values::new);
        Ok(Self { rows: batch.num_rows(), columns: wanted.iter().map(values).collect::<Result<_, _>>()? })
    }

    pub(super) const fn len(&self) -> usize {
        self.rows
    }

    pub(super) fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        self.columns.get(column).map_or(Cell::Missing, |values| values.cell(row))
    }
}

impl Values {
    fn new(array: &ArrayRef) -> Result<Self, ArrowError> {
        let Some(common) = common_type(array.data_type()) else { return Ok(Self::Absent) };
        // Unsafe casts would turn what does not fit into nulls, and thereby lose data in silence.
        let strict = CastOptions { safe: false, ..CastOptions::default() };
        let array = cast_with_options(array, &common, &strict)?;
        Ok(match common {
            DataType::Int64 => Self::Int(array.as_primitive::<Int64Type>().clone()),
            DataType::Float64 => Self::Float(array.as_primitive::<Float64Type>().clone()),
            DataType::Boolean => Self::Bool(array.as_boolean().clone()),
            DataType::Utf8 => Self::Text(array.as_string::<i32>().clone()),
            _ => Self::Instant(array.as_primitive::<TimestampMicrosecondType>().clone()),
        })
    }

    fn cell(&self, row: usize) -> Cell<'_> {
        match self {
            Self::Int(array) if array.is_valid(row) => Cell::Int(array.value(row)),
            Self::Float(array) if array.is_valid(row) && !array.value(row).is_nan() => Cell::Float(array.value(row)),
            Self::Bool(array) if array.is_valid(row) => Cell::Bool(array.value(row)),
            Self::Text(array) if array.is_valid(row) => Cell::of_text(array.value(row)),
            Self::Instant(array) if array.is_valid(row) => Cell::Instant(Timestamp::from_micros(array.value(row))),
            _ => Cell::Missing,
        }
    }
}

/// Which of the five a type is read as; `None` for lists, structures, binary and the like.
fn common_type(data_type: &DataType) -> Option<DataType> {
    Some(match data_type {
        integer if integer.is_integer() => DataType::Int64,
        // Floats and decimals.
        number if number.is_numeric() => DataType::Float64,
        DataType::Boolean => DataType::Boolean,
        DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => DataType::Utf8,
        // A timestamp without a zone is taken as UTC; one with a zone is an instant already.
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 => {
            DataType::Timestamp(TimeUnit::Microsecond, None)
        }
        DataType::Dictionary(_, values) => common_type(values)?,
        _ => return None,
    })
}
