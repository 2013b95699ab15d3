//! What a source hands over in one piece: the unit of acknowledgement.
//!
//! A batch is logged as one frame and applied as a whole, so a crash leaves all of it or nothing, its idempotency
//! key and its cursors included. That is what makes "exactly once" hold for every source.

use std::collections::BTreeMap;

use crate::domain::call::Call;
use crate::domain::gauge::{Gauge, GaugeMinute};
use crate::domain::ids::{ChannelId, IdempotencyKey};
use crate::domain::sample::Sample;
use crate::domain::time::{Minute, Timestamp};

/// Accepted input, ready to be made durable.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Batch {
    /// When the batch was accepted. Lateness is judged by this instant, also when the log is replayed.
    pub received_at: Timestamp,
    /// A batch whose key was seen before is not counted again.
    pub key: Option<IdempotencyKey>,
    /// Single calls, added to their minutes.
    pub calls: Vec<Call>,
    /// Pieces of minutes (from counters or histograms), added to their minutes.
    pub partials: Vec<Sample>,
    /// Whole minutes that replace what is there if their revision is higher.
    pub replacements: Vec<Sample>,
    /// Gauge readings.
    pub gauges: Vec<Gauge>,
    /// Where the source has read to, by source name: a file offset, a counter baseline. Opaque to everyone else.
    pub cursors: BTreeMap<String, String>,
    /// Span in which the engine was watching its push sources, as `[from, to)`.
    pub watched: Option<(Timestamp, Timestamp)>,
}

impl Batch {
    /// An empty batch accepted at `received_at`.
    #[must_use]
    pub fn new(received_at: Timestamp) -> Self {
        Self { received_at, ..Self::default() }
    }

    /// Whether there is nothing to log.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
            && self.partials.is_empty()
            && self.replacements.is_empty()
            && self.gauges.is_empty()
            && self.cursors.is_empty()
            && self.watched.is_none()
    }
}

/// How a sample joins what is already known of its channel and minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// It is a further piece: merge it in, and raise the revision if the minute was already published.
    Add,
    /// It is the whole minute: it replaces what is there if its revision is higher, else it changes nothing.
    Replace,
}

/// A sample on its way to the store.
#[derive(Debug, Clone, PartialEq)]
pub struct Amendment {
    /// The minute, whole or a piece.
    pub sample: Sample,
    /// How it joins.
    pub mode: Mode,
}

/// Everything that has been accepted but not yet published: the state that a restart begins with, before it replays
/// the log from where the checkpoint was taken.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Checkpoint {
    /// Minutes that are still open or not yet published.
    pub open: Vec<Amendment>,
    /// Pieces that came after their minute's late window; kept aside in the table `late`.
    pub late: Vec<Sample>,
    /// Gauge minutes that are not yet published.
    pub gauges: Vec<GaugeMinute>,
    /// Seconds watched per minute, bit `n` for second `n`.
    pub watched: Vec<(Minute, u64)>,
    /// Channels fed by calls, by name.
    pub channels: Vec<ChannelSeen>,
    /// Idempotency keys already counted, oldest first.
    pub keys: Vec<CountedKey>,
    /// Cursor of each source.
    pub cursors: BTreeMap<String, String>,
}

/// When a channel fed by calls was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelSeen {
    /// The channel.
    pub channel: ChannelId,
    /// The earliest minute with a call.
    pub first: Minute,
    /// The latest minute with a call.
    pub last: Minute,
}

/// An idempotency key that was counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedKey {
    /// The caller's key.
    pub key: IdempotencyKey,
    /// When the batch was received.
    pub received_at: Timestamp,
    /// Calls the batch brought: the answer to a re-sent batch.
    pub calls: u64,
}

/// One piece of input that was not accepted, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Line of the input, counted from 1 (element of an array, row of a file).
    pub line: u64,
    /// The field at fault, `""` for the line as a whole.
    pub field: String,
    /// What is wrong with it, as the end of a sentence that begins with the field.
    pub problem: String,
}

impl std::fmt::Display for Reject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.field.is_empty() {
            write!(f, "line {}: {}", self.line, self.problem)
        } else {
            write!(f, "line {}: `{}` {}", self.line, self.field, self.problem)
        }
    }
}
