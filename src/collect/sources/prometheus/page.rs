//! The values that a mapping asks for, as they stand on one page.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use crate::collect::sources::prometheus::mapping::{Level, Measured};
use crate::domain::call::Outcome;
use crate::domain::gauge::Gauge;
use crate::domain::ids::ChannelId;

/// Most series of one page that rules may match; more is a misconfigured exporter, and would fill the log with cursors.
pub const MAX_SERIES: usize = 200_000;

/// The largest counter that a float tells exactly.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// What a counter adds to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// Calls, however they ended.
    Requests,
    /// Calls that succeeded.
    Successes,
    /// Calls that failed, by class where it is known.
    Failures(Option<Outcome>),
    /// Attempts beyond the first.
    Retries,
    /// Prompt tokens.
    TokensPrompt,
    /// Completion tokens.
    TokensCompletion,
    /// Cached prompt tokens.
    TokensCached,
    /// Millionths of a US dollar.
    Cost,
    /// Trouble without a column.
    Evidence,
}

/// A counter as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct CounterSeries {
    /// Its channel, if it may be used. A refused channel's counter is followed all the same: should the channel be
    /// admitted later, its past must not count as one minute's traffic.
    pub channel: Option<ChannelId>,
    /// What it adds to.
    pub slot: Slot,
    /// Its value, in micro-USD for money.
    pub value: u64,
}

/// A histogram as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct HistogramSeries {
    /// Its channel, if it may be used.
    pub channel: Option<ChannelId>,
    /// What it measures.
    pub measure: Measured,
    /// Finite upper bounds in milliseconds, ascending.
    pub bounds_ms: Vec<f64>,
    /// Values per bucket, the last one open-ended; not cumulative.
    pub counts: Vec<u64>,
    /// Sum of the values in microseconds.
    pub sum_us: u64,
}

impl HistogramSeries {
    /// A stable hash of the bounds: equal layouts can be subtracted and added up.
    #[must_use]
    pub fn layout(&self) -> u64 {
        let bytes: Vec<u8> = self.bounds_ms.iter().flat_map(|bound| bound.to_bits().to_le_bytes()).collect();
        xxh3_64(&bytes)
    }
}

/// Everything on one page that the mapping asks for.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reading {
    /// When the process behind the page started, in milliseconds since the epoch, if it says so.
    pub started_ms: Option<u64>,
    /// Counters by series.
    pub counters: BTreeMap<u64, CounterSeries>,
    /// Histograms by series.
    pub histograms: BTreeMap<u64, HistogramSeries>,
    /// Levels, added up per channel.
    pub levels: BTreeMap<(ChannelId, Level), f64>,
    /// The worst state of each channel, whatever it is worth.
    pub states: BTreeMap<ChannelId, f64>,
    /// Further readings, ready to be stored.
    pub extras: Vec<Gauge>,
    /// Whether every line was understood. If not, a series that is missing may merely have been unreadable.
    pub clean: bool,
}

/// A counter as an integer of `1 / scale`, so that differences add up exactly.
///
/// # Errors
/// The problem, if the value is not a number from 0 to the largest that a float tells exactly.
pub fn fixed(value: f64, scale: f64) -> Result<u64, String> {
    let scaled = (value * scale).round();
    if !(0.0..=MAX_EXACT).contains(&scaled) {
        return Err(format!("has the value {value}, which no counter can have"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded above")]
    Ok(scaled as u64)
}
