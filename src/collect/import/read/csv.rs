//! CSV by RFC 4180 with a header row; a row with too few or too many fields is a bad row, not a bad file.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{MAX_RECORD_BYTES, ReadError, Text};
use ::csv::{ErrorKind, ReaderBuilder, StringRecord};

/// Rows of a CSV file.
pub(super) struct CsvRows {
    reader: ::csv::Reader<Guard>,
    /// Bytes handed to the parser since the last whole record.
    pending: Arc<AtomicU64>,
    /// Fields that every row must have.
    width: usize,
    /// Positions of the wanted columns; `None` keeps the record as it is.
    wanted: Option<Vec<Option<usize>>>,
}

impl CsvRows {
    /// Reads the header.
    pub(super) fn open(path: &Path, text: Text) -> Result<(Self, Vec<String>), ReadError> {
        let pending = Arc::new(AtomicU64::new(0));
        let guard = Guard { inner: text, pending: Arc::clone(&pending) };
        let mut reader = ReaderBuilder::new().flexible(true).buffer_capacity(1 << 16).from_reader(guard);
        let failed = |source| ReadError::Io { path: path.to_owned(), row: 0, source };
        let header = reader.headers().map_err(|error| failed(io::Error::other(error)))?;
        let columns: Vec<String> = header.iter().map(|name| name.trim().to_owned()).collect();
        if columns.iter().all(String::is_empty) {
            return Err(ReadError::Empty { path: path.to_owned(), what: "header" });
        }
        Ok((Self { reader, pending, width: columns.len(), wanted: None }, columns))
    }

    /// Keeps only `wanted` of `columns`.
    pub(super) fn select(&mut self, columns: &[String], wanted: &[String]) {
        let place = |name: &String| columns.iter().position(|column| column == name);
        self.wanted = Some(wanted.iter().map(place).collect());
    }

    /// Up to `limit` rows; none at the end.
    pub(super) fn next_rows(&mut self, limit: usize) -> io::Result<Vec<Result<StringRecord, String>>> {
        let mut rows = Vec::with_capacity(limit);
        let mut record = StringRecord::new();
        while rows.len() < limit {
            self.pending.store(0, Ordering::Relaxed);
            let row = match self.reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) if record.len() != self.width => {
                    Err(format!("has {} fields, the header {}", record.len(), self.width))
                }
                Ok(true) => Ok(self.narrow(&record)),
                Err(error) => match error.into_kind() {
                    ErrorKind::Io(error) => return Err(error),
                    ErrorKind::Utf8 { .. } => Err("is not UTF-8".to_owned()),
                    other => Err(format!("is not CSV: {other:?}")),
                },
            };
            rows.push(row);
        }
        Ok(rows)
    }

    fn narrow(&self, record: &StringRecord) -> StringRecord {
        match &self.wanted {
            None => record.clone(),
            Some(wanted) => wanted.iter().map(|at| at.and_then(|at| record.get(at)).unwrap_or_default()).collect(),
        }
    }
}

/// Stops a record that does not end.
struct Guard {
    inner: Text,
    pending: Arc<AtomicU64>,
}

impl Read for Guard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // What came before the last whole record was counted as well, so the limit is generous by one buffer.
        if self.pending.load(Ordering::Relaxed) > MAX_RECORD_BYTES {
            let message = format!("the next row is longer than {MAX_RECORD_BYTES} bytes: is a quote left open?");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        let count = self.inner.read(buffer)?;
        self.pending.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
