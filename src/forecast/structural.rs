//! A structural regression of the Prophet family (Taylor and Letham 2018, *Forecasting at scale*): a piecewise-linear
//! trend, Fourier terms for each season, holidays.
//!
//! 1. Which change points? An elastic net (Zou and Hastie 2005, by linfa) over evenly spread candidates, whose penalty
//!    follows the noise and the number of independent steps, keeps few; trend, seasons and holidays are hardly
//!    penalised. It works on the Cholesky factor of the normal equations, which has as many rows as columns, so that
//!    its cost does not depend on the length of the history.
//! 2. How many Fourier terms? For each season the number with the least AICc, counted in independent steps.
//! 3. How large? Ridge regression on what was kept (the relaxed lasso of Meinshausen 2007), twice weighted anew by
//!    Huber's rule, so that incidents do not bend the curve. Prophet's sampling of a posterior is left out: its
//!    intervals are those of the trend only, and ours are calibrated by what comes true.
//!
//! Online the coefficients stay; a level offset follows what they leave, with a smoothing found on the history (0 to
//! 0.3) and moved by at most three standard deviations a step. The path is curve plus offset.
//!
//! Needs [`MINIMUM`] observed steps; a season needs two cycles, else it is left out; change points need ten observed
//! steps each. A constant series is repeated. The last [`WINDOW`] steps count. Gaps take no part.

use crate::forecast::history::History;
use crate::forecast::model::{Fit, FitError, ParameterError, Predict};

mod design;
mod fitted;
mod holiday;
mod normal_equations;
mod selection;

pub use fitted::Structural;
pub use holiday::Holiday;

const NAME: &str = "structural";
/// Observed steps below which no curve is fitted.
pub const MINIMUM: usize = 20;
/// Only so many steps at the end of a history are fitted to: three weeks of minutes.
pub const WINDOW: usize = 30_240;

/// What a structural model is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StructuralParams {
    /// Steps of each season, at least 2.
    pub seasons: Vec<usize>,
    /// Candidates for a change of the trend, spread over the first 80 % of the history; at most 50. Prophet has 25.
    pub changes: usize,
    /// Days that are different.
    pub holidays: Vec<Holiday>,
}

impl Default for StructuralParams {
    fn default() -> Self {
        Self { seasons: Vec::new(), changes: 25, holidays: Vec::new() }
    }
}

/// A structural model with checked parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StructuralModel {
    params: StructuralParams,
}

impl StructuralModel {
    /// Checks `params` and sorts the seasons.
    ///
    /// # Errors
    /// If a season is shorter than 2 steps, or there are more than 50 change points, 4 seasons or 50 holidays.
    pub fn new(mut params: StructuralParams) -> Result<Self, ParameterError> {
        let wrong =
            |parameter, needed, found: usize| Err(ParameterError { parameter, needed, found: found.to_string() });
        params.seasons.sort_unstable();
        params.seasons.dedup();
        if let Some(season) = params.seasons.iter().find(|season| **season < 2) {
            return wrong("seasons", "of at least 2 steps", *season);
        }
        if params.seasons.len() > 4 {
            return wrong("seasons", "at most 4", params.seasons.len());
        }
        if params.changes > 50 {
            return wrong("changes", "at most 50", params.changes);
        }
        if params.holidays.len() > 50 {
            return wrong("holidays", "at most 50", params.holidays.len());
        }
        Ok(Self { params })
    }

    /// Learns from `history`.
    ///
    /// # Errors
    /// If there are fewer than [`MINIMUM`] observed steps in the last [`WINDOW`], or the regression has no solution.
    pub fn estimate(&self, history: &History<'_>) -> Result<Structural, FitError> {
        let history = history.tail(WINDOW);
        FitError::unless_enough(NAME, MINIMUM, &history)?;
        fitted::fit(&self.params, &history)
    }
}

impl Fit for StructuralModel {
    fn name(&self) -> String {
        NAME.to_owned()
    }

    fn minimum(&self) -> usize {
        MINIMUM
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        Ok(Box::new(self.estimate(history)?))
    }
}

#[cfg(test)]
mod tests;
