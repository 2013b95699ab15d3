//! What a season looks like: for each phase the median over the seasons of a history.
//!
//! Level and season are told apart by median polish (Tukey, *Exploratory Data Analysis*, 1977, chapter 11): levels of
//! single seasons and a common trend are taken off before the medians over the seasons are, so that neither a level
//! shift nor an incident of one day shows in the profile. LOESS seasons (STL) follow noise at a length of 1,440.

use crate::stats::quantile::{quantile_select, quantile_sorted};

/// How often levels and phases are told apart. The first pass leaves out seasons of which less than half is known,
/// since their median is one of a few phases; the second gives them, and seasons with an incident, a fair level, from
/// which the trend follows; the third is without it.
const PASSES: usize = 3;

/// The recurring part of a series.
#[derive(Debug, Clone, PartialEq)]
pub struct RobustProfile {
    /// Deviation from the level at each phase, mean zero; the first one belongs to the first step of the history.
    pub phases: Vec<f64>,
    /// Which share of the profile will be seen again, 0 to 1: the covariance of the profiles of odd and of even
    /// seasons, over the variance of the profile (split-half reliability). Noise has no covariance.
    pub reliability: f64,
}

/// The usual smoothing window: a 24th of the season and odd, 61 of 1,440; seasons up to 168 are not smoothed, since
/// each of their phases (an hour of the week, a minute of the hour) has a meaning of its own.
#[must_use]
pub const fn usual_window(season: usize) -> usize {
    if season <= 168 { 1 } else { (season / 24) | 1 }
}

impl RobustProfile {
    /// The profile of `values` (gaps are NaN) for a season of `season` steps, smoothed around the circle over
    /// `window` phases (an even window counts as the next odd one). `None` without two seasons of length.
    #[must_use]
    pub fn estimate(values: &[f64], season: usize, window: usize) -> Option<Self> {
        if season < 2 || values.len() < 2 * season || !values.iter().any(|value| value.is_finite()) {
            return None;
        }
        let mut seasons = Seasons::of(values, season);
        let mut phases = vec![0.0; season];
        let all: Vec<usize> = (0..seasons.cells.len() / season).collect();
        let mut rows = seasons.well_known();
        for pass in 0..PASSES {
            seasons.level(&phases);
            if pass == 1 {
                seasons.detrend();
            }
            phases = seasons.medians(&rows);
            smooth(&mut phases, window);
            rows.clone_from(&all);
        }
        let half = |first: usize| -> Vec<usize> { all.iter().copied().skip(first).step_by(2).collect() };
        let (mut even, mut odd) = (seasons.medians(&half(0)), seasons.medians(&half(1)));
        smooth(&mut even, window);
        smooth(&mut odd, window);
        let reliability = reliability(&phases, &even, &odd);
        phases.rotate_left(seasons.lead);
        Some(Self { phases, reliability })
    }

    /// The profile drawn towards zero by its reliability: the best guess of the next season.
    #[must_use]
    pub fn shrunk(&self) -> Vec<f64> {
        self.shrunk_by(None)
    }

    /// The profile drawn towards zero by `rho`, or by its reliability.
    #[must_use]
    pub fn shrunk_by(&self, rho: Option<f64>) -> Vec<f64> {
        let rho = rho.unwrap_or(self.reliability);
        self.phases.iter().map(|phase| phase * rho).collect()
    }
}

/// A history cut into seasons.
struct Seasons {
    /// One season a row. Rows end where the history ends, so that only the oldest can be incomplete: its missing
    /// steps in front are gaps.
    cells: Vec<f64>,
    season: usize,
    /// The level of each season, as far as it was taken off.
    levels: Vec<f64>,
    /// How many gaps were put in front.
    lead: usize,
    /// Room for medians.
    scratch: Vec<f64>,
}

impl Seasons {
    fn of(values: &[f64], season: usize) -> Self {
        let lead = (season - values.len() % season) % season;
        let mut cells = vec![f64::NAN; lead];
        cells.extend_from_slice(values);
        let rows = cells.len() / season;
        Self { cells, season, levels: vec![0.0; rows], lead, scratch: Vec::with_capacity(season.max(rows)) }
    }

    /// Takes each season's own level off, the median of what `phases` leave.
    fn level(&mut self, phases: &[f64]) {
        for (row, level) in self.cells.chunks_exact_mut(self.season).zip(&mut self.levels) {
            self.scratch.clear();
            let rest = row.iter().zip(phases).map(|(cell, phase)| cell - phase);
            self.scratch.extend(rest.filter(|rest| rest.is_finite()));
            let own = quantile_select(&mut self.scratch, 0.5).unwrap_or(0.0);
            for cell in row {
                *cell -= own;
            }
            *level += own;
        }
    }

    /// Takes the slope within the seasons off: the median change from one level to the next. A single level shift
    /// leaves it alone; fewer than three seasons cannot tell a trend from a shift.
    fn detrend(&mut self) {
        let mut changes: Vec<f64> = self.levels.windows(2).map(|pair| pair[1] - pair[0]).collect();
        if changes.len() < 2 {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "a season is far shorter than 2^52")]
        let length = self.season as f64;
        let slope = quantile_select(&mut changes, 0.5).unwrap_or(0.0) / length;
        for row in self.cells.chunks_exact_mut(self.season) {
            let mut ahead = -length / 2.0;
            for cell in row {
                *cell -= slope * ahead;
                ahead += 1.0;
            }
        }
    }

    /// The median of each phase over the seasons `rows`; NaN for a phase nobody saw.
    fn medians(&mut self, rows: &[usize]) -> Vec<f64> {
        let mut medians = Vec::with_capacity(self.season);
        for phase in 0..self.season {
            self.scratch.clear();
            let column = rows.iter().filter_map(|row| self.cells.get(row * self.season + phase));
            self.scratch.extend(column.filter(|cell| cell.is_finite()));
            medians.push(median(&mut self.scratch).unwrap_or(f64::NAN));
        }
        medians
    }

    /// The seasons of which at least half is known; all of them if those are fewer than two.
    fn well_known(&self) -> Vec<usize> {
        let known = |row: &[f64]| 2 * row.iter().filter(|cell| cell.is_finite()).count() >= self.season;
        let rows = self.cells.chunks_exact(self.season).enumerate();
        let well: Vec<usize> = rows.filter(|(_, row)| known(row)).map(|(at, _)| at).collect();
        if well.len() < 2 { (0..self.cells.len() / self.season).collect() } else { well }
    }
}

/// The median; few values, as there are seasons in most histories, are sorted by insertion, which is several times
/// faster than selection.
fn median(values: &mut [f64]) -> Option<f64> {
    const FEW: usize = 16;
    if values.len() > FEW {
        return quantile_select(values, 0.5);
    }
    for end in 1..values.len() {
        let mut at = end;
        while at > 0 && values[at - 1] > values[at] {
            values.swap(at - 1, at);
            at -= 1;
        }
    }
    quantile_sorted(values, 0.5)
}

/// Replaces each phase by the mean of the known ones within `window` phases around the circle, draws lines through
/// phases nobody saw, and centres the result.
fn smooth(phases: &mut [f64], window: usize) {
    let season = phases.len();
    let reach = (window / 2).min((season - 1) / 2);
    if reach > 0 {
        let around = || phases.iter().cycle().skip(season - reach).take(season + 2 * reach);
        let known = |phase: &f64| if phase.is_finite() { (*phase, 1.0) } else { (0.0, 0.0) };
        let mut sums = Vec::with_capacity(season + 2 * reach + 1);
        let (mut sum, mut count) = (0.0, 0.0);
        sums.push((sum, count));
        for (value, one) in around().map(known) {
            sum += value;
            count += one;
            sums.push((sum, count));
        }
        for ((phase, before), after) in phases.iter_mut().zip(&sums).zip(&sums[2 * reach + 1..]) {
            *phase = (after.0 - before.0) / (after.1 - before.1);
        }
    }
    bridge(phases);
    #[expect(clippy::cast_precision_loss, reason = "a season is far shorter than 2^52")]
    let mean = phases.iter().map(|phase| phase / season as f64).sum::<f64>();
    for phase in phases {
        *phase -= mean;
    }
}

/// Draws straight lines around the circle through phases that are not finite; zeros if none is.
fn bridge(phases: &mut [f64]) {
    let season = phases.len();
    let Some(start) = phases.iter().position(|phase| phase.is_finite()) else {
        phases.fill(0.0);
        return;
    };
    let mut from = start;
    for ahead in start + 1..=start + season {
        let here = phases[ahead % season];
        if !here.is_finite() {
            continue;
        }
        let before = phases[from % season];
        let mut share = 0.0;
        for between in from + 1..ahead {
            share += 1.0;
            #[expect(clippy::cast_precision_loss, reason = "a season is far shorter than 2^52")]
            let line = before + (here - before) * (share / (ahead - from) as f64);
            phases[between % season] = line;
        }
        from = ahead;
    }
}

fn reliability(phases: &[f64], even: &[f64], odd: &[f64]) -> f64 {
    let variance: f64 = phases.iter().map(|phase| phase * phase).sum();
    let covariance: f64 = even.iter().zip(odd).map(|(even, odd)| even * odd).sum();
    if variance > 0.0 && covariance.is_finite() { (covariance / variance).clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Seven seasons of a wave on a rising level, with an incident on one day and a hole in another.
    fn days(season: usize) -> (Vec<f64>, Vec<f64>) {
        let turn = std::f64::consts::TAU / f64::from(u32::try_from(season).expect("small"));
        let wave: Vec<f64> = (0..season)
            .scan(0.0, |at, _| {
                *at += turn;
                Some(10.0 * f64::sin(*at))
            })
            .collect();
        let mut level = 100.0;
        let mut values: Vec<f64> = Vec::new();
        for at in 0..7 * season - 5 {
            level += 0.02;
            values.push(level + wave[(at + 5) % season]);
        }
        values[2 * season..2 * season + season / 3].fill(900.0);
        values[4 * season + 3..5 * season].fill(f64::NAN);
        (values, wave)
    }

    #[test]
    fn an_incident_a_hole_and_a_trend_leave_no_trace() {
        for season in [24, 288] {
            let (values, wave) = days(season);
            let profile = RobustProfile::estimate(&values, season, 1).expect("seven seasons");
            for (phase, found) in profile.phases.iter().enumerate() {
                assert!((found - wave[(phase + 5) % season]).abs() < 1.0, "{season}: {phase} {found}");
            }
            assert!(profile.reliability > 0.95, "{}", profile.reliability);
        }
    }

    #[test]
    fn noise_is_not_relied_on_and_nothing_is_nothing() {
        use rand::RngExt;
        let mut rng = crate::stats::seed::Seed::new(3).rng();
        let noise: Vec<f64> = (0..288 * 7).map(|_| rng.random_range(-1.0..1.0)).collect();
        let profile = RobustProfile::estimate(&noise, 288, usual_window(288)).expect("seven seasons");
        assert!(profile.reliability < 0.4, "{}", profile.reliability);

        let flat = RobustProfile::estimate(&[5.0; 60], 12, 1).expect("five seasons");
        assert!(flat.phases.iter().all(|phase| phase.abs() < 1e-12));
        assert!(flat.reliability.abs() < 1e-12);
        assert_eq!(RobustProfile::estimate(&[f64::NAN; 60], 12, 1), None);
        assert_eq!(RobustProfile::estimate(&[1.0; 23], 12, 1), None);
    }

    #[test]
    fn phases_nobody_saw_lie_on_a_line_around_the_circle() {
        let mut phases = [f64::NAN, 1.0, f64::NAN, f64::NAN, 4.0, f64::NAN];
        bridge(&mut phases);
        let expected = [2.0, 1.0, 2.0, 3.0, 4.0, 3.0];
        assert!(phases.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12), "{phases:?}");
    }
}
