//! Days that are different.

use serde::{Deserialize, Serialize};

use crate::forecast::history::Grid;

const SECONDS_PER_DAY: i64 = 86_400;

/// Days with one common effect, for example every 24 December with the two days after it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// UTC days since 1970-01-01, past and future.
    pub days: Vec<i64>,
    /// Days before each that belong to it.
    pub before: u32,
    /// Days after each that belong to it.
    pub after: u32,
}

impl Holiday {
    /// Whether step `index` of `grid` lies on it.
    #[must_use]
    pub fn covers(&self, grid: &Grid, index: usize) -> bool {
        let day = grid.at(index).seconds().div_euclid(SECONDS_PER_DAY);
        let (before, after) = (i64::from(self.before), i64::from(self.after));
        self.days.iter().any(|holiday| (holiday.saturating_sub(before)..=holiday.saturating_add(after)).contains(&day))
    }
}
