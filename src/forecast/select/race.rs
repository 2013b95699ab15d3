//! All candidates at all origins.

use crate::forecast::history::{History, Observation};
use crate::forecast::model::Fit;
use crate::forecast::scale::Scale;
use crate::forecast::select::origins::Origins;

/// How sharply the error decides the share: twice the error, a sixteenth of the share.
const POWER: f64 = -4.0;

/// The same where the season is longer than the horizon: most candidates know little of such a season, and together
/// they would outvote the few that do.
const SHARP_POWER: f64 = -8.0;

/// Smaller shares are dropped: they cost a fit and change nothing.
const LEAST: f64 = 0.02;

/// What one candidate forecast, or why it did not.
pub(super) type Lane = Result<Run, String>;

/// The forecasts of one candidate.
pub(super) struct Run {
    /// On the working scale, origin by origin.
    pub paths: Vec<f64>,
    /// Mean absolute error in the unit of the series; `None` if all truths are gaps.
    pub mae: Option<f64>,
    /// The same for each origin; NaN where all truths are gaps.
    pub errors: Vec<f64>,
}

/// What is raced on.
pub(super) struct Course<'a> {
    /// The series as it is, and on the working scale.
    pub history: &'a History<'a>,
    pub working: &'a History<'a>,
    pub scale: Scale,
    pub origins: &'a Origins,
}

impl Course<'_> {
    /// Fits `model` at every origin to what lies before it, and compares.
    pub(super) fn run(&self, model: &dyn Fit) -> Lane {
        let Origins { at, horizon } = self.origins;
        let mut paths = vec![0.0; at.len() * horizon];
        let mut errors = Vec::with_capacity(at.len());
        let (mut sum, mut count) = (0.0, 0.0);
        for (&origin, path) in at.iter().zip(paths.chunks_exact_mut(*horizon)) {
            let fitted = model.fit(&self.working.until(origin)).map_err(|error| error.to_string())?;
            fitted.predict(path);
            if path.iter().any(|value| !value.is_finite()) {
                return Err("its path is not finite".to_owned());
            }
            let (mut here, mut known) = (0.0, 0.0);
            for (truth, value) in self.history.values[origin..].iter().zip(path) {
                let error = (truth - self.scale.back(*value)).abs();
                if error.is_finite() {
                    here += error;
                    known += 1.0;
                }
            }
            errors.push(here / known);
            sum += here;
            count += known;
        }
        Ok(Run { paths, mae: (count > 0.0).then(|| sum / count), errors })
    }

    /// The truth `step` steps after `origin`, on the working scale.
    pub(super) fn truth(&self, origin: usize, step: usize) -> f64 {
        self.working.values.get(origin + step).copied().unwrap_or(f64::NAN)
    }
}

/// The shares of the candidates, which add up to 1. Where nothing could be judged they are equal among those that did
/// not fail; all zero if all failed. With `is_long`, where the season is longer than the horizon, an error counts beside
/// those of the others at the same origin, and decides more sharply.
pub(super) fn shares(lanes: &[Lane], unit: f64, is_long: bool) -> Vec<f64> {
    // A model without any error takes all, but not infinitely.
    let least = (1e-12 * unit).max(f64::MIN_POSITIVE);
    let (errors, least, power): (Vec<Option<f64>>, _, _) = if is_long {
        (beside_each_other(lanes, least), 1e-12, SHARP_POWER)
    } else {
        (lanes.iter().map(|lane| lane.as_ref().ok().and_then(|run| run.mae)).collect(), least, POWER)
    };
    let best = errors.iter().flatten().copied().fold(f64::INFINITY, f64::min).max(least);
    let mut shares: Vec<f64> = if best.is_finite() {
        let share = |error: f64| (error.max(least) / best).powf(power);
        errors.iter().zip(lanes).map(|(error, lane)| error.map_or(0.0, share) / twins(lane, lanes)).collect()
    } else {
        lanes.iter().map(|lane| f64::from(u8::from(lane.is_ok()))).collect()
    };
    normalise(&mut shares);
    let least = shares.iter().copied().fold(0.0, f64::max).min(LEAST);
    for (share, lane) in shares.iter_mut().zip(lanes) {
        if *share * twins(lane, lanes) < least {
            *share = 0.0;
        }
    }
    normalise(&mut shares);
    shares
}

/// How many candidates forecast the same as that of `lane`, itself among them: they have one share together, or a
/// history that is shorter than the windows of all medians would count its one median several times.
fn twins(lane: &Lane, lanes: &[Lane]) -> f64 {
    let same = |other: &&Lane| matches!((lane, other), (Ok(run), Ok(other)) if run.paths == other.paths);
    lanes.iter().filter(same).fold(0.0_f64, |twins, _| twins + 1.0).max(1.0)
}

/// The mean over the origins of each candidate's error there, divided by the mean of all candidates there; `None`
/// for a candidate that failed or could not be judged. Undivided, the origin at which the series was at its wildest
/// would decide alone. Origins at which nobody errs by more than `least` say nothing.
fn beside_each_other(lanes: &[Lane], least: f64) -> Vec<Option<f64>> {
    let runs = || lanes.iter().flatten().filter(|run| run.mae.is_some());
    let origins = runs().map(|run| run.errors.len()).max().unwrap_or(0);
    let at = |origin: usize| runs().filter_map(move |run| run.errors.get(origin)).filter(|error| error.is_finite());
    let usual: Vec<f64> =
        (0..origins).map(|origin| at(origin).sum::<f64>() / at(origin).fold(0.0, |n, _| n + 1.0)).collect();
    lanes
        .iter()
        .map(|lane| {
            let run = lane.as_ref().ok().filter(|run| run.mae.is_some())?;
            let known = run.errors.iter().zip(&usual).filter(|(error, usual)| error.is_finite() && **usual > least);
            let (sum, count) =
                known.fold((0.0, 0.0), |(sum, count), (error, usual)| (sum + error / usual, count + 1.0));
            Some(sum / f64::max(count, 1.0))
        })
        .collect()
}

/// Makes shares that are not all zero add up to 1.
pub(super) fn normalise(shares: &mut [f64]) {
    let total: f64 = shares.iter().sum();
    if total > 0.0 {
        for share in shares {
            *share /= total;
        }
    }
}

/// `history` on the working scale.
pub(super) fn forward(history: &History<'_>, scale: Scale) -> Vec<f64> {
    (0..history.len())
        .map(|index| {
            let Observation { value, count } = history.observation(index);
            scale.forward(Observation { value, count })
        })
        .collect()
}
