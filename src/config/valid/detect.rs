//! `[detect]` as meant.

use std::time::Duration;

use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::duration;
use crate::config::elements::stretch::{self, Stretch};
use crate::config::elements::target::{self, JUDGED};
use crate::config::raw;
use crate::domain::ids::ChannelId;
use crate::domain::target::Target;

/// Scores of every minute of every channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Detect {
    /// Whether minutes are judged at all.
    pub enabled: bool,
    /// How long after its end a minute is judged.
    pub delay: Duration,
    /// How much history is learnt from at the first start.
    pub history: Duration,
    /// Whether an isolation forest looks at all columns of a channel together.
    pub forest: bool,
    /// Alarms a day that a healthy column may raise; above 0.
    pub alarms_per_day: f64,
    /// Least score of minutes that are kept, 0 ..= 1.
    pub keep_from: f64,
    /// The columns that are judged, each once.
    pub columns: Vec<Target>,
    /// Whether `/metrics` shows scores, risks and error budgets.
    pub metrics: bool,
    /// What holds for some channels or columns only; later ones win where they say something.
    pub controls: Vec<DetectControl>,
}

/// What holds for some channels or columns only; `None` where nothing is said.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DetectControl {
    /// The channel; all of them if `None`.
    pub channel: Option<ChannelId>,
    /// The column; all of them if `None`.
    pub column: Option<Target>,
    /// Whether it is judged at all.
    pub watch: Option<bool>,
    /// Alarms a day that a healthy column may raise; above 0.
    pub alarms_per_day: Option<f64>,
    /// Which deviations matter.
    pub direction: Option<Direction>,
    /// Least deviation that matters, in the unit of the column; 0 or more.
    pub least_deviation: Option<f64>,
    /// The same as a part of what was expected; 0 or more.
    pub least_relative: Option<f64>,
    /// Least number of calls in a minute; 0 or more.
    pub least_requests: Option<f64>,
    /// Minutes without a value after which that is an anomaly; 1 or more.
    pub absent_after: Option<u32>,
    /// Stretches in which nothing is an anomaly and nothing is learnt; added to those of other controls.
    pub maintenance: Vec<Stretch>,
}

/// Which deviations matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Only what is too high.
    Up,
    /// Only what is too low.
    Down,
    /// Both.
    Both,
}

impl Default for Detect {
    fn default() -> Self {
        Self {
            enabled: true,
            delay: Duration::from_secs(10),
            history: Duration::from_hours(3 * 24),
            forest: true,
            alarms_per_day: 0.05,
            keep_from: 0.3,
            columns: JUDGED.to_vec(),
            metrics: false,
            controls: Vec::new(),
        }
    }
}

impl Detect {
    pub(super) fn check(raw: &raw::Detect, path: &Path, checker: &mut Checker<'_>) -> Self {
        let default = Self::default();
        let delay = duration::parse_within(&raw.delay, "1s", "5m");
        let history = duration::parse_within(&raw.history, "0s", "30d");
        above_zero(raw.alarms_per_day, &path.key("alarms_per_day"), checker);
        let controls = raw.control.iter().enumerate();
        let controls = controls.map(|(at, raw)| DetectControl::check(raw, &path.key("control").at(at), checker));
        Self {
            controls: controls.collect(),
            enabled: raw.enabled,
            delay: checker.take_or(&path.key("delay"), delay, default.delay),
            history: checker.take_or(&path.key("history"), history, default.history),
            forest: raw.forest,
            alarms_per_day: raw.alarms_per_day,
            keep_from: raw.keep_from,
            columns: columns(raw, &path.key("columns"), checker),
            metrics: raw.metrics,
        }
    }
}

fn columns(raw: &raw::Detect, path: &Path, checker: &mut Checker<'_>) -> Vec<Target> {
    if raw.columns.is_empty() {
        checker.fail(path, "name at least one column, or say `enabled = false`");
    }
    let mut columns = Vec::new();
    for (at, name) in raw.columns.iter().enumerate() {
        let path = path.at(at);
        let Some(column) = checker.take(&path, target::parse(name)) else { continue };
        if columns.contains(&column) {
            checker.fail(&path, format!("the column `{name}` is named twice"));
        } else {
            columns.push(column);
        }
    }
    columns
}

fn above_zero(value: f64, path: &Path, checker: &mut Checker<'_>) {
    if value <= 0.0 {
        checker.fail(path, format!("expected a number above 0, found {value}"));
    }
}

impl DetectControl {
    fn check(raw: &raw::DetectControl, path: &Path, checker: &mut Checker<'_>) -> Self {
        if let Some(alarms_per_day) = raw.alarms_per_day {
            above_zero(alarms_per_day, &path.key("alarms_per_day"), checker);
        }
        let channel = raw.channel.as_deref().map(ChannelId::new);
        let channel = channel.and_then(|channel| checker.take(&path.key("channel"), channel));
        let column = raw.column.as_deref().map(target::parse);
        let column = column.and_then(|column| checker.take(&path.key("column"), column));
        let maintenance = raw
            .maintenance
            .iter()
            .enumerate()
            .filter_map(|(at, text)| checker.take(&path.key("maintenance").at(at), stretch::of_dates(text)));
        let maintenance = maintenance.collect();
        Self {
            channel,
            column,
            watch: raw.watch,
            alarms_per_day: raw.alarms_per_day,
            direction: raw.direction.map(|direction| match direction {
                raw::Direction::Up => Direction::Up,
                raw::Direction::Down => Direction::Down,
                raw::Direction::Both => Direction::Both,
            }),
            least_deviation: raw.least_deviation,
            least_relative: raw.least_relative,
            least_requests: raw.least_requests,
            absent_after: raw.absent_after,
            maintenance,
        }
    }
}
