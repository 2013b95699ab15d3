//! The newest fold of some series as a picture.

use std::path::Path;

use super::evaluate::{Evaluation, OfSeries};
use crate::cli::exit::Failure;
use crate::cli::plain::PlainFile;
use crate::cli::plot::{self, MOST_PANELS, Panel};

/// Draws what the best model forecast of the first series, beside what came true.
pub(super) fn draw(path: &Path, file_name: &str, file: &PlainFile, evaluation: &Evaluation) -> Result<(), Failure> {
    let Some(best) = evaluation.best() else { return plot::write::<Panel<'_>>(path, file_name, &[]) };
    let panels: Vec<Panel<'_>> = evaluation
        .runs
        .iter()
        .filter_map(|OfSeries { place, runs, .. }| {
            let series = file.series.get(*place)?;
            let aligned = series.aligned.as_ref().ok()?;
            let forecast = runs.get(best)?.newest.as_ref()?;
            let origin = aligned.values.len().saturating_sub(forecast.horizon());
            let known = aligned.history().until(origin);
            let truth = aligned.values.get(origin..);
            Some(Panel::new(&series.name, &file.value, file.when, &known, forecast, truth))
        })
        .take(MOST_PANELS)
        .collect();
    plot::write(path, &format!("Backtest of {file_name}: the newest fold"), &panels)
}
