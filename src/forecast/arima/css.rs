//! The conditional sum of squares and its minimum.

use crate::forecast::arima::hannan_rissanen;
use crate::forecast::arima::order::Order;
use crate::forecast::arima::polynomial::{partials, product, stationary};
use crate::stats::optimise::{Options, nelder_mead};

/// Coefficients of the two polynomials, seasonal parts multiplied in, and the mean of the differenced series.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Coefficients {
    /// Of past values, lag 1 first.
    pub ar: Vec<f64>,
    /// Of past surprises, lag 1 first.
    pub ma: Vec<f64>,
    pub mean: f64,
}

impl Coefficients {
    /// Reads the working scale: p, q, P and Q partial autocorrelations before tanh, then the mean.
    fn read(order: Order, raw: &[f64]) -> Self {
        let mut rest = raw;
        let mut next = |count: usize| {
            let (head, tail) = rest.split_at(count.min(rest.len()));
            rest = tail;
            let mut out = Vec::with_capacity(count);
            stationary(head, &mut out);
            out
        };
        let (ar, ma) = (next(order.p), next(order.q));
        let (seasonal_ar, seasonal_ma) = (next(order.seasonal.p), next(order.seasonal.q));
        let period = order.seasonal.period;
        let mut ma = product(&ma, &seasonal_ma, period);
        // An invertible polynomial is written 1 + theta_1 B + ...
        for theta in &mut ma {
            *theta = -*theta;
        }
        let mean = if order.constant { rest.first().copied().unwrap_or(0.0) } else { 0.0 };
        Self { ar: product(&ar, &seasonal_ar, period), ma, mean }
    }
}

/// What the minimum of the conditional sum of squares gave.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    pub coefficients: Coefficients,
    /// Variance of a surprise: the mean square over the known steps after the first p + mP.
    pub variance: f64,
}

/// A differenced series under trial coefficients; the buffers are used again for each trial.
pub struct Conditional<'a> {
    differenced: &'a [f64],
    values: Vec<f64>,
    surprises: Vec<f64>,
}

impl<'a> Conditional<'a> {
    /// Of `differenced`, whose gaps are NaN.
    pub fn of(differenced: &'a [f64]) -> Self {
        let n = differenced.len();
        Self { differenced, values: vec![0.0; n], surprises: vec![0.0; n] }
    }

    /// Mean square of the surprises; NaN if no known step is left.
    pub fn variance(&mut self, coefficients: &Coefficients) -> f64 {
        let (ar, ma) = (nonzero(&coefficients.ar), nonzero(&coefficients.ma));
        let (p, q) = (coefficients.ar.len(), coefficients.ma.len());
        let (mut sum, mut count) = (0.0, 0.0);
        for t in 0..self.differenced.len() {
            let mut expected = 0.0;
            if t >= p.max(q) {
                expected += ar.iter().map(|(lag, phi)| phi * self.values[t - lag]).sum::<f64>();
                expected += ma.iter().map(|(lag, theta)| theta * self.surprises[t - lag]).sum::<f64>();
            } else if t >= p {
                expected += ar.iter().map(|(lag, phi)| phi * self.values[t - lag]).sum::<f64>();
                let past = ma.iter().filter(|(lag, _)| *lag <= t);
                expected += past.map(|(lag, theta)| theta * self.surprises[t - lag]).sum::<f64>();
            }
            let value = self.differenced[t] - coefficients.mean;
            let known = value.is_finite();
            self.values[t] = if known { value } else { expected };
            self.surprises[t] = if known && t >= p { value - expected } else { 0.0 };
            if known && t >= p {
                sum += self.surprises[t] * self.surprises[t];
                count += 1.0;
            }
        }
        sum / count
    }
}

fn nonzero(coefficients: &[f64]) -> Vec<(usize, f64)> {
    let numbered = coefficients.iter().enumerate().filter(|(_, value)| **value != 0.0);
    numbered.map(|(index, value)| (index + 1, *value)).collect()
}

/// The coefficients with the least conditional sum of squares on `differenced` (standardised, gaps NaN).
pub fn minimise(order: Order, differenced: &[f64]) -> Estimate {
    let start = start(order, differenced);
    let mut conditional = Conditional::of(differenced);
    let mut value = |raw: &[f64]| conditional.variance(&Coefficients::read(order, raw)).max(1e-30).ln();
    let options = Options { evaluations: 120 * start.len().max(1), value_tolerance: 1e-9, at_tolerance: 1e-4 };
    let found = nelder_mead(&mut value, &start, &vec![0.2; start.len()], &options);
    // Once more from there: a simplex can collapse on a slope.
    let found = nelder_mead(&mut value, &found.at, &vec![0.05; start.len()], &options);
    let coefficients = Coefficients::read(order, &found.at);
    let variance = conditional.variance(&coefficients);
    Estimate { coefficients, variance: if variance.is_finite() { variance } else { 0.0 } }
}

/// Hannan and Rissanen for the non-seasonal terms, weak terms for the seasonal ones, and the sample mean.
fn start(order: Order, differenced: &[f64]) -> Vec<f64> {
    let (mut sum, mut count) = (0.0, 0.0f64);
    for value in differenced.iter().filter(|value| value.is_finite()) {
        (sum, count) = (sum + value, count + 1.0);
    }
    let mean = if order.constant { sum / count.max(1.0) } else { 0.0 };
    let (ar, ma) = hannan_rissanen::start(order.p, order.q, mean, differenced);
    let minus: Vec<f64> = ma.iter().map(|theta| -theta).collect();
    let mut out = raw(&ar);
    out.extend(raw(&minus));
    out.extend(std::iter::repeat_n(0.1, order.seasonal.p));
    // Seasonal differencing of a stable season leaves theta near -0.6.
    let seasonal_ma = if order.seasonal.d > 0 { 0.6 } else { -0.1 };
    out.extend(std::iter::repeat_n(seasonal_ma, order.seasonal.q));
    if order.constant {
        out.push(mean);
    }
    out
}

/// Stationary coefficients on the working scale; others are drawn in until they are stationary.
fn raw(coefficients: &[f64]) -> Vec<f64> {
    let mut shrunk = coefficients.to_vec();
    for _ in 0..40 {
        if let Some(partials) = partials(&shrunk) {
            return partials.iter().map(|partial| partial.clamp(-0.98, 0.98).atanh()).collect();
        }
        let mut power = 1.0;
        for coefficient in &mut shrunk {
            power *= 0.9;
            *coefficient *= power;
        }
    }
    vec![0.1; coefficients.len()]
}
