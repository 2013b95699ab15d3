//! Classical seasonal decomposition: a profile over the steps of a season, after a centred moving average.
//!
//! Reference: Hyndman and Athanasopoulos, *Forecasting: principles and practice*, section 3.4;
//! `statsmodels.tsa.seasonal.seasonal_decompose`, with which it agrees on series without gaps. Gaps are left out of
//! every average.

use crate::forecast::profile::robust::{self, RobustProfile};

/// How a season joins the trend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Joined {
    /// Added; effects sum to zero.
    Sum,
    /// Multiplied; factors have mean one. Needs values above zero.
    Product,
}

/// How the values of one step of the season become its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Centre {
    /// Their mean: best for clean series with few seasons.
    Mean,
    /// Their median: an incident in one season leaves no trace in the profile.
    Median,
}

/// The effect (or factor) of each of the `period` steps of a season, step 0 of `values` first. `None` if some step of
/// the season is never seen beside a trend, which takes about two seasons.
#[must_use]
pub fn profile(values: &[f64], period: usize, joined: Joined, centre: Centre) -> Option<Vec<f64>> {
    if period < 2 || values.len() < 2 * period {
        return None;
    }
    let trend = moving_average(values, period);
    let mut at_step = Vec::with_capacity(values.len() / period + 1);
    let mut effects = Vec::with_capacity(period);
    for step in 0..period {
        at_step.clear();
        for (value, trend) in values.iter().zip(&trend).skip(step).step_by(period) {
            let effect = match joined {
                Joined::Sum => value - trend,
                Joined::Product => value / trend,
            };
            if effect.is_finite() {
                at_step.push(effect);
            }
        }
        effects.push(centre.of(&mut at_step)?);
    }
    let mean = Centre::Mean.of(&mut effects)?;
    if joined == Joined::Product && (mean.is_nan() || mean <= 0.0) {
        return None;
    }
    for effect in &mut effects {
        match joined {
            Joined::Sum => *effect -= mean,
            Joined::Product => *effect /= mean,
        }
    }
    Some(effects)
}

impl Centre {
    fn of(self, values: &mut [f64]) -> Option<f64> {
        match self {
            Self::Median => crate::stats::quantile::quantile_select(values, 0.5),
            #[expect(clippy::cast_precision_loss, reason = "series are far shorter than 2^52")]
            Self::Mean => (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64),
        }
    }
}

/// The effects of a season too long for [`profile`]: minute data has few seasons, incidents and level shifts, and each
/// of many effects is the median of a few values. This is the robust profile, smoothed and shrunk
/// ([`crate::forecast::profile::robust`]); factors are its effects on logarithms. `None` without two seasons.
#[must_use]
pub fn robust_profile(values: &[f64], period: usize, joined: Joined) -> Option<Vec<f64>> {
    let window = robust::usual_window(period);
    if joined == Joined::Sum {
        return RobustProfile::estimate(values, period, window).map(|profile| profile.shrunk());
    }
    let logarithms: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    let mut factors = RobustProfile::estimate(&logarithms, period, window)?.shrunk();
    for factor in &mut factors {
        *factor = factor.exp();
    }
    let mean = Centre::Mean.of(&mut factors)?;
    for factor in &mut factors {
        *factor /= mean;
    }
    factors.iter().all(|factor| factor.is_finite()).then_some(factors)
}

/// The average over one whole season around each step, NaN where half a season is missing on one side or less than
/// half of the window is known. An even season takes half a step at both ends.
fn moving_average(values: &[f64], period: usize) -> Vec<f64> {
    let half = period / 2;
    let mut sums = Vec::with_capacity(values.len() + 1);
    let (mut sum, mut known) = (0.0, 0.0);
    sums.push((0.0, 0.0));
    for value in values {
        if value.is_finite() {
            sum += value;
            known += 1.0;
        }
        sums.push((sum, known));
    }
    let window = |from: usize, to: usize| (sums[to].0 - sums[from].0, sums[to].1 - sums[from].1);
    #[expect(clippy::cast_precision_loss, reason = "series are far shorter than 2^52")]
    let enough = period as f64 / 2.0;
    (0..values.len())
        .map(|at| {
            if at < half || at + half >= values.len() {
                return f64::NAN;
            }
            let (sum, known) = if period.is_multiple_of(2) {
                let (wide, narrow) = (window(at - half, at + half + 1), window(at - half + 1, at + half));
                (f64::midpoint(wide.0, narrow.0), f64::midpoint(wide.1, narrow.1))
            } else {
                window(at - half, at + half + 1)
            };
            if known < enough { f64::NAN } else { sum / known }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three seasons of four steps on a line; the third season has an incident.
    const VALUES: [f64; 12] = [10.0, 13.0, 9.0, 12.0, 14.0, 17.0, 13.0, 16.0, 18.0, 99.0, 17.0, 20.0];

    #[test]
    fn agrees_with_statsmodels() {
        // statsmodels 0.15: seasonal_decompose(VALUES, period=4, model=...).seasonal[:4]
        let sum = profile(&VALUES, 4, Joined::Sum, Centre::Mean).expect("long enough");
        let product = profile(&VALUES, 4, Joined::Product, Centre::Mean).expect("long enough");
        for (found, expected) in sum.iter().chain(&product).zip(EXPECTED) {
            assert!((found - expected).abs() < 1e-9, "{sum:?} {product:?}");
        }
    }

    const EXPECTED: [f64; 8] = [
        -12.906_25,
        28.093_75,
        -6.156_25,
        -9.031_25,
        0.717_624_055_855_010_4,
        1.779_396_125_775_309_7,
        0.763_688_284_920_579_2,
        0.739_291_533_449_100_1,
    ];

    #[test]
    fn robust_factors_have_mean_one_and_forget_an_incident() {
        let season: Vec<f64> = (0..48).map(|at| if at < 24 { 1.2 } else { 0.8 }).collect();
        let mut values: Vec<f64> = (0..480).map(|at| 100.0 * season[at % 48]).collect();
        values[100..110].fill(900.0);
        let found = robust_profile(&values, 48, Joined::Product).expect("ten seasons");
        assert!(found.iter().zip(&season).all(|(found, true_)| (found - true_).abs() < 0.02), "{found:?}");
        assert_eq!(robust_profile(&values[..90], 48, Joined::Product), None, "less than two seasons");
    }

    #[test]
    fn medians_and_gaps_leave_the_season_as_it_is() {
        let season = [1.0, -2.0, 0.5, 0.5];
        let mut values: Vec<f64> = (0..40).map(|at| 100.0 + season[at % 4]).collect();
        values[9] = 500.0;
        values[22] = f64::NAN;
        let found = profile(&values, 4, Joined::Sum, Centre::Median).expect("long enough");
        for (found, expected) in found.iter().zip(season) {
            assert!((found - expected).abs() < 0.2, "{found} {expected}");
        }
        assert_eq!(profile(&values[..7], 4, Joined::Sum, Centre::Mean), None, "less than two seasons");
        assert_eq!(profile(&[f64::NAN; 40], 4, Joined::Sum, Centre::Mean), None);
    }
}
