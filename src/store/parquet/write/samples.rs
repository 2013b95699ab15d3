//! The writer of the sample tables.

use std::io::Write;

use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::data_type::{ByteArray, ByteArrayType, Int32Type, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::sample::{Distribution, Sample};
use crate::domain::time::Minute;
use crate::store::parquet::write::{Counted, GROUP_ROWS, GROUP_ROWS_MAX, Pending, dictionary, open, properties};
use crate::store::parquet::{ChannelIndex, FileStats, ParquetError};
use crate::store::schema::{CHANNEL, KEY_CHANNELS, KEY_SUMMARIES, TS, TableSpec, sample_schema, stored};

/// Writes samples, sorted by channel and minute, to `W`.
pub struct SampleWriter<W: Write + Send> {
    file: SerializedFileWriter<Counted<W>>,
    unique: bool,
    index: ChannelIndex,
    /// Rows with a summary in place of a sketch.
    summaries: u64,
    stats: FileStats,
    last: Option<(ChannelId, Minute)>,
    pending: Columns,
}

impl<W: Write + Send> SampleWriter<W> {
    /// Starts a file of the table `spec`.
    ///
    /// # Errors
    /// [`ParquetError::Format`] if the sink refuses the first bytes.
    pub fn new(sink: W, spec: &TableSpec) -> Result<Self, ParquetError> {
        let properties = sample_properties()?;
        let file = open(sink, &sample_schema(), spec.name, properties)?;
        let (index, stats) = (ChannelIndex::default(), FileStats::default());
        Ok(Self { file, unique: spec.unique, index, summaries: 0, stats, last: None, pending: Columns::default() })
    }

    /// Adds the next row.
    ///
    /// # Errors
    /// [`ParquetError::Unsorted`] if the row does not come after the one before it (tables without unique rows accept
    /// equal keys), [`ParquetError::Format`] if the sink fails.
    pub fn push(&mut self, sample: &Sample) -> Result<(), ParquetError> {
        if let Some((channel, minute)) = &self.last {
            let order = (channel, minute).cmp(&(&sample.channel, &sample.minute));
            if order.is_gt() || (self.unique && order.is_eq()) {
                let (row, key) = (self.stats.rows, sample.channel.to_string());
                return Err(ParquetError::Unsorted { row, key, minute: sample.minute });
            }
            let rows = self.pending.ts.levels.len();
            if rows >= GROUP_ROWS_MAX || (rows >= GROUP_ROWS && *channel != sample.channel) {
                self.flush()?;
            }
        }
        self.pending.push(sample);
        let is_stated = |distribution: &Distribution| matches!(distribution, Distribution::Stated(_));
        self.summaries += u64::from(is_stated(&sample.latency) || is_stated(&sample.ttft));
        self.index.push(&sample.channel, sample.minute);
        self.stats.rows += 1;
        self.stats.first_minute = Some(self.stats.first_minute.map_or(sample.minute, |first| first.min(sample.minute)));
        self.stats.last_minute = self.stats.last_minute.max(Some(sample.minute));
        match &mut self.last {
            Some((channel, minute)) if *channel == sample.channel => *minute = sample.minute,
            last => *last = Some((sample.channel.clone(), sample.minute)),
        }
        Ok(())
    }

    /// Writes what is left and the footer; gives the sink back, to be synced.
    ///
    /// # Errors
    /// [`ParquetError::Format`] if the sink fails.
    pub fn finish(mut self) -> Result<(FileStats, W), ParquetError> {
        self.flush()?;
        for (key, value) in [(KEY_CHANNELS, self.index.to_text()), (KEY_SUMMARIES, self.summaries.to_string())] {
            self.file.append_key_value_metadata(KeyValue { key: key.to_owned(), value: Some(value) });
        }
        self.stats.channels = self.index.spans().len() as u64;
        let sink = self.file.into_inner()?;
        self.stats.bytes = sink.bytes;
        Ok((self.stats, sink.inner))
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        if self.pending.ts.levels.is_empty() {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        let pending = &mut self.pending;
        pending.ts.write::<Int64Type, _>(&mut group)?;
        pending.channel.write::<ByteArrayType, _>(&mut group)?;
        for number in &mut pending.numbers {
            match number {
                Number::Narrow(column) => column.write::<Int32Type, _>(&mut group)?,
                Number::Wide(column) => column.write::<Int64Type, _>(&mut group)?,
            }
        }
        for sketch in &mut pending.sketches {
            sketch.write::<ByteArrayType, _>(&mut group)?;
        }
        group.close()?;
        Ok(())
    }
}

/// Mostly zero, or mostly the same: run-length encoded numbers of dictionary entries take less than differences.
const RARELY_CHANGING: [Column; 10] = [
    Column::Errors,
    Column::Timeouts,
    Column::Throttled,
    Column::Retries,
    Column::ErrorsClient,
    Column::ErrorsServer,
    Column::ErrorsNetwork,
    Column::ProbeOk,
    Column::Coverage,
    Column::Revision,
];

fn sample_properties() -> Result<parquet::file::properties::WriterProperties, ParquetError> {
    let channel = i32::try_from(CHANNEL).unwrap_or_default();
    let ts = i32::try_from(TS).unwrap_or_default();
    let mut builder = properties([channel, ts])?;
    builder = dictionary(builder, "channel");
    for column in RARELY_CHANGING {
        builder = builder.set_column_dictionary_enabled(ColumnPath::from(column.name()), true);
    }
    for name in ["latency_sketch", "ttft_sketch"] {
        // The smallest and largest sketch by bytes mean nothing.
        builder = builder
            .set_column_encoding(ColumnPath::from(name), Encoding::DELTA_LENGTH_BYTE_ARRAY)
            .set_column_statistics_enabled(ColumnPath::from(name), parquet::file::properties::EnabledStatistics::None);
    }
    Ok(builder.build())
}

/// A numeric column by its physical type.
enum Number {
    Narrow(Pending<i32>),
    Wide(Pending<i64>),
}

/// The rows of one group, column by column.
struct Columns {
    ts: Pending<i64>,
    channel: Pending<ByteArray>,
    name: Option<(ChannelId, ByteArray)>,
    numbers: [Number; Column::ALL.len()],
    sketches: [Pending<ByteArray>; 2],
}

impl Default for Columns {
    fn default() -> Self {
        let number = |column: Column| {
            if column.spec().wide { Number::Wide(Pending::default()) } else { Number::Narrow(Pending::default()) }
        };
        let numbers = Column::ALL.map(number);
        let (ts, channel, sketches) = (Pending::default(), Pending::default(), Default::default());
        Self { ts, channel, name: None, numbers, sketches }
    }
}

impl Columns {
    fn push(&mut self, sample: &Sample) {
        self.ts.push(Some(sample.minute.start().millis()));
        let name = match self.name.take() {
            Some((channel, name)) if channel == sample.channel => name,
            _ => ByteArray::from(Bytes::copy_from_slice(sample.channel.as_str().as_bytes())),
        };
        self.channel.push(Some(name.clone()));
        self.name = Some((sample.channel.clone(), name));
        for (column, number) in Column::ALL.into_iter().zip(&mut self.numbers) {
            let value = stored(column, sample);
            match number {
                // `stored` clamps to the column's range, so the conversion holds.
                Number::Narrow(pending) => pending.push(value.and_then(|value| i32::try_from(value).ok())),
                Number::Wide(pending) => pending.push(value),
            }
        }
        for (distribution, pending) in [&sample.latency, &sample.ttft].into_iter().zip(&mut self.sketches) {
            pending.push(match distribution {
                Distribution::Sketch(sketch) => {
                    let mut bytes = Vec::new();
                    sketch.encode(&mut bytes);
                    Some(ByteArray::from(bytes))
                }
                Distribution::Empty | Distribution::Stated(_) => None,
            });
        }
    }
}
