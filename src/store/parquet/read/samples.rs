//! The reader of the sample tables.

use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::reader::RowGroupReader;

use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::sample::{Distribution, ProbeResult, Sample, Summary};
use crate::domain::time::{Minute, Timestamp};
use crate::domain::units::MicroUsd;
use crate::stats::ddsketch::DdSketch;
use crate::store::parquet::read::{CHUNK_ROWS, Cursor, check_table, group_at};
use crate::store::parquet::{FileSource, ParquetError};
use crate::store::schema::{CHANNEL, LATENCY_SKETCH, TS, TTFT_SKETCH, position, sample_schema, units_per_one};

/// Iterates over samples of one file in file order. After an error it ends.
pub struct SampleReader {
    source: Arc<FileSource>,
    metadata: Arc<ParquetMetaData>,
    /// Rows still to come.
    rows: Range<u64>,
    /// The row group that is being read, and one past its last row.
    group: Option<(Group, u64)>,
    left_in_chunk: usize,
    channel: Option<ChannelId>,
}

impl SampleReader {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// [`ParquetError::Open`] if the file system refuses, otherwise as [`SampleReader::new`].
    pub fn open(path: &Path) -> Result<Self, ParquetError> {
        Self::new(FileSource::open(path)?)
    }

    /// Reads all of an open file.
    ///
    /// # Errors
    /// [`ParquetError::Format`] if it is not Parquet, [`ParquetError::NotATable`] if it is not one of ours.
    pub fn new(source: FileSource) -> Result<Self, ParquetError> {
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&source)?;
        check_table(metadata.file_metadata(), &sample_schema())?;
        let rows = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or(0);
        Ok(Self::rows(source, Arc::new(metadata), 0..rows))
    }

    /// Reads `rows` of a file whose metadata was read and checked before; with an offset index in it, pages without
    /// wanted rows are not touched.
    #[must_use]
    pub(crate) fn rows(source: FileSource, metadata: Arc<ParquetMetaData>, rows: Range<u64>) -> Self {
        Self { source: Arc::new(source), metadata, rows, group: None, left_in_chunk: 0, channel: None }
    }

    fn read(&mut self) -> Result<Option<Sample>, ParquetError> {
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
        let sample = group.take(row, &mut self.channel)?;
        self.left_in_chunk = self.left_in_chunk.saturating_sub(1);
        self.rows.start += 1;
        self.group = Some((group, end));
        Ok(Some(sample))
    }

    /// Opens the row group that holds `row`, positioned there; says where it ends.
    fn enter(&self, row: u64) -> Result<(Group, u64), ParquetError> {
        let (reader, skip, end) = group_at(&self.source, &self.metadata, row)?;
        Ok((Group::new(&reader, skip)?, end))
    }
}

impl Iterator for SampleReader {
    type Item = Result<Sample, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read();
        if read.is_err() {
            self.rows.start = self.rows.end;
        }
        read.transpose()
    }
}

enum Number {
    Narrow(Cursor<Int32Type>),
    Wide(Cursor<Int64Type>),
}

/// The row group that is being read.
struct Group {
    ts: Cursor<Int64Type>,
    channel: Cursor<ByteArrayType>,
    numbers: Vec<Number>,
    latency: Cursor<ByteArrayType>,
    ttft: Cursor<ByteArrayType>,
}

impl Group {
    fn new(group: &dyn RowGroupReader, skip: usize) -> Result<Self, ParquetError> {
        let number = |column: Column| {
            let at = position(column);
            Ok(if column.spec().wide {
                Number::Wide(Cursor::new(group, at, skip)?)
            } else {
                Number::Narrow(Cursor::new(group, at, skip)?)
            })
        };
        Ok(Self {
            ts: Cursor::new(group, TS, skip)?,
            channel: Cursor::new(group, CHANNEL, skip)?,
            numbers: Column::ALL.into_iter().map(number).collect::<Result<_, ParquetError>>()?,
            latency: Cursor::new(group, LATENCY_SKETCH, skip)?,
            ttft: Cursor::new(group, TTFT_SKETCH, skip)?,
        })
    }

    fn fill(&mut self, rows: usize) -> Result<usize, ParquetError> {
        let filled = self.ts.fill(rows)?;
        self.channel.fill(rows)?;
        for number in &mut self.numbers {
            match number {
                Number::Narrow(cursor) => cursor.fill(rows)?,
                Number::Wide(cursor) => cursor.fill(rows)?,
            };
        }
        self.latency.fill(rows)?;
        self.ttft.fill(rows)?;
        Ok(filled)
    }

    fn take(&mut self, row: u64, last: &mut Option<ChannelId>) -> Result<Sample, ParquetError> {
        let missing = |field| ParquetError::Malformed { row, field, problem: "is missing".to_owned() };
        let minute = minute(row, self.ts.take().ok_or_else(|| missing("ts"))?)?;
        let name = self.channel.take().ok_or_else(|| missing("channel"))?;
        let channel = match last.take() {
            Some(channel) if channel.as_str().as_bytes() == name.data() => channel,
            _ => {
                let not_text = |_| ParquetError::Malformed { row, field: "channel", problem: "is not text".to_owned() };
                let name = std::str::from_utf8(name.data()).map_err(not_text)?;
                ChannelId::new(name).map_err(|source| ParquetError::Channel { row, source })?
            }
        };
        *last = Some(channel.clone());
        let mut values = [None; Column::ALL.len()];
        for (value, number) in values.iter_mut().zip(&mut self.numbers) {
            *value = match number {
                Number::Narrow(cursor) => cursor.take().map(i64::from),
                Number::Wide(cursor) => cursor.take(),
            };
        }
        let mut sample = assemble(Sample::new(channel, minute), &values);
        if let Some(bytes) = self.latency.take() {
            sample.latency = sketch(row, "latency_sketch", &bytes)?;
        }
        if let Some(bytes) = self.ttft.take() {
            sample.ttft = sketch(row, "ttft_sketch", &bytes)?;
        }
        Ok(sample)
    }
}

pub(crate) fn minute(row: u64, millis: i64) -> Result<Minute, ParquetError> {
    let minute = Timestamp::from_millis(millis).minute();
    if minute.start().millis() == millis {
        return Ok(minute);
    }
    Err(ParquetError::Malformed { row, field: "ts", problem: format!("is {millis}, not the start of a minute") })
}

fn sketch(row: u64, field: &'static str, bytes: &ByteArray) -> Result<Distribution, ParquetError> {
    let sketch = DdSketch::decode(bytes.data()).map_err(|source| ParquetError::Sketch { row, field, source })?;
    Ok(Distribution::Sketch(sketch))
}

/// Fills in everything that the numeric columns tell; sketches come on top.
fn assemble(mut sample: Sample, values: &[Option<i64>; Column::ALL.len()]) -> Sample {
    let stored = |column: Column| values[column as usize];
    let count = |column| u64::try_from(stored(column).unwrap_or(0)).unwrap_or(0);
    let optional = |column| stored(column).and_then(|value| u64::try_from(value).ok());
    let narrow = |column| stored(column).and_then(|value| u32::try_from(value).ok());
    #[expect(clippy::cast_precision_loss, reason = "durations are narrow columns")]
    let number = |column| stored(column).map(|value| value as f64 / units_per_one(column));
    sample.revision = narrow(Column::Revision).unwrap_or(0);
    sample.coverage_s = narrow(Column::Coverage).unwrap_or(0);
    sample.counts.requests = count(Column::Requests);
    sample.counts.errors = count(Column::Errors);
    sample.counts.timeouts = count(Column::Timeouts);
    sample.counts.throttled = count(Column::Throttled);
    sample.counts.errors_client = count(Column::ErrorsClient);
    sample.counts.errors_server = count(Column::ErrorsServer);
    sample.counts.errors_network = count(Column::ErrorsNetwork);
    sample.counts.retries = count(Column::Retries);
    sample.tokens_prompt = optional(Column::TokensPrompt);
    sample.tokens_completion = optional(Column::TokensCompletion);
    sample.tokens_cached = optional(Column::TokensCached);
    sample.cost = stored(Column::Cost).map(MicroUsd);
    sample.in_flight_max = narrow(Column::InFlightMax);
    sample.queue_max = narrow(Column::QueueMax);
    sample.probe =
        stored(Column::ProbeOk).map(|ok| ProbeResult { ok: ok > 0, latency_ms: number(Column::ProbeLatency) });
    sample.latency = stated(Summary {
        mean: number(Column::LatencyMean),
        p50: number(Column::LatencyP50),
        p90: number(Column::LatencyP90),
        p95: number(Column::LatencyP95),
        p99: number(Column::LatencyP99),
        max: number(Column::LatencyMax),
    });
    let (p50, p95) = (number(Column::TtftP50), number(Column::TtftP95));
    sample.ttft = stated(Summary { p50, p95, ..Summary::default() });
    sample
}

/// A summary that states nothing is an empty distribution.
fn stated(summary: Summary) -> Distribution {
    if summary == Summary::default() { Distribution::Empty } else { Distribution::Stated(Box::new(summary)) }
}
