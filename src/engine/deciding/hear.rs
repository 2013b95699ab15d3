//! Calls, minutes and time to the pilot.

use std::collections::BTreeMap;

use tokio::sync::watch;

use crate::domain::call::Call;
use crate::domain::ids::ChannelId;
use crate::domain::time::{MINUTES_PER_DAY, Minute, Timestamp};
use crate::engine::machine::pilot::RouteBook;
use crate::engine::machine::pilot::season::DAYS;
use crate::engine::machine::{Conclusions, Heard};
use crate::engine::{DecideSettings, Engine, Inner};
use crate::policy::fast::call::CallEnd;

impl Inner {
    /// Hears of `calls` that are durable: the fast lane.
    pub(in crate::engine) fn hear_calls(&self, calls: &[Call]) {
        let Some(decide) = &self.settings.decide else { return };
        let mut decided = Vec::new();
        let now = self.clock.now();
        let mut pilot = self.deciding.pilot();
        let shifts = pilot.shifts();
        for call in calls {
            let end = end_of(&decide.book, call, now);
            self.healing.hear_probe(call, end.at);
            decided.extend(pilot.hear(&decide.book, &call.channel, &end));
        }
        let has_shifted = pilot.shifts() != shifts;
        drop(pilot);
        self.make_known(decided);
        if has_shifted {
            self.healing.wake();
        }
    }

    /// Plans as after a minute in which nothing was concluded.
    #[cfg(test)]
    pub(in crate::engine) fn decide_for_test(&self, now: Timestamp) {
        let Some(decide) = &self.settings.decide else { return };
        let decided = self.deciding.pilot().minute(&decide.book, now, &BTreeMap::new());
        self.make_known(decided);
    }

    /// Has the pilot do what is due; returns when it wants to be woken next.
    fn wake_pilot(&self, book: &RouteBook, now: Timestamp) -> Option<Timestamp> {
        let mut pilot = self.deciding.pilot();
        let decided = pilot.on_time(book, now);
        let next = pilot.next_wakeup();
        drop(pilot);
        self.make_known(decided);
        next
    }
}

impl Engine {
    /// Hears of a minute that was judged: the minute lane.
    pub(in crate::engine) fn decide(
        &self,
        now: Timestamp,
        minute: Minute,
        heard: &BTreeMap<ChannelId, Heard>,
        conclusions: &Conclusions,
    ) {
        let Some(decide) = &self.settings().decide else { return };
        let situation = self.situation();
        let incidents = situation.incidents.iter();
        let (decided, came) =
            self.0.deciding.pilot().judged(&decide.book, (now, minute), heard, conclusions, incidents);
        self.0.record_came(&came);
        self.0.make_known(decided);
    }

    /// Marks the channels of which decisions have moved calls.
    pub(in crate::engine) fn tell_moved(&self, now: Timestamp, heard: &mut BTreeMap<ChannelId, Heard>) {
        if self.settings().decide.is_some() {
            let pilot = self.0.deciding.pilot();
            for (channel, heard) in heard {
                heard.is_moved = pilot.has_moved(channel, now);
            }
        }
    }

    /// Has a new pilot learn the last days.
    fn learn_days(&self, decide: &DecideSettings) {
        let now = self.clock().now().minute();
        let mut pilot = Self::fresh_pilot();
        for channel in self.channels() {
            match self.samples_of(&channel, now.minus(DAYS * MINUTES_PER_DAY), now) {
                Ok(samples) => samples.iter().for_each(|sample| pilot.learn(&decide.book, sample)),
                Err(error) => tracing::warn!(%channel, %error, "decisions begin without its last days"),
            }
        }
        let mut present = self.0.deciding.pilot();
        pilot.succeed(std::mem::take(&mut *present));
        *present = pilot;
    }
}

/// How `call` ended, for the fast lane. A clock that is ahead of ours tells of the future, which is now.
fn end_of(book: &RouteBook, call: &Call, now: Timestamp) -> CallEnd {
    let latency_ms = call.latency.map(crate::domain::units::Millis::get);
    #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
    let lasted_us = (latency_ms.unwrap_or(0.0) * 1_000.0) as i64;
    CallEnd {
        at: call.ts.plus_micros(lasted_us).min(now),
        outcome: call.outcome,
        latency_ms,
        limit_ms: book.limit_ms(&call.channel),
        retry_after_s: call.retry_after.map(|wait| wait.get() / 1_000.0),
        probe: call.probe,
    }
}

/// Learns the last days, then wakes the pilot whenever it wants to be, until `stop`.
pub async fn timers(engine: Engine, mut stop: watch::Receiver<bool>) {
    let Some(decide) = engine.settings().decide.clone() else { return };
    let (learning, settings) = (engine.clone(), decide.clone());
    // A panic there leaves a pilot that knows less, and the log has it.
    let _learnt = tokio::task::spawn_blocking(move || learning.learn_days(&settings)).await;
    loop {
        let now = engine.clock().now();
        let next = engine.0.wake_pilot(&decide.book, now);
        let at = next.unwrap_or_else(|| now.plus_seconds(3_600)).max(now.plus_micros(1_000));
        tokio::select! {
            () = engine.clock().sleep_until(at) => {}
            () = engine.0.deciding.nudge.notified() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}
