//! What operators say about detection: configuration, and no part of any saved state.

use std::collections::BTreeMap;

use crate::anomaly::channel::{ChannelDetector, ChannelSetting, Forecasts};
use crate::anomaly::controls::{Controls, Direction, Missing};
use crate::anomaly::features::TARGETS;
use crate::anomaly::forest::{ForestParams, StreamParams};
use crate::anomaly::series::SeriesSetting;
use crate::domain::ids::ChannelId;
use crate::domain::parameter::ParameterError;
use crate::domain::sample::Sample;
use crate::domain::target::{Quantity, Target};
use crate::domain::time::MINUTES_PER_DAY;
use crate::engine::machine::promises::Class;
use crate::forecast::history::Span;
use crate::forecast::output::Levels;
use crate::incident::group::Grouping;
use crate::incident::place::Topology;
use crate::incident::rules::Rules;
use crate::risk::objective::Promise;
use crate::stats::seed::Seed;

/// Levels of the forecasts that values are held against.
pub const LEVELS: [f64; 7] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

/// Everything that operators say.
#[derive(Debug, Clone)]
pub struct Rulebook {
    /// What opens and closes incidents.
    pub rules: Rules,
    /// What makes them one.
    pub grouping: Grouping,
    /// Where the channels stand.
    pub topology: Topology,
    /// Controls of every column of every channel.
    pub controls: ControlTable,
    /// Route classes that promise something that can be watched.
    pub classes: Vec<Class>,
    /// How forecasts are read.
    pub forecasts: Forecasts,
    /// Whether every channel has a forest.
    pub forest: bool,
    /// Where the forests' randomness comes from.
    pub seed: Seed,
}

impl Rulebook {
    /// A rulebook with the default of everything and the given parts.
    ///
    /// # Errors
    /// None with the levels as they are.
    pub fn new(controls: ControlTable, topology: Topology, classes: Vec<Class>) -> Result<Self, ParameterError> {
        Ok(Self {
            rules: Rules::default(),
            grouping: Grouping::default(),
            topology,
            controls,
            classes,
            forecasts: Forecasts::at(&Levels::new(LEVELS.to_vec())?)?,
            forest: true,
            seed: Seed::new(0),
        })
    }

    /// A detector of the channel `name` that knows nothing yet; `None` if a parameter is out of range.
    #[must_use]
    pub fn detector(&self, name: &ChannelId) -> Option<ChannelDetector> {
        let params = ForestParams::default().seed(self.seed.child(name.as_str()).value());
        let forest = StreamParams::default().with_forest(params).ok()?;
        let setting = ChannelSetting {
            series: SeriesSetting::of(60, Some(MINUTES_PER_DAY as usize)),
            forest: self.forest.then_some(forest),
        };
        ChannelDetector::new(&setting).ok()
    }

    /// The route classes that the channel `name` may serve.
    pub fn classes_of<'a>(&'a self, name: &'a ChannelId) -> impl Iterator<Item = &'a Class> {
        self.classes.iter().filter(move |class| class.channels.contains(name))
    }

    /// The strictest limit on errors of the classes of `name`, and the largest latency over its limit; NaN where nothing is
    /// promised or known.
    #[must_use]
    pub fn limits(&self, name: &ChannelId, sample: Option<&Sample>) -> (f64, f64) {
        let (mut error_limit, mut latency_ratio) = (f64::NAN, f64::NAN);
        for promise in self.classes_of(name).flat_map(|class| class.objective.promises()) {
            match promise {
                Promise::Errors { limit } => error_limit = error_limit.min(limit),
                Promise::Latency { quantile, limit_ms } => {
                    let latency = sample.and_then(|sample| sample.latency.quantile(quantile));
                    latency_ratio = latency_ratio.max(latency.map_or(f64::NAN, |latency| latency / limit_ms));
                }
                Promise::Availability { .. } => {}
            }
        }
        (error_limit, latency_ratio)
    }
}

/// What operators say of some columns of some channels, over what was said before. What is `None` stays as it was.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Override {
    /// The channel; all of them if `None`.
    pub channel: Option<ChannelId>,
    /// The column; all of them if `None`.
    pub column: Option<Target>,
    /// Whether it is judged at all.
    pub watch: Option<bool>,
    /// Alarms a day that are wanted of it.
    pub alarms_per_day: Option<f64>,
    /// Which deviations matter.
    pub direction: Option<Direction>,
    /// Least deviation, in the unit of the column.
    pub least_deviation: Option<f64>,
    /// Least deviation as a part of what was expected.
    pub least_relative: Option<f64>,
    /// Least number of calls behind a value.
    pub least_calls: Option<f64>,
    /// Minutes without a value from which that is an anomaly.
    pub absent_after: Option<u32>,
    /// Stretches in which nothing is an anomaly.
    pub maintenance: Vec<Span>,
}

/// Controls of one channel, in the order of [`Target::ALL`].
type Row = [Option<Controls>; TARGETS];

/// Controls of every column of every channel.
#[derive(Debug, Clone, PartialEq)]
pub struct ControlTable {
    all: Row,
    by_channel: BTreeMap<ChannelId, Row>,
}

impl ControlTable {
    /// `watched` columns with the defaults of their quantity and `alarms_per_day` each, changed by `overrides` one after the
    /// other.
    ///
    /// # Errors
    /// [`ParameterError`] if a control is out of its range.
    pub fn new(watched: &[Target], alarms_per_day: f64, overrides: &[Override]) -> Result<Self, ParameterError> {
        let basis = |target: Target| (watched.contains(&target), usual(target, alarms_per_day));
        let row = |name: Option<&ChannelId>| {
            let made = Target::ALL.map(|target| {
                let (mut is_watched, mut controls) = basis(target);
                let concerns = |said: &&Override| {
                    said.column.is_none_or(|column| column == target)
                        && (said.channel.is_none() || said.channel.as_ref() == name)
                };
                for said in overrides.iter().filter(concerns) {
                    said.change(&mut is_watched, &mut controls);
                }
                is_watched.then_some(controls)
            });
            made.iter().flatten().try_for_each(Controls::check).map(|()| made)
        };
        let named = overrides.iter().filter_map(|said| said.channel.as_ref());
        let by_channel = named.map(|name| Ok((name.clone(), row(Some(name))?))).collect::<Result<_, _>>()?;
        Ok(Self { all: row(None)?, by_channel })
    }

    /// The controls of the channel `name`; `None` for a column that is not watched.
    #[must_use]
    pub fn of(&self, name: &ChannelId) -> &Row {
        self.by_channel.get(name).unwrap_or(&self.all)
    }
}

impl Override {
    fn change(&self, is_watched: &mut bool, controls: &mut Controls) {
        *is_watched = self.watch.unwrap_or(*is_watched);
        controls.alarms_per_day = self.alarms_per_day.unwrap_or(controls.alarms_per_day);
        controls.direction = self.direction.unwrap_or(controls.direction);
        controls.least_deviation = self.least_deviation.unwrap_or(controls.least_deviation);
        controls.least_relative = self.least_relative.unwrap_or(controls.least_relative);
        controls.least_calls = self.least_calls.unwrap_or(controls.least_calls);
        if let Some(after) = self.absent_after {
            controls.missing = Missing::Alarm { after };
        }
        controls.maintenance.extend_from_slice(&self.maintenance);
    }
}

/// What is worth an alarm where nobody says so: slower, dearer and failing more by a part that somebody would notice, and
/// traffic that halves or doubles. Few calls make a percentile a matter of chance.
fn usual(target: Target, alarms_per_day: f64) -> Controls {
    let (direction, least_deviation, least_relative, least_calls) = match target.quantity() {
        Quantity::Duration => (Direction::Up, 0.0, 0.2, 3.0),
        Quantity::Ratio => (Direction::Up, 0.02, 0.0, 3.0),
        Quantity::Money => (Direction::Up, 0.0, 0.3, 0.0),
        Quantity::Count => (Direction::Both, 3.0, 0.5, 0.0),
    };
    Controls { alarms_per_day, direction, least_deviation, least_relative, least_calls, ..Controls::default() }
}
