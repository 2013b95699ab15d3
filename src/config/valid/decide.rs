//! `[decide]` as meant.

use std::path::PathBuf;
use std::time::Duration;

use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::duration;
use crate::config::raw;

/// Which channel should carry which share of a route class.
#[derive(Debug, Clone, PartialEq)]
pub struct Decide {
    /// Whether decisions are made at all.
    pub enabled: bool,
    /// How long a decision holds without being renewed.
    pub lease: Duration,
    /// Where decisions are kept as files.
    pub directory: Option<PathBuf>,
    /// The share of calls that every usable channel gets.
    pub explore: f64,
    /// Probability from which a channel is left.
    pub leave_at: f64,
    /// Probability below which it is taken back; less than `leave_at`.
    pub return_below: f64,
    /// Time between two changes that nothing forces.
    pub dwell: Duration,
    /// The largest part of the calls that such a change moves.
    pub largest_shift: f64,
    /// Time within which a change can be approved.
    pub approve_within: Duration,
    /// Decisions within a day that may do harm before the engine only advises.
    pub harmful_per_day: u32,
}

impl Default for Decide {
    fn default() -> Self {
        Self {
            enabled: true,
            lease: Duration::from_mins(2),
            directory: None,
            explore: 0.01,
            leave_at: 0.5,
            return_below: 0.25,
            dwell: Duration::from_mins(10),
            largest_shift: 0.25,
            approve_within: Duration::from_mins(15),
            harmful_per_day: 3,
        }
    }
}

impl Decide {
    pub(super) fn check(raw: &raw::Decide, path: &Path, checker: &mut Checker<'_>) -> Self {
        let default = Self::default();
        if raw.return_below >= raw.leave_at {
            let message = format!("expected less than `leave_at` ({}), found {}", raw.leave_at, raw.return_below);
            checker.fail(&path.key("return_below"), message);
        }
        let lease = duration::parse_within(&raw.lease, "10s", "1h");
        let approve_within = duration::parse_within(&raw.approve_within, "1m", "1d");
        let dwell = duration::parse_within(&raw.dwell, "0s", "1d");
        Self {
            enabled: raw.enabled,
            lease: checker.take_or(&path.key("lease"), lease, default.lease),
            directory: raw.directory.as_ref().map(PathBuf::from),
            explore: raw.explore,
            leave_at: raw.leave_at,
            return_below: raw.return_below,
            dwell: checker.take_or(&path.key("dwell"), dwell, default.dwell),
            largest_shift: raw.largest_shift,
            approve_within: checker.take_or(&path.key("approve_within"), approve_within, default.approve_within),
            harmful_per_day: raw.harmful_per_day,
        }
    }
}
