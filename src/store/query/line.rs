//! The steps of one channel in the making, from the minutes of files and from those laid over them.

use std::collections::BTreeMap;

use crate::domain::column::Column;
use crate::domain::sample::{Distribution, Sample};
use crate::stats::ddsketch::Tray;
use crate::store::parquet::ParquetError;
use crate::store::query::decode::Numbers;
use crate::store::query::file::OpenFile;
use crate::store::query::merge::{Merged, Piece, Pieces, distribution};
use crate::store::query::overlay::Overlay;
use crate::store::query::scan::Run;
use crate::store::query::source::Source;
use crate::store::query::steps::{Fold, Folded, Steps};
use crate::store::schema::{position, stored, units_per_one};

/// How the steps of a channel come about. One channel is finished before the next begins.
pub(super) trait Line {
    /// What is read of a file, forwards.
    type Reader<'f>;

    /// Reads `file`, of which rows up to `until` will be asked for.
    fn reader<'f>(&self, file: &'f OpenFile, until: u64) -> Result<Self::Reader<'f>, ParquetError>;

    /// Adds the windows of `run`, `width_minutes` each, but for the minutes that `overlay` holds instead.
    fn add(
        &mut self,
        reader: &mut Self::Reader<'_>,
        run: &Run<'_>,
        width_minutes: u32,
        overlay: &Overlay,
    ) -> Result<(), ParquetError>;

    /// Adds a minute of the overlay to `step`.
    fn add_sample(&mut self, step: usize, sample: &Sample);

    /// Appends the value of every step in the column's unit, NaN where there is none, and is empty again.
    fn finish(&mut self, values: &mut Vec<f64>);
}

/// Steps that fold the column's own values.
pub(super) struct FoldLine {
    column: Column,
    steps: Steps,
    fold: Fold,
    folded: Vec<Folded>,
    read: Vec<f64>,
}

impl FoldLine {
    /// An empty line.
    pub fn new(column: Column, steps: Steps, fold: Fold) -> Self {
        Self { column, steps, fold, folded: vec![Folded::new(fold); steps.count], read: Vec::new() }
    }
}

impl Line for FoldLine {
    type Reader<'f> = Numbers<'f>;

    fn reader<'f>(&self, file: &'f OpenFile, until: u64) -> Result<Numbers<'f>, ParquetError> {
        Ok(Numbers::new(file, position(self.column), until)?)
    }

    fn add(
        &mut self,
        reader: &mut Numbers<'_>,
        run: &Run<'_>,
        width_minutes: u32,
        overlay: &Overlay,
    ) -> Result<(), ParquetError> {
        self.read.clear();
        reader.read(run.rows.clone(), &mut self.read)?;
        hide(overlay, run, width_minutes, |at| self.read[at] = f64::NAN);
        for (step, values) in self.steps.cut(run.first, width_minutes, &self.read) {
            self.folded[step].add(values);
        }
        Ok(())
    }

    fn add_sample(&mut self, step: usize, sample: &Sample) {
        #[expect(clippy::cast_precision_loss, reason = "kernels compute with floats")]
        let value = stored(self.column, sample).map_or(f64::NAN, |value| value as f64);
        self.folded[step].add(&[value]);
    }

    fn finish(&mut self, values: &mut Vec<f64>) {
        let units = units_per_one(self.column);
        values.extend(self.folded.iter().map(|folded| folded.value().map_or(f64::NAN, |value| value / units)));
        self.folded.fill(Folded::new(self.fold));
    }
}

/// Steps that merge the sketches of their minutes.
pub(super) struct MergeLine {
    column: Column,
    steps: Steps,
    /// Whether a minute may stand beside a summary.
    weighed: bool,
    merged: Vec<Merged>,
    tray: Tray,
}

impl MergeLine {
    /// An empty line, for minutes that `sources` and `overlay` hold.
    pub fn new(column: Column, steps: Steps, sources: &[Source], overlay: &Overlay) -> Self {
        let mut fresh = overlay.minutes.values().flat_map(BTreeMap::values);
        let weighed = sources.iter().any(|source| source.file.meta.has_summaries)
            || fresh.any(|sample| matches!(distribution(column, sample), Distribution::Stated(_)));
        Self { column, steps, weighed, merged: vec![Merged::default(); steps.count], tray: Tray::default() }
    }
}

impl Line for MergeLine {
    type Reader<'f> = Pieces<'f>;

    fn reader<'f>(&self, file: &'f OpenFile, until: u64) -> Result<Pieces<'f>, ParquetError> {
        Pieces::new(file, self.column, until, self.weighed)
    }

    fn add(
        &mut self,
        reader: &mut Pieces<'_>,
        run: &Run<'_>,
        width_minutes: u32,
        overlay: &Overlay,
    ) -> Result<(), ParquetError> {
        let mut pieces = reader.read(run.rows.clone())?;
        hide(overlay, run, width_minutes, |at| pieces[at] = Piece::default());
        for (step, pieces) in self.steps.cut(run.first, width_minutes, &pieces) {
            self.merged[step].add(pieces, self.column.spec().aggregate, &mut self.tray)?;
        }
        Ok(())
    }

    fn add_sample(&mut self, step: usize, sample: &Sample) {
        self.merged[step].add_sample(self.column, sample);
    }

    fn finish(&mut self, values: &mut Vec<f64>) {
        let aggregate = self.column.spec().aggregate;
        for merged in &mut self.merged {
            values.push(std::mem::take(merged).value(aggregate).unwrap_or(f64::NAN));
        }
    }
}

/// Calls `each` with the place in `run` of every minute that the overlay holds instead. What lies over a roll-up is not
/// in it: its minutes are gone, and whatever comes for them now adds to it.
fn hide(overlay: &Overlay, run: &Run<'_>, width_minutes: u32, mut each: impl FnMut(usize)) {
    let Some(minutes) = overlay.minutes.get(run.channel).filter(|_| width_minutes == 1) else { return };
    let length = u32::try_from(run.rows.end - run.rows.start).unwrap_or(u32::MAX);
    for (minute, _) in minutes.range(run.first..run.first.plus(length)) {
        each((minute.0 - run.first.0) as usize);
    }
}
