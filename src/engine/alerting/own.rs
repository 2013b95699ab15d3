//! The rules that need no file: about this program itself.

use crate::alert::rule::{Condition, Missing, Rule};
use crate::incident::severity::Severity;

/// Seconds for which the detector may be silent, and for how long that has to last: a machine that slept looks silent once.
const STALLED_S: u32 = 120;
const STALLED_FOR_S: i64 = 60;
/// Seconds for which a rule may be unreadable before anyone is told.
const UNREADABLE_S: i64 = 120;
/// Seconds for which the file of rules may be wrong before anyone is told: somebody may be at it.
const REFUSED_S: i64 = 120;

/// The rules that need no file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Own {
    /// On the seconds since the detector judged a minute.
    pub stalled: Rule,
    /// On whether the series of a rule could not be read, 0 or 1.
    pub unreadable: Rule,
    /// On whether the file of rules was not taken up, 0 or 1.
    pub refused: Rule,
}

impl Own {
    pub(super) fn new() -> Self {
        let rule = |name: &str, limit, severity, summary: &str| Rule {
            name: name.to_owned(),
            condition: Condition::more_than(limit),
            hold_s: 0,
            // What is not looked at any more is over.
            missing: Missing::Recovery,
            severity,
            summary: summary.to_owned(),
            runbook: None,
        };
        let unreadable = rule("RuleUnreadable", 0, Severity::P3, "the series of a rule cannot be read");
        let refused = rule("RulesRefused", 0, Severity::P3, "the file of rules is wrong; those of before go on");
        let stalled = rule("DetectorStalled", STALLED_S, Severity::P2, "seconds since the detector judged a minute");
        Self {
            stalled: Rule { hold_s: STALLED_FOR_S, ..stalled },
            unreadable: Rule { hold_s: UNREADABLE_S, ..unreadable },
            refused: Rule { hold_s: REFUSED_S, ..refused },
        }
    }

    /// All of them.
    pub(super) const fn all(&self) -> [&Rule; 3] {
        [&self.stalled, &self.unreadable, &self.refused]
    }

    /// The one called `name`.
    pub(super) fn find(&self, name: &str) -> Option<&Rule> {
        self.all().into_iter().find(|rule| rule.name == name)
    }
}
