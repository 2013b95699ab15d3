//! Estimating one form: smoothing weights and initial states by maximum likelihood.
//!
//! The likelihood of Hyndman et al. (2008), equation 5.2, is a sum of squares once the scale of a multiplicative error
//! is put into the residuals, so weights and states together are found by damped Gauss-Newton steps, from the best
//! points of a coarse grid of weights. R and its ports use a simplex search over the same unknowns, which needs
//! thousands of passes and stops short of the optimum when there is a season.
//!
//! The weights stay in the usual region: 1e-4 <= beta <= alpha <= 0.9999, 1e-4 <= gamma <= 1 - alpha and
//! 0.8 <= phi <= 0.98. The unknowns are shares of what the region leaves, so that it becomes a box.

use std::collections::BTreeSet;

use super::filter::{LEAST_FACTOR, States, Weights};
use super::form::{Form, Season, Trend};
use crate::stats::least_squares::{self, Limits, Unknown};

/// The effects of a season are unknowns up to this length. Beyond it the profile over all seasons stays as it is:
/// each effect is one more dimension of the search, and one more pass for its derivative, while an initial effect has
/// faded (or is the profile itself, if gamma is small) long before the forecast. Searching for them is what makes
/// other implementations take minutes on minute data.
pub const LONGEST_SEARCHED: usize = 24;

/// Up to this length the effects of a short season are unknowns, and the search starts from several points of the grid:
/// short series have several optima, and their start matters.
const SHORT: usize = 300;

/// Region of the weights, as in R's `forecast::ets`.
const SMALLEST: f64 = 1e-4;
const LARGEST: f64 = 0.9999;
const DAMPING: (f64, f64) = (0.8, 0.98);

/// One form with its estimates, in the unit of the values it was given.
#[derive(Debug, Clone)]
pub struct Estimate {
    /// The form.
    pub form: Form,
    /// Its weights.
    pub weights: Weights,
    /// Its states before the first step.
    pub start: States,
    /// -2 ln L up to a constant that all forms share.
    pub deviance: f64,
    /// The criterion of Akaike, corrected for short series.
    pub aicc: f64,
}

/// The unknowns of a form and how they become weights and states.
struct Unknowns<'a> {
    form: Form,
    /// Start values; the season of a search without effects.
    start: &'a States,
    effects: bool,
}

/// Estimates `form` on `values`, whose typical size is 1 and of which `observed` are known. `None` if there are too
/// few values for its parameters, or they leave its domain.
#[must_use]
pub fn estimate(form: Form, start: &States, values: &[f64], observed: usize) -> Option<Estimate> {
    let parameters = form.parameters(start.season.len());
    if observed <= parameters + 1 {
        return None;
    }
    let period = start.season.len();
    let effects = (1..=LONGEST_SEARCHED).contains(&period) && values.len() <= SHORT;
    let unknowns = Unknowns { form, start, effects };
    let mut states = start.clone();
    let mut residuals = |x: &[f64], out: &mut [f64]| {
        let weights = unknowns.read(x, &mut states);
        states.residuals(form, &weights, values, out).is_some()
    };
    let tolerance = if values.len() <= SHORT { 1e-8 } else { 1e-6 };
    let limits = Limits { steps: 60, tolerance };
    let (cost, best) = unknowns
        .starts(values.len(), &mut residuals)
        .into_iter()
        .filter_map(|mut point| {
            let cost = least_squares::minimise(&mut point, values.len(), limits, &mut residuals)?;
            Some((cost, point))
        })
        .min_by(|one, other| one.0.total_cmp(&other.0))?;
    let at: Vec<f64> = best.iter().map(|unknown| unknown.value).collect();
    let mut start = start.clone();
    let weights = unknowns.read(&at, &mut start);
    let deviance = deviance(cost, observed);
    Some(Estimate { form, weights, start, deviance, aicc: aicc(deviance, parameters, observed) })
}

/// -2 ln L from the sum of squares. A perfect fit is taken to miss by the tenth digit, so that it stays comparable.
#[expect(clippy::cast_precision_loss, reason = "series are far shorter than 2^52")]
#[must_use]
pub fn deviance(cost: f64, observed: usize) -> f64 {
    let n = observed as f64;
    n * cost.max(n * 1e-20).ln()
}

#[expect(clippy::cast_precision_loss, reason = "series are far shorter than 2^52")]
fn aicc(deviance: f64, parameters: usize, observed: usize) -> f64 {
    let (k, n) = (parameters as f64, observed as f64);
    deviance + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0)
}

impl Unknowns<'_> {
    /// The weights at `x`; the states before the first step go to `states`.
    fn read(&self, x: &[f64], states: &mut States) -> Weights {
        let mut rest = x.iter().copied();
        let mut take = || rest.next().unwrap_or(0.0);
        let alpha = take();
        let mut weights = Weights { alpha, beta: 0.0, gamma: 0.0, phi: 1.0 };
        states.next = 0;
        states.level = take();
        if self.form.trend != Trend::None {
            weights.beta = SMALLEST + take() * (alpha - SMALLEST);
            states.trend = take();
        }
        if self.form.trend == Trend::Damped {
            weights.phi = take();
        }
        if self.form.season != Season::None {
            weights.gamma = SMALLEST + take() * (1.0 - alpha - SMALLEST);
            states.season.copy_from_slice(&self.start.season);
        }
        if self.effects {
            let whole = if self.form.season == Season::Multiplicative { states.season.len() } else { 0 };
            #[expect(clippy::cast_precision_loss, reason = "at most LONGEST_SEARCHED")]
            let mut first = whole as f64;
            for slot in states.season.iter_mut().skip(1) {
                *slot = take();
                first -= *slot;
            }
            if let Some(slot) = states.season.first_mut() {
                *slot = first;
            }
        }
        weights
    }

    /// The unknowns at one point of the grid, in the order of [`Self::read`].
    fn at(&self, point: Point) -> Vec<Unknown> {
        let share = |value| Unknown { value, lower: 0.0, upper: 1.0, size: 1.0 };
        let free = |value, size| Unknown { value, lower: f64::NEG_INFINITY, upper: f64::INFINITY, size };
        let mut unknowns = vec![Unknown { value: point.alpha, lower: SMALLEST, upper: LARGEST, size: 1.0 }];
        unknowns.push(free(self.start.level, 1.0));
        if self.form.trend != Trend::None {
            unknowns.push(share(point.beta));
            unknowns.push(free(self.start.trend, 0.01));
        }
        if self.form.trend == Trend::Damped {
            unknowns.push(Unknown { value: point.phi, lower: DAMPING.0, upper: DAMPING.1, size: 1.0 });
        }
        if self.form.season != Season::None {
            unknowns.push(share(point.gamma));
        }
        if self.effects {
            let lower = if self.form.season == Season::Multiplicative { LEAST_FACTOR } else { f64::NEG_INFINITY };
            let effects = self.start.season.iter().skip(1);
            unknowns.extend(effects.map(|&value| Unknown { value, lower, upper: f64::INFINITY, size: 1.0 }));
        }
        unknowns
    }

    /// Where to start: the best point of a coarse grid of weights, and for short series, which have several optima,
    /// the best one of each of its regions.
    fn starts<F>(&self, length: usize, residuals: &mut F) -> Vec<Vec<Unknown>>
    where
        F: FnMut(&[f64], &mut [f64]) -> bool,
    {
        let mut out = vec![0.0; length];
        let mut points: Vec<(f64, Point)> = Point::grid(self.form)
            .into_iter()
            .filter_map(|point| {
                let x: Vec<f64> = self.at(point).iter().map(|unknown| unknown.value).collect();
                let inside = residuals(&x, &mut out);
                let cost: f64 = out.iter().map(|residual| residual * residual).sum();
                (inside && cost.is_finite()).then_some((cost, point))
            })
            .collect();
        points.sort_by(|one, other| one.0.total_cmp(&other.0));
        let mut regions = BTreeSet::new();
        points
            .retain(|(_, point)| regions.insert(if length <= SHORT { point.region() } else { (false, false, false) }));
        points.into_iter().map(|(_, point)| self.at(point)).collect()
    }
}

/// A point of the grid: `beta` and `gamma` as shares of what the region leaves to them.
#[derive(Debug, Clone, Copy)]
struct Point {
    alpha: f64,
    beta: f64,
    gamma: f64,
    phi: f64,
}

impl Point {
    fn grid(form: Form) -> Vec<Self> {
        let betas: &[f64] = if form.trend == Trend::None { &[0.0] } else { &[0.02, 0.3] };
        let gammas: &[f64] = if form.season == Season::None { &[0.0] } else { &[0.02, 0.4] };
        let phis: &[f64] = if form.trend == Trend::Damped { &[0.87, 0.97] } else { &[1.0] };
        let mut points = Vec::new();
        for alpha in [0.03, 0.2, 0.5, 0.9] {
            for &beta in betas {
                for &gamma in gammas {
                    points.extend(phis.iter().map(|&phi| Self { alpha, beta, gamma, phi }));
                }
            }
        }
        points
    }

    /// Slow or fast in level, season and damping.
    fn region(self) -> (bool, bool, bool) {
        (self.alpha > 0.3, self.gamma > 0.1, self.phi > 0.9)
    }
}
