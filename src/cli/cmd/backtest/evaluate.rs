//! The work on one series, and what all of them come to.

use crate::cli::exit::{Exit, Failure};
use crate::cli::models;
use crate::cli::plain::{PlainFile, Series};
use crate::clock::Stopwatch;
use crate::forecast::backtest::{self, Parts, Plan, Run};
use crate::forecast::catalogue::{CHAMPION, Entry, Setting};
use crate::forecast::global::Pools;
use crate::forecast::history::History;
use crate::forecast::measure::Tally;
use crate::forecast::measure::scale::scale_lag;
use crate::forecast::model::{Fit, FitError, ParameterError, Predict};

/// Different reasons of failure that are kept of each model.
const REASONS: usize = 3;

/// What came of one series.
pub(super) struct OfSeries {
    /// Place of the series in the file.
    pub(super) place: usize,
    /// Seasons that the models were told of, in steps.
    pub(super) seasons: Vec<usize>,
    /// Runs in the order of the models.
    pub(super) runs: Vec<Run>,
}

/// Seasons and runs of one series, or why there are none.
type Outcome = Result<(Vec<usize>, Vec<Run>), String>;

/// What is done to each series.
pub(super) struct Job<'a> {
    pub(super) entries: &'a [&'static Entry],
    pub(super) pools: &'a Pools,
    pub(super) holidays: &'a [i64],
    pub(super) plan: &'a Plan,
    /// Whether the lag that scales MASE was given; else it follows from the seasons of each series.
    pub(super) given_lag: bool,
}

/// A model that cannot be built for a series, such as one that needs a season where none was found.
#[derive(Debug)]
struct Lacking {
    name: &'static str,
    reason: String,
}

/// The results of all series.
pub(super) struct Evaluation {
    /// Series with a result.
    pub(super) evaluated: usize,
    /// Series without one and why, in the order of the file.
    pub(super) failed: Vec<(String, String)>,
    /// Each model over all series, in the order of the models.
    pub(super) models: Vec<Overall>,
    /// Evaluated series in the order of the file.
    pub(super) runs: Vec<OfSeries>,
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
pub(super) fn buildable(
    names: &[String],
    given: Option<&[usize]>,
    plan: &Plan,
) -> Result<Vec<&'static Entry>, Failure> {
    // Whether a model can be built depends on the seasons; the step is that of each series, and so are seasons that are
    // still to be found.
    let seasons = given.unwrap_or(&[24, 168]);
    let probe = Setting { seasons, step_s: 60, horizon: plan.horizon(), pools: None, holidays: &[] };
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

impl Fit for Lacking {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    fn minimum(&self) -> usize {
        0
    }

    fn fit(&self, _history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        Err(FitError::NoSolution { model: self.name.to_owned(), reason: self.reason.clone() })
    }
}

impl Job<'_> {
    /// Evaluates the models on one series.
    pub(super) fn evaluate(&self, series: &Series, seasons: &[usize]) -> Outcome {
        let history = series.history().map_err(ToString::to_string)?;
        let setting = Setting {
            seasons,
            step_s: history.grid.step_s,
            horizon: self.plan.horizon(),
            pools: Some(self.pools),
            holidays: self.holidays,
        };
        let build = |entry: &&'static Entry| {
            let lacking = |error: ParameterError| Lacking { name: entry.name, reason: error.to_string() };
            entry.build(&setting).unwrap_or_else(|error| Box::new(lacking(error)))
        };
        let fitters: Vec<Box<dyn Fit>> = self.entries.iter().map(build).collect();
        let models: Vec<&dyn Fit> = fitters.iter().map(AsRef::as_ref).collect();
        let plan = if self.given_lag { self.plan.clone() } else { self.plan.with_scale_lag(scale_lag(seasons)) };
        let watch = Stopwatch::start();
        let mut seconds = || watch.elapsed().as_secs_f64();
        let runs = backtest::run(&history, &plan, &models, &mut seconds).map_err(|error| error.to_string())?;
        Ok((seasons.to_vec(), runs))
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
                Ok((seasons, of_series)) => {
                    models.iter_mut().zip(&of_series).for_each(|(overall, run)| overall.add(run));
                    runs.push(OfSeries { place, seasons, runs: of_series });
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
