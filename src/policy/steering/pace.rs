//! How much may move, and when: the allowance of shifts and the time since the last change.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;
use crate::policy::decision::Urgency;
use crate::policy::planner::Setting;
use crate::policy::steering::gate::micros;

/// Seconds in which a change that was begun may be completed, in steps, without waiting anew.
const COMPLETE_S: f64 = 600.0;

/// The pace of one class.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Pace {
    /// Part of the calls that may move now.
    allowance: f64,
    /// As of then.
    at: Timestamp,
    /// When the last voluntary change was begun.
    begun: Option<Timestamp>,
    /// Whether steps of it are left.
    is_moving: bool,
}

impl Pace {
    pub(super) const fn new(now: Timestamp, setting: &Setting) -> Self {
        Self { allowance: setting.largest_shift, at: now, begun: None, is_moving: false }
    }

    /// Fills the allowance up to `now`: the largest shift comes back within a minute.
    pub(super) fn refill(&mut self, now: Timestamp, setting: &Setting) {
        let seconds = now.seconds_since(self.at).max(0.0);
        self.allowance = (self.allowance + setting.largest_shift * seconds / 60.0).min(setting.largest_shift);
        self.at = self.at.max(now);
    }

    /// Seconds that a change of this `urgency` has to wait for the last one to settle; 0 if it may come.
    pub(super) fn wait_s(&self, now: Timestamp, setting: &Setting, urgency: Urgency) -> f64 {
        let dwell = match urgency {
            Urgency::Economic => setting.dwell_s,
            Urgency::Protective => setting.dwell_harm_s,
            Urgency::None | Urgency::Preemptive | Urgency::Return | Urgency::Emergency => return 0.0,
        };
        let Some(begun) = self.begun else { return 0.0 };
        let passed = now.seconds_since(begun);
        if self.is_moving && passed < COMPLETE_S { 0.0 } else { (dwell - passed).max(0.0) }
    }

    /// The part of the calls that may move now in a change by `distance`: 0 until a whole step may be made, for a change in
    /// crumbs is many changes.
    pub(super) fn step(&self, setting: &Setting, distance: f64) -> f64 {
        let wanted = distance.min(setting.largest_shift);
        if self.allowance + 1e-9 >= wanted { wanted } else { 0.0 }
    }

    /// When a whole step may be made.
    pub(super) fn ready(&self, setting: &Setting) -> Timestamp {
        let missing = (setting.largest_shift - self.allowance).max(0.0);
        self.at.plus_micros(micros(60.0 * missing / setting.largest_shift) + 1)
    }

    /// A change of `moved` was made, with so much `left`.
    pub(super) fn moved(&mut self, now: Timestamp, setting: &Setting, urgency: Urgency, moved: f64, left: f64) {
        self.allowance = (self.allowance - moved).max(0.0);
        let is_voluntary = matches!(urgency, Urgency::Economic | Urgency::Protective | Urgency::Preemptive);
        if is_voluntary && !(self.is_moving && self.wait_s(now, setting, urgency) <= 0.0 && self.begun.is_some()) {
            self.begun = Some(now);
        }
        if is_voluntary {
            self.is_moving = left > setting.smallest_shift;
        }
    }

    /// Whether steps of a change are left.
    pub(super) const fn is_moving(&self) -> bool {
        self.is_moving
    }

    /// Nothing is left to move.
    pub(super) const fn rest(&mut self) {
        self.is_moving = false;
    }
}
