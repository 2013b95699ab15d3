//! The last changes of routing, and why.

use std::collections::BTreeMap;

use crate::api::chat::live::names;
use crate::api::chat::look;
use crate::api::routes::decisions::{PastDecision, joined};
use crate::chat::answer::known;
use crate::chat::answer::reasons::is_about;
use crate::chat::facts::Change;
use crate::chat::intent::Subject;
use crate::domain::time::{MINUTES_PER_DAY, Timestamp};
use crate::engine::chronicle::Shelf;
use crate::engine::{Engine, View};
use crate::policy::report::{Reason, Report};
use crate::store::query::QueryError;

/// Rows of decisions that are read at most.
const MOST_ROWS: usize = 50_000;

/// The last change of each class in the day before `now`; of a channel that `about` names, the last decision of each class that
/// has a reason of its own for it. Where there is none, the decision that holds. Blocks.
///
/// # Errors
/// [`QueryError`].
pub fn changes(
    engine: &Engine,
    view: &View,
    about: Option<&Subject>,
    now: Timestamp,
) -> Result<Vec<Change>, QueryError> {
    let (channel, class) = known(about);
    let shelf = Shelf { snapshot: &view.snapshot, fresh: &view.fresh_records };
    let to = now.minute().plus(1);
    let rows = shelf.decisions(class, (to.minus(MINUTES_PER_DAY), to), MOST_ROWS)?;
    let made: Vec<Change> = joined(rows).into_iter().filter_map(change).collect();
    let mut changes: Vec<Change> = Vec::new();
    for (at, of) in made.iter().enumerate() {
        let before = || made[at + 1..].iter().find(|older| older.class == of.class);
        let is_wanted = match channel {
            Some(name) => concerns(&of.report, name),
            None => before().is_none_or(|before| before.shares != of.shares),
        };
        if is_wanted && changes.iter().all(|newer| newer.class != of.class) {
            changes.push(of.clone());
        }
    }
    for name in names(engine).classes {
        let is_wanted = class.is_none_or(|class| class == name) && changes.iter().all(|of| of.class != name);
        let Some(held) = engine.decision(&name).filter(|_| is_wanted) else { continue };
        let of = &held.decision;
        if channel.is_none_or(|channel| of.plan.shares.keys().any(|known| known.as_str() == channel)) {
            let shares = look::shares(&of.plan.shares);
            changes.push(Change {
                class: name,
                generation: of.generation,
                at: of.issued,
                shares,
                report: of.report.clone(),
            });
        }
    }
    changes.sort_by(|one, other| one.class.cmp(&other.class));
    Ok(changes)
}

/// What `past` changed; `None` for the renewal of a lease.
fn change(past: PastDecision) -> Option<Change> {
    if past.trigger.as_deref() == Some("renewal") {
        return None;
    }
    let weights: BTreeMap<String, f64> = serde_json::from_value(past.weights).unwrap_or_default();
    Some(Change {
        at: Timestamp::parse_rfc3339(&past.issued_at)?,
        class: past.class,
        generation: past.generation,
        shares: look::shares(&weights),
        report: serde_json::from_value(past.reasons).unwrap_or_default(),
    })
}

/// Whether one of the reasons is about `channel` and no other.
fn concerns(report: &Report, channel: &str) -> bool {
    let is_own =
        |reason: &&Reason| matches!(reason, Reason::Rejected { .. } | Reason::Moved { .. } | Reason::Spared { .. });
    report.reasons.iter().filter(is_own).any(|reason| is_about(reason, channel))
}
