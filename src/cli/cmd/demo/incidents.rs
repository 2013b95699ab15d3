//! Incidents and decisions of the demo in a line each, as they happen.

use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;

use crate::engine::bus::Happening;
use crate::incident::change::{Change, What};
use crate::incident::evidence::Blame;
use crate::policy::decision::{Decision, Trigger};

/// What happened to incidents since the last look.
pub(super) fn told(happenings: &mut Receiver<Happening>) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        match happenings.try_recv() {
            Ok(Happening::Incident(change)) => lines.extend(line(&change)),
            Ok(Happening::Decision(decision)) if decision.trigger != Trigger::Renewal => lines.push(decided(&decision)),
            Ok(_) | Err(TryRecvError::Lagged(_)) => {}
            Err(TryRecvError::Empty | TryRecvError::Closed) => return lines,
        }
    }
}

/// A decision in a line.
fn decided(decision: &Decision) -> String {
    let shares = decision.plan.shares.iter().map(|(channel, share)| format!("{channel} {:.0} %", share * 100.0));
    let shares: Vec<String> = shares.collect();
    format!("  => {}  ({})", shares.join(", "), decision.report)
}

/// A change in a line; `None` for one that is worth none.
fn line(change: &Change) -> Option<String> {
    let incident = &change.incident;
    let (channel, kind, severity) = (&incident.channel, incident.kind, incident.severity);
    match change.what {
        What::Opened | What::Reopened => {
            let early = incident.times.to_detect_s();
            let blamed: Vec<String> =
                incident.evidence.columns.iter().map(|(column, blame)| seen(column, blame)).collect();
            Some(format!("  !! {severity} {channel}: {kind}, {early:.0} s after its first sign: {}", blamed.join(", ")))
        }
        What::Raised { from } | What::Lowered { from } => {
            Some(format!("  !! {severity} {channel}: {kind}, was {from}"))
        }
        What::Ended(ending) => {
            let minutes = incident.times.to_resolve_s().unwrap_or(0.0) / 60.0;
            Some(format!("  ok {channel}: {kind} {} after {minutes:.0} minutes", ending.name()))
        }
        _ => None,
    }
}

fn seen(column: &str, blame: &Blame) -> String {
    let worst = &blame.worst;
    match worst.expected {
        Some(expected) => {
            format!("{column} {:.4} (usual {:.4} to {:.4})", worst.value, expected.low.max(0.0), expected.high)
        }
        None => format!("{column} {:.4}", worst.value),
    }
}
