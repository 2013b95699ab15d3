//! The reader of the table `gauges`.

use std::collections::BTreeMap;
use std::path::Path;

use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};

use crate::domain::gauge::GaugeMinute;
use crate::domain::time::Timestamp;
use crate::store::parquet::read::{CHUNK_ROWS, Cursor, check_table, samples::minute};
use crate::store::parquet::{FileSource, ParquetError};
use crate::store::schema::GAUGE_SCHEMA;

/// Iterates over the gauge minutes of one file in file order. After an error it ends.
pub struct GaugeReader {
    file: SerializedFileReader<FileSource>,
    next_group: usize,
    group: Option<Group>,
    left_in_chunk: usize,
    row: u64,
}

impl GaugeReader {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// [`ParquetError::Open`] if the file system refuses, otherwise as [`GaugeReader::new`].
    pub fn open(path: &Path) -> Result<Self, ParquetError> {
        Self::new(FileSource::open(path)?)
    }

    /// Reads an open file.
    ///
    /// # Errors
    /// [`ParquetError::Format`] if it is not Parquet, [`ParquetError::NotATable`] if it is not one of ours.
    pub fn new(source: FileSource) -> Result<Self, ParquetError> {
        let file = SerializedFileReader::new(source)?;
        check_table(file.metadata().file_metadata(), GAUGE_SCHEMA)?;
        Ok(Self { file, next_group: 0, group: None, left_in_chunk: 0, row: 0 })
    }

    fn read(&mut self) -> Result<Option<GaugeMinute>, ParquetError> {
        while self.left_in_chunk == 0 {
            if let Some(group) = &mut self.group {
                self.left_in_chunk = group.fill()?;
            }
            if self.left_in_chunk == 0 {
                if self.next_group == self.file.num_row_groups() {
                    return Ok(None);
                }
                let group = self.file.get_row_group(self.next_group)?;
                self.group = Some(Group::new(&*group)?);
                self.next_group += 1;
            }
        }
        let Some(group) = &mut self.group else { return Ok(None) };
        let gauge = group.take(self.row)?;
        self.left_in_chunk -= 1;
        self.row += 1;
        Ok(Some(gauge))
    }
}

impl Iterator for GaugeReader {
    type Item = Result<GaugeMinute, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read();
        if read.is_err() {
            (self.group, self.left_in_chunk) = (None, 0);
            self.next_group = self.file.num_row_groups();
        }
        read.transpose()
    }
}

/// The row group that is being read.
struct Group {
    ts: Cursor<Int64Type>,
    metric: Cursor<ByteArrayType>,
    labels: Cursor<ByteArrayType>,
    /// last, min, max, sum.
    floats: [Cursor<DoubleType>; 4],
    count: Cursor<Int64Type>,
    last_ts: Cursor<Int64Type>,
}

impl Group {
    /// Positions are those of [`GAUGE_SCHEMA`]; `series` (1) follows from metric and labels.
    fn new(group: &dyn RowGroupReader) -> Result<Self, ParquetError> {
        let float = |position| Cursor::new(group, position, 0);
        Ok(Self {
            ts: Cursor::new(group, 0, 0)?,
            metric: Cursor::new(group, 2, 0)?,
            labels: Cursor::new(group, 3, 0)?,
            floats: [float(4)?, float(5)?, float(6)?, float(7)?],
            count: Cursor::new(group, 8, 0)?,
            last_ts: Cursor::new(group, 9, 0)?,
        })
    }

    fn fill(&mut self) -> Result<usize, ParquetError> {
        let rows = self.ts.fill(CHUNK_ROWS)?;
        self.metric.fill(CHUNK_ROWS)?;
        self.labels.fill(CHUNK_ROWS)?;
        for cursor in &mut self.floats {
            cursor.fill(CHUNK_ROWS)?;
        }
        self.count.fill(CHUNK_ROWS)?;
        self.last_ts.fill(CHUNK_ROWS)?;
        Ok(rows)
    }

    fn take(&mut self, row: u64) -> Result<GaugeMinute, ParquetError> {
        let malformed = |field, problem: &str| ParquetError::Malformed { row, field, problem: problem.to_owned() };
        let text = |bytes: Option<ByteArray>, field| {
            let bytes = bytes.ok_or_else(|| malformed(field, "is missing"))?;
            String::from_utf8(bytes.data().to_vec()).map_err(|_| malformed(field, "is not text"))
        };
        let ts = self.ts.take().ok_or_else(|| malformed("ts", "is missing"))?;
        let labels = text(self.labels.take(), "labels")?;
        let labels: BTreeMap<String, String> =
            serde_json::from_str(&labels).map_err(|_| malformed("labels", "is not a JSON object of texts"))?;
        let [last, min, max, sum] = self.floats.each_mut().map(Cursor::take);
        let float = |value: Option<f64>, field| value.ok_or_else(|| malformed(field, "is missing"));
        let count = self.count.take().and_then(|count| u32::try_from(count).ok());
        Ok(GaugeMinute {
            minute: minute(row, ts)?,
            metric: text(self.metric.take(), "metric")?,
            labels,
            count: count.ok_or_else(|| malformed("count", "is not a count"))?,
            sum: float(sum, "sum")?,
            min: float(min, "min")?,
            max: float(max, "max")?,
            last: float(last, "last")?,
            last_ts: Timestamp::from_micros(self.last_ts.take().ok_or_else(|| malformed("last_ts", "is missing"))?),
        })
    }
}
