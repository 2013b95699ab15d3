//! What speaks against a channel, by itself.

use crate::incident::severity::Severity;
use crate::policy::input::{Candidate, Promised};
use crate::policy::planner::Setting;
use crate::policy::report::Because;

/// Severity from which on an incident shuts a channel out.
const GRAVE: Severity = Severity::P2;

/// What of a channel's trouble is known to be past: the fast lane found it well since.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::policy) struct Pardoned {
    /// The incident that was open then, which counts again only once it is graver.
    pub incident: Option<Severity>,
    /// Whether forecasts are to be believed again.
    pub is_over: bool,
}

/// Why `one` should have no calls, if it is now in; the gravest cause first. With `pardoned`, what was before does not
/// count.
pub(in crate::policy) fn of(
    setting: &Setting,
    promise: &Promised,
    one: &Candidate,
    pardoned: Option<Pardoned>,
) -> Option<Because> {
    let bounds = Bounds { risk: setting.leave_risk, far: setting.far, least: setting.far_least };
    found(&bounds, promise, one, pardoned)
}

/// Why `one` should stay out, if it is now out: as [`of`], by limits that are stricter.
pub(in crate::policy) fn still(
    setting: &Setting,
    promise: &Promised,
    one: &Candidate,
    pardoned: Option<Pardoned>,
) -> Option<Because> {
    let bounds = Bounds { risk: setting.back_risk, far: 1.0, least: setting.far_least / setting.far };
    found(&bounds, promise, one, pardoned)
}

struct Bounds {
    risk: f64,
    far: f64,
    least: f64,
}

fn found(bounds: &Bounds, promise: &Promised, one: &Candidate, pardoned: Option<Pardoned>) -> Option<Because> {
    if let Some(reason) = one.standing.trip() {
        return Some(Because::Shut { reason });
    }
    let forgiven = pardoned.and_then(|pardoned| pardoned.incident);
    let grave = one.incident.filter(|severity| !GRAVE.is_worse_than(*severity));
    if let Some(severity) = grave.filter(|severity| forgiven.is_none_or(|old| severity.is_worse_than(old))) {
        return Some(Because::Incident { severity });
    }
    if pardoned.is_some_and(|pardoned| !pardoned.is_over) {
        return None;
    }
    let is_far = |share: f64, limit: Option<f64>| {
        limit.is_some_and(|limit| share > (limit * bounds.far).max(bounds.least).min(ALWAYS_FAR.max(limit)))
    };
    if is_far(one.failing, promise.failing) {
        return Some(Because::Failing { share: one.failing });
    }
    if is_far(one.slow, promise.slow) {
        let is_yet_well = promise.slow.is_some_and(|limit| one.slow_now <= limit);
        let share = one.slow;
        return Some(if is_yet_well { Because::WillBeSlow { share } } else { Because::Slow { share } });
    }
    (one.risk >= bounds.risk).then_some(Because::Risk { probability: one.risk })
}

/// Share of harmed calls that is far beyond any promise.
const ALWAYS_FAR: f64 = 0.5;
