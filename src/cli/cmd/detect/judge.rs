//! One series from rows to scores.

use crate::anomaly::controls::Controls;
use crate::anomaly::detector::Band;
use crate::anomaly::fuse;
use crate::anomaly::series::{SeriesDetector, SeriesSetting};
use crate::anomaly::verdict::{State, Verdict};
use crate::cli::plain::Series;
use crate::domain::time::Timestamp;
use crate::forecast::align::{Aligned, Raw};

const SECONDS_PER_DAY: u32 = 86_400;

/// Detectors that may vote.
const VOTES: usize = SeriesDetector::NAMES.len();

/// A season as it may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Season {
    /// There is none.
    None,
    /// A day, where it is a whole number of steps.
    Day,
    /// So many steps.
    Steps(usize),
}

/// How long there is no further alarm after one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Quiet {
    /// So many seconds.
    Seconds(u32),
    /// A part of the steps seen so far: a long past tells rarer things, and they come with longer stretches.
    Part(f64),
}

impl Quiet {
    /// In steps of `step_s` seconds, before step `seen`.
    fn steps(self, step_s: u32, seen: usize) -> u32 {
        match self {
            Self::Seconds(seconds) => seconds.div_ceil(step_s.max(1)),
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a part of a number of steps, rounded up"
            )]
            Self::Part(part) => (part * seen as f64).ceil() as u32,
        }
    }
}

/// What is done to each series.
pub(super) struct Job {
    pub(super) controls: Controls,
    /// Rest after an alarm, as steps differ from series to series.
    pub(super) rest: Option<Quiet>,
    /// The season that was asked for.
    pub(super) season: Season,
    /// Where the training part ends, if an instant says so.
    pub(super) learns_until: Option<Timestamp>,
    /// Whether there is a training part at all.
    pub(super) is_trained: bool,
}

/// What is said of one step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scored {
    pub(super) state: State,
    pub(super) score: f64,
    pub(super) anomaly: bool,
    /// What was expected.
    pub(super) expected: Band,
    /// The score of each detector; NaN where it had nothing to say.
    pub(super) detectors: [f64; VOTES],
}

/// What is said of a series.
pub(super) struct Judged {
    /// Its rows, as they stand in the file.
    pub(super) rows: Vec<Raw>,
    /// The step of each row.
    places: Vec<usize>,
    steps: Vec<Scored>,
}

impl Judged {
    /// The rows with what is said of them.
    pub(super) fn rows(&self) -> impl Iterator<Item = (Raw, Scored)> + '_ {
        self.rows.iter().zip(&self.places).filter_map(|(row, place)| Some((*row, *self.steps.get(*place)?)))
    }
}

impl Job {
    /// Scores `series`.
    pub(super) fn judge(&self, series: &Series) -> Result<Judged, String> {
        let aligned = series.aligned.as_ref().map_err(ToString::to_string)?;
        let history = series.history().map_err(ToString::to_string)?;
        let step_s = history.grid.step_s;
        let season = match self.season {
            Season::None => None,
            Season::Day => day(step_s),
            Season::Steps(length) => Some(length),
        };
        let setting = SeriesSetting::of(step_s, season);
        let mut controls = self.controls.clone();
        let line = fuse::line(controls.alarms_per_day, step_s);
        let learnt = self.training_steps(series, aligned)?;
        let labels = labelled_steps(series, aligned);
        let told =
            |step| (history.grid.at(step), history.observation(step), labels.get(step).copied().unwrap_or(false));
        let detector = match learnt {
            Some(learnt) => SeriesDetector::trained(&setting, &controls, (0..learnt.min(history.len())).map(told)),
            None => SeriesDetector::new(&setting),
        };
        let mut detector = detector.map_err(|error| error.to_string())?;
        let judge = |step| {
            let (at, news, _) = told(step);
            let quiet = controls.rest.as_mut().zip(self.rest);
            if let Some((rest, quiet)) = quiet {
                rest.steps = quiet.steps(step_s, step);
            }
            Scored::of(&detector.observe(at, news, &controls), line)
        };
        let all = (0..history.len()).map(judge).collect();
        let rows = match &series.marks {
            Some(marks) => marks.rows.clone(),
            None => aligned.values.iter().enumerate().map(|(at, value)| (history.grid.at(at), *value)).collect(),
        };
        let places = rows.iter().map(|(at, _)| aligned.step_of(*at).unwrap_or(0)).collect();
        Ok(Judged { rows, places, steps: all })
    }

    /// Steps of the training part, if there is to be one.
    fn training_steps(&self, series: &Series, aligned: &Aligned) -> Result<Option<usize>, String> {
        if !self.is_trained {
            return Ok(None);
        }
        let marked = series.marks.as_ref().and_then(|marks| marks.trained_until);
        let steps = match (self.learns_until, marked) {
            (Some(until), _) => aligned.step_of(until),
            (None, Some(last)) => aligned.step_of(last).map(|step| step + 1),
            (None, None) => None,
        };
        let steps = steps.filter(|steps| *steps > 0);
        steps.map(Some).ok_or_else(|| "has no training part: no row is of it".to_owned())
    }
}

impl Scored {
    fn of(verdict: &Verdict, line: f64) -> Self {
        let vote = |name: &str| verdict.votes.iter().find(|vote| vote.detector == name);
        let score = |name| vote(name).map_or(f64::NAN, |vote| fuse::score(fuse::surprise(vote.p), line));
        Self {
            state: verdict.state,
            score: verdict.score,
            anomaly: verdict.anomaly,
            expected: verdict.expected,
            detectors: SeriesDetector::NAMES.map(score),
        }
    }
}

/// A day in steps, if it is a whole number of them above one.
fn day(step_s: u32) -> Option<usize> {
    (step_s < SECONDS_PER_DAY && SECONDS_PER_DAY.is_multiple_of(step_s)).then(|| (SECONDS_PER_DAY / step_s) as usize)
}

/// Which steps hold a row that is labelled.
fn labelled_steps(series: &Series, aligned: &Aligned) -> Vec<bool> {
    let Some(marks) = series.marks.as_ref().filter(|marks| !marks.labels.is_empty()) else { return Vec::new() };
    let mut steps = vec![false; aligned.values.len()];
    for ((at, _), is_labelled) in marks.rows.iter().zip(&marks.labels) {
        if let Some(step) = aligned.step_of(*at).and_then(|step| steps.get_mut(step)) {
            *step |= is_labelled;
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rest_is_a_time_or_a_part_of_the_past() {
        assert_eq!(Quiet::Seconds(90).steps(60, 7), 2);
        assert_eq!((Quiet::Part(0.05).steps(60, 0), Quiet::Part(0.05).steps(60, 410)), (0, 21));
    }

    #[test]
    fn a_day_is_a_season_where_steps_divide_it() {
        assert_eq!([60, 3_600, 86_400, 86_401, 7].map(day), [Some(1_440), Some(24), None, None, None]);
    }
}
