//! Decisions as rows of their table.

use serde::Serialize;

use crate::domain::ids::ChannelId;
use crate::domain::record::{Cell, DECISIONS, Record, RecordError};
use crate::domain::time::Timestamp;
use crate::policy::decision::Decision;

/// What was heard while a decision held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Calls on the channels of the class.
    pub calls: u64,
    /// Calls that failed.
    pub failed: u64,
    /// Calls that took longer than promised.
    pub slow: u64,
}

/// The row for `decision` when it was made.
///
/// # Errors
/// [`RecordError`] if a figure is not finite.
pub fn decision(decision: &Decision) -> Result<Record, RecordError> {
    let plan = &decision.plan;
    let mut row = Row::new(&plan.class, decision.generation, "made", &plan.class);
    row.set("parent", integer(decision.parent));
    row.set("expires", decision.expires.into());
    row.set("trigger", decision.trigger.name().into());
    row.set("shares", json(&plan.shares));
    row.set("probes", json(&plan.probes));
    row.set("reasons", json(&decision.report));
    row.set("why", Cell::from(decision.report.to_string().as_str()));
    row.set("cost_usd", plan.cost_usd.into());
    row.set("slow", plan.slow.into());
    row.set("failing", plan.failing.into());
    Record::new(&DECISIONS, decision.issued, row.0)
}

/// The row for what was heard while the decision `generation` of `class` held, until `end`.
///
/// # Errors
/// None: every number is a count.
pub fn held(class: &str, generation: u64, end: Timestamp, held: Held) -> Result<Record, RecordError> {
    let mut row = Row::new(class, generation, "held", class);
    row.set("calls", integer(held.calls));
    row.set("failed_calls", integer(held.failed));
    row.set("slow_calls", integer(held.slow));
    Record::new(&DECISIONS, end, row.0)
}

/// The row for whether the trouble came for which the decision `generation` of `class` left `channel`, known at `now`.
///
/// # Errors
/// None.
pub fn came(
    class: &str,
    generation: u64,
    now: Timestamp,
    channel: &ChannelId,
    happened: bool,
) -> Result<Record, RecordError> {
    let mut row = Row::new(class, generation, "came", channel.as_str());
    row.set("happened", Some(happened).into());
    Record::new(&DECISIONS, now, row.0)
}

/// The cells of a row, of which most are null.
struct Row(Vec<Cell>);

impl Row {
    fn new(class: &str, generation: u64, change: &str, subject: &str) -> Self {
        let mut row = Self(vec![Cell::Null; DECISIONS.columns.len()]);
        row.set("class", class.into());
        row.set("generation", integer(generation));
        row.set("change", change.into());
        row.set("subject", subject.into());
        row
    }

    fn set(&mut self, name: &str, cell: Cell) {
        let place = DECISIONS.columns.iter().position(|column| column.name == name);
        if let Some(place) = place.and_then(|at| self.0.get_mut(at)) {
            *place = cell;
        }
    }
}

fn integer(number: u64) -> Cell {
    Cell::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn json(value: &impl Serialize) -> Cell {
    Cell::from(serde_json::to_string(value).unwrap_or_default().as_str())
}
