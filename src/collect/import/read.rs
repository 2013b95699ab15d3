//! Files to rows of cells: CSV and JSONL (plain or gzip) and Parquet, told apart by content, not by name.
//!
//! All three stream: memory holds one chunk of rows. A text record longer than [`MAX_RECORD_BYTES`] is refused, so
//! that one unclosed quote cannot swallow a file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use crate::collect::import::cell::Cell;
use crate::domain::batch::Reject;

mod csv;
mod jsonl;
mod parquet;

/// Longest accepted CSV record or JSONL line, in bytes.
pub const MAX_RECORD_BYTES: u64 = 1 << 20;

/// Why a file cannot be read (further).
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be opened.
    #[error("cannot open {}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// Reading or decompressing stopped.
    #[error("cannot read {} after row {row}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Rows read before.
        row: u64,
        /// What the operating system or the decompressor says.
        source: io::Error,
    },
    /// The Parquet file is damaged or uses something unknown.
    #[error("cannot read {} as Parquet after row {row}", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Rows read before.
        row: u64,
        /// What the Parquet reader says.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// There is nothing to import.
    #[error("{} has no {what}", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
        /// What is missing: `rows`, `header`.
        what: &'static str,
    },
}

/// What a file is, by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-separated with a header.
    Csv,
    /// One JSON object per line.
    Jsonl,
    /// Apache Parquet.
    Parquet,
}

/// A piece of a file: some rows, each a list of cells.
#[derive(Debug)]
pub struct Chunk {
    /// Number of the first row, counted from 1 (the header of a CSV file is not a row).
    pub first_row: u64,
    rows: Rows,
}

#[derive(Debug)]
enum Rows {
    /// Per row its record, or what is wrong with the row as a whole.
    Csv(Vec<Result<::csv::StringRecord, String>>),
    /// Per row the cells of the wanted columns, or what is wrong with the row as a whole.
    Jsonl(Vec<Result<Vec<serde_json::Value>, String>>),
    /// Per wanted column its values.
    Parquet(parquet::Batch),
}

impl Chunk {
    /// Rows in the chunk.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.rows {
            Rows::Csv(rows) => rows.len(),
            Rows::Jsonl(rows) => rows.len(),
            Rows::Parquet(batch) => batch.len(),
        }
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is wrong with row `row` as a whole, if it is not a row at all.
    #[must_use]
    pub fn defect(&self, row: usize) -> Option<Reject> {
        let problem = match &self.rows {
            Rows::Csv(rows) => rows.get(row)?.as_ref().err(),
            Rows::Jsonl(rows) => rows.get(row)?.as_ref().err(),
            Rows::Parquet(_) => None,
        }?;
        Some(Reject { line: self.first_row + row as u64, field: String::new(), problem: problem.clone() })
    }

    /// The value of `column` (an index into [`Reader::columns`]) in `row`.
    #[must_use]
    pub fn cell(&self, row: usize, column: usize) -> Cell<'_> {
        match &self.rows {
            Rows::Csv(rows) => match rows.get(row) {
                Some(Ok(record)) => record.get(column).map_or(Cell::Missing, Cell::of_text),
                _ => Cell::Missing,
            },
            Rows::Jsonl(rows) => match rows.get(row) {
                Some(Ok(values)) => values.get(column).map_or(Cell::Missing, jsonl::cell),
                _ => Cell::Missing,
            },
            Rows::Parquet(batch) => batch.cell(row, column),
        }
    }
}

/// An open file.
pub struct Reader {
    path: PathBuf,
    format: Format,
    columns: Vec<String>,
    rows_read: u64,
    rows_total: Option<u64>,
    bytes_total: u64,
    bytes_read: Arc<AtomicU64>,
    inner: Inner,
}

enum Inner {
    Csv(csv::CsvRows),
    Jsonl(jsonl::JsonRows),
    Parquet(parquet::ParquetRows),
}

impl Reader {
    /// Opens `path` and learns its format and columns. The columns of a JSONL file are the keys of its first
    /// hundred lines; a mapping may also name a path such as `usage.prompt_tokens`.
    ///
    /// # Errors
    /// [`ReadError`] if the file cannot be opened, is damaged at its start, or is empty.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let opened = |source| ReadError::Open { path: path.to_owned(), source };
        let file = File::open(path).map_err(opened)?;
        let metadata = file.metadata().map_err(opened)?;
        if !metadata.is_file() {
            // A pipe can be read only once; its content would have to be kept to be recognised.
            return Err(opened(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file")));
        }
        let bytes_total = metadata.len();
        let bytes_read = Arc::new(AtomicU64::new(0));
        let format = sniff(path).map_err(opened)?;
        let (inner, columns, rows_total) = match format {
            Format::Parquet => {
                let rows = parquet::ParquetRows::open(path, file)?;
                let (columns, total) = (rows.columns(), rows.total());
                (Inner::Parquet(rows), columns, Some(total))
            }
            Format::Csv => {
                let (rows, columns) = csv::CsvRows::open(path, text(path, &bytes_read).map_err(opened)?)?;
                (Inner::Csv(rows), columns, None)
            }
            Format::Jsonl => {
                let columns = jsonl::columns(path, text(path, &bytes_read).map_err(opened)?)?;
                let rows = jsonl::JsonRows::new(text(path, &bytes_read).map_err(opened)?);
                (Inner::Jsonl(rows), columns, None)
            }
        };
        let path = path.to_owned();
        Ok(Self { path, format, columns, rows_read: 0, rows_total, bytes_total, bytes_read, inner })
    }

    /// What the file is.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// Names of the columns. After [`Reader::select`]: of the selected ones.
    #[must_use]
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// Narrows the file to `wanted`, in that order; only these are parsed from now on. Names that the file does not
    /// have read as missing. To be called before the first chunk.
    ///
    /// # Errors
    /// [`ReadError::Parquet`] if a wanted column has a type that no field can take.
    pub fn select(&mut self, wanted: &[String]) -> Result<(), ReadError> {
        match &mut self.inner {
            Inner::Csv(rows) => rows.select(&self.columns, wanted),
            Inner::Jsonl(rows) => rows.select(wanted),
            Inner::Parquet(rows) => rows.select(&self.path, wanted)?,
        }
        self.columns = wanted.to_vec();
        Ok(())
    }

    /// The next rows, at most `limit` (at least 1), or `None` at the end. Equal files and equal limits give equal
    /// chunks.
    ///
    /// # Errors
    /// [`ReadError`] if the file cannot be read further; rows before are good.
    pub fn next_chunk(&mut self, limit: usize) -> Result<Option<Chunk>, ReadError> {
        let io = |source| ReadError::Io { path: self.path.clone(), row: self.rows_read, source };
        let rows = match &mut self.inner {
            Inner::Csv(rows) => Rows::Csv(rows.next_rows(limit).map_err(io)?),
            Inner::Jsonl(rows) => Rows::Jsonl(rows.next_rows(limit).map_err(io)?),
            Inner::Parquet(rows) => Rows::Parquet(rows.next_batch(&self.path, self.rows_read, limit)?),
        };
        let chunk = Chunk { first_row: self.rows_read + 1, rows };
        self.rows_read += chunk.len() as u64;
        Ok((!chunk.is_empty()).then_some(chunk))
    }

    /// Bytes of the file that were consumed, and of how many. For Parquet an estimate by rows.
    #[must_use]
    pub fn progress(&self) -> (u64, u64) {
        match self.rows_total {
            Some(0) => (self.bytes_total, self.bytes_total),
            Some(rows) => {
                let share = u128::from(self.bytes_total) * u128::from(self.rows_read) / u128::from(rows);
                (u64::try_from(share).unwrap_or(self.bytes_total), self.bytes_total)
            }
            None => (self.bytes_read.load(Ordering::Relaxed).min(self.bytes_total), self.bytes_total),
        }
    }
}

/// A text file, decompressed if need be, whose consumed bytes are counted.
type Text = Box<dyn BufRead + Send>;

const GZIP: [u8; 2] = [0x1f, 0x8b];

fn text(path: &Path, counter: &Arc<AtomicU64>) -> io::Result<Text> {
    let mut file = File::open(path)?;
    let packed = starts_with(&mut file, &GZIP)?;
    counter.store(0, Ordering::Relaxed);
    let file = BufReader::with_capacity(1 << 16, Counted { inner: file, counter: Arc::clone(counter) });
    Ok(if packed { Box::new(BufReader::with_capacity(1 << 16, MultiGzDecoder::new(file))) } else { Box::new(file) })
}

/// Whether `file` begins with `magic`; the position is back at the start afterwards.
fn starts_with(file: &mut File, magic: &[u8]) -> io::Result<bool> {
    let mut head = Vec::with_capacity(magic.len());
    file.take(magic.len() as u64).read_to_end(&mut head)?;
    file.rewind()?;
    Ok(head == magic)
}

/// Parquet by its magic, JSONL by an opening brace, CSV otherwise.
fn sniff(path: &Path) -> io::Result<Format> {
    if starts_with(&mut File::open(path)?, b"PAR1")? {
        return Ok(Format::Parquet);
    }
    let mut head = Vec::new();
    text(path, &Arc::default())?.take(4_096).read_to_end(&mut head)?;
    let first = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).iter().find(|byte| !byte.is_ascii_whitespace());
    Ok(if first == Some(&b'{') { Format::Jsonl } else { Format::Csv })
}

/// Counts what is read through it.
struct Counted<R> {
    inner: R,
    counter: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.counter.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

#[cfg(test)]
mod tests;
