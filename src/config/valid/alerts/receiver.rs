//! `[[alerts.receiver]]` as meant.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::Severity;
use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::duration;
use crate::config::elements::secret::{Secret, SecretRef};
use crate::config::elements::url::HttpUrl;
use crate::config::raw;
use crate::config::valid::unique_name;

/// Whoever has an address here can write into the channel of others, so it is a secret.
const SECRET_HOST: &str = "hooks.slack.com";

/// Someone who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receiver {
    /// Name in metrics and logs.
    pub name: String,
    /// What is spoken there.
    pub kind: ReceiverKind,
    /// Where it is reached.
    pub address: Address,
    /// Bearer token.
    pub token: Option<Secret>,
    /// Secret that notices are signed with.
    pub sign: Option<Secret>,
    /// The mildest severity that is told there.
    pub at_least: Severity,
    /// Longest time for one try.
    pub timeout: Duration,
}

/// What is spoken at the address of a receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReceiverKind {
    /// Our own JSON.
    Webhook,
    /// Incoming webhooks of Slack.
    Slack,
    /// Version 2 of the API of Alertmanager.
    Alertmanager,
}

impl ReceiverKind {
    /// Name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Slack => "slack",
            Self::Alertmanager => "alertmanager",
        }
    }
}

impl From<raw::ReceiverKind> for ReceiverKind {
    fn from(raw: raw::ReceiverKind) -> Self {
        match raw {
            raw::ReceiverKind::Webhook => Self::Webhook,
            raw::ReceiverKind::Slack => Self::Slack,
            raw::ReceiverKind::Alertmanager => Self::Alertmanager,
        }
    }
}

/// Where a receiver is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// As written in the configuration.
    Written(HttpUrl),
    /// Kept elsewhere, because it is a secret.
    Kept(Secret),
}

impl Address {
    /// The address itself, for the one who sends there.
    #[must_use]
    pub fn expose(&self) -> &str {
        match self {
            Self::Written(url) => url.as_str(),
            Self::Kept(secret) => secret.expose(),
        }
    }
}

impl fmt::Display for Address {
    /// The address without its path, or where it is kept.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written(url) => f.write_str(url.origin()),
            Self::Kept(secret) => secret.fmt(f),
        }
    }
}

impl Receiver {
    pub(super) fn check_all(raw: &[raw::Receiver], path: &Path, checker: &mut Checker<'_>) -> Vec<Self> {
        let mut taken = BTreeSet::new();
        let check = |(at, receiver): (usize, &raw::Receiver)| {
            let path = path.at(at);
            let address = address(receiver.url.as_deref(), receiver.url_from.as_ref(), &path, checker);
            let bearer = secret(receiver.token.as_ref(), &path.key("token"), checker);
            if receiver.sign.is_some() && receiver.kind != raw::ReceiverKind::Webhook {
                checker.fail(&path.key("sign"), "only notices of `kind = \"webhook\"` are signed");
            }
            let sign = secret(receiver.sign.as_ref(), &path.key("sign"), checker);
            let default = Duration::from_secs(10);
            let timeout = receiver.timeout.as_deref().map_or(Ok(default), |it| duration::parse_within(it, "1s", "1m"));
            let timeout = checker.take_or(&path.key("timeout"), timeout, default);
            let name = unique_name(&receiver.name, &path.key("name"), &mut taken, checker);
            Some(Self {
                name: name?,
                kind: receiver.kind.into(),
                address: address?,
                token: bearer,
                sign,
                at_least: receiver.at_least.map_or(Severity::P4, Severity::from),
                timeout,
            })
        };
        raw.iter().enumerate().filter_map(check).collect()
    }
}

/// An address, written or kept elsewhere.
pub(in crate::config::valid) fn address(
    url: Option<&str>,
    url_from: Option<&SecretRef>,
    path: &Path,
    checker: &mut Checker<'_>,
) -> Option<Address> {
    match (url, url_from) {
        (Some(url), None) => {
            let url = checker.take(&path.key("url"), HttpUrl::parse(url))?;
            if url.host().eq_ignore_ascii_case(SECRET_HOST) {
                let message = "whoever has this address can write there, so it is a secret: keep it elsewhere and say \
                               where with `url_from = { env = \"NAME\" }`";
                checker.fail(&path.key("url"), message);
            }
            Some(Address::Written(url))
        }
        (None, Some(place)) => {
            let path = path.key("url_from");
            let kept = secret(Some(place), &path, checker)?;
            // One that cannot be read here is told as a missing secret.
            if !kept.expose().is_empty() && HttpUrl::parse(kept.expose()).is_err() {
                checker.fail(&path, "what is kept there is no address of HTTP or HTTPS without credentials");
            }
            Some(Address::Kept(kept))
        }
        _ => {
            checker.fail(path, "say where it is reached: either `url` or `url_from`");
            None
        }
    }
}

/// The secret that `reference` names, if there is one.
pub(in crate::config::valid) fn secret(
    reference: Option<&SecretRef>,
    path: &Path,
    checker: &mut Checker<'_>,
) -> Option<Secret> {
    let reference = reference?;
    checker.take(path, reference.check())?;
    Some(checker.secret(path, reference))
}
