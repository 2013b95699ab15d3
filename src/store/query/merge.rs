//! Means and percentiles over steps of several minutes, from the merged sketches of the minutes.

use std::ops::Range;

use parquet::data_type::{ByteArray, ByteArrayType};

use crate::domain::column::{Aggregate, Column, Measure};
use crate::domain::sample::{Distribution, Sample};
use crate::stats::ddsketch::{DdSketch, Encoded, Moments, SketchError, Tray};
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
    /// Of quantiles only.
    sketch: DdSketch,
    /// Of means only.
    moments: Moments,
    sketches: u32,
    sketch_calls: f64,
    summaries: u32,
    last_stated: Option<f64>,
    stated_sum: f64,
    stated_calls: f64,
}

impl Merged {
    /// Adds minutes of a file towards `aggregate`, through `tray`, which is left empty.
    pub fn add(&mut self, pieces: &[Piece], aggregate: Aggregate, tray: &mut Tray) -> Result<(), ParquetError> {
        for piece in pieces {
            if let Some(sketch) = piece.encoded()? {
                match aggregate {
                    Aggregate::Mean(_) => sketch.moments().map(|moments| self.moments.merge(moments)),
                    _ => tray.merge(&sketch),
                }
                .map_err(|error| piece.error(error))?;
                self.sketches += 1;
                self.sketch_calls += piece.calls;
            } else if piece.is_summary {
                self.add_stated(piece.stated, piece.calls);
            }
        }
        if tray.is_empty() {
            return Ok(());
        }
        let sketch = tray.take();
        if self.sketch.is_empty() {
            self.sketch = sketch;
        } else {
            self.sketch.merge(&sketch);
        }
        Ok(())
    }

    /// Adds a minute that is not in a file yet towards `column`, as it will read once it is.
    pub fn add_sample(&mut self, column: Column, sample: &Sample) {
        #[expect(clippy::cast_precision_loss, reason = "a weight")]
        let calls = sample.counts.requests as f64;
        match distribution(column, sample) {
            Distribution::Sketch(sketch) => {
                match column.spec().aggregate {
                    Aggregate::Mean(_) => self.moments.merge(sketch.moments()),
                    _ => self.sketch.merge(sketch),
                }
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
            (Aggregate::Mean(_), 0) => self.moments.mean(),
            (Aggregate::Quantile(..) | Aggregate::Mean(_), 1) if self.sketches == 0 => self.last_stated,
            (Aggregate::Mean(_), _) => {
                let measured = self.moments.mean().map_or(0.0, |mean| mean * self.sketch_calls);
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

/// The distribution of `sample` behind `column`.
pub(super) fn distribution(column: Column, sample: &Sample) -> &Distribution {
    measure(column).of(sample)
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
    /// The column itself and whatever else tells of a summary: where there are any.
    stated: Option<Numbers<'f>>,
    mean: Option<Numbers<'f>>,
    /// How much a minute weighs beside a summary.
    calls: Option<Numbers<'f>>,
}

impl<'f> Pieces<'f> {
    /// For `column`, which reads a distribution; rows up to `until` will be asked for. Without `weighed`, pieces have no calls.
    pub fn new(file: &'f OpenFile, column: Column, until: u64, weighed: bool) -> Result<Self, ParquetError> {
        let sketch = match measure(column) {
            Measure::Latency => LATENCY_SKETCH,
            Measure::Ttft => TTFT_SKETCH,
        };
        let numbers = |wanted: bool, column| wanted.then(|| Numbers::new(file, position(column), until)).transpose();
        let has_summaries = file.meta.has_summaries;
        Ok(Self {
            column,
            sketches: Rows::new(file, sketch, until),
            stated: numbers(has_summaries, column)?,
            // Summaries of the first token have no mean to tell by.
            mean: numbers(has_summaries && sketch == LATENCY_SKETCH, Column::LatencyMean)?,
            calls: numbers(weighed, Column::Requests)?,
        })
    }

    /// The minutes in `rows`.
    pub fn read(&mut self, rows: Range<u64>) -> Result<Vec<Piece>, ParquetError> {
        let sketches = read_bytes(&mut self.sketches, rows.clone())?;
        let piece = |(row, sketch)| Piece { row, sketch, ..Piece::default() };
        let mut pieces: Vec<Piece> = (rows.start..).zip(sketches).map(piece).collect();
        let mut read = Vec::new();
        let mut each = |numbers: &mut Option<Numbers<'f>>, put: &dyn Fn(&mut Piece, f64)| {
            let Some(numbers) = numbers else { return Ok(()) };
            read.clear();
            numbers.read(rows.clone(), &mut read)?;
            pieces.iter_mut().zip(&read).for_each(|(piece, value)| put(piece, *value));
            Ok::<_, ParquetError>(())
        };
        let units = units_per_one(self.column);
        each(&mut self.calls, &|piece, calls| piece.calls = calls)?;
        each(&mut self.mean, &|piece, mean| piece.is_summary = piece.sketch.is_none() && !mean.is_nan())?;
        each(&mut self.stated, &|piece, stated| {
            piece.stated = (piece.sketch.is_none() && !stated.is_nan()).then_some(stated / units);
            piece.is_summary |= piece.stated.is_some();
        })?;
        Ok(pieces)
    }
}
