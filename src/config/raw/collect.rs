//! `[collect]` as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::elements::cron::CronText;
use crate::config::elements::duration::DurationText;

/// What is collected and when.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Collect {
    /// When sources are read that do not say it themselves; followed files are read every five seconds.
    #[schemars(with = "CronText")]
    pub cron: String,
    /// What to do with calls of a channel that has no `[[channel]]`.
    pub unknown_channels: UnknownChannels,
    /// How far ahead of this machine's clock a timestamp may lie.
    #[schemars(with = "DurationText")]
    pub max_ahead: String,
}

impl Default for Collect {
    fn default() -> Self {
        Self { cron: "* * * * *".to_owned(), unknown_channels: UnknownChannels::Accept, max_ahead: "5m".to_owned() }
    }
}

/// What to do with calls of a channel that is not configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum UnknownChannels {
    /// Take them in; the channel has no prices and no limits.
    Accept,
    /// Reject them, naming the channel.
    Refuse,
}
