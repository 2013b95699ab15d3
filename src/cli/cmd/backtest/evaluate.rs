//! The work on one series, and what all of them come to.

use crate::cli::exit::{Exit, Failure};
use crate::cli::models;
use crate::cli::plain::{PlainFile, Series};
use crate::clock::Stopwatch;
use crate::forecast::backtest::{self, Parts, Plan, Run};
use crate::forecast::catalogue::{CHAMPION, Entry, Setting};
use crate::forecast::global::Pools;
use crate::forecast::measure::Tally;
use crate::forecast::model::Fit;

/// Different reasons of failure that are kept of each model.
const REASONS: usize = 3;

/// Runs of one series in the order of the models, or why there are none.
pub(super) type Outcome = Result<Vec<Run>, String>;

/// The results of all series.
pub(super) struct Evaluation {
    /// Series with a result.
    pub(super) evaluated: usize,
    /// Series without one and why, in the order of the file.
    pub(super) failed: Vec<(String, String)>,
    /// Each model over all series, in the order of the models.
    pub(super) models: Vec<Overall>,
    /// Runs of each evaluated series with its place in the file.
    pub(super) runs: Vec<(usize, Vec<Run>)>,
    /// Names of the series, in the order of the file.
    pub(super) names: Vec<String>,
}

/// A model over all series.
pub(super) struct Overall {
    pub(super) name: &'static str,
    pub(super) tally: Tally,
    pub(super) parts: Parts,
    /// Series in which it forecast at least one fold.
    pub(super) series: usize,
    /// Folds that it forecast.
    pub(super) folds: usize,
    /// Folds that it did not.
    pub(super) failures: usize,
    /// A few different reasons for that.
    pub(super) reasons: Vec<String>,
    pub(super) seconds: f64,
}

/// The models called `names`, without names the usual ones that the seasons allow; and the champion in any case.
pub(super) fn buildable(names: &[String], seasons: &[usize], plan: &Plan) -> Result<Vec<&'static Entry>, Failure> {
    // Whether a model can be built depends on the seasons; the step is that of each series.
    let probe = Setting { seasons, step_s: 60, horizon: plan.horizon(), pools: None };
    let mut entries = models::named(names)?;
    if names.is_empty() {
        entries.retain(|entry| entry.build(&probe).is_ok());
    }
    if entries.iter().all(|entry| entry.name != CHAMPION) {
        entries.push(models::one(CHAMPION)?);
    }
    for entry in &entries {
        entry.build(&probe).map_err(|error| Failure::new(Exit::Usage, format!("{}: {error}", entry.name)))?;
    }
    Ok(entries)
}

/// What is done to each series.
pub(super) struct Work<'a> {
    pub(super) entries: &'a [&'static Entry],
    pub(super) seasons: &'a [usize],
    pub(super) pools: &'a Pools,
    pub(super) plan: &'a Plan,
}

impl Work<'_> {
    /// Evaluates every model on `series`.
    pub(super) fn evaluate(&self, series: &Series) -> Outcome {
        let history = series.history().map_err(ToString::to_string)?;
        let Self { seasons, pools, plan, .. } = *self;
        let setting = Setting { seasons, step_s: history.grid.step_s, horizon: plan.horizon(), pools: Some(pools) };
        let built: Result<Vec<Box<dyn Fit>>, _> = self.entries.iter().map(|entry| entry.build(&setting)).collect();
        let built = built.map_err(|error| error.to_string())?;
        let models: Vec<&dyn Fit> = built.iter().map(AsRef::as_ref).collect();
        let watch = Stopwatch::start();
        let mut seconds = || watch.elapsed().as_secs_f64();
        backtest::run(&history, plan, &models, &mut seconds).map_err(|error| error.to_string())
    }
}

impl Evaluation {
    /// Adds up `outcomes`, one for each series of `file`.
    pub(super) fn of(file: &PlainFile, entries: &[&'static Entry], plan: &Plan, outcomes: Vec<Outcome>) -> Self {
        let names: Vec<String> = file.series.iter().map(|series| series.name.clone()).collect();
        let mut models: Vec<Overall> = entries.iter().map(|entry| Overall::new(entry.name, plan)).collect();
        let (mut failed, mut runs) = (Vec::new(), Vec::new());
        for (place, (name, outcome)) in names.iter().zip(outcomes).enumerate() {
            match outcome {
                Ok(of_series) => {
                    models.iter_mut().zip(&of_series).for_each(|(overall, run)| overall.add(run));
                    runs.push((place, of_series));
                }
                Err(reason) => failed.push((name.clone(), reason)),
            }
        }
        Self { evaluated: runs.len(), failed, models, runs, names }
    }

    /// The place of the champion, or of the model with the lowest MASE on the most series if that failed everywhere.
    pub(super) fn best(&self) -> Option<usize> {
        let champion = self.models.iter().position(|overall| overall.name == CHAMPION && overall.series > 0);
        let most = self.models.iter().map(|overall| overall.series).max().unwrap_or(0);
        let scored = self.models.iter().enumerate().filter(|(_, overall)| overall.series == most);
        let error = |overall: &Overall| {
            let measures = overall.tally.measures();
            measures.mase.or(measures.rmse).unwrap_or(f64::INFINITY)
        };
        champion.or_else(|| scored.min_by(|one, other| error(one.1).total_cmp(&error(other.1))).map(|(at, _)| at))
    }
}

impl Overall {
    fn new(name: &'static str, plan: &Plan) -> Self {
        let tally = Tally::new(plan.levels().clone());
        let parts = Parts::new(plan);
        Self { name, tally, parts, series: 0, folds: 0, failures: 0, reasons: Vec::new(), seconds: 0.0 }
    }

    fn add(&mut self, run: &Run) {
        self.tally.merge(&run.tally);
        self.parts.merge(&run.parts);
        self.series += usize::from(run.folds > 0);
        self.folds += run.folds;
        self.failures += run.failures.len();
        self.seconds += run.seconds;
        for failure in &run.failures {
            let reason = failure.reason.to_string();
            if self.reasons.len() < REASONS && !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
    }
}
