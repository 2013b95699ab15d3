//! Several seasons taken off one after the other, and a forecaster of what they leave (MSTL).
//!
//! Reference: Bandara, Hyndman and Bergmeir, *MSTL: a seasonal-trend decomposition algorithm for time series with
//! multiple seasonal patterns*, 2021; R's `forecast::mstl` with `stlf`. The components are those of
//! `statsmodels.tsa.seasonal.MSTL`; seasons of more than [`LONGEST_LOESS`] steps are the robust profile
//! ([`crate::forecast::profile::robust`]) instead, since LOESS through a handful of values for each of 1,440 phases
//! follows the noise of the last days.
//!
//! The path is that of the inner model, plus the last cycle of every season repeated. The inner model is told each
//! value without its seasons, so that it learns from every step; the seasons stay as they are until the next fit. Why
//! not smooth them as well: that is [Holt-Winters](crate::forecast::holt_winters).
//!
//! - **Minimum**: two of the shortest season, or what the inner model needs. Longer seasons count from two cycles on.
//! - **Gaps** stay gaps for the inner model. LOESS cannot leave them out: it sees the robust profile over a line
//!   between the neighbours there.
//! - **Constant** histories have flat seasons. Values are brought to size one, so very large and very small ones are
//!   like any other; where season and level are beyond the largest float together, the path is cut there.
//! - An incident leaves a trace in a season of LOESS, which is not robust: where incidents are usual, prefer the
//!   [profile](crate::forecast::profile::level).

mod components;
mod fitted;

use crate::forecast::ets::EtsModel;
use crate::forecast::history::History;
use crate::forecast::model::{Fit, FitError, ParameterError, Predict};
use crate::forecast::unit;
pub use components::LONGEST_LOESS;
use components::components;
pub use fitted::{Mstl, Seasons};

const NAME: &str = "mstl";

/// Seasons, and a model of the rest.
#[derive(Debug)]
pub struct MstlModel {
    /// Ascending.
    seasons: Vec<usize>,
    inner: Box<dyn Fit>,
}

impl MstlModel {
    /// Seasons of these lengths in steps, and exponential smoothing of automatic form over them.
    ///
    /// # Errors
    /// If there is no season or one is below 2.
    pub fn new(seasons: &[usize]) -> Result<Self, ParameterError> {
        let mut seasons = seasons.to_vec();
        seasons.sort_unstable();
        seasons.dedup();
        if seasons.first().is_none_or(|shortest| *shortest < 2) {
            let needed = "one or more lengths of at least 2";
            return Err(ParameterError { parameter: "seasons", needed, found: format!("{seasons:?}") });
        }
        Ok(Self { seasons, inner: Box::new(EtsModel::new()) })
    }

    /// The same with `inner` over the seasons.
    #[must_use]
    pub fn over(self, inner: Box<dyn Fit>) -> Self {
        Self { inner, ..self }
    }
}

impl Fit for MstlModel {
    fn name(&self) -> String {
        let lengths: Vec<String> = self.seasons.iter().map(ToString::to_string).collect();
        format!("{NAME}-{}-{}", lengths.join("-"), self.inner.name())
    }

    fn minimum(&self) -> usize {
        self.seasons.first().map_or(0, |season| 2 * season).max(self.inner.minimum())
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        FitError::unless_enough(&self.name(), self.minimum(), history)?;
        let unit = unit::of(history.values);
        let values = unit::brought(history.values, unit);
        let found =
            components(&values, &self.seasons).map_err(|reason| FitError::NoSolution { model: self.name(), reason })?;
        let adjusted: Vec<f64> = values
            .iter()
            .enumerate()
            .map(|(at, value)| unit * (value - found.iter().map(|component| component[at]).sum::<f64>()))
            .collect();
        let inner = self.inner.fit(&History { values: &adjusted, ..*history })?;
        let cycles = self.seasons.iter().zip(found);
        let last = |(season, component): (&usize, Vec<f64>)| -> Vec<f64> {
            component[component.len() - season..].iter().map(|effect| unit * effect).collect()
        };
        Ok(Box::new(Mstl::new(inner, Seasons::new(cycles.map(last).collect()))))
    }
}

#[cfg(test)]
mod tests;
