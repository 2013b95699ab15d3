//! Automatic exponential smoothing: the form with the best AICc among additive and multiplicative errors, no,
//! additive or damped trend, and no, additive or multiplicative season.
//!
//! Reference: Hyndman, Koehler, Ord and Snyder, *Forecasting with exponential smoothing: the state space approach*
//! (2008); `forecast::ets` of R and `AutoETS` of statsforecast, whose regions, forbidden forms and criterion these are.
//! The search differs ([`search`]): it finds the same optima, or better ones, in a fraction of the time.
//!
//! - **Minimum**: [`MINIMUM`] observed steps; below two whole seasons no seasonal form is tried.
//! - **Scale**: values are brought to size one by a power of two, so that scaling by one gives the scaled forecast
//!   bit for bit.
//! - **Gaps** move the states on without news and have no part in the likelihood.
//! - **Constant** histories are ETS(A,N,N) with the largest alpha and no variance: whatever comes next is news.
//! - **Zero or negative values** leave the forms with additive errors and seasons only.

pub mod filter;
pub mod fitted;
pub mod form;
pub mod search;
pub mod start;
pub mod variance;

use crate::forecast::history::History;
use crate::forecast::model::{Fit, FitError, ParameterError, Predict};
use crate::forecast::unit;
use filter::{States, Weights};
pub use fitted::Ets;
use form::{ErrorKind, Form, Season, Trend};
use search::Estimate;
use start::Profiles;

/// Observed steps below which nothing is fitted: with fewer, the criterion cannot tell the forms apart.
pub const MINIMUM: usize = 10;

/// Exponential smoothing of automatic form.
#[derive(Debug, Clone, Copy, Default)]
pub struct EtsModel {
    /// Steps in a season; none for 0.
    period: usize,
}

impl EtsModel {
    /// Without a season.
    #[must_use]
    pub const fn new() -> Self {
        Self { period: 0 }
    }

    /// With seasonal forms of `period` steps among the candidates.
    ///
    /// # Errors
    /// If a season has less than two steps.
    pub fn seasonal(period: usize) -> Result<Self, ParameterError> {
        if period < 2 {
            return Err(ParameterError { parameter: "period", needed: "at least 2", found: period.to_string() });
        }
        Ok(Self { period })
    }

    /// Fits and gives the fitted model by its own type, for those who want to read its form.
    ///
    /// # Errors
    /// As [`Fit::fit`].
    pub fn fit_ets(&self, history: &History<'_>) -> Result<Ets, FitError> {
        FitError::unless_enough(&self.name(), MINIMUM, history)?;
        let unit = unit::of(history.values);
        let values = unit::brought(history.values, unit);
        let (least, most) = range(&values);
        if most - least <= 1e-12 * least.abs().max(most.abs()) {
            return Ok(constant(unit * f64::midpoint(least, most)));
        }
        let profiles = Profiles::of(&values, self.period, least > 0.0);
        let observed = history.observed();
        let best = Form::candidates(least > 0.0, self.period > 0)
            .into_iter()
            .filter_map(|form| search::estimate(form, &profiles.states(form, &values)?, &values, observed))
            .min_by(|one, other| one.aicc.total_cmp(&other.aicc));
        match best {
            Some(best) => Ok(finish(best, &values, observed, unit)),
            None => Err(FitError::NoSolution { model: self.name(), reason: "no form fits".to_owned() }),
        }
    }
}

impl Fit for EtsModel {
    fn name(&self) -> String {
        if self.period == 0 { "ets".to_owned() } else { format!("ets-{}", self.period) }
    }

    fn minimum(&self) -> usize {
        MINIMUM
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        Ok(Box::new(self.fit_ets(history)?))
    }
}

fn range(values: &[f64]) -> (f64, f64) {
    let known = values.iter().filter(|value| value.is_finite());
    known.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), &value| (least.min(value), most.max(value)))
}

fn constant(level: f64) -> Ets {
    Ets {
        form: Form { error: ErrorKind::Additive, trend: Trend::None, season: Season::None },
        weights: Weights { alpha: 0.9999, beta: 0.0, gamma: 0.0, phi: 1.0 },
        states: States { level, trend: 0.0, season: Vec::new(), next: 0 },
        error_variance: 0.0,
        aicc: f64::MIN,
        deviance: f64::MIN,
    }
}

/// Runs the chosen form once more, to stand after the history, and goes back to the unit of the series.
#[expect(clippy::cast_precision_loss, reason = "series are far shorter than 2^52")]
fn finish(best: Estimate, values: &[f64], observed: usize, unit: f64) -> Ets {
    let Estimate { form, weights, start, deviance, aicc } = best;
    let mut states = start;
    let period = states.season.len();
    let mut residuals = vec![0.0; values.len()];
    let size = states.residuals(form, &weights, values, &mut residuals).unwrap_or(1.0);
    let free = (observed + 1).saturating_sub(form.parameters(period)).max(1);
    let squares: f64 = residuals.iter().map(|residual| residual * residual).sum();
    // Back to a share under a multiplicative error, and to the unit of the series under an additive one.
    let per = if form.error == ErrorKind::Multiplicative { size.recip() } else { unit };
    states.level *= unit;
    states.trend *= unit;
    if form.season == Season::Additive {
        states.season.iter_mut().for_each(|effect| *effect *= unit);
    }
    let natural = 2.0 * observed as f64 * unit.ln();
    Ets {
        form,
        weights,
        states,
        error_variance: (squares / free as f64 * per * per).min(f64::MAX),
        aicc: aicc + natural,
        deviance: deviance + natural,
    }
}

#[cfg(test)]
mod tests;
