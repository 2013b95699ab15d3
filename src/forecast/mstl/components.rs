//! The seasonal components of a history.

use stlrs::Stl;

use crate::forecast::profile::robust::{RobustProfile, usual_window};

/// Seasons up to this length are smoothed by LOESS.
pub const LONGEST_LOESS: usize = 200;

/// Rounds in which each season is estimated without the others, if there are several.
const ROUNDS: usize = 2;

/// Values of one phase that LOESS looks at: for the shortest season, and more for each one after it, as a longer season
/// changes more slowly.
const WINDOW: usize = 11;
const WIDER: usize = 4;

/// Rounds in which LOESS tells season and trend apart.
const INNER_ROUNDS: usize = 5;

/// One component for each season of `values` (ascending, gaps are NaN), as long as the history. Seasons of which there
/// are less than two cycles are left out, from the end.
///
/// # Errors
/// If LOESS refuses, which it does not for lengths and windows as they are here.
pub(super) fn components(values: &[f64], seasons: &[usize]) -> Result<Vec<Vec<f64>>, String> {
    let seasons: Vec<usize> = seasons.iter().copied().filter(|season| values.len() >= 2 * season).collect();
    let mut rest = filled(values, seasons.first().copied().unwrap_or(0));
    let mut found: Vec<Vec<f64>> = vec![vec![0.0; values.len()]; seasons.len()];
    let rounds = if seasons.len() > 1 { ROUNDS } else { 1 };
    for _ in 0..rounds {
        for (at, (season, component)) in seasons.iter().zip(&mut found).enumerate() {
            rest.iter_mut().zip(component.iter()).for_each(|(rest, effect)| *rest += effect);
            *component = one(&rest, *season, WINDOW + WIDER * at)?;
            rest.iter_mut().zip(component.iter()).for_each(|(rest, effect)| *rest -= effect);
        }
    }
    Ok(found)
}

/// The component of one season.
fn one(values: &[f64], season: usize, window: usize) -> Result<Vec<f64>, String> {
    if season > LONGEST_LOESS {
        let profile = RobustProfile::estimate(values, season, usual_window(season));
        let phases = profile.map_or_else(|| vec![0.0; season], |profile| profile.shrunk());
        return Ok(phases.iter().copied().cycle().take(values.len()).collect());
    }
    // Trend and low-pass filter of long seasons are smooth: what lies between every 24th of a season is on a line.
    let jump = season.div_ceil(24);
    let decomposition = Stl::params()
        .inner_loops(INNER_ROUNDS)
        .seasonal_length(window)
        .seasonal_degree(1)
        .seasonal_jump(1)
        .trend_jump(jump)
        .low_pass_jump(jump)
        .fit(values, season)
        .map_err(|error| error.to_string())?;
    Ok(decomposition.seasonal().to_vec())
}

/// `values` without gaps: there the robust profile of the season runs over a line between the neighbours.
fn filled(values: &[f64], season: usize) -> Vec<f64> {
    if values.iter().all(|value| value.is_finite()) {
        return values.to_vec();
    }
    let profile = RobustProfile::estimate(values, season, usual_window(season));
    let phases = profile.map_or_else(|| vec![0.0; season.max(1)], |profile| profile.shrunk());
    let mut level: Vec<f64> = values.iter().zip(phases.iter().cycle()).map(|(value, phase)| value - phase).collect();
    bridge(&mut level);
    let over = level.iter().zip(phases.iter().cycle()).map(|(level, phase)| level + phase);
    values.iter().zip(over).map(|(value, filled)| if value.is_finite() { *value } else { filled }).collect()
}

/// Draws straight lines through gaps; at both ends the nearest value stays, and zeros if there is none.
fn bridge(values: &mut [f64]) {
    let mut before: Option<(usize, f64)> = None;
    for at in 0..=values.len() {
        let here = values.get(at).copied().filter(|value| value.is_finite());
        if here.is_none() && at < values.len() {
            continue;
        }
        let from = before.map_or(0, |(known, _)| known + 1);
        let start = before.map(|(_, value)| value).or(here).unwrap_or(0.0);
        let end = here.unwrap_or(start);
        #[expect(clippy::cast_precision_loss, reason = "series are far shorter than 2^52")]
        let length = (at + 1 - from) as f64;
        let mut share = 0.0;
        for gap in &mut values[from..at] {
            share += 1.0 / length;
            *gap = start + (end - start) * share;
        }
        before = here.map(|value| (at, value));
    }
}
