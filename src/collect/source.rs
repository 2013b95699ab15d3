//! What every source has in common.

use std::collections::HashSet;
use std::sync::Arc;

use crate::domain::batch::{Batch, Reject};
use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;

/// The earliest instant that is believed; anything before it is a unit mistake or a broken clock.
const OLDEST: Timestamp = Timestamp::from_seconds(946_684_800); // 2000-01-01T00:00:00Z

/// What input is let in, decided once per piece by the engine and applied line by line by the sources.
#[derive(Debug, Clone)]
pub struct Admission {
    /// When the input was received.
    pub at: Timestamp,
    /// How far ahead of `at` a timestamp may lie. Keeps a wrong clock elsewhere from pinning open minutes here.
    pub max_ahead_s: i64,
    /// Channels that are known by now; also saves an allocation for every call.
    pub known: Arc<HashSet<ChannelId>>,
    /// Whether channels that are not known may appear.
    pub new_channels: NewChannels,
}

/// What to do with a channel that was never seen and is not configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewChannels {
    /// Accept it.
    Accept,
    /// Refuse it: the operator wants configured channels only.
    Refuse,
    /// Refuse it: the limit on the number of channels is reached.
    Full,
}

impl Admission {
    /// Admission of history at `at`: any channel, nothing from the future.
    #[must_use]
    pub fn open(at: Timestamp) -> Self {
        Self { at, max_ahead_s: 300, known: Arc::new(HashSet::new()), new_channels: NewChannels::Accept }
    }

    /// Checks that `ts` is neither absurdly old nor ahead of the receiver's clock.
    ///
    /// # Errors
    /// The problem, as the end of a sentence that begins with the field's name.
    pub fn check_ts(&self, ts: Timestamp) -> Result<(), String> {
        if ts < OLDEST {
            return Err(format!("is {ts}, before the year 2000: check the unit (RFC 3339, or seconds since 1970)"));
        }
        if ts > self.at.plus_seconds(self.max_ahead_s) {
            let limit = self.max_ahead_s;
            return Err(format!("is {ts}, more than {limit} s ahead of this server's clock ({})", self.at));
        }
        Ok(())
    }

    /// The channel called `name`, if it may be used.
    ///
    /// # Errors
    /// The problem, as the end of a sentence that begins with the field's name.
    pub fn channel(&self, name: &str) -> Result<ChannelId, String> {
        if let Some(known) = self.known.get(name) {
            return Ok(known.clone());
        }
        let channel = ChannelId::new(name).map_err(|error| error.to_string())?;
        match self.new_channels {
            NewChannels::Accept => Ok(channel),
            NewChannels::Refuse => Err(format!("names `{name}`, which is not a configured channel")),
            NewChannels::Full => Err(format!("names `{name}`, a new channel, but the limit of channels is reached")),
        }
    }
}

/// What one piece of input turned into.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Harvest {
    /// Everything that was understood.
    pub batch: Batch,
    /// Everything that was not, with line and field. Rejected pieces never spoil accepted ones.
    pub rejects: Vec<Reject>,
    /// Rejected pieces beyond [`Harvest::MAX_REJECTS`]: counted, not listed.
    pub rejects_unlisted: u64,
}

impl Harvest {
    /// Most rejects that are listed: a body of nothing but broken lines must not cost more memory than its own size.
    pub const MAX_REJECTS: usize = 1_000;

    /// Notes one rejected piece, listed if there is room.
    pub fn reject(&mut self, line: u64, field: &str, problem: impl Into<String>) {
        if self.rejects.len() < Self::MAX_REJECTS {
            self.rejects.push(Reject { line, field: field.to_owned(), problem: problem.into() });
        } else {
            self.rejects_unlisted += 1;
        }
    }

    /// How many pieces were rejected, listed or not.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.rejects.len() as u64 + self.rejects_unlisted
    }
}

/// Turns bytes of one format into calls, partial minutes and gauges.
///
/// Pure apart from what the source remembers between calls (counter baselines): no I/O, no clock. A new
/// orchestrator costs one file with one implementation and one recorded fixture.
pub trait Source: Send {
    /// Name in configuration, metrics and cursors.
    fn name(&self) -> &str;

    /// Parses `body`, letting in what `admission` allows.
    ///
    /// # Errors
    /// [`CollectFailure`] if nothing of the body could be used. Single bad lines are rejects, not errors.
    fn parse(&mut self, body: &[u8], admission: &Admission) -> Result<Harvest, CollectFailure>;
}

/// Why a collection pass got nothing. Each reason is a metric label and a gauge in the data, so that gaps explain
/// themselves.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CollectFailure {
    /// DNS, TCP or TLS failed.
    #[error("cannot connect: {0}")]
    Connect(String),
    /// No complete answer within the time limit.
    #[error("no answer within the time limit")]
    Timeout,
    /// An answer with a status other than 2xx.
    #[error("answered with HTTP status {0}")]
    Status(u16),
    /// The answer is larger than allowed.
    #[error("answer is larger than {limit} bytes")]
    TooLarge {
        /// Bytes allowed.
        limit: usize,
    },
    /// The answer is not what the source expects.
    #[error("answer cannot be parsed: {0}")]
    Parse(String),
    /// The previous pass still runs; a second one is never started on top of it.
    #[error("the previous pass is still running")]
    Overlap,
    /// A local file or socket failed.
    #[error("input failed: {0}")]
    Io(String),
}

impl CollectFailure {
    /// The reason as a metric label: stable, lower case, without details.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Connect(_) => "connect",
            Self::Timeout => "timeout",
            Self::Status(_) => "status",
            Self::TooLarge { .. } => "too_large",
            Self::Parse(_) => "parse",
            Self::Overlap => "overlap",
            Self::Io(_) => "io",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_and_channels_are_let_in_or_explained() {
        let now = Timestamp::parse_rfc3339("2026-11-20T12:00:00Z").expect("valid RFC 3339");
        let mut door = Admission::open(now);
        assert!(door.check_ts(now.plus_seconds(300)).is_ok());
        let year_3000 = Timestamp::parse_rfc3339("3000-01-01T00:00:00Z").expect("valid RFC 3339");
        assert!(door.check_ts(year_3000).is_err_and(|problem| problem.contains("ahead of this server's clock")));
        assert!(door.check_ts(Timestamp::from_millis(1_700_000)).is_err_and(|problem| problem.contains("unit")));
        assert!(door.channel("new").is_ok());
        door.new_channels = NewChannels::Refuse;
        assert!(door.channel("new").is_err_and(|problem| problem.contains("not a configured channel")));
    }

    #[test]
    fn reasons_are_labels_without_details() {
        let failure = CollectFailure::Connect("dns: no such host".into());
        assert_eq!(failure.reason(), "connect");
        assert_eq!(failure.to_string(), "cannot connect: dns: no such host");
    }
}
