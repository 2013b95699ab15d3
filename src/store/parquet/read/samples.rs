//! The reader of the sample tables.

use std::path::Path;

use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};

use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::sample::{Distribution, ProbeResult, Sample, Summary};
use crate::domain::time::{Minute, Timestamp};
use crate::domain::units::MicroUsd;
use crate::stats::ddsketch::DdSketch;
use crate::store::parquet::read::{Cursor, check_table};
use crate::store::parquet::{FileSource, ParquetError};
use crate::store::schema::{CHANNEL, LATENCY_SKETCH, TS, TTFT_SKETCH, position, sample_schema, units_per_one};

/// Iterates over the samples of one file in file order. After an error it ends.
pub struct SampleReader {
    file: SerializedFileReader<FileSource>,
    next_group: usize,
    group: Option<Group>,
    left_in_chunk: usize,
    row: u64,
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

    /// Reads an open file.
    ///
    /// # Errors
    /// [`ParquetError::Format`] if it is not Parquet, [`ParquetError::NotATable`] if it is not one of ours.
    pub fn new(source: FileSource) -> Result<Self, ParquetError> {
        let file = SerializedFileReader::new(source)?;
        check_table(file.metadata().file_metadata(), &sample_schema())?;
        Ok(Self { file, next_group: 0, group: None, left_in_chunk: 0, row: 0, channel: None })
    }

    fn read(&mut self) -> Result<Option<Sample>, ParquetError> {
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
        let sample = group.take(self.row, &mut self.channel)?;
        self.left_in_chunk -= 1;
        self.row += 1;
        Ok(Some(sample))
    }
}

impl Iterator for SampleReader {
    type Item = Result<Sample, ParquetError>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = self.read();
        if read.is_err() {
            (self.group, self.left_in_chunk) = (None, 0);
            self.next_group = self.file.num_row_groups();
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
    fn new(group: &dyn RowGroupReader) -> Result<Self, ParquetError> {
        let number = |column: Column| {
            let at = position(column);
            Ok(if column.spec().wide {
                Number::Wide(Cursor::new(group, at)?)
            } else {
                Number::Narrow(Cursor::new(group, at)?)
            })
        };
        Ok(Self {
            ts: Cursor::new(group, TS)?,
            channel: Cursor::new(group, CHANNEL)?,
            numbers: Column::ALL.into_iter().map(number).collect::<Result<_, ParquetError>>()?,
            latency: Cursor::new(group, LATENCY_SKETCH)?,
            ttft: Cursor::new(group, TTFT_SKETCH)?,
        })
    }

    fn fill(&mut self) -> Result<usize, ParquetError> {
        let rows = self.ts.fill()?;
        self.channel.fill()?;
        for number in &mut self.numbers {
            match number {
                Number::Narrow(cursor) => cursor.fill()?,
                Number::Wide(cursor) => cursor.fill()?,
            };
        }
        self.latency.fill()?;
        self.ttft.fill()?;
        Ok(rows)
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
