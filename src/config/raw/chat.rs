//! `[chat]` as written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::elements::secret::SecretRef;

/// Where people ask in plain words, besides `POST /v1/chatops`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Chat {
    /// A slash command of Slack, which sends to `/v1/chatops/slack`.
    pub slack: Option<Slack>,
}

/// A slash command of Slack.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Slack {
    /// Where the app's signing secret is kept: under "Basic Information" of the app.
    pub signing_secret: SecretRef,
    /// Ids of the members who may approve, reject and set modes, such as `U024BE7LH`; everybody else may only ask.
    #[serde(default)]
    pub operators: Vec<String>,
}
