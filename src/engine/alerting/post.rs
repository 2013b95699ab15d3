//! Bringing notices to receivers, each at its own pace.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::act::courier::DeliveryError;
use crate::alert::notice::{Event, Notice};
use crate::engine::Engine;
use crate::engine::alerting::Post;

/// Starts a task for each receiver; they end when `stop` turns true. A try under way is finished first.
pub fn posts(engine: &Engine, stop: &watch::Receiver<bool>, tasks: &mut JoinSet<()>) {
    for (at, post) in engine.0.alerting.receivers.iter().enumerate() {
        let (engine, stop) = (engine.clone(), stop.clone());
        if post.receiver.wants_state() {
            tasks.spawn(states(engine, at, stop));
        } else {
            tasks.spawn(notices(engine, at, stop));
        }
    }
}

/// Brings one notice after the other.
async fn notices(engine: Engine, at: usize, mut stop: watch::Receiver<bool>) {
    let Some(post) = engine.0.alerting.receivers.get(at) else { return };
    loop {
        while let Some(notice) = engine.first_notice(post) {
            let Some(message) = post.receiver.notice(&notice) else {
                engine.remove_notice(post, &notice);
                continue;
            };
            match engine.0.alerting.courier.deliver(&post.receiver, &message, &mut stop).await {
                Ok(()) => tracing::debug!(receiver = post.receiver.name(), id = message.id, "told"),
                // It waits for the next start.
                Err(DeliveryError::Stopping) => return,
                Err(error) => {
                    tracing::warn!(receiver = ?post.receiver, id = message.id, %error, "a notice was given up");
                }
            }
            engine.remove_notice(post, &notice);
            engine.save_alerts().await;
        }
        tokio::select! {
            () = post.bell.notified() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Brings everything that goes on, after each round, and what ended since it was brought last.
async fn states(engine: Engine, at: usize, mut stop: watch::Receiver<bool>) {
    let Some(post) = engine.0.alerting.receivers.get(at) else { return };
    let mut told: BTreeMap<String, Event> = BTreeMap::new();
    loop {
        tokio::select! {
            () = post.bell.notified() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        let (now, events) = post.state.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let going_on: BTreeMap<String, Event> = events.iter().map(|event| (event.id.clone(), event.clone())).collect();
        let over = told.values().filter(|event| !going_on.contains_key(&event.id));
        let over: Vec<Event> = over.map(|event| Event { ended: Some(now), ..event.clone() }).collect();
        if going_on.is_empty() && over.is_empty() {
            continue;
        }
        let message = post.receiver.state(now, going_on.values().chain(&over));
        match engine.0.alerting.courier.deliver(&post.receiver, &message, &mut stop).await {
            Ok(()) => told = going_on,
            Err(DeliveryError::Stopping) => return,
            Err(error) => {
                tracing::warn!(receiver = ?post.receiver, %error, "what goes on was not told; the next round tells it");
                told.extend(going_on);
            }
        }
    }
}

impl Engine {
    fn first_notice(&self, post: &Post) -> Option<Notice> {
        self.0.alerting.kept().outbox.get(post.receiver.name())?.front().cloned()
    }

    /// Removes `notice` unless it was dropped meanwhile.
    fn remove_notice(&self, post: &Post, notice: &Notice) {
        let mut kept = self.0.alerting.kept();
        let Some(outbox) = kept.outbox.get_mut(post.receiver.name()) else { return };
        if outbox.front() == Some(notice) {
            outbox.pop_front();
        }
        if outbox.is_empty() {
            kept.outbox.remove(post.receiver.name());
        }
    }
}
