//! Which series a rule is about.

use std::fmt;
use std::time::Duration;

use super::judged::{self, Burn};
use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::duration;
use crate::config::valid::Config;
use crate::config::{raw, shape};
use crate::domain::column::{Aggregate, Column};
use crate::domain::target::Target;

/// Labels that a channel has.
const OF_CHANNELS: [&str; 4] = ["channel", "provider", "model", "region"];
/// Shares of calls, with what is counted of them.
const RATIOS: [(&str, Column); 2] = [("error_ratio", Column::Errors), ("throttled_ratio", Column::Throttled)];

/// Keys that only some series have a use for, and whether they are there.
type Extra = (&'static str, fn(&raw::Rule) -> bool);

const EXTRAS: [Extra; 8] = [
    ("window", |raw| raw.window.is_some()),
    ("take", |raw| raw.take.is_some()),
    ("column", |raw| raw.column.is_some()),
    ("class", |raw| raw.class.is_some()),
    ("horizon", |raw| raw.horizon.is_some()),
    ("promise", |raw| raw.promise.is_some()),
    ("burn", |raw| raw.burn.is_some()),
    ("pair", |raw| raw.pair.is_some()),
];

/// The series of a rule, over a window of minutes.
#[derive(Debug, Clone, PartialEq)]
pub enum Series {
    /// A column of every channel.
    Column {
        /// The column.
        column: Column,
        /// Minutes that are looked at together.
        minutes: u32,
    },
    /// A share of the calls of every channel.
    Ratio {
        /// What is counted.
        part: Column,
        /// Minutes that are looked at together.
        minutes: u32,
    },
    /// A collected gauge.
    Gauge {
        /// The metric.
        metric: String,
        /// Which reading of the window counts.
        take: Take,
        /// Minutes that are looked at together.
        minutes: u32,
    },
    /// How odd the newest minute of every channel is, 0 ..= 1.
    Score {
        /// The column; the oddest of each channel if `None`.
        column: Option<Target>,
    },
    /// How likely every channel of a route class is to break its objective, 0 ..= 1.
    Risk {
        /// The route class.
        class: String,
        /// Minutes ahead.
        horizon: u32,
    },
    /// How fast a route class uses up what may be broken of a promise, over how fast it is an alert: 1 is reached.
    BurnRate {
        /// The route class.
        class: String,
        /// Name of the promise.
        promise: &'static str,
        /// When it is an alert.
        burn: Burn,
    },
}

/// Which reading of a window counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Take {
    /// The newest.
    Last,
    /// The mean of all.
    Mean,
    /// The smallest.
    Min,
    /// The largest.
    Max,
}

impl From<raw::Take> for Take {
    fn from(raw: raw::Take) -> Self {
        match raw {
            raw::Take::Last => Self::Last,
            raw::Take::Mean => Self::Mean,
            raw::Take::Min => Self::Min,
            raw::Take::Max => Self::Max,
        }
    }
}

impl fmt::Display for Series {
    /// What it is, in a few words.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column { column, minutes } => write!(f, "{} over {minutes} min", column.name()),
            Self::Ratio { part, minutes } => {
                let name = RATIOS.iter().find(|(_, counted)| counted == part).map_or("ratio", |(name, _)| name);
                write!(f, "{name} over {minutes} min")
            }
            Self::Gauge { metric, minutes, .. } => write!(f, "{metric} over {minutes} min"),
            Self::Score { column } => write!(f, "anomaly score of {}", column.map_or("the channel", Target::name)),
            Self::Risk { class, horizon } => write!(f, "risk of {class} within {horizon} min"),
            Self::BurnRate { class, promise, .. } => write!(f, "burn rate of {promise} of {class} over its limit"),
        }
    }
}

impl Series {
    pub(super) fn check(raw: &raw::Rule, config: &Config, path: &Path, checker: &mut Checker<'_>) -> Option<Self> {
        match (raw.metric.as_deref(), raw.gauge.as_deref()) {
            (Some(judged::BURN_RATE), None) => judged::burn_rate(raw, config, path, checker),
            (Some(metric), None) => {
                check_labels(raw, path, checker);
                match metric {
                    judged::SCORE => judged::score(raw, config, path, checker),
                    judged::RISK => judged::risk(raw, config, path, checker),
                    _ => of_channels(metric, raw, path, checker),
                }
            }
            (None, Some(gauge)) => {
                if gauge.is_empty() {
                    checker.fail(&path.key("gauge"), "expected the name of a metric");
                }
                no_more_than(&["window", "take"], gauge, raw, path, checker);
                let take = raw.take.map_or(Take::Last, Take::from);
                Some(Self::Gauge { metric: gauge.to_owned(), take, minutes: window(raw, "6h", path, checker) })
            }
            _ => {
                checker.fail(path, "say what it is about: either `metric` or `gauge`");
                None
            }
        }
    }
}

/// Refuses keys that `metric` has no use for, but for `allowed` ones.
pub(super) fn no_more_than(allowed: &[&str], metric: &str, raw: &raw::Rule, path: &Path, checker: &mut Checker<'_>) {
    for (key, _) in EXTRAS.iter().filter(|(key, is_there)| is_there(raw) && !allowed.contains(key)) {
        checker.fail(&path.key(key), format!("`{metric}` has no use for `{key}`"));
    }
}

fn of_channels(metric: &str, raw: &raw::Rule, path: &Path, checker: &mut Checker<'_>) -> Option<Series> {
    if let Some((_, part)) = RATIOS.iter().find(|(name, _)| *name == metric) {
        no_more_than(&["window"], metric, raw, path, checker);
        return Some(Series::Ratio { part: *part, minutes: window(raw, "1d", path, checker) });
    }
    let Some(column) = Column::parse(metric) else {
        let columns = Column::ALL.iter().map(|column| column.name());
        let others = [judged::SCORE, judged::RISK, judged::BURN_RATE];
        let known: Vec<&str> = columns.chain(RATIOS.iter().map(|(name, _)| *name)).chain(others).collect();
        let message = format!("`{metric}` is no metric of channels; {}", shape::suggestion(metric, &known));
        checker.fail(&path.key("metric"), message);
        return None;
    };
    no_more_than(&["window"], metric, raw, path, checker);
    // The sketches behind a percentile are read anew every minute.
    let merges = matches!(column.spec().aggregate, Aggregate::Mean(_) | Aggregate::Quantile(..));
    Some(Series::Column { column, minutes: window(raw, if merges { "6h" } else { "1d" }, path, checker) })
}

fn check_labels(raw: &raw::Rule, path: &Path, checker: &mut Checker<'_>) {
    for label in raw.labels.keys().filter(|label| !OF_CHANNELS.contains(&label.as_str())) {
        let message = format!("channels have no label `{label}`; {}", shape::suggestion(label, &OF_CHANNELS));
        checker.fail(&path.key("labels").key(label), message);
    }
}

/// Whole minutes, 1 up to `most`.
fn window(raw: &raw::Rule, most: &str, path: &Path, checker: &mut Checker<'_>) -> u32 {
    let default = Duration::from_mins(5);
    let path = path.key("window");
    let span = raw.window.as_deref().map_or(Ok(default), |text| duration::parse_within(text, "1m", most));
    let span = checker.take_or(&path, span, default);
    if !span.as_secs().is_multiple_of(60) || span.subsec_millis() != 0 {
        checker.fail(&path, "expected whole minutes");
    }
    u32::try_from(span.as_secs() / 60).unwrap_or(u32::MAX)
}
