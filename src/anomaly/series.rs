//! One series from value to verdict: its detectors, their tails, and what they say together.
//!
//! Each step costs O(1) for each detector; once in [`TailSetting::refresh`] steps a tail is fitted anew at the cost of its
//! histogram. The state is one value that can be saved and comes back bit for bit; the [`Controls`] are told at each step.
//!
//! - A value is judged before anything learns it. Detectors learn clipped, tails learn all readings and leave outliers out
//!   when they fit, so that neither needs to know what was an anomaly.
//! - **Warm-up**: until the first detector and its tail have seen enough, steps are [`State::Warming`] with score 0.
//! - **Fixed**: [`SeriesDetector::trained`] learns tails from a training part and leaves them as they are, for a threshold
//!   that was chosen once; detectors follow the series on. The detector it gives stands before the first step again:
//!   scores of the training part can be compared with those behind it.

mod member;
mod plain;
mod share;

use serde::{Deserialize, Serialize};

use crate::anomaly::controls::{Controls, Missing};
use crate::anomaly::counts::CountSetting;
use crate::anomaly::detector::Band;
use crate::anomaly::fuse;
use crate::anomaly::level::LevelSetting;
use crate::anomaly::seasonal::SeasonalSetting;
use crate::anomaly::tail::TailSetting;
use crate::anomaly::verdict::{State, Verdict};
use crate::anomaly::voice::Opinion;
use crate::domain::time::Timestamp;
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;
use member::Members;
use plain::Plain;

/// What a [`SeriesDetector`] is made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesSetting {
    /// Length of a step in seconds.
    pub step_s: u32,
    /// Surprise against the level.
    pub level: LevelSetting,
    /// Surprise against the season and the level of hours.
    pub seasonal: SeasonalSetting,
    /// Bad ones among calls, if the series is a share of calls that knows how many they are.
    pub counts: Option<CountSetting>,
    /// From readings to probabilities.
    pub tail: TailSetting,
}

impl SeriesSetting {
    /// The setting that is meant for every series of steps of `step_s` seconds with a season of so many steps,
    /// if there is one.
    #[must_use]
    pub fn of(step_s: u32, season: Option<usize>) -> Self {
        Self {
            step_s,
            level: LevelSetting::default(),
            seasonal: SeasonalSetting::of(season.unwrap_or(1)),
            counts: None,
            tail: TailSetting::default(),
        }
    }

    /// The same for a share of calls.
    #[must_use]
    pub fn of_a_share(self) -> Self {
        Self { counts: Some(CountSetting::default()), ..self }
    }
}

/// Everything that is known of one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SeriesDetector {
    step_s: u32,
    members: Members,
    learning: Learning,
    /// Steps without a value up to now.
    absent: u32,
    alarm: Option<Alarm>,
    /// Rare steps from which nothing need be learnt, for now.
    allowance: f64,
    has_learnt: bool,
}

/// Which tails learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Learning {
    All,
    Nothing,
}

/// The last alarm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Alarm {
    surprise: f64,
    steps_ago: u32,
}

impl SeriesDetector {
    /// The detectors that may vote on a series of plain numbers.
    pub const NAMES: [&'static str; 4] = Plain::NAMES;

    /// A detector that knows nothing yet.
    ///
    /// # Errors
    /// [`ParameterError`] if a parameter lies outside its range.
    pub fn new(setting: &SeriesSetting) -> Result<Self, ParameterError> {
        let members = Members::new(setting)?;
        Ok(Self {
            step_s: setting.step_s,
            members,
            learning: Learning::All,
            absent: 0,
            alarm: None,
            allowance: ALLOWANCE,
            has_learnt: false,
        })
    }

    /// Judges the step that begins at `at`, and learns it.
    pub fn observe(&mut self, at: Timestamp, news: Observation, controls: &Controls) -> Verdict {
        self.step(at, news, &[], controls, Learns::Everything)
    }

    /// The same, together with what `others` think who know more than this series: its forecast, its peers, its channel; and
    /// with somebody who knows whether the series is `in_trouble`. Tails learn nothing from trouble, and nothing from what
    /// is beyond the line, as long as that is rare: else each fault that was seen would make the next one look usual.
    pub fn observe_with(
        &mut self,
        at: Timestamp,
        news: Observation,
        others: &[Opinion],
        controls: &Controls,
        in_trouble: bool,
    ) -> Verdict {
        let learns = if in_trouble { Learns::Nothing } else { Learns::Ordinary };
        self.step(at, news, others, controls, learns)
    }

    /// Whether the tails learnt the newest step.
    #[must_use]
    pub const fn has_learnt(&self) -> bool {
        self.has_learnt
    }

    /// A detector before the first step, with tails fixed to `training`: for each step its instant, its news and whether it
    /// is a known anomaly, from which nothing is learnt.
    ///
    /// # Errors
    /// [`ParameterError`] if a parameter lies outside its range.
    pub fn trained(
        setting: &SeriesSetting,
        controls: &Controls,
        training: impl Iterator<Item = (Timestamp, Observation, bool)>,
    ) -> Result<Self, ParameterError> {
        let mut detector = Self::new(setting)?;
        for (at, news, is_anomaly) in training {
            let learns = if is_anomaly { Learns::Nothing } else { Learns::Everything };
            detector.step(at, news, &[], controls, learns);
        }
        detector.members.fit();
        let mut fresh = Self::new(setting)?;
        fresh.members.take_tails(detector.members);
        Ok(Self { learning: Learning::Nothing, ..fresh })
    }

    fn step(
        &mut self,
        at: Timestamp,
        news: Observation,
        others: &[Opinion],
        controls: &Controls,
        learns: Learns,
    ) -> Verdict {
        self.has_learnt = false;
        self.allowance = (self.allowance + ALLOWANCE * f64::from(self.step_s) / SECONDS_PER_DAY).min(ALLOWANCE);
        let is_excused = controls.excuses(at);
        let value = if news.is_known() { news.value } else { f64::NAN };
        self.alarm = self.alarm.map(|alarm| Alarm { steps_ago: alarm.steps_ago.saturating_add(1), ..alarm });
        let unjudged = |state| Verdict::unjudged(state, value);
        if !news.is_known() || is_excused {
            self.members.skip();
            self.absent = if news.is_known() { 0 } else { self.absent.saturating_add(1) };
            return if is_excused { unjudged(State::Excused) } else { self.absence(controls) };
        }
        self.absent = 0;
        let is_thin = news.count < controls.least_calls;
        let said = self.members.observe(news);
        if is_thin {
            self.members.settle(false);
            return unjudged(State::Thin);
        }
        let mut opinions: Vec<Opinion> = said.opinions.into_iter().flatten().collect();
        let surprises = others.iter().map(|opinion| fuse::surprise(opinion.vote.p));
        let surprise = match (said.surprise, others) {
            (None, []) => {
                self.settle(learns, false);
                return unjudged(State::Warming);
            }
            (own, _) => fuse::with_others(own.unwrap_or(0.0), surprises),
        };
        self.settle(learns, surprise >= RARE * fuse::line(controls.alarms_per_day, self.step_s));
        opinions.extend_from_slice(others);
        self.verdict(value, &mut opinions, surprise, controls)
    }

    /// Has the tails learn the step, which `is_rare` or not, if they should.
    fn settle(&mut self, learns: Learns, is_rare: bool) {
        let counts = match learns {
            Learns::Nothing => false,
            Learns::Ordinary if is_rare && self.allowance >= 1.0 => {
                self.allowance -= 1.0;
                false
            }
            Learns::Ordinary | Learns::Everything => true,
        };
        self.has_learnt = counts && self.learning == Learning::All;
        self.members.settle(self.has_learnt);
    }

    fn absence(&self, controls: &Controls) -> Verdict {
        let verdict = Verdict::unjudged(State::Absent, f64::NAN);
        match controls.missing {
            Missing::Alarm { after } if self.absent >= after => Verdict { score: 1.0, anomaly: true, ..verdict },
            Missing::Alarm { .. } | Missing::Tell => verdict,
        }
    }

    fn verdict(&mut self, value: f64, opinions: &mut [Opinion], surprise: f64, controls: &Controls) -> Verdict {
        opinions.sort_by(|one, other| one.vote.p.total_cmp(&other.vote.p));
        let mut bands = opinions.iter().map(|opinion| opinion.expected);
        let expected = bands.find(|band| band.middle.is_finite()).unwrap_or(Band::UNKNOWN);
        // What does not matter to those who look is not odd to them: it must not keep trouble alive either.
        let matters = controls.allow(value, expected);
        let score = if matters { fuse::score(surprise, fuse::line(controls.alarms_per_day, self.step_s)) } else { 0.0 };
        let is_alarm = score >= Verdict::LINE;
        let is_muted = is_alarm && self.is_muted(surprise, controls);
        if is_alarm && !is_muted {
            self.alarm = Some(Alarm { surprise, steps_ago: 0 });
        }
        Verdict {
            state: State::Judged,
            score: if is_muted { muted(score) } else { score },
            anomaly: is_alarm && !is_muted,
            value,
            expected,
            votes: opinions.iter().map(|opinion| opinion.vote).collect(),
        }
    }

    fn is_muted(&self, surprise: f64, controls: &Controls) -> bool {
        let (Some(rest), Some(last)) = (controls.rest, self.alarm) else { return false };
        last.steps_ago <= rest.steps && surprise <= last.surprise + rest.renewal
    }
}

/// What is left of a score above the line where there has just been an anomaly: right below the line, so that it is none,
/// and still above lesser ones.
fn muted(score: f64) -> f64 {
    Verdict::LINE - 0.1 * (1.0 - score.clamp(0.0, 1.0))
}

/// Which steps the tails learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Learns {
    Everything,
    /// Those that are not rare, and of those that are what goes beyond the allowance.
    Ordinary,
    Nothing,
}

/// The part of the line from which on a step is rare: trouble that is not quite found would otherwise be learnt.
const RARE: f64 = 0.7;
/// Rare steps of a day from which nothing is learnt. A series that has more of them outside of trouble is not what the
/// tails take it for.
const ALLOWANCE: f64 = 30.0;
const SECONDS_PER_DAY: f64 = 86_400.0;

#[cfg(test)]
mod tests;
