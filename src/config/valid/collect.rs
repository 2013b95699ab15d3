//! `[collect]` as meant.

use std::time::Duration;

use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::cron::Cron;
use crate::config::elements::duration;
use crate::config::raw;

/// What is collected and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collect {
    /// When sources are read that do not say it themselves.
    pub cron: Cron,
    /// What to do with calls of a channel that is not configured.
    pub unknown_channels: UnknownChannels,
    /// How far ahead of this machine's clock a timestamp may lie.
    pub max_ahead: Duration,
}

impl Default for Collect {
    fn default() -> Self {
        Self {
            cron: Cron::every_minute(),
            unknown_channels: UnknownChannels::Accept,
            max_ahead: Duration::from_mins(5),
        }
    }
}

/// What to do with calls of a channel that is not configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownChannels {
    /// Take them in.
    Accept,
    /// Reject them.
    Refuse,
}

impl Collect {
    pub(super) fn check(raw: &raw::Collect, path: &Path, checker: &mut Checker<'_>) -> Self {
        let default = Self::default();
        let max_ahead = duration::parse_within(&raw.max_ahead, "1s", "1h");
        Self {
            cron: checker.take_or(&path.key("cron"), Cron::parse(&raw.cron), default.cron),
            unknown_channels: match raw.unknown_channels {
                raw::UnknownChannels::Accept => UnknownChannels::Accept,
                raw::UnknownChannels::Refuse => UnknownChannels::Refuse,
            },
            max_ahead: checker.take_or(&path.key("max_ahead"), max_ahead, default.max_ahead),
        }
    }
}
