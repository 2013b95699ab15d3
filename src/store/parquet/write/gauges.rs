//! The writer of the table `gauges`.

use std::io::Write;

use parquet::basic::Encoding;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::ColumnPath;

use crate::domain::gauge::GaugeMinute;
use crate::domain::series::SeriesKey;
use crate::domain::time::Minute;
use crate::store::parquet::write::{Counted, GROUP_ROWS, GROUP_ROWS_MAX, Pending, dictionary, open, properties};
use crate::store::parquet::{FileStats, ParquetError};
use crate::store::schema::{GAUGE_SCHEMA, TableSpec};

/// Writes gauge minutes, sorted by series key and minute, to `W`.
pub struct GaugeWriter<W: Write + Send> {
    file: SerializedFileWriter<Counted<W>>,
    stats: FileStats,
    last: Option<(SeriesKey, Minute)>,
    pending: Columns,
}

/// The rows of one group, column by column, in the order of [`GAUGE_SCHEMA`].
#[derive(Default)]
struct Columns {
    ts: Pending<i64>,
    series: Pending<i64>,
    metric: Pending<ByteArray>,
    labels: Pending<ByteArray>,
    /// last, min, max, sum.
    floats: [Pending<f64>; 4],
    count: Pending<i64>,
    last_ts: Pending<i64>,
}

impl<W: Write + Send> GaugeWriter<W> {
    /// Starts a file of the table `spec`.
    ///
    /// # Errors
    /// [`ParquetError::Format`] if the sink refuses the first bytes.
    pub fn new(sink: W, spec: &TableSpec) -> Result<Self, ParquetError> {
        let mut builder = properties([1, 0])?;
        for name in ["metric", "labels"] {
            builder = dictionary(builder, name);
        }
        for name in ["last", "min", "max", "sum"] {
            // Gauges are mostly small integers or constants; a dictionary halves what byte-stream-split leaves.
            builder = builder
                .set_column_dictionary_enabled(ColumnPath::from(name), true)
                .set_column_encoding(ColumnPath::from(name), Encoding::BYTE_STREAM_SPLIT);
        }
        let file = open(sink, GAUGE_SCHEMA, spec.name, builder.build())?;
        Ok(Self { file, stats: FileStats::default(), last: None, pending: Columns::default() })
    }

    /// Adds the next row.
    ///
    /// # Errors
    /// [`ParquetError::Unsorted`] if the row does not come after the one before it, [`ParquetError::Format`] if the
    /// sink fails.
    pub fn push(&mut self, gauge: &GaugeMinute) -> Result<(), ParquetError> {
        let key = (gauge.series(), gauge.minute);
        if self.last.is_some_and(|last| last >= key) {
            let (row, minute) = (self.stats.rows, gauge.minute);
            return Err(ParquetError::Unsorted { row, key: key.0.to_string(), minute });
        }
        let new_series = self.last.is_none_or(|(series, _)| series != key.0);
        let rows = self.pending.ts.levels.len();
        if rows >= GROUP_ROWS_MAX || (rows >= GROUP_ROWS && new_series) {
            self.flush()?;
        }
        self.pending.push(gauge, key.0);
        self.last = Some(key);
        self.stats.rows += 1;
        self.stats.channels += u64::from(new_series);
        self.stats.first_minute = Some(self.stats.first_minute.map_or(gauge.minute, |first| first.min(gauge.minute)));
        self.stats.last_minute = self.stats.last_minute.max(Some(gauge.minute));
        Ok(())
    }

    /// Writes what is left and the footer; gives the sink back, to be synced.
    ///
    /// # Errors
    /// [`ParquetError::Format`] if the sink fails.
    pub fn finish(mut self) -> Result<(FileStats, W), ParquetError> {
        self.flush()?;
        let sink = self.file.into_inner()?;
        self.stats.bytes = sink.bytes;
        Ok((self.stats, sink.inner))
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        let pending = &mut self.pending;
        if pending.ts.levels.is_empty() {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        pending.ts.write::<Int64Type, _>(&mut group)?;
        pending.series.write::<Int64Type, _>(&mut group)?;
        pending.metric.write::<ByteArrayType, _>(&mut group)?;
        pending.labels.write::<ByteArrayType, _>(&mut group)?;
        for column in &mut pending.floats {
            column.write::<DoubleType, _>(&mut group)?;
        }
        pending.count.write::<Int64Type, _>(&mut group)?;
        pending.last_ts.write::<Int64Type, _>(&mut group)?;
        group.close()?;
        Ok(())
    }
}

impl Columns {
    fn push(&mut self, gauge: &GaugeMinute, series: SeriesKey) {
        self.ts.push(Some(gauge.minute.start().millis()));
        // The logical type is unsigned, the physical one has the same bits.
        self.series.push(Some(series.0.cast_signed()));
        self.metric.push(Some(ByteArray::from(gauge.metric.as_str())));
        let labels: serde_json::Map<String, serde_json::Value> =
            gauge.labels.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        self.labels.push(Some(ByteArray::from(serde_json::Value::Object(labels).to_string().into_bytes())));
        for (column, value) in self.floats.iter_mut().zip([gauge.last, gauge.min, gauge.max, gauge.sum]) {
            column.push(Some(value));
        }
        self.count.push(Some(i64::from(gauge.count)));
        self.last_ts.push(Some(gauge.last_ts.micros()));
    }
}
