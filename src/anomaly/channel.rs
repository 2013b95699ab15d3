//! One channel from minute to verdicts: the detectors of every column, and what those say who know more than one.
//!
//! Each column has a [`SeriesDetector`]. Beside it speak, each through a [`Voice`] of its own:
//!
//! - **forecast**: how far the value fell into the tails of what was forecast of it ([`Surprise`]);
//! - **peers**: how far it is out of line with the channel's siblings ([`peers`](super::peers));
//! - **forest**: how odd the whole minute is, said of the columns that it blames ([`StreamForest`] over [`Features`]).
//!
//! The forest learns only ordinary minutes: none of a column that was an anomaly, none while the caller knows of trouble.
//!
//! A minute costs O(columns) and one walk through the forest; the state is bounded and restored bit for bit.

use serde::{Deserialize, Serialize};

use crate::anomaly::controls::Controls;
use crate::anomaly::detector::{Band, Reading};
use crate::anomaly::features::{FEATURES, Feature, Features, TARGETS};
use crate::anomaly::forest::{StreamForest, StreamParams};
use crate::anomaly::series::{SeriesDetector, SeriesSetting};
use crate::anomaly::surprise::Surprise;
use crate::anomaly::tail::TailSetting;
use crate::anomaly::verdict::Verdict;
use crate::anomaly::voice::{Opinion, Voice};
use crate::domain::target::{Quantity, Target};
use crate::domain::time::Timestamp;
use crate::forecast::history::Observation;
use crate::forecast::model::ParameterError;
use crate::forecast::output::Levels;

/// Name of the vote that a forecast gives.
pub const FORECAST: &str = "forecast";
/// Name of the vote that the siblings give.
pub const PEERS: &str = "peers";
/// Name of the vote that the forest gives.
pub const FOREST: &str = "forest";

/// How rare a minute must be before the forest says whom it blames: that costs a second walk.
const BLAMES_BELOW: f64 = 0.01;
/// Columns are blamed for at least this part of what the first one is blamed for.
const BLAMED_PART: f64 = 0.3;

/// What a [`ChannelDetector`] is made of.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelSetting {
    /// The detectors of each column.
    pub series: SeriesSetting,
    /// The forest, if there is to be one. Its seed should be one of the channel's own.
    pub forest: Option<StreamParams>,
}

/// Everything that is known of one channel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelDetector {
    columns: Vec<Column>,
    features: Features,
    crowd: Option<Crowd>,
}

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Column {
    series: SeriesDetector,
    forecast: Voice,
    peers: Voice,
}

/// The forest and its voice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Crowd {
    forest: StreamForest,
    voice: Voice,
}

/// One minute of a channel, in the order of [`Target::ALL`].
#[derive(Debug, Clone, Copy)]
pub struct ChannelMinute<'a> {
    /// When it began.
    pub at: Timestamp,
    /// What [`Target::observe`] says of it; gaps are NaN.
    pub values: &'a [Observation; TARGETS],
    /// Quantiles that were forecast of it, where they were.
    pub forecast: &'a [Option<&'a [f64]>; TARGETS],
    /// What the siblings say of it, where there are any.
    pub peers: &'a [Option<Reading>; TARGETS],
    /// What operators say; a column without controls is not judged.
    pub controls: &'a [Option<Controls>; TARGETS],
    /// Whether the channel is in trouble already.
    pub in_trouble: bool,
}

/// What is said of one minute of a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// The verdict of each column that has controls, in the order of [`Target::ALL`].
    pub verdicts: Vec<(Target, Verdict)>,
    /// Normal score of each column's value under the forecast of it, in the order of [`Target::ALL`]; NaN without one.
    pub surprises: [f64; TARGETS],
}

/// How forecasts of each column are read.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecasts(Vec<Surprise>);

impl Forecasts {
    /// Those with quantiles at `levels`.
    ///
    /// # Errors
    /// If the levels do not lie around the median.
    pub fn at(levels: &Levels) -> Result<Self, ParameterError> {
        let floor = |target: Target| match target.quantity() {
            Quantity::Count => 1.0,
            Quantity::Ratio => 0.01,
            Quantity::Duration | Quantity::Money => 0.0,
        };
        Target::ALL.into_iter().map(|target| Surprise::new(levels, floor(target))).collect::<Result<_, _>>().map(Self)
    }

    /// What judges the column at `slot` of [`Target::ALL`].
    #[must_use]
    pub fn of(&self, slot: usize) -> Option<&Surprise> {
        self.0.get(slot)
    }
}

impl ChannelDetector {
    /// A detector that knows nothing yet.
    ///
    /// # Errors
    /// [`ParameterError`] if a parameter lies outside its range.
    pub fn new(setting: &ChannelSetting) -> Result<Self, ParameterError> {
        let tail = TailSetting::default();
        let share = setting.series.clone().of_a_share();
        let column = |target: Target| {
            let is_share = target.quantity() == Quantity::Ratio;
            let series = if is_share { &share } else { &setting.series };
            Ok(Column { series: SeriesDetector::new(series)?, forecast: Voice::new(tail)?, peers: Voice::new(tail)? })
        };
        let columns = Target::ALL.into_iter().map(column).collect::<Result<_, ParameterError>>()?;
        let crowd = |params| Ok(Crowd { forest: StreamForest::new(params, FEATURES)?, voice: Voice::new(tail)? });
        Ok(Self { columns, features: Features::default(), crowd: setting.forest.map(crowd).transpose()? })
    }

    /// Judges `minute`, column by column, and learns it.
    pub fn observe(&mut self, forecasts: &Forecasts, minute: &ChannelMinute<'_>) -> Judgement {
        let rows = minute.forecast.iter().zip(minute.values).zip(&forecasts.0);
        let surprises: Vec<Option<Reading>> =
            rows.map(|((row, news), surprise)| surprise.judge((*row)?, *news)).collect();
        let mut residuals = [f64::NAN; TARGETS];
        for (residual, reading) in residuals.iter_mut().zip(&surprises) {
            *residual = reading.map_or(f64::NAN, |reading| reading.oddness);
        }
        let row = self.features.next(minute.values, &residuals);
        let accused = self.crowd.as_mut().and_then(|crowd| crowd.judge(&row));
        let mut verdicts = Vec::with_capacity(TARGETS);
        for (slot, (target, column)) in Target::ALL.into_iter().zip(&mut self.columns).enumerate() {
            let Some(controls) = &minute.controls[slot] else { continue };
            let mut others = Vec::with_capacity(3);
            others.extend(hear(&mut column.forecast, FORECAST, surprises[slot]));
            others.extend(hear(&mut column.peers, PEERS, minute.peers[slot]));
            others.extend(accused.as_ref().and_then(|accused| accused.of(target)));
            let (at, news) = (minute.at, minute.values[slot]);
            let verdict = column.series.observe_with(at, news, &others, controls, minute.in_trouble);
            column.forecast.settle(column.series.has_learnt());
            column.peers.settle(column.series.has_learnt());
            verdicts.push((target, verdict));
        }
        let is_ordinary = !minute.in_trouble && verdicts.iter().all(|(_, verdict)| !verdict.anomaly);
        if let Some(crowd) = &mut self.crowd {
            crowd.voice.settle(is_ordinary);
            if is_ordinary {
                crowd.forest.learn(&row);
            }
        }
        Judgement { verdicts, surprises: residuals }
    }
}

fn hear(voice: &mut Voice, detector: &'static str, reading: Option<Reading>) -> Option<Opinion> {
    let Some(reading) = reading else {
        voice.skip();
        return None;
    };
    voice.hear(detector, reading)
}

/// Whom the forest accuses, and how rarely it does.
struct Accused {
    opinion: Opinion,
    targets: Vec<Target>,
}

impl Accused {
    fn of(&self, target: Target) -> Option<Opinion> {
        self.targets.contains(&target).then_some(self.opinion)
    }
}

impl Crowd {
    /// What the forest says of `row`; `None` while it grows, and where it has nothing to say.
    fn judge(&mut self, row: &[f64; FEATURES]) -> Option<Accused> {
        let Some(score) = self.forest.score(row) else {
            self.voice.skip();
            return None;
        };
        let reading = Reading { oddness: oddness(score), expected: Band::UNKNOWN };
        let opinion = self.voice.hear(FOREST, reading)?;
        if opinion.vote.p > BLAMES_BELOW {
            return None;
        }
        let blamed = Feature::targets_to_blame(&self.forest.blame(row)?.bits);
        let most = blamed.first().map_or(0.0, |(_, bits)| *bits);
        let guilty = blamed.into_iter().filter(|(_, bits)| *bits >= BLAMED_PART * most);
        Some(Accused { opinion, targets: guilty.map(|(target, _)| target).collect() })
    }
}

/// A score as a reading. Ordinary rows score below 0.5 and are not odd at all; beyond, a tenth of an octave counts as one
/// deviation, which gives the tails as much room as the readings of others have.
fn oddness(score: f64) -> f64 {
    (10.0 * (2.0 * score).log2()).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anomaly::verdict::State;
    use crate::domain::column::Column as SampleColumn;

    const NO_PEERS: [Option<Reading>; TARGETS] = [None; TARGETS];

    fn setting() -> ChannelSetting {
        ChannelSetting { series: SeriesSetting::of(60, None), forest: Some(StreamParams::default()) }
    }

    fn values(minute: u32, latency: f64, errors: f64) -> [Observation; TARGETS] {
        let mut column = 0;
        Target::ALL.map(|target| {
            column += 1;
            let mixed = (minute * 12 + column).wrapping_mul(2_654_435_761) ^ 0x9e37_79b9;
            let noise = f64::from(mixed.wrapping_mul(0x85eb_ca6b) >> 16) / 65_536.0;
            let value = match target {
                Target::Column(SampleColumn::Requests) => 90.0 + (20.0 * noise).round(),
                Target::Column(SampleColumn::TokensPrompt | SampleColumn::TokensCompletion) => {
                    4e4 * (1.0 + 0.1 * noise)
                }
                Target::Column(SampleColumn::Cost) => 0.2 + 0.02 * noise,
                Target::ErrorRatio => errors + 0.01 * noise,
                Target::ThrottledRatio => 0.0,
                Target::Column(_) => latency * (1.0 + 0.1 * noise),
            };
            Observation { value, count: 100.0 }
        })
    }

    fn forecasts() -> Forecasts {
        Forecasts::at(&Levels::new(vec![0.05, 0.5, 0.95]).expect("levels")).expect("around the median")
    }

    fn step(
        detector: &mut ChannelDetector,
        minute: u32,
        (latency, errors): (f64, f64),
        peers: &[Option<Reading>; TARGETS],
    ) -> Vec<(Target, Verdict)> {
        let quantiles = [790.0, 840.0, 890.0];
        let mut forecast = [None; TARGETS];
        forecast[2] = Some(&quantiles[..]);
        let minute = ChannelMinute {
            at: Timestamp::from_seconds(i64::from(minute) * 60),
            values: &values(minute, latency, errors),
            forecast: &forecast,
            peers,
            controls: &std::array::from_fn(|_| Some(Controls::default())),
            in_trouble: false,
        };
        detector.observe(&forecasts(), &minute).verdicts
    }

    fn learnt() -> ChannelDetector {
        let mut detector = ChannelDetector::new(&setting()).expect("valid");
        for minute in 0..1_500 {
            step(&mut detector, minute, (800.0, 0.0), &NO_PEERS);
        }
        detector
    }

    #[test]
    fn a_slow_and_failing_minute_is_told_by_forecast_and_forest() {
        let mut detector = learnt();
        let calm = step(&mut detector, 1_500, (800.0, 0.0), &NO_PEERS);
        assert_eq!(calm.len(), TARGETS);
        assert!(calm.iter().all(|(_, verdict)| verdict.state == State::Judged && !verdict.anomaly));
        let slow = step(&mut detector, 1_501, (4_000.0, 0.6), &NO_PEERS);
        let (target, p95) = &slow[2];
        assert_eq!(target.name(), "latency_p95_ms");
        assert!(p95.anomaly, "{p95:?}");
        assert!(p95.votes.iter().any(|vote| vote.detector == FORECAST), "{:?}", p95.votes);
        let forest = |verdict: &Verdict| verdict.votes.iter().any(|vote| vote.detector == FOREST);
        let accused: Vec<&str> = slow.iter().filter(|(_, it)| forest(it)).map(|(target, _)| target.name()).collect();
        assert!(accused.contains(&"error_ratio") && !accused.contains(&"requests"), "{accused:?}");
        assert!(p95.expected.high < 2_000.0);
        assert!(!slow[8].1.anomaly, "requests went on as usual");
    }

    #[test]
    fn siblings_have_a_say() {
        let mut detector = ChannelDetector::new(&setting()).expect("valid");
        let mut peers = NO_PEERS;
        for minute in 0..1_500 {
            let oddness = f64::from(minute * 7 % 13) / 6.0 - 1.0;
            peers[2] = Some(Reading { oddness, expected: Band::around(840.0, 30.0) });
            step(&mut detector, minute, (800.0, 0.0), &peers);
        }
        peers[2] = Some(Reading { oddness: 30.0, expected: Band::around(700.0, 30.0) });
        let found = step(&mut detector, 1_500, (800.0, 0.0), &peers);
        let first = found[2].1.votes.first().expect("votes");
        assert_eq!(first.detector, PEERS);
        assert!(first.p < 1e-3, "{first:?}");
    }

    #[test]
    fn columns_without_controls_are_left_out_and_the_state_comes_back_bit_for_bit() {
        let mut detector = learnt();
        let saved = postcard::to_stdvec(&detector).expect("plain data");
        let mut restored: ChannelDetector = postcard::from_bytes(&saved).expect("as saved");
        assert_eq!(restored, detector);
        let one = step(&mut detector, 1_500, (900.0, 0.0), &NO_PEERS);
        let other = step(&mut restored, 1_500, (900.0, 0.0), &NO_PEERS);
        assert_eq!(one, other);
        assert_eq!(restored, detector);
        let news = values(1_501, 800.0, 0.0);
        let mut controls: [Option<Controls>; TARGETS] = std::array::from_fn(|_| None);
        controls[6] = Some(Controls::default());
        let minute = ChannelMinute {
            at: Timestamp::from_seconds(1_501 * 60),
            values: &news,
            forecast: &[None; TARGETS],
            peers: &NO_PEERS,
            controls: &controls,
            in_trouble: true,
        };
        let found = detector.observe(&forecasts(), &minute).verdicts;
        assert_eq!(found.iter().map(|(target, _)| target.name()).collect::<Vec<_>>(), ["error_ratio"]);
    }
}
