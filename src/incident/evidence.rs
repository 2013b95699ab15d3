//! Why an incident is one: which columns were odd, against what, since when, and who said so.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::anomaly::detector::Band;
use crate::anomaly::verdict::Verdict;
use crate::domain::time::Minute;

/// Columns that one incident blames at most; a channel has twelve that are watched.
pub const MAX_COLUMNS: usize = 32;

/// A detector voted for an anomaly if a healthy minute is as odd at most this often.
pub const VOTE_P: f64 = 0.01;

/// What speaks for an incident. Bounded: one entry for each column, of fixed size but for the names of detectors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Minute of the first odd value.
    pub first_sign: Minute,
    /// Minute of the last odd value.
    pub last_sign: Minute,
    /// Minutes with an odd value.
    pub odd_minutes: u32,
    /// What was odd, by column. Empty if nothing at all was heard.
    pub columns: BTreeMap<String, Blame>,
}

/// Why one column is to blame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Blame {
    /// Its first odd minute.
    pub first: Minute,
    /// Its last odd minute.
    pub last: Minute,
    /// How many there were.
    pub odd_minutes: u32,
    /// The oddest of them.
    pub worst: Sight,
    /// In how many of them each detector voted, by name.
    pub detectors: BTreeMap<String, u32>,
}

/// What was seen in one minute.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sight {
    /// The minute.
    pub at: Minute,
    /// How odd, 0 ..= 1.
    pub score: f64,
    /// The value, in the unit of the column.
    pub value: f64,
    /// What was expected, if a detector had an opinion.
    pub expected: Option<Expected>,
}

/// Where a value was expected, in the unit of the column: finite.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Expected {
    /// Lower edge of what is usual.
    pub low: f64,
    /// The middle.
    pub middle: f64,
    /// Upper edge.
    pub high: f64,
}

impl Expected {
    /// The same as `band`, if it says anything.
    #[must_use]
    pub fn of(band: Band) -> Option<Self> {
        let Band { low, middle, high } = band;
        let is_known = low.is_finite() && middle.is_finite() && high.is_finite();
        is_known.then_some(Self { low, middle, high })
    }
}

impl Evidence {
    /// Nothing yet, from `minute` on.
    #[must_use]
    pub const fn new(minute: Minute) -> Self {
        Self { first_sign: minute, last_sign: minute, odd_minutes: 0, columns: BTreeMap::new() }
    }

    /// Counts `minute` as odd.
    pub(super) const fn mark(&mut self, minute: Minute) {
        self.last_sign = minute;
        self.odd_minutes = self.odd_minutes.saturating_add(1);
    }

    /// Adds what `verdict` says of `column`; returns whether the column is blamed for the first time. Columns beyond
    /// [`MAX_COLUMNS`] and values that are not finite are left out.
    pub(super) fn blame(&mut self, minute: Minute, column: &str, verdict: &Verdict) -> bool {
        if !verdict.value.is_finite() || !verdict.score.is_finite() {
            return false;
        }
        let sight =
            Sight { at: minute, score: verdict.score, value: verdict.value, expected: Expected::of(verdict.expected) };
        let is_new = !self.columns.contains_key(column);
        if is_new {
            if self.columns.len() >= MAX_COLUMNS {
                return false;
            }
            let blame = Blame { first: minute, last: minute, odd_minutes: 0, worst: sight, detectors: BTreeMap::new() };
            self.columns.insert(column.to_owned(), blame);
        }
        if let Some(blame) = self.columns.get_mut(column) {
            blame.add(sight, verdict);
        }
        is_new
    }
}

impl Blame {
    fn add(&mut self, sight: Sight, verdict: &Verdict) {
        self.last = sight.at;
        self.odd_minutes = self.odd_minutes.saturating_add(1);
        if sight.score > self.worst.score {
            self.worst = sight;
        }
        for vote in verdict.votes.iter().filter(|vote| vote.p <= VOTE_P) {
            match self.detectors.get_mut(vote.detector) {
                Some(minutes) => *minutes = minutes.saturating_add(1),
                None => drop(self.detectors.insert(vote.detector.to_owned(), 1)),
            }
        }
    }

    /// Adds `later`, blame of the same column from later minutes.
    pub(super) fn merge(&mut self, later: Self) {
        self.last = later.last;
        self.odd_minutes = self.odd_minutes.saturating_add(later.odd_minutes);
        if later.worst.score > self.worst.score {
            self.worst = later.worst;
        }
        for (detector, minutes) in later.detectors {
            let own = self.detectors.entry(detector).or_default();
            *own = own.saturating_add(minutes);
        }
    }
}
