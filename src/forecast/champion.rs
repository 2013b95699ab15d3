//! The champion of a series of minutes, chosen and ready to be followed: what a schedule of fits does for each series.

use crate::domain::target::Target;
use crate::forecast::global::Pools;
use crate::forecast::history::History;
use crate::forecast::live::{Shape, Tracker};
use crate::forecast::model::{FitError, ParameterError};
use crate::forecast::season;
use crate::forecast::select::{Selection, SelectionOptions, SelectionReport, candidates};

/// Minutes ahead for which champions are chosen.
pub const HORIZON: usize = 60;
/// Minutes with a value below which nothing is fitted.
pub const MINIMUM: usize = 30;

/// A series that is followed, and why by this champion.
#[derive(Debug)]
pub struct Champion {
    /// The series.
    pub tracker: Tracker,
    /// How the candidates did.
    pub report: SelectionReport,
}

/// Why there is no champion.
#[derive(Debug, thiserror::Error)]
pub enum ChampionError {
    /// A candidate cannot be built.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// None can be fitted.
    #[error(transparent)]
    Fit(#[from] FitError),
}

/// Chooses the champion of `target` by rolling origins over `history`, and starts to follow it. Fits begin with what
/// `pools` have learnt of others.
///
/// # Errors
/// [`ChampionError`] if there is too little to choose by.
pub fn choose(target: Target, history: &History<'_>, pools: &Pools) -> Result<Champion, ChampionError> {
    let shape = Shape::of_minutes(target.quantity());
    let seasons = season::working(history);
    let options = SelectionOptions {
        horizon: HORIZON.min(history.len() / 4).max(1),
        season: seasons.first().copied(),
        domain: Some(shape.domain),
        seed: 0,
    };
    let selection = Selection::new(candidates(&seasons, history.len(), HORIZON, pools), options)?;
    let report = SelectionReport { seasons, ..selection.choose(history)?.report };
    let tracker = Tracker::start(&selection.settle(&report), shape, history)?;
    Ok(Champion { tracker, report })
}
