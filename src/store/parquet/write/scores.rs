//! The writer of scored series: what `detect` says of each row of a file.
//!
//! This is an answer and no table of the store: it has no version of its own, rows come in any order, and the votes
//! of detectors are a group of columns that follows from their names.

use std::io::Write;
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::store::parquet::ParquetError;
use crate::store::parquet::write::{GROUP_ROWS, Pending, ZSTD_LEVEL};

/// One scored row.
#[derive(Debug, Clone, Copy)]
pub struct ScoredRow<'a> {
    /// The series.
    pub series: &'a str,
    /// The instant, in milliseconds since 1970, or a plain number.
    pub ts: i64,
    /// The value; NaN where absent.
    pub value: f64,
    /// How odd, 0 ..= 1.
    pub score: f64,
    /// Whether it is an anomaly.
    pub anomaly: bool,
    /// What could be said.
    pub state: &'static str,
    /// The score of each detector, in the order of their names; NaN where it had nothing to say.
    pub detectors: &'a [f64],
}

/// Writes scored rows to `W`.
pub struct ScoreWriter<W: Write + Send> {
    file: SerializedFileWriter<W>,
    series: Pending<ByteArray>,
    ts: Pending<i64>,
    value: Pending<f64>,
    score: Pending<f64>,
    anomaly: Pending<bool>,
    state: Pending<ByteArray>,
    detectors: Vec<Pending<f64>>,
}

impl<W: Write + Send> ScoreWriter<W> {
    /// Starts a file with a column for each of `detectors`; `ts` is an instant or a plain number.
    ///
    /// # Errors
    /// [`ParquetError::Format`] if the sink refuses the first bytes.
    pub fn new(sink: W, detectors: &[&str], are_instants: bool) -> Result<Self, ParquetError> {
        let votes = detectors.iter().map(|name| format!("optional double {name};")).collect::<Vec<_>>().join(" ");
        let unit = if are_instants { "(TIMESTAMP(MILLIS,true))" } else { "" };
        let schema = format!(
            "message detect {{ required binary series (STRING); required int64 ts {unit}; optional double value; \
             required double score; required boolean anomaly; required binary state (STRING); \
             required group detectors {{ {votes}}} }}"
        );
        let properties =
            WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?)).build();
        let file = SerializedFileWriter::new(sink, Arc::new(parse_message_type(&schema)?), Arc::new(properties))?;
        Ok(Self {
            file,
            series: Pending::default(),
            ts: Pending::default(),
            value: Pending::default(),
            score: Pending::default(),
            anomaly: Pending::default(),
            state: Pending::default(),
            detectors: detectors.iter().map(|_| Pending::default()).collect(),
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`ParquetError::Format`] if the sink fails.
    pub fn push(&mut self, row: ScoredRow<'_>) -> Result<(), ParquetError> {
        let known = |value: f64| value.is_finite().then_some(value);
        self.series.push(Some(ByteArray::from(row.series)));
        self.ts.push(Some(row.ts));
        self.value.push(known(row.value));
        self.score.push(Some(row.score));
        self.anomaly.push(Some(row.anomaly));
        self.state.push(Some(ByteArray::from(row.state)));
        for (column, score) in self.detectors.iter_mut().zip(row.detectors) {
            column.push(known(*score));
        }
        if self.ts.levels.len() >= GROUP_ROWS { self.flush() } else { Ok(()) }
    }

    /// Writes what is left and the footer.
    ///
    /// # Errors
    /// [`ParquetError::Format`] if the sink fails.
    pub fn finish(mut self) -> Result<W, ParquetError> {
        self.flush()?;
        Ok(self.file.into_inner()?)
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        if self.ts.levels.is_empty() {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        self.series.write::<ByteArrayType, _>(&mut group)?;
        self.ts.write::<Int64Type, _>(&mut group)?;
        self.value.write::<DoubleType, _>(&mut group)?;
        self.score.write::<DoubleType, _>(&mut group)?;
        self.anomaly.write::<BoolType, _>(&mut group)?;
        self.state.write::<ByteArrayType, _>(&mut group)?;
        for column in &mut self.detectors {
            column.write::<DoubleType, _>(&mut group)?;
        }
        group.close()?;
        Ok(())
    }
}
