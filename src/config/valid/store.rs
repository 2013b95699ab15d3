//! `[store]` as meant.

use std::time::Duration;

use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::{duration, size};
use crate::config::raw;

/// The tables on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Store {
    /// How long after its end a minute still takes in calls.
    pub late_window: Duration,
    /// How often complete minutes are written to Parquet.
    pub flush_every: Duration,
    /// Memory for what is not yet written, bytes.
    pub memory_limit_bytes: u64,
    /// How many channels may exist.
    pub max_channels: u32,
    /// How long rows are kept.
    pub retention: Retention,
}

impl Default for Store {
    fn default() -> Self {
        Self {
            late_window: Duration::from_mins(10),
            flush_every: Duration::from_mins(5),
            memory_limit_bytes: 256 << 20,
            max_channels: 10_000,
            retention: Retention::default(),
        }
    }
}

/// How long the rows of each table are kept; `None` is for ever.
///
/// By default nothing is deleted: a history that was imported may be years old.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Retention {
    /// Minutes.
    pub samples: Option<Duration>,
    /// Roll-ups of five minutes.
    pub samples_5m: Option<Duration>,
    /// Roll-ups of one hour.
    pub samples_1h: Option<Duration>,
    /// Gauges.
    pub gauges: Option<Duration>,
    /// Pieces of minutes that came too late.
    pub late: Option<Duration>,
    /// Forecasts.
    pub forecasts: Option<Duration>,
    /// How forecasts turned out.
    pub forecast_accuracy: Option<Duration>,
    /// Minutes that were odd.
    pub anomalies: Option<Duration>,
    /// Incidents.
    pub incidents: Option<Duration>,
    /// Risks.
    pub risks: Option<Duration>,
    /// Decisions.
    pub decisions: Option<Duration>,
    /// Steps of playbooks.
    pub actions: Option<Duration>,
    /// Jobs.
    pub work: Option<Duration>,
}

impl Store {
    pub(super) fn check(raw: &raw::Store, path: &Path, checker: &mut Checker<'_>) -> Self {
        let default = Self::default();
        let mut span = |key: &str, text: &str, least: &str, most: &str, fallback| {
            checker.take_or(&path.key(key), duration::parse_within(text, least, most), fallback)
        };
        let late_window = span("late_window", &raw.late_window, "1m", "1d", default.late_window);
        let flush_every = span("flush_every", &raw.flush_every, "1s", "1h", default.flush_every);
        let limit_path = path.key("memory_limit");
        let memory_limit_bytes =
            checker.take_or(&limit_path, size::parse(&raw.memory_limit), default.memory_limit_bytes);
        if memory_limit_bytes < 16 << 20 {
            checker.fail(&limit_path, "must be at least 16MiB, or a single large batch would not fit");
        }
        Self {
            late_window,
            flush_every,
            memory_limit_bytes,
            max_channels: raw.max_channels,
            retention: Retention::check(&raw.retention, &path.key("retention"), checker),
        }
    }
}

impl Retention {
    fn check(raw: &raw::Retention, path: &Path, checker: &mut Checker<'_>) -> Self {
        let mut keep = |key: &str, text: &str| match text {
            "forever" => None,
            // Files hold whole days, so less than a day cannot be kept.
            text => checker.take(&path.key(key), duration::parse_within(text, "1d", "36500d")),
        };
        Self {
            samples: keep("samples", &raw.samples),
            samples_5m: keep("samples_5m", &raw.samples_5m),
            samples_1h: keep("samples_1h", &raw.samples_1h),
            gauges: keep("gauges", &raw.gauges),
            late: keep("late", &raw.late),
            forecasts: keep("forecasts", &raw.forecasts),
            forecast_accuracy: keep("forecast_accuracy", &raw.forecast_accuracy),
            anomalies: keep("anomalies", &raw.anomalies),
            incidents: keep("incidents", &raw.incidents),
            risks: keep("risks", &raw.risks),
            decisions: keep("decisions", &raw.decisions),
            actions: keep("actions", &raw.actions),
            work: keep("work", &raw.work),
        }
    }
}
