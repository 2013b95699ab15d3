//! Which series a rule is about.

use std::fmt;
use std::time::Duration;

use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::duration;
use crate::config::{raw, shape};
use crate::domain::column::{Aggregate, Column};

/// Labels that a channel has.
const OF_CHANNELS: [&str; 4] = ["channel", "provider", "model", "region"];
/// Shares of calls, with what is counted of them.
const RATIOS: [(&str, Column); 2] = [("error_ratio", Column::Errors), ("throttled_ratio", Column::Throttled)];

/// The series of a rule, over a window of minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
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
        }
    }
}

impl Series {
    pub(super) fn check(raw: &raw::Rule, path: &Path, checker: &mut Checker<'_>) -> Option<Self> {
        match (&raw.metric, &raw.gauge) {
            (Some(metric), None) => {
                if raw.take.is_some() {
                    checker
                        .fail(&path.key("take"), "only readings of a `gauge` are taken; a column says how it adds up");
                }
                check_labels(raw, path, checker);
                of_channels(metric, raw, path, checker)
            }
            (None, Some(gauge)) => {
                if gauge.is_empty() {
                    checker.fail(&path.key("gauge"), "expected the name of a metric");
                }
                let take = raw.take.map_or(Take::Last, Take::from);
                Some(Self::Gauge { metric: gauge.clone(), take, minutes: window(raw, "6h", path, checker) })
            }
            _ => {
                checker.fail(path, "say what it is about: either `metric` or `gauge`");
                None
            }
        }
    }
}

fn of_channels(metric: &str, raw: &raw::Rule, path: &Path, checker: &mut Checker<'_>) -> Option<Series> {
    if let Some((_, part)) = RATIOS.iter().find(|(name, _)| *name == metric) {
        return Some(Series::Ratio { part: *part, minutes: window(raw, "1d", path, checker) });
    }
    let Some(column) = Column::parse(metric) else {
        let columns = Column::ALL.iter().map(|column| column.name());
        let known: Vec<&str> = columns.chain(RATIOS.iter().map(|(name, _)| *name)).collect();
        let message = format!("`{metric}` is no metric of channels; {}", shape::suggestion(metric, &known));
        checker.fail(&path.key("metric"), message);
        return None;
    };
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
