//! The columns of the regression.

use std::f64::consts::TAU;

use serde::{Deserialize, Serialize};

use crate::forecast::history::Grid;
use crate::forecast::structural::{Holiday, StructuralParams};

/// Most Fourier terms of a season: enough for the shape of a day at minutes, as in Prophet.
const MOST_TERMS: usize = 10;
/// Share of the history in which the trend may change: a change in the rest could not be told from noise.
const CHANGES_UNTIL: f64 = 0.8;

/// One column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Column {
    /// Time as a share of the history.
    Time,
    /// Time since this share of the history, zero before.
    Change(f64),
    /// Sine of the `term`-th harmonic of a season.
    Sine {
        /// Number of the harmonic.
        term: usize,
        /// Steps of the season.
        period: usize,
    },
    /// Cosine likewise.
    Cosine {
        /// Number of the harmonic.
        term: usize,
        /// Steps of the season.
        period: usize,
    },
    /// 1 on the holiday.
    Holiday(Holiday),
}

impl Column {
    /// Its value at step `index` of a history of `length` steps on `grid`.
    #[expect(clippy::cast_precision_loss, reason = "steps are far below 2^52")]
    pub fn at(&self, index: usize, length: f64, grid: &Grid) -> f64 {
        let angle = |term: usize, period: usize| TAU * ((index % period) * term % period) as f64 / period as f64;
        match self {
            Self::Time => index as f64 / length,
            Self::Change(from) => (index as f64 / length - from).max(0.0),
            Self::Sine { term, period } => angle(*term, *period).sin(),
            Self::Cosine { term, period } => angle(*term, *period).cos(),
            Self::Holiday(holiday) => f64::from(u8::from(holiday.covers(grid, index))),
        }
    }

    /// The season and harmonic, if it is a Fourier column.
    pub const fn harmonic(&self) -> Option<(usize, usize)> {
        match self {
            Self::Sine { term, period } | Self::Cosine { term, period } => Some((*period, *term)),
            _ => None,
        }
    }

    pub const fn is_change(&self) -> bool {
        matches!(self, Self::Change(_))
    }
}

/// Every column that `params` allow for a history of `length` steps with `observed` known ones.
#[expect(clippy::cast_precision_loss, reason = "at most fifty")]
pub fn columns(params: &StructuralParams, grid: &Grid, length: usize, observed: usize) -> Vec<Column> {
    let mut columns = vec![Column::Time];
    let changes = params.changes.min(observed / 10);
    columns.extend((1..=changes).map(|k| Column::Change(CHANGES_UNTIL * k as f64 / (changes + 1) as f64)));
    let seasons: Vec<usize> = params.seasons.iter().copied().filter(|season| 2 * season <= observed).collect();
    for (at, period) in seasons.iter().copied().enumerate() {
        // A harmonic that is one of a shorter season too would be there twice.
        let shared = |term: usize| seasons[..at].iter().any(|shorter| (term * shorter).is_multiple_of(period));
        for term in (1..=((period - 1) / 2).min(MOST_TERMS)).filter(|term| !shared(*term)) {
            columns.extend([Column::Sine { term, period }, Column::Cosine { term, period }]);
        }
    }
    let seen = |holiday: &&Holiday| (0..length).any(|index| holiday.covers(grid, index));
    columns.extend(params.holidays.iter().filter(seen).cloned().map(Column::Holiday));
    columns
}
