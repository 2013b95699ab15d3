//! Someone who is told, and what is said there.

use std::fmt;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::HeaderValue;
use xxhash_rust::xxh3::xxh3_64;

use crate::act::report::Told;
use crate::act::sign::Signer;
use crate::act::{alertmanager, report, slack, webhook};
use crate::alert::notice::{Event, Notice};
use crate::domain::time::Timestamp;
use crate::incident::severity::Severity;

/// What is spoken at the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Our own JSON: [`webhook`].
    Webhook,
    /// Incoming webhooks of Slack: [`slack`].
    Slack,
    /// Version 2 of the API of Alertmanager: [`alertmanager`].
    Alertmanager,
}

/// What a receiver is made of, secrets in the clear.
#[derive(Clone)]
pub struct Spec<'s> {
    /// Name in metrics and logs.
    pub name: &'s str,
    /// What is spoken there.
    pub kind: Kind,
    /// The address; of an Alertmanager its base address.
    pub url: &'s str,
    /// Bearer token.
    pub token: Option<&'s str>,
    /// Secret that requests are signed with.
    pub sign: Option<&'s str>,
    /// The mildest severity that is told there.
    pub at_least: Severity,
    /// Longest time for one try.
    pub timeout: Duration,
    /// Where people reach this server.
    pub link: Option<&'s str>,
}

/// Why there cannot be such a receiver. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiverError {
    /// The address is none of HTTP.
    #[error("the address of the receiver `{0}` is none of HTTP or HTTPS")]
    Address(String),
    /// The token cannot be sent.
    #[error("the token of the receiver `{0}` holds characters that no header can")]
    Token(String),
}

/// Someone who is told. Printing it shows no secret.
#[derive(Clone)]
pub struct Receiver {
    name: String,
    kind: Kind,
    url: Url,
    token: Option<HeaderValue>,
    signer: Option<Signer>,
    at_least: Severity,
    timeout: Duration,
    link: Option<String>,
}

/// One request, ready to be sent any number of times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What it is known by: the same for every try of the same news.
    pub id: String,
    /// JSON.
    pub body: Vec<u8>,
}

impl Receiver {
    /// The receiver of `spec`.
    ///
    /// # Errors
    /// [`ReceiverError`] if the address or the token cannot be used.
    pub fn new(spec: &Spec<'_>) -> Result<Self, ReceiverError> {
        let wrong = || ReceiverError::Address(spec.name.to_owned());
        let mut url = Url::parse(spec.url).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(wrong());
        }
        if spec.kind == Kind::Alertmanager {
            url.path_segments_mut().map_err(|()| wrong())?.pop_if_empty().extend(alertmanager::PATH);
        }
        let token = |token: &str| {
            let value = HeaderValue::from_str(&format!("Bearer {token}"));
            let mut value = value.map_err(|_| ReceiverError::Token(spec.name.to_owned()))?;
            value.set_sensitive(true);
            Ok(value)
        };
        Ok(Self {
            name: spec.name.to_owned(),
            kind: spec.kind,
            url,
            token: spec.token.map(token).transpose()?,
            signer: spec.sign.map(Signer::new),
            at_least: spec.at_least,
            timeout: spec.timeout,
            link: spec.link.map(str::to_owned),
        })
    }

    /// Name in metrics and logs.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it wants to hear of everything that goes on again and again ([`Receiver::state`]) instead of single
    /// notices ([`Receiver::notice`]).
    #[must_use]
    pub fn wants_state(&self) -> bool {
        self.kind == Kind::Alertmanager
    }

    /// What it is told of `notice`; `None` if nothing of it is for this receiver.
    #[must_use]
    pub fn notice(&self, notice: &Notice) -> Option<Message> {
        let wanted = |events: &[Event]| events.iter().filter(|event| self.wants(event)).cloned().collect::<Vec<_>>();
        let (firing, ended) = (wanted(&notice.firing), wanted(&notice.ended));
        if firing.is_empty() && ended.is_empty() {
            return None;
        }
        let id = id(notice);
        let notice = Notice { firing, ended, ..notice.clone() };
        let body = match self.kind {
            Kind::Webhook => webhook::body(&id, &self.name, &notice, self.link.as_deref()),
            Kind::Slack => slack::body(&notice, self.link.as_deref()),
            Kind::Alertmanager => return None,
        };
        Some(Message { id, body })
    }

    /// What it is told of a report; `None` if it takes none.
    #[must_use]
    pub fn report(&self, told: &Told<'_>) -> Option<Message> {
        let link = self.link.as_deref();
        let body = match self.kind {
            Kind::Webhook => report::webhook(told, &self.name, link),
            Kind::Slack => report::in_slack(told, link),
            Kind::Alertmanager => return None,
        };
        Some(Message { id: told.id.to_owned(), body })
    }

    /// What it is told of everything that goes on at `now` and of what ended since it was told last.
    #[must_use]
    pub fn state<'e>(&self, now: Timestamp, events: impl Iterator<Item = &'e Event>) -> Message {
        let wanted = events.filter(|event| self.wants(event));
        let body = alertmanager::body(now, wanted, self.link.as_deref());
        Message { id: format!("state-{}", now.micros()), body }
    }

    /// Whether `event` is grave enough.
    fn wants(&self, event: &Event) -> bool {
        !self.at_least.is_worse_than(event.severity)
    }

    pub(super) const fn url(&self) -> &Url {
        &self.url
    }

    pub(super) const fn token(&self) -> Option<&HeaderValue> {
        self.token.as_ref()
    }

    pub(super) const fn signer(&self) -> Option<&Signer> {
        self.signer.as_ref()
    }

    pub(super) const fn timeout(&self) -> Duration {
        self.timeout
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = self.url.origin().ascii_serialization();
        write!(f, "Receiver({}: {:?} at {origin})", self.name, self.kind)
    }
}

/// What a notice is known by: its group and its instant.
fn id(notice: &Notice) -> String {
    format!("{:016x}-{}", xxh3_64(notice.group.to_string().as_bytes()), notice.at.micros())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::alert::rule::Labels;

    /// A receiver of `kind` at `url` for whatever is at least P3.
    pub fn receiver(kind: Kind, url: &str) -> Receiver {
        let spec = Spec {
            name: "ops",
            kind,
            url,
            token: Some("hunter2"),
            sign: Some("hunter3"),
            at_least: Severity::P3,
            timeout: Duration::from_millis(300),
            link: Some("http://foreroute.example"),
        };
        Receiver::new(&spec).expect("valid")
    }

    /// An event of the rule `slow` that began at noon.
    pub fn event(channel: &str, severity: Severity, is_over: bool) -> Event {
        let since = Timestamp::parse_rfc3339("2026-11-20T12:00:00Z").expect("valid");
        Event {
            id: format!("slow {channel}"),
            labels: Labels::new([("rule", "slow"), ("channel", channel)]),
            severity,
            summary: format!("{channel} is <slow> & dear"),
            runbook: Some("http://wiki.example/slow".to_owned()),
            since,
            ended: is_over.then(|| since.plus_seconds(300)),
        }
    }

    /// Two events that go on, the second too mild for [`receiver`], and one that is over.
    pub fn notice() -> Notice {
        Notice {
            group: Labels::new([("rule", "slow")]),
            at: Timestamp::parse_rfc3339("2026-11-20T12:05:00Z").expect("valid"),
            firing: vec![event("eu", Severity::P2, false), event("us", Severity::P4, false)],
            ended: vec![event("asia", Severity::P3, true)],
        }
    }

    #[test]
    fn what_is_too_mild_is_left_out_and_nothing_is_no_message() {
        let webhook = receiver(Kind::Webhook, "http://host/hook");
        let message = webhook.notice(&notice()).expect("something to tell");
        let body = String::from_utf8(message.body).expect("text");
        assert!(body.contains("eu") && body.contains("asia") && !body.contains("us is"), "{body}");
        let mild = Notice { firing: vec![event("us", Severity::P4, false)], ended: Vec::new(), ..notice() };
        assert_eq!(webhook.notice(&mild), None);
        assert_eq!(webhook.notice(&notice()).map(|again| again.id), Some(message.id));
    }

    #[test]
    fn no_secret_is_printed() {
        let slack = receiver(Kind::Slack, "https://hooks.example/services/hunter4");
        let shown = format!("{slack:?}");
        assert_eq!(shown, "Receiver(ops: Slack at https://hooks.example)");
        let spec = Spec { url: "hunter4", token: Some("a\nb"), ..spec() };
        let error = Receiver::new(&spec).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains("ops") && !error.contains("hunter"), "{error}");
        let error = Receiver::new(&Spec { url: "http://host", ..spec }).err();
        assert_eq!(error, Some(ReceiverError::Token("ops".to_owned())));
    }

    fn spec() -> Spec<'static> {
        Spec {
            name: "ops",
            kind: Kind::Webhook,
            url: "",
            token: None,
            sign: None,
            at_least: Severity::P4,
            timeout: Duration::from_secs(1),
            link: None,
        }
    }
}
