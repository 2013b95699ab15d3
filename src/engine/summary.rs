//! How a span of time went, at a glance: what the dashboard, the chat and reports begin with.

use std::collections::BTreeMap;

use crate::domain::record::{Cell, Record};
use crate::domain::time::{Minute, Timestamp};
use crate::engine::chronicle::Shelf;
use crate::engine::{ClassMode, Engine, Situation};
use crate::incident::told::Told;
use crate::report::facts::{ClassWorth, Decided, Kept, Times};
use crate::risk::budget::Budget;
use crate::risk::objective::{Counts, Promise};
use crate::stats::quantile::quantile_select;
use crate::store::query::QueryError;

/// Rows of decisions that are read at most.
const MOST_ROWS: usize = 500_000;

/// How a span went.
#[derive(Debug, Clone)]
pub struct Summary {
    /// How promises were kept.
    pub objectives: Vec<Kept>,
    /// What decisions were worth, by route class.
    pub harm: Vec<ClassWorth>,
    /// Open incidents at the end of the span, by severity.
    pub open: BTreeMap<String, usize>,
    /// Incidents that were detected in the span.
    pub opened: usize,
    /// Incidents that were over in the span.
    pub resolved: usize,
    /// How long trouble lasted, over the incidents that were detected in the span.
    pub times: Times,
    /// What was decided.
    pub decided: Decided,
    /// What may be done about each route class.
    pub modes: Vec<ClassMode>,
}

impl Engine {
    /// How `[from, to)` went. Blocks.
    ///
    /// # Errors
    /// [`QueryError`] if the store cannot be read.
    pub fn summary(&self, from: Minute, to: Minute) -> Result<Summary, QueryError> {
        let (begin, end) = (from.start(), to.start());
        // Conclusions alone: no minute of a channel is wanted.
        let view = self.view(None, to, to);
        let tables = Shelf { snapshot: &view.snapshot, fresh: &view.fresh_records };
        let incidents: Vec<Told> =
            tables.incidents(begin, end)?.into_iter().filter(|told| told.channel().is_some()).collect();
        let modes = self.modes();
        let mut decided = decided(&tables.decisions(None, (from, to), MOST_ROWS)?);
        if to >= self.clock().now().minute() {
            decided.waiting = modes.iter().filter(|of| of.waiting.is_some()).count();
            decided.harmful = Some(modes.iter().map(|of| of.harmful).sum());
        }
        let is_within = |at: Timestamp| (begin..end).contains(&at);
        let mut open = BTreeMap::new();
        for told in incidents.iter().filter(|told| told.is_open()) {
            *open.entry(told.severity().to_owned()).or_default() += 1;
        }
        Ok(Summary {
            objectives: kept(&self.situation(), from, to),
            harm: self.worth(from, to)?,
            open,
            opened: incidents.iter().filter(|told| is_within(told.times.opened)).count(),
            resolved: incidents.iter().filter(|told| told.times.resolved.is_some_and(is_within)).count(),
            times: times(incidents.iter().filter(|told| is_within(told.times.opened))),
            decided,
            modes,
        })
    }
}

/// How every promise was kept in `[from, to)`. Within the last six hours minutes are told apart, before that hours.
#[must_use]
pub fn kept(situation: &Situation, from: Minute, to: Minute) -> Vec<Kept> {
    let Some(now) = situation.minute else { return Vec::new() };
    let mut found = Vec::new();
    for (class, of) in &situation.classes {
        for (promise, budget) in &of.budgets {
            let Counts { bad, total } = between(budget, now, from, to);
            let limit_ms = if let Promise::Latency { limit_ms, .. } = promise { Some(*limit_ms) } else { None };
            found.push(Kept {
                class: class.clone(),
                promise: promise.name().to_owned(),
                target: promise.target(),
                limit_ms,
                events: total,
                bad,
                budget_left: budget.left(now),
            });
        }
    }
    found
}

/// The events of `[from, to)` of a budget whose newest minute is `now`.
fn between(budget: &Budget, now: Minute, from: Minute, to: Minute) -> Counts {
    let since = |minute: Minute| match now.plus(1).0.saturating_sub(minute.0) {
        0 => Counts::default(),
        minutes => budget.window(now, minutes),
    };
    let (all, later) = (since(from), since(to.max(from)));
    Counts { bad: all.bad.saturating_sub(later.bad), total: all.total.saturating_sub(later.total) }
}

/// How long the trouble of `incidents` lasted. What goes on has no end that could count.
pub fn times<'a>(incidents: impl Iterator<Item = &'a Told>) -> Times {
    let (mut detect, mut mitigate, mut resolve) = (Vec::new(), Vec::new(), Vec::new());
    for Told { times, .. } in incidents {
        detect.push(times.to_detect_s());
        mitigate.extend(times.to_mitigate_s());
        resolve.extend(times.to_resolve_s());
    }
    let median = |mut of: Vec<f64>| quantile_select(&mut of, 0.5);
    Times { detect_s: median(detect), mitigate_s: median(mitigate), resolve_s: median(resolve) }
}

/// What the rows of the table of decisions tell; of what waits, and of harm, they tell nothing.
#[must_use]
pub fn decided(rows: &[Record]) -> Decided {
    let mut of = Decided::default();
    let mut shares: BTreeMap<(&str, i64), &str> = BTreeMap::new();
    let text = |row: &'_ Record, name: &str| row.get(name).and_then(Cell::text).map(str::to_owned);
    for row in rows {
        match row.get("change").and_then(Cell::text) {
            Some("made") => {
                let key = row.get("class").and_then(Cell::text).zip(row.get("generation").and_then(Cell::integer));
                shares.extend(key.zip(row.get("shares").and_then(Cell::text)));
            }
            Some("came") => match row.get("happened").and_then(Cell::flag) {
                Some(true) => of.foreseen += 1,
                Some(false) => of.in_vain += 1,
                None => {}
            },
            _ => {}
        }
    }
    for row in rows.iter().filter(|row| text(row, "change").as_deref() == Some("made")) {
        if text(row, "trigger").as_deref() == Some("renewal") {
            continue;
        }
        of.made += 1;
        let class = row.get("class").and_then(Cell::text).unwrap_or_default();
        let parent = row.get("parent").and_then(Cell::integer).unwrap_or_default();
        // What went before is not in the span: it was decided because something was to change.
        let before = shares.get(&(class, parent)).copied();
        of.changes += usize::from(before != row.get("shares").and_then(Cell::text));
    }
    of
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::record::DECISIONS;

    #[test]
    fn events_of_a_span_are_those_after_its_begin_without_those_after_its_end() {
        let mut budget = Budget::new(0.99);
        for minute in 0..300 {
            budget.add(Minute(minute), Counts { bad: u64::from(minute % 10 == 0), total: 10 });
        }
        let of = |from, to| {
            let counts = between(&budget, Minute(299), Minute(from), Minute(to));
            (counts.bad, counts.total)
        };
        assert_eq!(
            (of(0, 300), of(100, 200), of(250, 400), of(310, 400)),
            ((30, 3_000), (10, 1_000), (5, 500), (0, 0))
        );
    }

    #[test]
    fn renewals_are_no_decisions_and_equal_shares_no_change() {
        let row = |generation: i64, trigger: &str, shares: &str| {
            let mut cells = vec![Cell::Null; DECISIONS.columns.len()];
            for (name, cell) in [
                ("class", Cell::from("chat")),
                ("generation", Cell::from(generation)),
                ("change", Cell::from("made")),
                ("subject", Cell::from("chat")),
                ("parent", Cell::from(generation - 1)),
                ("trigger", Cell::from(trigger)),
                ("shares", Cell::from(shares)),
            ] {
                let at = DECISIONS.columns.iter().position(|column| column.name == name).expect("a column");
                cells[at] = cell;
            }
            Record::new(&DECISIONS, Timestamp::from_seconds(generation), cells).expect("a row")
        };
        let rows = [row(5, "minute", "{a}"), row(6, "renewal", "{a}"), row(7, "trip", "{b}"), row(8, "minute", "{b}")];
        let found = decided(&rows);
        assert_eq!((found.made, found.changes), (3, 2));
        assert_eq!(decided(&[]), Decided::default());
    }
}
