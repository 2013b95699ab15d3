//! Records of one table over a span of time.
//!
//! Of the files only those are opened whose minutes overlap the span, and of their row groups only those are read
//! whose statistics do. Rows are sorted by key, so where the first cell of the key is given, that column alone is
//! decoded to find the rows, and of the others only the pages that hold them.

use std::collections::BTreeMap;
use std::sync::Arc;

use parquet::data_type::ByteArray;
use parquet::file::metadata::{PageIndexPolicy, ParquetMetaDataReader, RowGroupMetaData};
use parquet::file::statistics::Statistics;

use crate::domain::record::{Cell, Record, RecordKey, RecordTable};
use crate::domain::time::Timestamp;
use crate::store::catalog::LiveFile;
use crate::store::parquet::read::{check_records, rows_with};
use crate::store::parquet::{FileSource, ParquetError, RecordReader};
use crate::store::query::QueryError;
use crate::store::schema::{FIRST_CELL, TS, TableSpec};
use crate::store::snapshot::Snapshot;

/// Which records of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordQuery {
    /// The table.
    pub table: &'static RecordTable,
    /// First instant.
    pub from: Timestamp,
    /// First instant after the span.
    pub to: Timestamp,
    /// Only those whose first cell is this one, the series for example; `None` for all.
    pub first: Option<Cell>,
    /// How many at most.
    pub limit: usize,
}

impl RecordQuery {
    fn wants(&self, record: &Record) -> bool {
        let is_asked_for = |first: &Cell| record.cells().first() == Some(first);
        record.table() == self.table
            && (self.from..self.to).contains(&record.ts())
            && self.first.as_ref().is_none_or(is_asked_for)
    }

    /// Whether the statistics of a row group allow for rows that are wanted.
    fn may_be_in(&self, group: &RowGroupMetaData) -> bool {
        let is_in_time = match group.column(TS).statistics() {
            Some(Statistics::Int64(millis)) => {
                millis.max_opt().is_none_or(|&max| Timestamp::from_millis(max) >= self.from)
                    && millis.min_opt().is_none_or(|&min| Timestamp::from_millis(min) < self.to)
            }
            _ => true,
        };
        let holds_first = || match (&self.first, group.column(FIRST_CELL).statistics()) {
            (Some(Cell::Text(text)), Some(Statistics::ByteArray(texts))) => {
                let [min, max] = [texts.min_opt(), texts.max_opt()].map(|bound| bound.map(ByteArray::data));
                is_within(min, text.as_bytes(), max)
            }
            (Some(Cell::Integer(number)), Some(Statistics::Int64(numbers))) => {
                is_within(numbers.min_opt(), number, numbers.max_opt())
            }
            _ => true,
        };
        is_in_time && holds_first()
    }
}

fn is_within<T: Ord + ?Sized>(min: Option<&T>, value: &T, max: Option<&T>) -> bool {
    min.is_none_or(|min| min <= value) && max.is_none_or(|max| max >= value)
}

/// Answers a [`RecordQuery`]: the first records in the order of their keys, then of time. Of equal keys, the last one
/// in `fresh` holds, before that the published one.
///
/// # Errors
/// [`QueryError`]; see [`QueryError::is_stale`].
pub fn records(snapshot: &Snapshot, fresh: &[Record], query: &RecordQuery) -> Result<Vec<Record>, QueryError> {
    if query.from >= query.to || query.limit == 0 {
        return Ok(Vec::new());
    }
    let mut found = Found { records: BTreeMap::new(), limit: query.limit };
    for record in fresh.iter().rev().filter(|record| query.wants(record)) {
        found.add(record.clone());
    }
    let behind_last = query.to.plus_micros(-1).minute().plus(1);
    for file in snapshot.overlapping(&TableSpec::records(query.table), query.from.minute(), behind_last) {
        read(snapshot, file, query, &mut found)?;
    }
    Ok(found.records.into_values().collect())
}

/// The first records so far.
struct Found {
    records: BTreeMap<RecordKey, Record>,
    limit: usize,
}

impl Found {
    /// Adds a record unless there is one of its key; `false` if it comes after as many as are wanted.
    fn add(&mut self, record: Record) -> bool {
        let key = record.key();
        if self.records.len() >= self.limit && self.records.last_key_value().is_some_and(|(last, _)| *last < key) {
            return false;
        }
        self.records.entry(key).or_insert(record);
        if self.records.len() > self.limit {
            self.records.pop_last();
        }
        true
    }
}

fn read(snapshot: &Snapshot, file: &LiveFile, query: &RecordQuery, found: &mut Found) -> Result<(), ParquetError> {
    let source = FileSource::open(&snapshot.path(file))?;
    let reader = ParquetMetaDataReader::new().with_offset_index_policy(PageIndexPolicy::Optional);
    let metadata = Arc::new(reader.parse_and_finish(&source)?);
    let table = check_records(metadata.file_metadata())?;
    if table != query.table {
        return Err(ParquetError::NotATable(format!("it is of `{}`, not of `{}`", table.name, query.table.name)));
    }
    let mut start = 0;
    for group in metadata.row_groups() {
        let end = start + u64::try_from(group.num_rows()).unwrap_or(0);
        if query.may_be_in(group) {
            let rows = match &query.first {
                Some(first) => rows_with(first, table, &source, &metadata, start..end)?,
                None => start..end,
            };
            for record in RecordReader::rows(table, source.clone(), Arc::clone(&metadata), rows) {
                let record = record?;
                // What follows in the file has greater keys still.
                if query.wants(&record) && !found.add(record) {
                    return Ok(());
                }
            }
        }
        start = end;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
