//! What is kept of a selection: enough to see later why this model forecasts and since when.

use serde::{Deserialize, Serialize};

use crate::domain::time::Timestamp;

/// How the candidates did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SelectionReport {
    /// First instant of the history that was learnt from.
    pub start: Timestamp,
    /// Steps of it.
    pub steps: usize,
    /// Seasons in steps that the candidates were told of, ascending.
    pub seasons: Vec<usize>,
    /// Steps before each origin from which candidates were judged, newest first.
    pub origins: Vec<usize>,
    /// Steps judged from each origin.
    pub horizon: usize,
    /// Seed of what the candidates draw, if they draw.
    pub seed: u64,
    /// The candidates in the order in which they were given.
    pub candidates: Vec<Candidate>,
}

/// How one candidate did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The model's name.
    pub name: String,
    /// Mean absolute error over all origins and steps, in the unit of the series; twice the pinball loss of the median.
    pub mae: Option<f64>,
    /// The same over that of the naive forecast one season back (or one step) before the oldest origin.
    pub mase: Option<f64>,
    /// Share in the champion, 0 to 1; the shares add up to 1.
    pub weight: f64,
    /// Why it is out of the running.
    pub failed: Option<String>,
}

impl SelectionReport {
    /// The candidate with the largest share; the first of equals.
    #[must_use]
    pub fn best(&self) -> Option<&Candidate> {
        self.candidates.iter().rev().max_by(|a, b| a.weight.total_cmp(&b.weight))
    }
}
