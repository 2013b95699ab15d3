//! The forecasts: a table for people, JSON for programs.

use serde_json::{Map, Value, json};

use super::Made;
use crate::cli::output::{self, Align, Table};
use crate::cli::plain::{PlainFile, Series, When};
use crate::forecast::output::Levels;

/// A forecast or why there is none.
type Outcome = Result<Made, String>;

/// One object, or a list of them if the file `holds_many` series.
pub(super) fn json(file: &PlainFile, forecasts: &[Outcome], holds_many: bool) -> Value {
    let mut all: Vec<Value> =
        file.series.iter().zip(forecasts).map(|(series, outcome)| one(series, outcome, file.when)).collect();
    match all.pop() {
        Some(only) if !holds_many => only,
        last => all.into_iter().chain(last).collect(),
    }
}

fn one(series: &Series, outcome: &Outcome, when: When) -> Value {
    let (Ok(aligned), Ok(Made { forecast, seasons })) = (&series.aligned, outcome) else {
        return json!({"series": series.name, "error": outcome.as_ref().err()});
    };
    let points = forecast.mean.iter().enumerate().map(|(step, mean)| {
        let levels = forecast.levels.as_slice().iter().map(ToString::to_string);
        let quantiles: Map<String, Value> =
            levels.zip(forecast.at(step).iter().map(|&quantile| Value::from(quantile))).collect();
        json!({"ts": when.json(forecast.grid.at(step)), "mean": mean, "quantiles": quantiles})
    });
    json!({
        "series": series.name,
        "origin": when.json(aligned.grid.at(aligned.values.len().saturating_sub(1))),
        "step_s": forecast.grid.step_s,
        "model": forecast.model,
        "season": seasons,
        "history": aligned.values.len(),
        "gaps": aligned.gaps,
        "points": points.collect::<Vec<_>>(),
    })
}

/// One line for each step of each series.
pub(super) fn table(file: &PlainFile, forecasts: &[Outcome], styled: bool) -> String {
    let levels = forecasts.iter().find_map(|outcome| Some(outcome.as_ref().ok()?.forecast.levels.clone()));
    let quantiles = levels.iter().flat_map(Levels::as_slice).map(|level| format!("{} %", percent(*level)));
    let mut table = Table::new(
        [("series".to_owned(), Align::Left), ("ts".to_owned(), Align::Left), ("mean".to_owned(), Align::Right)]
            .into_iter()
            .chain(quantiles.map(|heading| (heading, Align::Right))),
    );
    for (series, forecast) in file.series.iter().zip(forecasts) {
        let Ok(Made { forecast, .. }) = forecast else { continue };
        for (step, mean) in forecast.mean.iter().enumerate() {
            let head = [series.name.clone(), file.when.show(forecast.grid.at(step)), number(*mean)];
            table.row(head.into_iter().chain(forecast.at(step).iter().map(|quantile| number(*quantile))));
        }
    }
    table.render(styled)
}

fn percent(level: f64) -> String {
    output::decimal(Some(100.0 * level), 6)
}

fn number(value: f64) -> String {
    output::decimal(Some(value), 4)
}
