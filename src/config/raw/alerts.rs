//! `[alerts]` as written.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::elements::duration::DurationText;
use crate::config::elements::secret::SecretRef;
use crate::config::elements::url::UrlText;

/// What people are told of, and who.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub(in crate::config) struct Alerts {
    /// The file of rules, relative to this one; without it there are none.
    pub rules: Option<PathBuf>,
    /// Labels that events have to agree in to be told together.
    pub group_by: Vec<String>,
    /// How long the first event of a group waits for company.
    #[schemars(with = "DurationText")]
    pub wait: String,
    /// The least time between two notices of a group of which something changed.
    #[schemars(with = "DurationText")]
    pub interval: String,
    /// When a group is told again of which nothing changed.
    #[schemars(with = "DurationText")]
    pub repeat: String,
    /// Where people reach this server; notices lead there.
    #[schemars(with = "Option<UrlText>")]
    pub link: Option<String>,
    /// Who is told. Without receivers nothing is sent.
    pub receiver: Vec<Receiver>,
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            rules: None,
            group_by: vec!["rule".to_owned()],
            wait: "30s".to_owned(),
            interval: "5m".to_owned(),
            repeat: "4h".to_owned(),
            link: None,
            receiver: Vec::new(),
        }
    }
}

/// Someone who is told.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::config) struct Receiver {
    /// Name in metrics and logs.
    pub name: String,
    /// What is spoken there.
    pub kind: ReceiverKind,
    /// The address; of an Alertmanager its base address. Either this or `url_from` is needed.
    #[schemars(with = "Option<UrlText>")]
    pub url: Option<String>,
    /// Where the address is kept if it is a secret, as those of Slack are.
    pub url_from: Option<SecretRef>,
    /// Bearer token that is sent along.
    pub token: Option<SecretRef>,
    /// Secret that notices are signed with (HMAC-SHA256); of a webhook only.
    pub sign: Option<SecretRef>,
    /// The mildest severity that is told there; every one if absent.
    pub at_least: Option<Severity>,
    /// Longest time for one try; 10 s if absent.
    #[schemars(with = "Option<DurationText>")]
    pub timeout: Option<String>,
}

/// What is spoken at the address of a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::config) enum ReceiverKind {
    /// Our own JSON, signed if wanted.
    Webhook,
    /// Incoming webhooks of Slack, or of what understands the same.
    Slack,
    /// Version 2 of the API of Prometheus' Alertmanager.
    Alertmanager,
}

/// How grave: P1 is the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(in crate::config) enum Severity {
    /// Somebody must act at once.
    P1,
    /// Somebody must act soon.
    P2,
    /// Somebody must look within the day.
    P3,
    /// Good to know.
    P4,
}
