//! All candidates at all origins.

use crate::forecast::history::{History, Observation};
use crate::forecast::model::Fit;
use crate::forecast::scale::Scale;
use crate::forecast::select::origins::Origins;

/// How sharply the error decides the share: twice the error, a sixteenth of the share.
const POWER: f64 = -4.0;

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
        let (mut sum, mut count) = (0.0, 0.0);
        for (&origin, path) in at.iter().zip(paths.chunks_exact_mut(*horizon)) {
            let fitted = model.fit(&self.working.until(origin)).map_err(|error| error.to_string())?;
            fitted.predict(path);
            if path.iter().any(|value| !value.is_finite()) {
                return Err("its path is not finite".to_owned());
            }
            for (truth, value) in self.history.values[origin..].iter().zip(path) {
                let error = (truth - self.scale.back(*value)).abs();
                if error.is_finite() {
                    sum += error;
                    count += 1.0;
                }
            }
        }
        Ok(Run { paths, mae: (count > 0.0).then(|| sum / count) })
    }

    /// The truth `step` steps after `origin`, on the working scale.
    pub(super) fn truth(&self, origin: usize, step: usize) -> f64 {
        self.working.values.get(origin + step).copied().unwrap_or(f64::NAN)
    }
}

/// The shares of the candidates, which add up to 1. Where nothing could be judged they are equal among those that did
/// not fail; all zero if all failed.
pub(super) fn shares(lanes: &[Lane], unit: f64) -> Vec<f64> {
    let errors: Vec<Option<f64>> = lanes.iter().map(|lane| lane.as_ref().ok().and_then(|run| run.mae)).collect();
    // A model without any error takes all, but not infinitely.
    let least = (1e-12 * unit).max(f64::MIN_POSITIVE);
    let best = errors.iter().flatten().copied().fold(f64::INFINITY, f64::min).max(least);
    let mut shares: Vec<f64> = if best.is_finite() {
        let share = |error: f64| (error.max(least) / best).powf(POWER);
        errors.iter().zip(lanes).map(|(error, lane)| error.map_or(0.0, share) / twins(lane, lanes)).collect()
    } else {
        lanes.iter().map(|lane| f64::from(u8::from(lane.is_ok()))).collect()
    };
    normalise(&mut shares);
    let least = shares.iter().copied().fold(0.0, f64::max).min(LEAST);
    shares.iter_mut().filter(|share| **share < least).for_each(|share| *share = 0.0);
    normalise(&mut shares);
    shares
}

/// How many candidates forecast the same as that of `lane`, itself among them: they have one share together, or a
/// history that is shorter than the windows of all medians would count its one median several times.
fn twins(lane: &Lane, lanes: &[Lane]) -> f64 {
    let same = |other: &&Lane| matches!((lane, other), (Ok(run), Ok(other)) if run.paths == other.paths);
    lanes.iter().filter(same).fold(0.0_f64, |twins, _| twins + 1.0).max(1.0)
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
