//! The order of an ARIMA model from the data (Hyndman and Khandakar 2008, *Automatic time series forecasting*).

use std::collections::BTreeSet;

use crate::forecast::arima::css::{Estimate, minimise};
use crate::forecast::arima::fitted::{Arima, difference, standardised};
use crate::forecast::arima::order::{Order, Seasonal};
use crate::forecast::arima::{WINDOW, polynomial};
use crate::forecast::history::History;
use crate::forecast::model::{Fit, FitError, ParameterError, Predict};
use crate::forecast::season;

/// Most autoregressive and moving-average terms, seasonal ones and all together.
const MOST: usize = 3;
const MOST_SEASONAL: usize = 1;
const MOST_TOGETHER: usize = 6;
/// Seasonal strength from which one seasonal difference is taken (Wang, Smith and Hyndman 2006).
const SEASONAL: f64 = 0.64;
/// Critical value of the KPSS test of a constant level at 5 %.
const KPSS_5_PERCENT: f64 = 0.463;

/// ARIMA with the order that AICc prefers: p and q up to 3, d up to 2, seasonal terms up to 1, six terms at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AutoArimaModel {
    period: Option<usize>,
}

impl AutoArimaModel {
    /// With seasonal terms at `period`, taken up only if three cycles are known.
    ///
    /// # Errors
    /// If the period is outside 2 to 24: longer seasons want a profile or Fourier terms, not lags.
    pub fn seasonal(period: usize) -> Result<Self, ParameterError> {
        if (2..=24).contains(&period) {
            return Ok(Self { period: Some(period) });
        }
        Err(ParameterError { parameter: "period", needed: "2 to 24 steps", found: period.to_string() })
    }

    /// Learns order and coefficients from `history`.
    ///
    /// # Errors
    /// If there are fewer observed steps than [`Fit::minimum`] in the last [`WINDOW`].
    pub fn estimate(&self, history: &History<'_>) -> Result<Arima, FitError> {
        let history = history.tail(WINDOW);
        FitError::unless_enough("auto-arima", self.minimum(), &history)?;
        let period = self.period.filter(|period| history.observed() >= 3 * period);
        let simplest = differences(&history, period);
        let mut search = Search { history: &history, tried: BTreeSet::new(), best: None };
        search.run(simplest);
        let order = search.best.as_ref().map_or(simplest, |(_, order, _)| *order);
        let (standard, values) = standardised(order, &history);
        let estimate = match search.best {
            Some((_, _, estimate)) => estimate,
            None => minimise(order, &difference(order, &values)),
        };
        Ok(Arima::from_estimate(order, &estimate, standard, &values))
    }
}

impl Fit for AutoArimaModel {
    fn name(&self) -> String {
        self.period.map_or_else(|| "auto-arima".to_owned(), |period| format!("auto-arima-{period}"))
    }

    fn minimum(&self) -> usize {
        20
    }

    fn fit(&self, history: &History<'_>) -> Result<Box<dyn Predict>, FitError> {
        Ok(Box::new(self.estimate(history)?))
    }
}

/// The order without any term but the differences the data ask for.
fn differences(history: &History<'_>, period: Option<usize>) -> Order {
    let none = Order { p: 0, d: 0, q: 0, seasonal: Seasonal::NONE, constant: false };
    let (_, values) = standardised(Order { constant: true, ..none }, history);
    let seasonal = period.map_or(Seasonal::NONE, |period| {
        let d = usize::from(season::strength(history, period) >= SEASONAL);
        Seasonal { p: 0, d, q: 0, period }
    });
    let at = |d| Order { d, seasonal, ..none };
    let most = 2 - seasonal.d;
    let d = (0..most).find(|d| kpss(&difference(at(*d), &values)) < KPSS_5_PERCENT).unwrap_or(most);
    at(d)
}

/// Statistic of the KPSS test of a constant level (Kwiatkowski, Phillips, Schmidt and Shin 1992) on the known values,
/// with a Bartlett window of 3 sqrt(n) / 13 lags; 0 for a constant series.
fn kpss(values: &[f64]) -> f64 {
    let known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    #[expect(clippy::cast_precision_loss, reason = "at most some thousand steps")]
    let n = known.len() as f64;
    let mean = known.iter().sum::<f64>() / n;
    let around: Vec<f64> = known.iter().map(|value| value - mean).collect();
    let product = |lag: usize| around.iter().zip(around.iter().skip(lag)).map(|(a, b)| a * b).sum::<f64>() / n;
    let (mut long_run, mut lag, mut weight) = (product(0), 1, 1.0);
    let lags = (3.0 * n.sqrt() / 13.0).trunc();
    for _ in 0..WINDOW {
        weight -= 1.0 / (lags + 1.0);
        if weight <= 1e-9 {
            break;
        }
        long_run += 2.0 * weight * product(lag);
        lag += 1;
    }
    let (mut sum, mut squares) = (0.0, 0.0);
    for value in &around {
        sum += value;
        squares += sum * sum;
    }
    if long_run > 1e-18 { squares / (n * n) / long_run } else { 0.0 }
}

/// The stepwise search.
struct Search<'a> {
    history: &'a History<'a>,
    tried: BTreeSet<Order>,
    /// AICc, order and estimate of the best so far.
    best: Option<(f64, Order, Estimate)>,
}

impl Search<'_> {
    fn run(&mut self, simplest: Order) {
        let constant = simplest.d + simplest.seasonal.d <= 1;
        let most = usize::from(simplest.seasonal != Seasonal::NONE);
        for (p, q) in [(2, 2), (0, 0), (1, 0), (0, 1)] {
            let seasonal = Seasonal { p: most.min(p), q: most.min(q), ..simplest.seasonal };
            self.consider(Order { p, q, seasonal, constant, ..simplest });
        }
        self.consider(simplest);
        while let Some(best) = self.best.as_ref().map(|(_, order, _)| *order) {
            let better = neighbours(best, simplest).any(|order| self.consider(order));
            if !better {
                break;
            }
        }
    }

    /// Estimates `order` unless that was done, and keeps it if it is better than the best so far.
    fn consider(&mut self, order: Order) -> bool {
        let terms = order.p + order.q + order.seasonal.p + order.seasonal.q;
        let too_many = order.p.max(order.q) > MOST
            || order.seasonal.p.max(order.seasonal.q) > MOST_SEASONAL
            || terms > MOST_TOGETHER;
        if too_many || !self.tried.insert(order) {
            return false;
        }
        let (_, values) = standardised(order, self.history);
        let differenced = difference(order, &values);
        let estimate = minimise(order, &differenced);
        let minus: Vec<f64> = estimate.coefficients.ma.iter().map(|theta| -theta).collect();
        let sound = [&estimate.coefficients.ar, &minus].into_iter().all(|side| polynomial::clear_of_unit_root(side));
        let criterion = aicc(order, &differenced, estimate.variance);
        let better = sound && self.best.as_ref().is_none_or(|(best, _, _)| criterion < *best);
        if better && criterion.is_finite() {
            self.best = Some((criterion, order, estimate));
            return true;
        }
        false
    }
}

/// Orders one step away from `best`, as far as the season of `simplest` allows.
fn neighbours(best: Order, simplest: Order) -> impl Iterator<Item = Order> {
    let seasonal = simplest.seasonal != Seasonal::NONE;
    let moved = |value: usize, by: isize| value.checked_add_signed(by);
    let steps = [(-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)];
    let of_season = steps.into_iter().filter(move |_| seasonal).filter_map(move |(p, q)| {
        let (p, q) = (moved(best.seasonal.p, p)?, moved(best.seasonal.q, q)?);
        Some(Order { seasonal: Seasonal { p, q, ..best.seasonal }, ..best })
    });
    let plain =
        steps.into_iter().filter_map(move |(p, q)| Some(Order { p: moved(best.p, p)?, q: moved(best.q, q)?, ..best }));
    let allowed = simplest.d + simplest.seasonal.d <= 1;
    let toggled = std::iter::once(Order { constant: !best.constant, ..best }).filter(move |_| allowed);
    of_season.chain(plain).chain(toggled)
}

/// Akaike's criterion corrected for few observations, from the conditional sum of squares.
fn aicc(order: Order, differenced: &[f64], variance: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "at most some thousand steps")]
    let n = differenced.iter().filter(|value| value.is_finite()).count() as f64;
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let k = (order.coefficients() + 1) as f64;
    if n - k - 1.0 <= 0.0 {
        return f64::INFINITY;
    }
    n * variance.max(1e-30).ln() + 2.0 * k + 2.0 * k * (k + 1.0) / (n - k - 1.0)
}
