//! What people do to incidents.

use std::sync::{Arc, PoisonError};

use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::engine::bus::Happening;
use crate::engine::watching::{Order, Situation, events};
use crate::incident::change::Change;
use crate::incident::command::{Command, CommandError};
use crate::incident::rows;
use crate::incident::state::IncidentId;
use crate::store::StoreError;

/// Why an order was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// There is no such incident, or the order makes no sense for it now. Nothing has changed.
    #[error(transparent)]
    Refused(#[from] CommandError),
    /// It was carried out, but may be forgotten if the program ends before the next save.
    #[error("the order was carried out, but could not be written to disk")]
    NotDurable(#[source] StoreError),
    /// The work was broken off: the program is being torn down.
    #[error("the order was broken off")]
    BrokenOff,
}

impl Engine {
    /// Does what `command` says to the incident `id`, open or just over; returns how it stands then. It is on disk when
    /// this returns, and survives a crash.
    ///
    /// # Errors
    /// [`OrderError`].
    pub async fn order(&self, id: IncidentId, command: Command) -> Result<Change, OrderError> {
        let engine = self.clone();
        let done = tokio::task::spawn_blocking(move || {
            let now = engine.clock().now();
            let change = engine.carry_out(now, id, &command)?;
            let mut orders = engine.0.watching.orders();
            orders.push_back((now, id, command));
            engine.save_orders(orders.make_contiguous()).map_err(OrderError::NotDurable)?;
            Ok(change)
        });
        done.await.map_err(|_| OrderError::BrokenOff)?
    }

    /// The same without writing it down.
    pub(super) fn carry_out(&self, now: Timestamp, id: IncidentId, command: &Command) -> Result<Change, CommandError> {
        let detect = self.0.settings.detect.as_ref().ok_or(CommandError::Unknown(id))?;
        let mut machine = self.0.watching.machine();
        let (change, groups) = machine.command(&detect.book, now, id, command)?;
        let made = std::iter::once(rows::incident(&change)).chain(groups.iter().map(rows::group));
        self.0.records.add(made.filter_map(Result::ok));
        for event in events::of(&machine, &detect.book.topology, std::slice::from_ref(&change), &groups) {
            self.hear(now, event);
        }
        let mut situation = self.0.watching.situation.write().unwrap_or_else(PoisonError::into_inner);
        let changed = Situation::clone(&situation).with_incidents(&machine);
        *situation = Arc::new(changed);
        drop((situation, machine));
        let bus = &self.0.watching.bus;
        bus.tell(Happening::Incident(Arc::new(change.clone())));
        for group in groups {
            bus.tell(Happening::Group(Arc::new(group)));
        }
        Ok(change)
    }

    /// Writes down what was ordered since the machine was saved.
    pub(super) fn save_orders(&self, orders: &[Order]) -> Result<(), StoreError> {
        let bytes =
            postcard::to_stdvec(orders).map_err(|error| StoreError::damaged(super::keep::ORDERS, error.to_string()))?;
        self.0.store.put_model(super::keep::ORDERS, &bytes)
    }
}
