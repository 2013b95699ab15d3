//! Which seasons a series has: hour, day and week where the grid allows them, and whatever period the data show.
//!
//! Candidates from the data are found as in AUTOPERIOD (Vlachos, Yu and Castelli 2005): peaks of the periodogram,
//! which is sharp for short periods, confirmed and refined on a hill of the autocorrelation, which is sharp for long
//! ones. A peak alone is not enough: every series with a wandering level has peaks at long periods.
//!
//! Then every candidate is put to the same question, shortest first and after the accepted shorter seasons have been
//! taken out: how much of what a centred moving average over one period leaves is the mean of its phase? That share
//! of the variance, adjusted for the number of cycles (one cycle explains itself perfectly), is its
//! [`Season::strength`]. It has to clear [`WEAKEST`] and three standard errors under the autocorrelation of what is
//! left, so that a wandering level is not called a season.
//!
//! Short histories: hour, day and week need two cycles, other periods three, and a series of fewer than
//! [`SHORTEST`] observed steps has no season. With two or three cycles only a clear season passes. Gaps are left out
//! everywhere; values beyond five robust standard deviations count as that many, so that one incident makes no season.

use serde::{Deserialize, Serialize};

use crate::forecast::history::History;
use crate::stats::quantile::quantile_select;

mod candidates;
mod strength;
mod working;

use candidates::{candidates, is_near};
use strength::{Cycles, clip};
pub use working::working;

/// A season with fewer steps is left to autoregressive models.
const LEAST_PERIOD: usize = 4;
/// Observed steps below which no season is looked for.
pub const SHORTEST: usize = 12;
/// Only so many steps at the end are looked at: three weeks of minutes.
pub const WINDOW: usize = 30_240;
/// Strength below which a season is not worth the noise of its estimate.
pub const WEAKEST: f64 = 0.1;
/// A period found in the data that is the n-th part of a longer one is merely a harmonic of it unless it explains this
/// many n-ths of what the longer one explains: one spike a cycle has 1 / n of its variance in every n-th part, and a day
/// explains far more than a seventh of a week with quiet weekends.
const HARMONIC: f64 = 1.25;
/// A period found in the data that lies within 5 % of a calendar period is that period, unless it explains so many
/// times more: a cycle of 23 hours is no day.
const CLEARER: f64 = 2.0;

/// One season of a series.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Season {
    /// Its length in steps, at least 4.
    pub period: usize,
    /// The share of variance around a moving average over one period that it explains, adjusted for the number of
    /// cycles: 0.1 is the weakest that is reported, 1 is a perfect repetition.
    pub strength: f64,
}

/// A period that may be a season.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    period: usize,
    /// Whether it is an hour, a day or a week rather than a find.
    calendar: bool,
}

/// The seasons of the last [`WINDOW`] steps of `history`, shortest first; empty if there is none or too little data.
#[must_use]
pub fn detect(history: &History<'_>) -> Vec<Season> {
    detect_up_to(history, WINDOW)
}

/// The same without periods from the data that have more than `longest` steps: trying long ones costs most of the time.
fn detect_up_to(history: &History<'_>, longest: usize) -> Vec<Season> {
    let history = history.tail(WINDOW);
    if history.observed() < SHORTEST {
        return Vec::new();
    }
    let mut values: Vec<f64> = (0..history.len()).map(|index| history.observation(index).value).collect();
    standardise(&mut values);
    let candidates = candidates(&values, history.grid.step_s, longest);
    let mut found = Vec::new();
    for (at, candidate) in candidates.iter().enumerate() {
        let cycles = Cycles::around_moving_average(&values, candidate.period);
        let cycles = if candidate.calendar { cycles } else { cycles.refined() };
        let strength = cycles.strength();
        // A find is the best of many, so chance has had many tries at it.
        let (errors, at_most) = if candidate.calendar { (3.0, 0.8) } else { (4.0, 0.9) };
        if strength < (errors * cycles.standard_error()).clamp(WEAKEST, at_most) {
            continue;
        }
        let longer = &candidates[at + 1..];
        if !candidate.calendar
            && (longer.iter().any(|longer| is_harmonic(&values, candidate.period, longer.period))
                || is_calendar_blurred(&values, &cycles, &candidates, &found))
        {
            continue;
        }
        cycles.remove_from(&mut values);
        found.push(Season { period: cycles.period(), strength });
    }
    found.sort_by_key(|season| season.period);
    found.dedup_by_key(|season| season.period);
    found
}

/// The strength of a season of `period` steps in the last [`WINDOW`] steps of `history`, whether or not it is one; 0 if
/// there are less than two cycles.
#[must_use]
pub fn strength(history: &History<'_>, period: usize) -> f64 {
    let history = history.tail(WINDOW);
    if period < 2 || history.observed() < 2 * period {
        return 0.0;
    }
    let mut values: Vec<f64> = (0..history.len()).map(|index| history.observation(index).value).collect();
    standardise(&mut values);
    Cycles::around_moving_average(&values, period).strength()
}

/// Whether the find `cycles` is no more than a calendar period among `candidates` read inexactly.
fn is_calendar_blurred(values: &[f64], cycles: &Cycles, candidates: &[Candidate], found: &[Season]) -> bool {
    let near = |other: &&Candidate| other.calendar && is_near(other.period, cycles.period());
    candidates.iter().find(near).is_some_and(|calendar| {
        found.iter().any(|season| season.period == calendar.period)
            || cycles.strength() < CLEARER * Cycles::around_moving_average(values, calendar.period).strength()
    })
}

/// Whether `period` is a whole fraction of `longer` and explains much less of the same data.
fn is_harmonic(values: &[f64], period: usize, longer: usize) -> bool {
    let times = (longer + period / 2) / period;
    if times < 2 || (times * period).abs_diff(longer) > times.max(longer / 50) {
        return false;
    }
    let of_longer = Cycles::around_moving_average(values, longer);
    let explained = of_longer.strength();
    #[expect(clippy::cast_precision_loss, reason = "a quotient of two lengths")]
    let least = HARMONIC / times as f64 * explained;
    explained > 0.0 && of_longer.with_period(period).strength() < least
}

/// Moves far outliers in, takes out the line of least squares and divides by the standard deviation.
fn standardise(values: &mut [f64]) {
    let largest = values.iter().filter(|value| value.is_finite()).fold(0.0f64, |most, value| most.max(value.abs()));
    if largest > 0.0 {
        for value in values.iter_mut() {
            *value /= largest;
        }
    }
    let mut finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    let middle = quantile_select(&mut finite, 0.5).unwrap_or(0.0);
    for value in values.iter_mut() {
        *value -= middle;
    }
    clip(values);
    let (mut n, mut t_sum, mut sum) = (0.0, 0.0, 0.0);
    for (t, value) in known(values) {
        (n, t_sum, sum) = (n + 1.0, t_sum + t, sum + value);
    }
    let (t_mean, mean) = (t_sum / n, sum / n);
    let (mut tt, mut ty) = (0.0, 0.0);
    for (t, value) in known(values) {
        tt += (t - t_mean) * (t - t_mean);
        ty += (t - t_mean) * (value - mean);
    }
    let slope = if tt > 0.0 { ty / tt } else { 0.0 };
    let line = |t: f64| mean + slope * (t - t_mean);
    let variance = known(values).map(|(t, value)| (value - line(t)).powi(2)).sum::<f64>() / n;
    // What rounding leaves of a straight line is no variation.
    let spread = if variance.sqrt() > 1e-12 { variance.sqrt() } else { f64::INFINITY };
    #[expect(clippy::cast_precision_loss, reason = "at most some thousand steps")]
    for (t, value) in values.iter_mut().enumerate() {
        *value = (*value - line(t as f64)) / spread;
    }
}

/// Known values with their step.
#[expect(clippy::cast_precision_loss, reason = "at most some thousand steps")]
fn known(values: &[f64]) -> impl Iterator<Item = (f64, f64)> + '_ {
    values.iter().enumerate().filter(|(_, value)| value.is_finite()).map(|(t, value)| (t as f64, *value))
}

#[cfg(test)]
mod tests;
