//! What the operator may tune about the engine: plain data, checked by the configuration.

mod alerts;
mod decide;
mod detect;
mod forecast;
mod heal;
mod report;
mod work;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::Config;
use crate::config::valid::{Deliver, UnknownChannels};
use crate::domain::ids::ChannelId;
use crate::domain::price::PriceList;
use crate::store::{Retention, StoreOptions};

pub(super) use alerts::severity;
pub use alerts::{AlertSettings, RulesFile, WatchedRule};
pub use decide::DecideSettings;
pub use detect::DetectSettings;
pub use forecast::ForecastSettings;
pub use heal::HealSettings;
pub use report::ReportSettings;
pub use work::WorkSettings;

/// Memory that one open row takes, measured generously: the row, two sketches of some dozens of bins, the maps.
const BYTES_PER_ROW: u64 = 1_500;

/// Share of the memory limit that may wait for the log.
const QUEUE_SHARE: u64 = 8;

/// Settings of one engine. Clocks, stores and channels of communication are not settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Seconds after its end during which a minute still takes calls.
    pub late_window_s: i64,
    /// Seconds between publications to Parquet, each followed by a look for compaction, roll-ups and retention.
    pub flush_every_s: i64,
    /// Seconds between notes in the log that the engine was watching; what a crash can cost in coverage.
    pub watch_every_s: i64,
    /// How far ahead of the clock a timestamp may lie, in seconds.
    pub max_ahead_s: i64,
    /// Whether channels that are not configured may appear.
    pub accept_new_channels: bool,
    /// Most channels that may be known at once.
    pub max_channels: usize,
    /// Configured channels.
    pub channels: Vec<ChannelId>,
    /// The model behind each configured channel that names one: channels of one model are siblings.
    pub models: BTreeMap<ChannelId, String>,
    /// Prices for calls that do not state their cost.
    pub prices: PriceList,
    /// Batches that may wait for the log.
    pub queue_batches: usize,
    /// Kibibytes that may wait for the log; a larger batch waits until it is alone.
    pub queue_kib: usize,
    /// Milliseconds a sender is stalled under pressure before it is refused.
    pub stall_ms: u64,
    /// Rows held in memory above which minutes are published early.
    pub max_open_rows: usize,
    /// Forecasts.
    pub forecast: ForecastSettings,
    /// Alerts.
    pub alerts: AlertSettings,
    /// Detection; `None` if minutes are not judged.
    pub detect: Option<DetectSettings>,
    /// Decisions; `None` if none are made.
    pub decide: Option<DecideSettings>,
    /// Whom decisions are brought to.
    pub deliver: Vec<Deliver>,
    /// Playbooks; `None` if there are none.
    pub heal: Option<HealSettings>,
    /// Work that is shared out among models; `None` if there is none.
    pub work: Option<WorkSettings>,
    /// Reports on schedule.
    pub reports: Vec<ReportSettings>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            late_window_s: 600,
            flush_every_s: 300,
            watch_every_s: 10,
            max_ahead_s: 300,
            accept_new_channels: true,
            max_channels: 10_000,
            channels: Vec::new(),
            models: BTreeMap::new(),
            prices: PriceList::default(),
            queue_batches: 1_024,
            queue_kib: 32 * 1_024,
            stall_ms: 2_000,
            max_open_rows: 200_000,
            forecast: ForecastSettings::default(),
            alerts: AlertSettings::default(),
            detect: None,
            decide: None,
            deliver: Vec::new(),
            heal: None,
            work: None,
            reports: Vec::new(),
        }
    }
}

impl Settings {
    /// The settings that `config` asks for.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let store = &config.store;
        let memory = store.memory_limit_bytes;
        let queue_kib = memory / QUEUE_SHARE / 1_024;
        Self {
            late_window_s: seconds(store.late_window),
            flush_every_s: seconds(store.flush_every),
            max_ahead_s: seconds(config.collect.max_ahead),
            accept_new_channels: config.collect.unknown_channels == UnknownChannels::Accept,
            max_channels: usize::try_from(store.max_channels).unwrap_or(usize::MAX),
            channels: config.channels.iter().map(|channel| channel.name.clone()).collect(),
            models: models(config),
            prices: config.prices(),
            queue_kib: usize::try_from(queue_kib).unwrap_or(usize::MAX).clamp(1, 1 << 20),
            max_open_rows: usize::try_from((memory - memory / QUEUE_SHARE) / BYTES_PER_ROW).unwrap_or(usize::MAX),
            forecast: ForecastSettings::of(config),
            alerts: AlertSettings::of(config),
            detect: DetectSettings::of(config),
            decide: DecideSettings::of(config),
            deliver: config.deliver.clone(),
            heal: HealSettings::of(config),
            work: WorkSettings::of(config),
            reports: ReportSettings::all(config),
            ..Self::default()
        }
    }
}

/// The model of each channel that names one.
fn models(config: &Config) -> BTreeMap<ChannelId, String> {
    let named = config.channels.iter().filter_map(|channel| Some((channel.name.clone(), channel.model.clone()?)));
    named.collect()
}

/// What `config` asks of the store.
#[must_use]
pub fn store_options(config: &Config) -> StoreOptions {
    let keep = &config.store.retention;
    let days = |span: Option<Duration>| span.map(|span| u32::try_from(span.as_secs() / 86_400).unwrap_or(u32::MAX));
    StoreOptions {
        retention: Retention {
            samples_days: days(keep.samples),
            samples_5m_days: days(keep.samples_5m),
            samples_1h_days: days(keep.samples_1h),
            gauges_days: days(keep.gauges),
            late_days: days(keep.late),
            forecasts_days: days(keep.forecasts),
            forecast_accuracy_days: days(keep.forecast_accuracy),
            anomalies_days: days(keep.anomalies),
            incidents_days: days(keep.incidents),
            risks_days: days(keep.risks),
            decisions_days: days(keep.decisions),
            actions_days: days(keep.actions),
            work_days: days(keep.work),
        },
        ..StoreOptions::default()
    }
}

fn seconds(span: Duration) -> i64 {
    i64::try_from(span.as_secs()).unwrap_or(i64::MAX)
}
