//! Who speaks for a channel, where several instruments tell of the same calls.
//!
//! A client library that sends spans usually sends histograms too, and a gateway behind it sends its own. Adding them
//! all would count each call two or three times. So per channel and measure one feed counts: spans before a client's
//! histogram before a server's. A better feed takes over at once; a lesser one only after the better has been silent
//! for [`SILENT_MINUTES`]. What is taken over is a cursor, so a restart does not forget it.

use std::collections::BTreeMap;

use crate::domain::batch::Batch;
use crate::domain::time::Minute;

/// How long a better feed may be silent before a lesser one is listened to. Longer than any usual export interval.
const SILENT_MINUTES: u32 = 15;
/// A feed's cursor is renewed when it is this much older than the feed: not with every batch.
const RENEW_MINUTES: u32 = 5;
/// Cursors of this part of the source begin so.
const PREFIX: &str = "otlp/feed/";

/// How close to the call a feed is; the higher is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// A histogram kept by the server or gateway.
    Server = 1,
    /// A histogram kept by the client.
    Client = 2,
    /// Spans, one per call.
    Spans = 3,
}

/// The current feed of each channel and measure.
#[derive(Debug, Default)]
pub(super) struct Feeds {
    /// By `measure/channel`: rank and the minute it was last noted in.
    current: BTreeMap<String, (u8, Minute)>,
}

impl Feeds {
    /// Takes over what `cursors` say.
    pub(super) fn commit(&mut self, cursors: &BTreeMap<String, String>) {
        for (name, value) in cursors.range(PREFIX.to_owned()..) {
            let Some(key) = name.strip_prefix(PREFIX) else { break };
            let parsed = value.split_once('@').and_then(|(rank, at)| Some((rank.parse().ok()?, at.parse().ok()?)));
            if let Some((rank, minute)) = parsed {
                self.current.insert(key.to_owned(), (rank, Minute(minute)));
            }
        }
    }

    /// Notes in `batch` that its channels send spans.
    pub(super) fn note_calls(&self, batch: &mut Batch) {
        let mut newest: BTreeMap<&str, Minute> = BTreeMap::new();
        for call in &batch.calls {
            let at = newest.entry(call.channel.as_str()).or_default();
            *at = (*at).max(call.ts.minute());
        }
        let cursors: Vec<_> =
            newest.into_iter().filter_map(|(channel, at)| self.note("requests", channel, Rank::Spans, at)).collect();
        batch.cursors.extend(cursors);
    }

    /// Whether `rank` may speak for `measure` of `channel` at `at`.
    pub(super) fn allows(&self, measure: &str, channel: &str, rank: Rank, at: Minute) -> bool {
        let holds = |key: &str, floor: u8| {
            self.current.get(key).is_some_and(|&(holder, last)| {
                holder >= floor && holder > rank as u8 && at.0 < last.0.saturating_add(SILENT_MINUTES)
            })
        };
        // Spans carry every measure, so they are noted once, under the requests.
        !holds(&key("requests", channel), Rank::Spans as u8) && !holds(&key(measure, channel), 0)
    }

    /// The cursor that notes `rank` as the feed, where it is new or due for renewal.
    pub(super) fn note(&self, measure: &str, channel: &str, rank: Rank, at: Minute) -> Option<(String, String)> {
        let key = key(measure, channel);
        if let Some(&(holder, last)) = self.current.get(&key)
            && holder == rank as u8
            && at.0 < last.0.saturating_add(RENEW_MINUTES)
        {
            return None;
        }
        Some((format!("{PREFIX}{key}"), format!("{}@{}", rank as u8, at.0)))
    }
}

fn key(measure: &str, channel: &str) -> String {
    format!("{measure}/{channel}")
}
