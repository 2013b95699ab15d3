//! Means and percentiles over steps of several minutes, from the merged sketches of the minutes.

use std::ops::Range;

use parquet::data_type::{ByteArray, ByteArrayType};

use crate::domain::column::{Aggregate, Column, Measure};
use crate::domain::sample::{Distribution, Sample};
use crate::stats::ddsketch::{DdSketch, Encoded, SketchError, Tray};
use crate::store::parquet::ParquetError;
use crate::store::query::decode::{Numbers, Rows, read_bytes};
use crate::store::query::file::OpenFile;
use crate::store::schema::{LATENCY_SKETCH, TTFT_SKETCH, position, stored, units_per_one};

/// One minute's part of a step, as its file has it.
#[derive(Debug, Clone, Default)]
pub(super) struct Piece {
    row: u64,
    sketch: Option<ByteArray>,
    /// Where there is no sketch: the column as it was stated.
    stated: Option<f64>,
    /// Whether there is a summary in place of a sketch, though it may not state this column.
    is_summary: bool,
    calls: f64,
}

/// What a step has seen.
#[derive(Debug, Clone, Default)]
pub(super) struct Merged {
    sketch: DdSketch,
    sketches: u32,
    sketch_calls: f64,
    summaries: u32,
    last_stated: Option<f64>,
    stated_sum: f64,
    stated_calls: f64,
}

impl Merged {
    /// Adds minutes of a file, through `tray`, which is left empty.
    pub fn add(&mut self, pieces: &[Piece], tray: &mut Tray) -> Result<(), ParquetError> {
        for piece in pieces {
            if let Some(sketch) = piece.encoded()? {
                tray.merge(&sketch).map_err(|error| piece.error(error))?;
                self.sketches += 1;
                self.sketch_calls += piece.calls;
            } else if piece.is_summary {
                self.add_stated(piece.stated, piece.calls);
            }
        }
        let sketch = tray.take();
        if self.sketch.is_empty() {
            self.sketch = sketch;
        } else {
            self.sketch.merge(&sketch);
        }
        Ok(())
    }

    /// Adds a minute that is not in a file yet, as it will read once it is.
    pub fn add_sample(&mut self, column: Column, sample: &Sample) {
        #[expect(clippy::cast_precision_loss, reason = "a weight")]
        let calls = sample.counts.requests as f64;
        match measure(column).of(sample) {
            Distribution::Sketch(sketch) => {
                self.sketch.merge(sketch);
                self.sketches += 1;
                self.sketch_calls += calls;
            }
            #[expect(clippy::cast_precision_loss, reason = "durations are narrow columns")]
            Distribution::Stated(_) => {
                self.add_stated(stored(column, sample).map(|value| value as f64 / units_per_one(column)), calls);
            }
            Distribution::Empty => {}
        }
    }

    fn add_stated(&mut self, stated: Option<f64>, calls: f64) {
        self.summaries += 1;
        self.last_stated = stated;
        if let Some(stated) = stated {
            self.stated_sum += stated * calls;
            self.stated_calls += calls;
        }
    }

    /// The value of `aggregate` over everything added.
    ///
    /// Where some minutes are only stated, the mean is weighted by calls, and a percentile is known only if the whole
    /// step is one stated minute.
    pub fn value(&self, aggregate: Aggregate) -> Option<f64> {
        match (aggregate, self.summaries) {
            (Aggregate::Quantile(_, q), 0) => self.sketch.quantile(q),
            (Aggregate::Mean(_), 0) => self.sketch.mean(),
            (Aggregate::Quantile(..) | Aggregate::Mean(_), 1) if self.sketches == 0 => self.last_stated,
            (Aggregate::Mean(_), _) => {
                let measured = self.sketch.mean().map_or(0.0, |mean| mean * self.sketch_calls);
                let calls = self.sketch_calls + self.stated_calls;
                (calls > 0.0).then(|| (measured + self.stated_sum) / calls)
            }
            _ => None,
        }
    }
}

/// The distribution behind `column`.
fn measure(column: Column) -> Measure {
    match column.spec().aggregate {
        Aggregate::Mean(measure) | Aggregate::MaxOf(measure) | Aggregate::Quantile(measure, _) => measure,
        Aggregate::Sum | Aggregate::Max | Aggregate::Min => Measure::Latency,
    }
}

impl Piece {
    /// The values of the minute, if they are known.
    pub fn sketch(&self) -> Result<Option<DdSketch>, ParquetError> {
        let decoded = self.encoded()?.map(|sketch| sketch.decode()).transpose();
        decoded.map_err(|error| self.error(error))
    }

    fn encoded(&self) -> Result<Option<Encoded<'_>>, ParquetError> {
        let bytes = self.sketch.as_ref();
        bytes.map(|bytes| Encoded::new(bytes.data())).transpose().map_err(|error| self.error(error))
    }

    const fn error(&self, source: SketchError) -> ParquetError {
        ParquetError::Sketch { row: self.row, field: "sketch", source }
    }

    /// Where they are not: the column as it was stated.
    pub const fn stated(&self) -> Option<f64> {
        self.stated
    }
}

/// Reads the columns that a merge needs.
pub(super) struct Pieces<'f> {
    column: Column,
    sketches: Rows<'f, ByteArrayType>,
    stated: Numbers<'f>,
    calls: Numbers<'f>,
    /// Tells of summaries that do not state `column`; only where there are summaries, and a mean to tell by.
    mean: Option<Numbers<'f>>,
    scratch: [Vec<f64>; 3],
}

impl<'f> Pieces<'f> {
    /// For `column`, which reads a distribution; rows up to `until` will be asked for.
    pub fn new(file: &'f OpenFile, column: Column, until: u64) -> Result<Self, ParquetError> {
        let sketch = match measure(column) {
            Measure::Latency => LATENCY_SKETCH,
            Measure::Ttft => TTFT_SKETCH,
        };
        Ok(Self {
            column,
            sketches: Rows::new(file, sketch, until),
            stated: Numbers::new(file, position(column), until)?,
            calls: Numbers::new(file, position(Column::Requests), until)?,
            mean: (file.meta.has_summaries && sketch == LATENCY_SKETCH)
                .then(|| Numbers::new(file, position(Column::LatencyMean), until))
                .transpose()?,
            scratch: [Vec::new(), Vec::new(), Vec::new()],
        })
    }

    /// The minutes in `rows`.
    pub fn read(&mut self, rows: Range<u64>) -> Result<Vec<Piece>, ParquetError> {
        let [stated, calls, mean] = &mut self.scratch;
        for column in [&mut *stated, &mut *calls, &mut *mean] {
            column.clear();
        }
        self.stated.read(rows.clone(), stated)?;
        self.calls.read(rows.clone(), calls)?;
        if let Some(means) = &mut self.mean {
            means.read(rows.clone(), mean)?;
        }
        let first_row = rows.start;
        let sketches = read_bytes(&mut self.sketches, rows)?;
        let units = units_per_one(self.column);
        let mut pieces = Vec::with_capacity(sketches.len());
        let means = mean.iter().map(Some).chain(std::iter::repeat(None));
        let numbers = stated.iter().zip(calls.iter()).zip(means);
        for ((row, sketch), ((&stated, &calls), mean)) in (first_row..).zip(sketches).zip(numbers) {
            let stated = (sketch.is_none() && !stated.is_nan()).then(|| stated / units);
            let has_mean = mean.is_some_and(|mean| !mean.is_nan());
            let is_summary = sketch.is_none() && (stated.is_some() || has_mean);
            pieces.push(Piece { row, sketch, stated, is_summary, calls });
        }
        Ok(pieces)
    }
}
