//! The theta method: exponential smoothing with half the drift of a line through the data, or with a drift that is
//! estimated.
//!
//! - [`ThetaModel::standard`]: theta = 2, the method that won the M3 competition (Assimakopoulos and Nikolopoulos, *The
//!   theta model*, 2000), as the state space model STM of Fiorucci et al. (2016).
//! - [`ThetaModel::optimised`]: theta is estimated too (their OTM).
//! - [`ThetaModel::dynamic`]: and the line moves with the data (their DOTM): for series whose slope has changed.
//!
//! Checked against `auto_theta` of statsforecast 2.1.1, with which region and loss agree; the search differs
//! ([`crate::stats::least_squares`] instead of a simplex), and finds the same optimum or a better one.
//!
//! - **Season**: taken out before and put back after, if a test finds one ([`season`]).
//! - **Minimum**: [`MINIMUM`] observed steps. **Gaps** move time on along the expected path; gaps before the first
//!   value are left out.
//! - **Constant** histories go on as they are; zeros and negative values make the season additive, nothing else.
//! - No quantiles of its own: intervals come from the errors that are observed.

pub mod course;
pub mod fitted;
pub mod season;

use crate::forecast::history::History;
use crate::forecast::model::{Fit, FitError, ParameterError, Predict};
use crate::forecast::unit;
use crate::stats::least_squares::{self, Limits, Unknown};
use course::{Course, Weights};
pub use fitted::Theta;
use season::Adjustment;

/// Observed steps below which nothing is fitted.
pub const MINIMUM: usize = 8;

/// First steps whose errors do not count: they tell of the start, not of the model.
const WARMING: usize = 3;

/// Region of alpha, as in the reference.
const ALPHA: (f64, f64) = (0.1, 0.99);

/// Below this length the search is run from several starts.
const SHORT: usize = 1_000;

/// The pull of the standard method: theta is 2.
const STANDARD_PULL: f64 = 0.5;

/// The pull at which theta is 10^10, the end of its region.
const LARGEST_PULL: f64 = 1.0 - 1e-10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Standard,
    Optimised,
    Dynamic,
}

/// A theta model.
#[derive(Debug, Clone, Copy)]
pub struct ThetaModel {
    kind: Kind,
    /// Steps in a season; none is looked for if 0.
    period: usize,
}

impl ThetaModel {
    /// Theta is 2.
    #[must_use]
    pub const fn standard() -> Self {
        Self { kind: Kind::Standard, period: 0 }
    }

    /// Theta is estimated.
    #[must_use]
    pub const fn optimised() -> Self {
        Self { kind: Kind::Optimised, period: 0 }
    }

    /// Theta is estimated, and the line moves.
    #[must_use]
    pub const fn dynamic() -> Self {
        Self { kind: Kind::Dynamic, period: 0 }
    }

    /// The same with a season of `period` steps, if the test finds it.
    ///
    /// # Errors
    /// If a season has less than four steps: the test says nothing about those.
    pub fn seasonal(self, period: usize) -> Result<Self, ParameterError> {
        if period < 4 {
            return Err(ParameterError { parameter: "period", needed: "at least 4", found: period.to_string() });
        }
        Ok(Self { period, ..self })
    }

    /// Fits and gives the fitted model by its own type.
    ///
    /// # Errors
    /// As [`Fit::fit`].
    pub fn fit_theta(&self, history: &History<'_>) -> Result<Theta, FitError> {
        FitError::unless_enough(&self.name(), MINIMUM, history)?;
        let unit = unit::of(history.values);
        let values = unit::brought(history.values, unit);
        let mut season = if self.period == 0 { Adjustment::none() } else { Adjustment::of(&values, self.period) };
        let adjusted = values.iter().enumerate().map(|(at, &value)| season.remove(at, value));
        let adjusted: Vec<f64> = adjusted.skip_while(|value| value.is_nan()).collect();
        season.advance(values.len());
        let Some((weights, mut course, cost)) = self.search(&adjusted) else {
            return Err(FitError::NoSolution { model: self.name(), reason: "the errors are not finite".to_owned() });
        };
        for &value in &adjusted {
            let value = if value.is_nan() { course.expected(&weights) } else { value };
            course.update(&weights, value);
        }
        for state in [&mut course.level, &mut course.intercept, &mut course.slope, &mut course.mean] {
            *state = (*state * unit).clamp(f64::MIN, f64::MAX);
        }
        let counted = adjusted.iter().skip(WARMING).filter(|value| !value.is_nan()).count().max(1);
        #[expect(clippy::cast_precision_loss, reason = "series are far shorter than 2^52")]
        let error = (cost / counted as f64 * unit * unit).min(f64::MAX);
        Ok(Theta { weights, course, season: season.scaled(unit), error })
    }

    /// The weights and the start with the least squared errors on `values`, and those.
    fn search(&self, values: &[f64]) -> Option<(Weights, Course, f64)> {
        let line = line(values);
        let residuals = |x: &[f64], out: &mut [f64]| {
            let (weights, mut course) = self.read(x, line);
            errors(&weights, &mut course, values, out);
            true
        };
        let first = values.first()? / 2.0;
        let short = values.len() <= SHORT;
        let limits = Limits { steps: 60, tolerance: if short { 1e-8 } else { 1e-6 } };
        let mut starts = [0.2, 0.5, 0.9].map(|alpha| self.unknowns(alpha, first)).to_vec();
        if !short {
            let mut out = vec![0.0; values.len()];
            let costs = starts.iter().map(|start| {
                residuals(&start.iter().map(|unknown| unknown.value).collect::<Vec<_>>(), &mut out);
                out.iter().map(|error| error * error).sum::<f64>()
            });
            let (best, _) = costs.enumerate().min_by(|one, other| one.1.total_cmp(&other.1))?;
            starts = vec![starts.swap_remove(best)];
        }
        let found = starts.into_iter().filter_map(|mut unknowns| {
            let cost = least_squares::minimise(&mut unknowns, values.len(), limits, residuals)?;
            Some((cost, unknowns))
        });
        let (cost, unknowns) = found.min_by(|one, other| one.0.total_cmp(&other.0))?;
        let at: Vec<f64> = unknowns.iter().map(|unknown| unknown.value).collect();
        let (weights, course) = self.read(&at, line);
        Some((weights, course, cost))
    }

    /// Weights and course at `x`: alpha, the first level and, if it is estimated, the pull.
    fn read(&self, x: &[f64], line: (f64, f64)) -> (Weights, Course) {
        let at = |index: usize, otherwise: f64| x.get(index).copied().unwrap_or(otherwise);
        let weights =
            Weights { alpha: at(0, ALPHA.1), pull: at(2, STANDARD_PULL), dynamic: self.kind == Kind::Dynamic };
        (weights, Course::start(at(1, 0.0), line.0, line.1))
    }

    fn unknowns(&self, alpha: f64, level: f64) -> Vec<Unknown> {
        let mut unknowns = vec![
            Unknown { value: alpha, lower: ALPHA.0, upper: ALPHA.1, size: 1.0 },
            Unknown { value: level, lower: -1e10, upper: 1e10, size: 1.0 },
        ];
        if self.kind != Kind::Standard {
            unknowns.push(Unknown { value: STANDARD_PULL, lower: 0.0, upper: LARGEST_PULL, size: 1.0 });
        }
        unknowns
    }
}

impl Fit for ThetaModel {
    fn name(&self) -> String {
        let kind = match self.kind {
            Kind::Standard => "theta",
            Kind::Optimised => "optimised-theta",
            Kind::Dynamic => "dynamic-optimised-theta",
        };
        if self.period == 0 { kind.to_owned() } else { format!("{kind}-{}", self.period) }
    }

    fn minimum(&self) -> usize {
        MINIMUM
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        Ok(Box::new(self.fit_theta(history)?))
    }
}

/// Writes the one-step errors of a pass over `values`; zero for gaps and for the first steps.
fn errors(weights: &Weights, course: &mut Course, values: &[f64], out: &mut [f64]) {
    for (&value, error) in values.iter().zip(out.iter_mut()) {
        let expected = course.expected(weights);
        let seen = if value.is_nan() { expected } else { value };
        *error = seen - expected;
        course.update(weights, seen);
    }
    let warming = out.len().min(WARMING);
    out[..warming].fill(0.0);
}

/// Intercept and slope of the least squares line through the known values, the first of which is at 1.
fn line(values: &[f64]) -> (f64, f64) {
    #[expect(clippy::cast_precision_loss, reason = "series are far shorter than 2^52")]
    let points = || values.iter().enumerate().filter(|(_, y)| !y.is_nan()).map(|(at, &y)| (at as f64 + 1.0, y));
    let (count, x, y) = points().fold((0.0, 0.0, 0.0), |(n, x, y), point| (n + 1.0, x + point.0, y + point.1));
    let (x, y) = (x / f64::max(count, 1.0), y / f64::max(count, 1.0));
    let (mixed, square) = points().fold((0.0, 0.0), |(mixed, square), point| {
        (mixed + (point.0 - x) * (point.1 - y), square + (point.0 - x) * (point.0 - x))
    });
    let slope = if square > 0.0 { mixed / square } else { 0.0 };
    (y - slope * x, slope)
}

#[cfg(test)]
mod tests;
