//! How well models would have done: rolling-origin evaluation without leakage.
//!
//! Each fold cuts the history at its origin: models see what lies before, and the next `horizon` steps are the truth.
//! Nothing behind an origin reaches a model before it has been judged on it, neither its parameters nor its intervals
//! nor the scale of its errors. One hold-out at the end would be cheaper and is one fold; several folds tell luck from
//! skill (Tashman, *Out-of-sample tests of forecasting accuracy*, 2000).
//!
//! Beside the whole, the older and the newer half of the folds are measured apart, because an average may hide that
//! intervals fail as time goes on; and the first steps of each fold, as many as wanted.
//!
//! A model that cannot be fitted, or whose path is not finite, fails in that fold only: the failure is told and the
//! next fold is tried. Time is measured by the caller's stopwatch, there is no clock in here.

mod parts;
mod plan;

pub use parts::Parts;
pub use plan::{Plan, PlanOptions, Window};

use thiserror::Error;

use crate::domain::time::Timestamp;
use crate::forecast::band::{Banded, ForecastError};
use crate::forecast::history::History;
use crate::forecast::measure::scale::naive_scale;
use crate::forecast::measure::{Outcome, Tally};
use crate::forecast::model::Fit;
use crate::forecast::output::Forecast;

/// A stopwatch: seconds since some fixed instant.
pub type Seconds<'a> = &'a mut dyn FnMut() -> f64;

/// The history does not reach back to the origin of the oldest fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{folds} folds of {horizon} steps need at least {needed} steps, there are {found}")]
pub struct TooShort {
    /// Folds of the plan.
    pub folds: usize,
    /// Steps of each that are the truth.
    pub horizon: usize,
    /// Steps without which the oldest fold has no history.
    pub needed: usize,
    /// Steps of the history.
    pub found: usize,
}

/// How one model did on one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// The model's name.
    pub model: String,
    /// Its errors over all folds.
    pub tally: Tally,
    /// Its errors in parts of the folds.
    pub parts: Parts,
    /// Folds in which it forecast.
    pub folds: usize,
    /// Folds in which it did not, oldest first.
    pub failures: Vec<FoldFailure>,
    /// Seconds it took: fits, updates, intervals and forecasts of all folds.
    pub seconds: f64,
    /// Its forecast of the newest fold, unless that failed.
    pub newest: Option<Forecast>,
}

/// A fold in which a model gave no forecast.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldFailure {
    /// First instant of the fold's truth.
    pub origin: Timestamp,
    /// Why.
    pub reason: ForecastError,
}

/// Lets every model forecast every fold of `plan`, oldest fold first, and compares with what came true.
///
/// # Errors
/// If the oldest fold has no history at all.
pub fn run(
    history: &History<'_>,
    plan: &Plan,
    models: &[&dyn Fit],
    seconds: Seconds<'_>,
) -> Result<Vec<Run>, TooShort> {
    let origins = plan.origins(history.len())?;
    let scales: Vec<Option<f64>> =
        origins.iter().map(|&origin| naive_scale(history.until(origin).values, plan.scale_lag())).collect();
    let backtest = Backtest { history, plan, origins: &origins, scales: &scales };
    Ok(models.iter().map(|model| backtest.of(*model, seconds)).collect())
}

/// What is the same for all models of a series.
struct Backtest<'a> {
    history: &'a History<'a>,
    plan: &'a Plan,
    origins: &'a [usize],
    scales: &'a [Option<f64>],
}

/// A fitted model and how many steps of the history it was told of.
struct Standing {
    banded: Banded,
    at: usize,
}

impl Backtest<'_> {
    fn of(&self, model: &dyn Fit, seconds: Seconds<'_>) -> Run {
        let mut run = Run {
            model: model.name(),
            tally: Tally::new(self.plan.levels().clone()),
            parts: Parts::new(self.plan),
            folds: 0,
            failures: Vec::new(),
            seconds: 0.0,
            newest: None,
        };
        let mut standing = None;
        for (fold, (&origin, &scale)) in self.origins.iter().zip(self.scales).enumerate() {
            let started = seconds();
            let kept = standing.take().filter(|_| !self.plan.refits_at(fold));
            let forecast = self.forecast(model, kept, origin, &mut standing);
            run.seconds += seconds() - started;
            match forecast {
                Ok(forecast) => {
                    run.folds += 1;
                    self.record(&mut run, fold, &forecast, scale);
                    run.newest = Some(forecast);
                }
                Err(reason) => {
                    run.failures.push(FoldFailure { origin: self.history.grid.at(origin), reason });
                    run.newest = None;
                }
            }
        }
        run
    }

    /// The forecast at `origin` by the model that is `kept` from an older fold, told of the steps since, or by one
    /// that is fitted now; it is left in `standing`.
    fn forecast(
        &self,
        model: &dyn Fit,
        kept: Option<Standing>,
        origin: usize,
        standing: &mut Option<Standing>,
    ) -> Result<Forecast, ForecastError> {
        let known = self.history.until(origin);
        let banded = match kept {
            Some(Standing { mut banded, at }) => {
                (at..origin).for_each(|step| banded.update(known.observation(step)));
                banded
            }
            None => {
                Banded::fit(model, &self.plan.window().of(&known), self.plan.horizon(), self.plan.levels().clone())?
            }
        };
        let forecast = banded.forecast(known.grid.advanced(origin), self.plan.horizon())?;
        *standing = Some(Standing { banded, at: origin });
        Ok(forecast)
    }

    /// Adds the forecast of fold `fold` to what the run measures.
    fn record(&self, run: &mut Run, fold: usize, forecast: &Forecast, scale: Option<f64>) {
        let truths = self.truths(self.origins.get(fold).copied().unwrap_or_default());
        record(&mut run.tally, &truths, forecast, scale);
        let half = if self.plan.is_newer(fold) { &mut run.parts.newer } else { &mut run.parts.older };
        record(half, &truths, forecast, scale);
        for (steps, tally) in &mut run.parts.within {
            record(tally, truths.get(..*steps).unwrap_or(&truths), forecast, scale);
        }
    }

    /// What came true behind `origin`; a gap where too few calls stand behind it.
    fn truths(&self, origin: usize) -> Vec<f64> {
        let counts_enough = |step: usize| {
            let count = self.history.counts.and_then(|counts| counts.get(step)).copied();
            count.is_none_or(|count| count.is_nan() || count >= self.plan.least_count())
        };
        let truths = self.history.values.iter().enumerate().skip(origin).take(self.plan.horizon());
        truths.map(|(step, &truth)| if counts_enough(step) { truth } else { f64::NAN }).collect()
    }
}

/// Adds the steps of `forecast` that `truths` are known of.
fn record(tally: &mut Tally, truths: &[f64], forecast: &Forecast, scale: Option<f64>) {
    let median_at = forecast.levels.position(0.5);
    for (step, (&truth, &mean)) in truths.iter().zip(&forecast.mean).enumerate() {
        let quantiles = forecast.at(step);
        let median = median_at.and_then(|at| quantiles.get(at)).copied().unwrap_or(mean);
        tally.record(&Outcome { truth, mean, median, quantiles, scale });
    }
    tally.record_means(truths, &forecast.mean);
}

#[cfg(test)]
mod tests;
