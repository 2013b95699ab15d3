//! What the operator may tune about the engine: plain data, checked by the configuration.

use crate::domain::ids::ChannelId;
use crate::domain::price::PriceList;

/// Settings of one engine. Clocks, stores and channels of communication are not settings.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Seconds after its end during which a minute still takes calls.
    pub late_window_s: i64,
    /// Seconds between publications to Parquet.
    pub flush_every_s: i64,
    /// Seconds between looks for compaction, roll-ups and retention.
    pub maintain_every_s: i64,
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
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            late_window_s: 600,
            flush_every_s: 300,
            maintain_every_s: 900,
            watch_every_s: 10,
            max_ahead_s: 300,
            accept_new_channels: true,
            max_channels: 10_000,
            channels: Vec::new(),
            prices: PriceList::default(),
            queue_batches: 1_024,
            queue_kib: 32 * 1_024,
            stall_ms: 2_000,
            max_open_rows: 200_000,
        }
    }
}
