//! The machine over time: what it learns before its first minute, when it is saved, and how it goes on after a restart.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;

use tokio::sync::watch;

use crate::domain::time::{MINUTES_PER_DAY, Minute, Timestamp};
use crate::engine::machine::Machine;
use crate::engine::watching::Order;
use crate::engine::{DetectSettings, Engine};

/// Name of the file that holds the machine.
pub(super) const MACHINE: &str = "detection";
/// Name of the file that holds what was ordered since.
pub(super) const ORDERS: &str = "detection-orders";
/// Minutes between two saves: what a crash has to learn again.
const SAVE_EVERY: u32 = 60;
/// Minutes that are read at once to catch up.
const PIECE: u32 = 240;
/// A machine that was saved longer ago begins anew.
const TOO_OLD: u32 = 30 * MINUTES_PER_DAY;

/// Judges every minute until `stop`, from where the last run ended.
pub async fn detection(engine: Engine, mut stop: watch::Receiver<bool>) {
    let Some(detect) = engine.settings().detect.clone() else { return };
    let delay_s = detect.delay_s;
    let begun = engine.clone();
    let Ok(mut orders) = tokio::task::spawn_blocking(move || begun.resume(&detect)).await else {
        return tracing::error!("detection cannot begin; see the errors before");
    };
    let mut unsaved = 0;
    loop {
        let now = engine.clock().now();
        let due = now.plus_seconds(-delay_s).minute();
        let (working, detect) = (engine.clone(), engine.settings().detect.clone());
        let taken = std::mem::take(&mut orders);
        let (left, judged) =
            match tokio::task::spawn_blocking(move || detect.map(|detect| working.catch_up(&detect, due, taken))).await
            {
                Ok(Some(done)) => done,
                Ok(None) | Err(_) => (VecDeque::new(), 0),
            };
        orders = left;
        unsaved += judged;
        if unsaved >= SAVE_EVERY || engine.0.watching.wants_save.swap(false, Ordering::Relaxed) {
            let saving = engine.clone();
            let _saved = tokio::task::spawn_blocking(move || saving.save_machine()).await;
            unsaved = 0;
        }
        tokio::select! {
            () = engine.clock().sleep_until(due.end().plus_seconds(delay_s)) => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    let _saved = tokio::task::spawn_blocking(move || engine.save_machine()).await;
}

impl Engine {
    /// Takes up the saved machine, or has a new one learn the past. Returns what was ordered since it was saved.
    pub(super) fn resume(&self, detect: &DetectSettings) -> VecDeque<Order> {
        let now = self.clock().now().minute();
        let (saved, orders) = self.saved_machine();
        let fresh_enough = |machine: &Machine| {
            machine.next().is_some_and(|next| next <= now.plus(1) && now.0.saturating_sub(next.0) <= TOO_OLD)
        };
        if let Some(machine) = saved.filter(fresh_enough) {
            *self.0.watching.machine() = machine;
            return orders;
        }
        self.learn_past(detect, now);
        VecDeque::new()
    }

    /// Has every channel's detectors learn the last days, of which nothing is concluded.
    fn learn_past(&self, detect: &DetectSettings, now: Minute) {
        let from = now.minus(detect.history_minutes);
        for channel in self.channels() {
            self.beat(self.clock().now());
            match self.samples_of(&channel, from, now) {
                Ok(samples) if samples.is_empty() => {}
                Ok(samples) => self.0.watching.machine().learn(&detect.book, &channel, &samples),
                Err(error) => tracing::warn!(%channel, %error, "detectors begin without history"),
            }
        }
    }

    /// Judges every minute before `due` that was not judged yet, and carries out `orders` when it is their time. Returns the
    /// orders that are left and how many minutes there were.
    pub(super) fn catch_up(
        &self,
        detect: &DetectSettings,
        due: Minute,
        mut orders: VecDeque<Order>,
    ) -> (VecDeque<Order>, u32) {
        let first = self.0.watching.machine().next().unwrap_or_else(|| due.minus(1));
        let (mut from, mut judged) = (first, 0);
        while from < due {
            let to = from.plus(PIECE).min(due);
            let minutes = match self.minutes(from, to) {
                Ok(minutes) => minutes,
                Err(error) => {
                    tracing::error!(%error, "minutes cannot be read; they are judged later");
                    return (orders, judged);
                }
            };
            for (minute, heard) in minutes {
                let is_live = minute.plus(1) == due;
                let at = minute.end().plus_seconds(detect.delay_s);
                let now = if is_live { self.clock().now().max(at) } else { at };
                self.carry_out_until(now, &mut orders);
                self.round(detect, now, minute, heard, is_live);
                judged += 1;
            }
            self.0.watching.machine().pass(to);
            self.beat(self.clock().now());
            from = to;
        }
        // Where nobody watched there was nothing to judge, which is no stall.
        self.beat(self.clock().now());
        self.carry_out_until(self.clock().now(), &mut orders);
        (orders, judged)
    }

    /// Carries out again what was ordered up to `now`. What a saved machine knew of already is refused, which is right.
    fn carry_out_until(&self, now: Timestamp, orders: &mut VecDeque<Order>) {
        while orders.front().is_some_and(|(at, ..)| *at <= now) {
            if let Some((at, id, command)) = orders.pop_front() {
                let _known = self.carry_out(at, id, &command);
            }
        }
    }

    /// Writes the machine, and forgets the orders that it holds. A failure is logged: the next hour saves again.
    pub(super) fn save_machine(&self) {
        let machine = self.0.watching.machine();
        let mut orders = self.0.watching.orders();
        let written = match postcard::to_stdvec(&*machine) {
            Ok(bytes) => self.0.store.put_model(MACHINE, &bytes).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        drop(machine);
        match written {
            Ok(()) => {
                orders.clear();
                if let Err(error) = self.save_orders(&[]) {
                    tracing::warn!(%error, "orders that are done were not forgotten; they are refused when repeated");
                }
            }
            Err(error) => tracing::warn!(%error, "detection was not saved; it will be again"),
        }
    }

    /// The saved machine, and what was ordered since.
    fn saved_machine(&self) -> (Option<Machine>, VecDeque<Order>) {
        let (mut machine, mut orders) = (None, VecDeque::new());
        let files = self.0.store.models().unwrap_or_else(|error| {
            tracing::warn!(%error, "the saved detection cannot be read; it begins anew");
            Vec::new()
        });
        for (name, read) in files.into_iter().filter(|(name, _)| name == MACHINE || name == ORDERS) {
            let read = read.map_err(|error| error.to_string()).and_then(|bytes| {
                if name == MACHINE {
                    postcard::from_bytes(&bytes).map(|found| machine = Some(found))
                } else {
                    postcard::from_bytes(&bytes).map(|found: Vec<Order>| orders = found.into())
                }
                .map_err(|error| error.to_string())
            });
            if let Err(error) = read {
                tracing::warn!(name, %error, "the saved detection is of no use; it begins anew");
            }
        }
        self.0.watching.orders().clone_from(&orders);
        (machine, orders)
    }
}
