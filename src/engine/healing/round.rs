//! One look at everything: outcomes in, orders out.

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::alert::notice::Event;
use crate::alert::rule::Labels;
use crate::domain::time::Timestamp;
use crate::engine::bus::Happening;
use crate::engine::healing::attempt::{Came, make};
use crate::engine::healing::kept::Kept;
use crate::engine::healing::row::ActionRow;
use crate::engine::{Engine, HealSettings};
use crate::incident::severity::Severity;
use crate::policy::healing::facts::Facts;
use crate::policy::healing::order::{Attempt, Order, What};
use crate::store::StoreError;
use crate::telemetry::names::Metric;

/// Seconds between two looks if nothing happens.
const IDLE_S: i64 = 60;
/// Seconds until what could not be written is tried again.
const AGAIN_S: i64 = 1;

/// What is to be done after a look: attempts, each with its order.
type ToDo = Vec<(Order, Attempt)>;

/// Looks after each judged minute, each decision, each outcome and whenever a run wants it, until `stop`. Attempts that are
/// under way then are finished or broken off, and taken up by the next start.
pub async fn healing(engine: Engine, mut stop: watch::Receiver<bool>) {
    let Some(heal) = engine.settings().heal.clone() else { return };
    let mut attempts: JoinSet<Option<Came>> = JoinSet::new();
    let mut came: Vec<Came> = Vec::new();
    let mut look = Look::First;
    loop {
        let (looking, settings, heard) = (engine.clone(), heal.clone(), came.clone());
        let looked = tokio::task::spawn_blocking(move || looking.look(&settings, look, &heard)).await;
        let mut next = engine.clock().now().plus_seconds(AGAIN_S);
        match looked {
            Ok(Ok((to_do, wakeup))) => {
                came.clear();
                look = Look::Usual;
                next = wakeup;
                for (order, attempt) in to_do {
                    attempts.spawn(make(engine.clone(), order, attempt, stop.clone()));
                }
            }
            Ok(Err(error)) => tracing::error!(%error, "playbooks wait until they can be written to the store"),
            Err(_) => tracing::error!("looking after the playbooks broke off; it is done again"),
        }
        tokio::select! {
            () = engine.clock().sleep_until(next) => {}
            () = engine.0.healing.nudge.notified(), if came.is_empty() => {}
            Some(ended) = attempts.join_next(), if !attempts.is_empty() => came.extend(ended.ok().flatten()),
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    // Attempts see the stop as well; what is known of them by then need not be found out again.
    while let Some(ended) = attempts.join_next().await {
        came.extend(ended.ok().flatten());
    }
    let last = tokio::task::spawn_blocking(move || engine.look(&heal, Look::Last, &came)).await;
    if let Ok(Err(error)) = last {
        tracing::error!(%error, "the last outcomes of playbooks were not written; they are found out again");
    }
}

/// What is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Look {
    /// Also what was under way when the last run of the program ended.
    First,
    /// What is due.
    Usual,
    /// Outcomes only: nothing new is begun.
    Last,
}

impl Engine {
    /// Hears of what `came` and does what is due: what is then to be attempted, and when to look again. The state is on disk
    /// before this returns. Blocks.
    pub(super) fn look(&self, heal: &HealSettings, look: Look, came: &[Came]) -> Result<(ToDo, Timestamp), StoreError> {
        let _changing = self.0.healing.changing();
        let now = self.clock().now();
        let facts = self.facts(heal, now);
        let mut kept = self.0.healing.kept().clone();
        let (mut orders, mut rows) = (Vec::new(), Vec::new());
        if look == Look::First {
            orders.extend(kept.healer.resume(now));
        }
        for came in came {
            rows.push(row_of(came));
            // If nobody waits for it any more, the table knows of it at least.
            let heard = kept.healer.hear(&heal.setting, now, &came.attempt.key, &came.outcome);
            orders.extend(heard.into_iter().flatten());
        }
        if look != Look::Last {
            orders.extend(kept.healer.step(&heal.setting, now, &facts));
        }
        let mut events = over(&mut kept, now, &facts);
        for order in &orders {
            rows.push(ActionRow::of(order, began(&kept, order, now), now));
            if let What::Ended { ending, why } = &order.what
                && ending.needs_person()
            {
                let event = event(order, why, now);
                kept.handed.push((order.channel.clone(), event.clone()));
                events.push(event);
            }
        }
        self.commit(now, kept, rows)?;
        for event in events {
            self.hear(now, event);
        }
        self.follow_drains(now);
        let to_do = orders.into_iter().filter_map(|order| match &order.what {
            What::Attempt(attempt) => Some((order.clone(), attempt.clone())),
            _ => None,
        });
        let idle = now.plus_seconds(IDLE_S);
        let next = self.0.healing.kept().healer.next_wakeup(now).map_or(idle, |at| at.min(idle));
        Ok((to_do.collect(), next.max(now.plus_micros(1_000))))
    }

    /// Looks once and returns the causes of the runs that there are then.
    #[cfg(test)]
    pub(in crate::engine) fn heal_for_test(&self) -> Vec<String> {
        let Some(heal) = self.settings().heal.clone() else { return Vec::new() };
        let _looked = self.look(&heal, Look::Usual, &[]);
        self.playbooks().into_iter().flat_map(|state| state.runs).map(|run| run.cause).collect()
    }

    /// Writes `rows` to the journal and `kept` to the store, and only then holds them to be true and tells of them.
    ///
    /// What came of an attempt is in the journal before the state goes on without it; that one begins, after the state knows of
    /// it: whatever the journal says was begun is found out about, whenever the process is killed.
    pub(super) fn commit(&self, now: Timestamp, mut kept: Kept, rows: Vec<ActionRow>) -> Result<(), StoreError> {
        let (begins, ends): (Vec<&ActionRow>, Vec<&ActionRow>) = rows.iter().partition(|row| row.begins_attempt());
        for row in ends {
            self.0.note(now, "action", &row.noted())?;
        }
        for row in &rows {
            kept.add(now, row.clone());
        }
        self.keep_healing(kept)?;
        for row in begins {
            self.0.note(now, "action", &row.noted())?;
        }
        for row in rows {
            let (run, channel, kind) = (&row.run, &row.channel, &row.kind);
            let outcome = row.outcome.as_deref().unwrap_or("begun");
            tracing::info!(run, %channel, playbook = row.playbook, step = row.step, kind, outcome, "action");
            if let (1.., Some(outcome)) = (row.step, &row.outcome) {
                metrics::counter!(Metric::Actions.name(), "kind" => kind.clone(), "outcome" => outcome.clone())
                    .increment(1);
            }
            match row.record() {
                Ok(record) => self.0.records.add([record]),
                Err(error) => tracing::warn!(%error, "an action was not kept in its table"),
            }
            if self.0.watching.bus.is_heard() {
                self.0.watching.bus.tell(Happening::Action(std::sync::Arc::new(row)));
            }
        }
        Ok(())
    }

    /// Has the planner keep calls away from the channels that runs drained.
    fn follow_drains(&self, now: Timestamp) {
        let Some(decide) = &self.settings().decide else { return };
        let drained = self.0.healing.kept().healer.drained();
        let mut pilot = self.0.deciding.pilot();
        if *pilot.drained() == drained {
            return;
        }
        let decided = pilot.drain(&decide.book, drained, now);
        drop(pilot);
        self.0.make_known(decided);
    }
}

/// When the run of `order` began.
fn began(kept: &Kept, order: &Order, now: Timestamp) -> Timestamp {
    let running = kept.healer.runs().find(|run| run.id == order.run).map(|run| run.began);
    running.or_else(|| kept.healer.past().find(|past| past.run == order.run).map(|past| past.began)).unwrap_or(now)
}

/// The row for what came of an attempt.
fn row_of(came: &Came) -> ActionRow {
    let Came { order, attempt, outcome, said, at } = came;
    let order = Order { what: What::Attempt(attempt.clone()), ..order.clone() };
    let message = if said.is_empty() { outcome.message.clone() } else { format!("{}\n{said}", outcome.message) };
    ActionRow {
        outcome: Some(if outcome.is_ok { "ok" } else { "failed" }.to_owned()),
        took_s: Some(at.seconds_since(attempt.began).max(0.0)),
        message: Some(message),
        ..ActionRow::of(&order, attempt.began, *at)
    }
}

/// What a person must see to.
fn event(order: &Order, why: &str, now: Timestamp) -> Event {
    let labels =
        [("rule", "Playbook".to_owned()), ("channel", order.channel.to_string()), ("playbook", order.playbook.clone())];
    Event {
        id: format!("playbook-{}", order.run),
        labels: Labels::new(labels),
        severity: Severity::P2,
        summary: format!("{}: the playbook {} needs a person: {why}", order.channel, order.playbook),
        runbook: None,
        since: now,
        ended: None,
    }
}

/// What people were told to see to and is over: the channel is in no trouble any more.
fn over(
    kept: &mut Kept,
    now: Timestamp,
    facts: &std::collections::BTreeMap<crate::domain::ids::ChannelId, Facts>,
) -> Vec<Event> {
    let is_calm = |facts: &Facts| !facts.tripped && facts.incidents.as_ref().is_some_and(Vec::is_empty);
    let (over, going_on): (Vec<_>, Vec<_>) =
        std::mem::take(&mut kept.handed).into_iter().partition(|(channel, _)| facts.get(channel).is_none_or(is_calm));
    kept.handed = going_on;
    over.into_iter().map(|(_, event)| Event { ended: Some(now), ..event }).collect()
}
