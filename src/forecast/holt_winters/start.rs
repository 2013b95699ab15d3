//! The states before the first step: seasons from the robust profile, level, trend and noise from medians.

use crate::forecast::holt_winters::params::{HoltWintersParams, Trend};
use crate::forecast::holt_winters::recursion::{Form, Gains, Motion, Ring, States};
use crate::forecast::profile::robust::{RobustProfile, usual_window};
use crate::stats::quantile::quantile_select;

/// What a whole history says about seasons, from which the states before any of its steps follow.
pub(super) struct Start<'a> {
    params: &'a HoltWintersParams,
    values: &'a [f64],
    /// Each season beginning with the phase of the first step.
    seasons: Vec<Vec<f64>>,
}

impl<'a> Start<'a> {
    pub(super) fn of(params: &'a HoltWintersParams, values: &'a [f64]) -> Self {
        let times = params.form == Form::Multiplicative;
        let mut rest: Vec<f64> = if times { values.iter().map(|y| y.ln()).collect() } else { values.to_vec() };
        let mut seasons = Vec::with_capacity(params.seasons.len());
        for (at, &season) in params.seasons.iter().enumerate() {
            let profile = RobustProfile::estimate(&rest, season, usual_window(season));
            let mut phases = profile.map_or_else(|| vec![0.0; season], |profile| profile.shrunk());
            if at + 1 < params.seasons.len() {
                rest.iter_mut().zip(phases.iter().cycle()).for_each(|(rest, phase)| *rest -= phase);
            }
            if times {
                for phase in &mut phases {
                    *phase = phase.clamp(-20.0, 20.0).exp();
                }
            }
            seasons.push(phases);
        }
        Self { params, values, seasons }
    }

    /// The states before step `from`.
    pub(super) fn before(&self, from: usize) -> States {
        let seasons: Vec<Vec<f64>> = self.seasons.iter().map(|phases| rotated(phases, from)).collect();
        let values = self.values.get(from..).unwrap_or_default();
        let mut level: Vec<f64> = values.to_vec();
        for phases in &seasons {
            for (y, phase) in level.iter_mut().zip(phases.iter().cycle()) {
                *y = if self.params.form == Form::Multiplicative { *y / phase } else { *y - phase };
            }
        }
        let motion = motion(self.params.seasons.first().copied().unwrap_or(4), self.params.trend, &level);
        States { motion, seasons: seasons.into_iter().map(Ring::new).collect() }
    }
}

impl Start<'_> {
    /// The states before the first step as the recursion finds them that runs from the end to the beginning.
    pub(super) fn backcast(&self, gains: &Gains) -> States {
        let values: Vec<f64> = self.values.iter().rev().copied().collect();
        let reversed = |phases: &Vec<f64>| {
            let mut phases = rotated(phases, self.values.len());
            phases.reverse();
            phases
        };
        let seasons = self.seasons.iter().map(reversed).collect();
        let mut states = Start { params: self.params, values: &values, seasons }.before(0);
        states.run(self.params.form, gains, self.params.robust, &values);
        // The next phases backwards in time, read forwards, are the season before the first step.
        for ring in &mut states.seasons {
            let mut phases: Vec<f64> = ring.ahead().take(ring.len()).copied().collect();
            phases.reverse();
            *ring = Ring::new(phases);
        }
        let motion = &mut states.motion;
        motion.trend *= -gains.phi;
        motion.level -= motion.trend;
        states
    }
}

fn rotated(phases: &[f64], steps: usize) -> Vec<f64> {
    let mut phases = phases.to_vec();
    let season = phases.len().max(1);
    phases.rotate_left(steps % season);
    phases
}

/// Level and trend by the medians of the two halves of the beginning, noise by the median change from step to step.
///
/// `level` is the history without its seasons, the shortest of which has `season` steps.
pub(in crate::forecast) fn motion(season: usize, trend: Trend, level: &[f64]) -> Motion {
    let known = || level.iter().copied().enumerate().filter(|(_, value)| value.is_finite());
    let head: Vec<(usize, f64)> = known().take((2 * season).clamp(10, 60)).collect();
    let (early, late) = head.split_at(head.len() / 2);
    let (middle, later) = (median(early.iter().map(|step| step.1)), median(late.iter().map(|step| step.1)));
    let centre = |part: &[(usize, f64)]| {
        #[expect(clippy::cast_precision_loss, reason = "the beginning of a history")]
        median(part.iter().map(|step| step.0 as f64))
    };
    let between = centre(late) - centre(early);
    let slope = if trend == Trend::None || between <= 0.0 { 0.0 } else { (later - middle) / between };
    let begin = if trend == Trend::None { median(head.iter().map(|step| step.1)) } else { middle };
    let first = begin - slope * (centre(early) + 1.0);
    let changes = || level.windows(2).map(|pair| pair[1] - pair[0]).filter(|change| change.is_finite());
    let typical = median(changes().map(f64::abs)) / (0.6745 * std::f64::consts::SQRT_2);
    let (squares, count) = changes().fold((0.0, 0.0), |(sum, n), change| (sum + change * change, n + 1.0));
    // Where most steps change nothing, their median says nothing of those that do.
    let variance = if typical > 0.0 { typical * typical } else { squares / f64::max(count, 1.0) };
    let least_variance = (1e-6 * variance).max((1e-6 * first).powi(2)).max(f64::MIN_POSITIVE);
    Motion { level: first, trend: slope, variance: variance.max(least_variance), least_variance }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    quantile_select(&mut values.collect::<Vec<f64>>(), 0.5).unwrap_or(0.0)
}
