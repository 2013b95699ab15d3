//! Alerts of the running engine: rules over everything stored, what people do not want to hear of, and who was told what.
//!
//! A few seconds after each minute every rule is asked of the published and the open minutes alike ([`read`]). What fires
//! or ends becomes an event beside the incidents that others report ([`Engine::hear`]); events become notices, notices wait
//! in an outbox for each receiver and are brought there one after the other ([`post`]).
//!
//! Everything that must outlive the process is one document ([`kept`]): alerts, silences, who was told what, and the
//! outboxes. It is written before a notice leaves and after it has arrived, so a restart tells nothing twice; only a
//! notice that was under way when the process was killed is sent again, with the same id.
//!
//! A clock that steps back holds rules and notices up until it is where it was: no minute is judged twice and no wait is
//! cut short. A clock that steps forward, or a machine that slept, skips the minutes in between: their windows are gone,
//! and a rule is about what is, not about what was.

mod kept;
mod own;
mod post;
mod read;
mod round;
mod rules;
mod silences;
mod standing;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::act::courier::Courier;
use crate::act::receiver::{Kind, Receiver, Spec};
use crate::alert::notice::Event;
use crate::clock::Clock;
use crate::config::elements::secret::Secret;
use crate::config::valid::ReceiverKind;
use crate::domain::time::Timestamp;
use crate::engine::settings::{AlertSettings, severity};
use crate::engine::{Engine, EngineError};
use crate::stats::seed::Seed;
use kept::Kept;
use own::Own;
use rules::Rules;

pub use post::posts;
pub use round::rounds;
pub use silences::SilencingError;
pub use standing::{AlertStanding, AlertState};

/// What the engine knows about alerts.
pub(super) struct Alerting {
    kept: Mutex<Kept>,
    /// The document as it was written last; held while it is written, so that of two writers the later state stays.
    written: Mutex<Vec<u8>>,
    /// Held while silences change, so that a change that cannot be stored can be taken back.
    silencing: Mutex<()>,
    /// Wakes the rounds when there is something to tell.
    news: Notify,
    own: Own,
    rules: Rules,
    receivers: Vec<Post>,
    courier: Courier,
    /// When the detector last judged a minute, in microseconds.
    beat: AtomicI64,
}

/// A receiver, and what wakes the one who brings it its notices.
struct Post {
    receiver: Receiver,
    /// Rung when there is something to bring.
    bell: Notify,
    /// Everything that goes on as of the newest round, for a receiver that wants to hear of that.
    state: Mutex<(Timestamp, Arc<Vec<Event>>)>,
}

impl Alerting {
    /// Nobody was told anything yet.
    pub(super) fn new(settings: &AlertSettings, clock: &Clock) -> Result<Self, EngineError> {
        let receivers = settings.receivers.iter().map(|receiver| {
            let spec = Spec {
                name: &receiver.name,
                kind: match receiver.kind {
                    ReceiverKind::Webhook => Kind::Webhook,
                    ReceiverKind::Slack => Kind::Slack,
                    ReceiverKind::Alertmanager => Kind::Alertmanager,
                },
                url: receiver.address.expose(),
                token: receiver.token.as_ref().map(Secret::expose),
                sign: receiver.sign.as_ref().map(Secret::expose),
                at_least: severity(receiver.at_least),
                timeout: receiver.timeout,
                link: settings.link.as_deref(),
            };
            let state = Mutex::new((clock.now(), Arc::default()));
            Ok(Post { receiver: Receiver::new(&spec)?, bell: Notify::new(), state })
        });
        Ok(Self {
            kept: Mutex::default(),
            written: Mutex::default(),
            silencing: Mutex::default(),
            news: Notify::new(),
            own: Own::new(),
            rules: Rules::new(settings.rules.clone()),
            receivers: receivers.collect::<Result<_, EngineError>>()?,
            courier: Courier::new(clock.clone(), Seed::new(0).child("courier")).map_err(EngineError::Client)?,
            beat: AtomicI64::new(clock.now().micros()),
        })
    }

    /// A poisoned lock still guards values that were each changed whole.
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The receiver called `name`, and who brings it something.
    pub(super) fn receiver(&self, name: &str) -> Option<(&Receiver, &Courier)> {
        let post = self.receivers.iter().find(|post| post.receiver.name() == name)?;
        Some((&post.receiver, &self.courier))
    }

    /// When the detector last judged a minute.
    pub(super) fn last_beat(&self) -> Timestamp {
        Timestamp::from_micros(self.beat.load(Ordering::Relaxed))
    }
}

impl Engine {
    /// Hears of an event that began, changed or ended, to tell people of it. An event that goes on is heard once, and again
    /// when it changes.
    pub(in crate::engine) fn hear(&self, now: Timestamp, event: Event) {
        let alerting = &self.0.alerting;
        alerting.kept().notifier.hear(now, &self.settings().alerts.grouping, event);
        alerting.news.notify_one();
    }

    /// Hears that the detector has judged a minute. It is an alert if it does not for three minutes.
    pub(in crate::engine) fn beat(&self, now: Timestamp) {
        self.0.alerting.beat.store(now.micros(), Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
