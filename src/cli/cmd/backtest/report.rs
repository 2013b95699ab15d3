//! The result: a table for people, JSON for programs.

use serde_json::{Map, Value, json};

use super::Args;
use super::evaluate::{Evaluation, OfSeries, Overall};
use crate::cli::output::{Align, Table};
use crate::cli::pools::Trained;
use crate::forecast::backtest::{Parts, Plan, Run};
use crate::forecast::catalogue::CHAMPION;
use crate::forecast::measure::{Measures, Tally};

/// One document: the plan, each model by name, and the champion apart.
pub(super) fn json(args: &Args, evaluation: &Evaluation, plan: &Plan, trained: &Trained) -> Value {
    let (champion, models): (Vec<&Overall>, Vec<&Overall>) =
        evaluation.models.iter().partition(|overall| overall.name == CHAMPION);
    let by_name: Map<String, Value> =
        models.into_iter().map(|overall| (overall.name.to_owned(), overall_json(overall))).collect();
    let failed: Map<String, Value> =
        evaluation.failed.iter().map(|(name, reason)| (name.clone(), Value::from(reason.as_str()))).collect();
    // Without seasons given, each series is scaled by its own.
    let lag = (args.prepare.given().is_some() || args.mase_lag.is_some()).then(|| plan.scale_lag());
    let mut document = json!({
        "input": args.plain.source(),
        "horizon": plan.horizon(),
        "folds": plan.folds(),
        "step": args.step.unwrap_or(args.horizon),
        "window": args.window,
        "season": args.prepare.given(),
        "mase_lag": lag,
        "min_count": args.min_count,
        "levels": plan.levels().as_slice(),
        "pools": { "trained": trained.pools.as_slice().len(), "seconds": trained.seconds },
        "series": evaluation.evaluated,
        "series_failed": failed,
        "models": by_name,
    });
    if let Some(overall) = champion.first() {
        document[CHAMPION] = overall_json(overall);
    }
    if args.by_series {
        document["by_series"] = by_series(evaluation);
        document["season_by_series"] = evaluation
            .runs
            .iter()
            .filter_map(|one| Some((evaluation.names.get(one.place)?.clone(), Value::from(one.seasons.clone()))))
            .collect::<Map<String, Value>>()
            .into();
    }
    document
}

fn overall_json(overall: &Overall) -> Value {
    let mut value = measures_json(&overall.tally);
    add_parts(&mut value, &overall.parts);
    value["seconds"] = Value::from(overall.seconds);
    value["series"] = Value::from(overall.series);
    value["folds"] = Value::from(overall.folds);
    value["failures"] = Value::from(overall.failures);
    value["failure_reasons"] = Value::from(overall.reasons.clone());
    value
}

/// The same measures of the first steps of each fold, and of both halves of the folds if there are two.
fn add_parts(value: &mut Value, parts: &Parts) {
    if parts.older.points() > 0 {
        value["older_folds"] = measures_json(&parts.older);
        value["newer_folds"] = measures_json(&parts.newer);
    }
    for (steps, tally) in &parts.within {
        value["within"][steps.to_string()] = measures_json(tally);
    }
}

fn measures_json(tally: &Tally) -> Value {
    let Measures { points, gaps, zero_truths, mape, smape, mase, rmse, nrmse, pinball, .. } = tally.measures();
    let measures = tally.measures();
    let by_level = measures.pinball_by_level.iter().map(|(level, loss)| (share(*level), Value::from(*loss)));
    let widest = measures.intervals.first();
    let intervals = measures.intervals.iter().map(|interval| {
        let value = json!({"coverage": interval.coverage, "width": interval.width});
        (share(interval.nominal), value)
    });
    json!({
        "mape": mape,
        "mape_of_means": measures.mape_of_means,
        "smape": smape,
        "mase": mase,
        "rmse": rmse,
        "nrmse": nrmse,
        "pinball": pinball,
        "pinball_by_level": by_level.collect::<Map<String, Value>>(),
        "crps": measures.crps,
        "crps_over_mean": measures.crps_over_mean,
        "coverage": widest.map(|interval| interval.coverage),
        "coverage_nominal": widest.map(|interval| round(interval.nominal)),
        "intervals": intervals.collect::<Map<String, Value>>(),
        "points": points,
        "gaps": gaps,
        "zero_truths": zero_truths,
    })
}

fn by_series(evaluation: &Evaluation) -> Value {
    let one = |run: &Run| {
        let mut value = measures_json(&run.tally);
        add_parts(&mut value, &run.parts);
        value["seconds"] = Value::from(run.seconds);
        value["failures"] = Value::from(run.failures.len());
        value
    };
    let all = evaluation.runs.iter().filter_map(|OfSeries { place, runs, .. }| {
        let models = evaluation.models.iter().map(|overall| overall.name.to_owned()).zip(runs.iter().map(one));
        Some((evaluation.names.get(*place)?.clone(), Value::from(models.collect::<Map<String, Value>>())))
    });
    Value::from(all.collect::<Map<String, Value>>())
}

/// Levels as they were typed: a difference such as 0.95 - 0.05 is not 0.9 to the last bit.
fn round(share: f64) -> f64 {
    (share * 1e9).round() / 1e9
}

fn share(level: f64) -> String {
    round(level).to_string()
}

/// One line for each model, the best error first as far as it can be compared.
pub(super) fn table(evaluation: &Evaluation, plan: &Plan, styled: bool) -> String {
    let widest = evaluation.models.first().and_then(|overall| overall.tally.measures().intervals.first().copied());
    let coverage = widest.map_or_else(|| "coverage".to_owned(), |widest| format!("in {:.0} %", 100.0 * widest.nominal));
    let right =
        ["mape %", "smape %", "mase", "rmse", "pinball", "crps", coverage.as_str(), "seconds", "series", "failures"];
    let headings = [("model", Align::Left)].into_iter().chain(right.map(|heading| (heading, Align::Right)));
    let mut table = Table::new(headings);
    let mut models: Vec<&Overall> = evaluation.models.iter().collect();
    let mase = |overall: &Overall| overall.tally.measures().mase.unwrap_or(f64::INFINITY);
    models.sort_by(|one, other| mase(one).total_cmp(&mase(other)));
    for overall in models {
        let measures = overall.tally.measures();
        let covered = measures.intervals.first().map(|interval| 100.0 * interval.coverage);
        table.row([
            overall.name.to_owned(),
            fixed(measures.mape, 2),
            fixed(measures.smape, 2),
            fixed(measures.mase, 3),
            significant(measures.rmse),
            significant(measures.pinball),
            significant(measures.crps),
            covered.map_or_else(|| "-".to_owned(), |covered| format!("{covered:.1} %")),
            format!("{:.2}", overall.seconds),
            overall.series.to_string(),
            overall.failures.to_string(),
        ]);
    }
    let reasons: Vec<String> = evaluation
        .models
        .iter()
        .flat_map(|overall| overall.reasons.iter().map(|reason| format!("  {}: {reason}\n", overall.name)))
        .collect();
    let why = if reasons.is_empty() { String::new() } else { format!("\nfailures:\n{}", reasons.concat()) };
    let span = match plan.folds() {
        1 => "1 fold".to_owned(),
        folds => format!("{folds} folds"),
    };
    format!("{}\n{} series, {span} of {} steps\n{why}", table.render(styled), evaluation.evaluated, plan.horizon())
}

fn fixed(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}

/// Four significant digits: values may be milliseconds or dollars.
fn significant(value: Option<f64>) -> String {
    let Some(value) = value else { return "-".to_owned() };
    if value == 0.0 {
        return "0".to_owned();
    }
    if !(1e-4..1e9).contains(&value.abs()) {
        return format!("{value:.3e}");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 7")]
    let digits = (3.0 - value.abs().log10().floor()).clamp(0.0, 7.0) as usize;
    format!("{value:.digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_digits_count() {
        let shown = [0.0, 0.000_123_46, 0.123_45, 12.345, 12_345.6, 1e12].map(|value| significant(Some(value)));
        assert_eq!(shown, ["0", "0.0001235", "0.1235", "12.35", "12346", "1.000e12"]);
        assert_eq!((share(0.95 - 0.05), significant(None)), ("0.9".to_owned(), "-".to_owned()));
    }
}
