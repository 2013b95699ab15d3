//! Measures of parts of a backtest: the older and the newer folds, and the first steps of each.

use super::Plan;
use crate::forecast::measure::Tally;

/// What was measured in parts of the folds.
#[derive(Debug, Clone, PartialEq)]
pub struct Parts {
    /// Of the older half of the folds; nothing if there is only one.
    pub older: Tally,
    /// Of the newer half.
    pub newer: Tally,
    /// Of the first so many steps of each fold, as the plan names them.
    pub within: Vec<(usize, Tally)>,
}

impl Parts {
    /// The parts of `plan` with nothing in them yet.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let empty = || Tally::new(plan.levels().clone());
        let within = plan.within().iter().map(|&steps| (steps, empty())).collect();
        Self { older: empty(), newer: empty(), within }
    }

    /// Adds `other`, the parts of the same plan.
    pub fn merge(&mut self, other: &Self) {
        self.older.merge(&other.older);
        self.newer.merge(&other.newer);
        for ((_, tally), (_, more)) in self.within.iter_mut().zip(&other.within) {
            tally.merge(more);
        }
    }
}
