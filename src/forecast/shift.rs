//! The last lasting shift of a level, and a history as if that level had always been there.
//!
//! Bounded errors, which keep incidents out of a level, also keep a level behind when it doubles for good. Here the
//! medians of two windows side by side are compared all along the history (a moving sum as in Bauer and Hackl 1978 and
//! Eichinger and Kirch 2018, with medians in place of means), after the season was taken off. What is usual for such a
//! difference is read off the series itself, so that a wandering level raises the bar by itself. A shift is
//! [`CLEAR`] times as large. It lasts if the median of all since differs from that of a season before in the same sense,
//! by most of that jump, and hardly any window since lies on the other side: the way back from an incident leads to where
//! the level was before, and is none. Nor is it one if seven seasons ago the level was where it is now: that is how a
//! weekend comes.
//!
//! Only a shift far beyond the usual spread around the level counts, [`LARGE`] of it. Smaller ones the models follow by
//! themselves, and moving a history by what was half a shift did more harm than good on recorded series.
//!
//! Values are on the scale on which a shift is a sum, for latency a logarithm. Needs eight windows; constants, gaps and
//! short histories have no shift, and none is looked for in days of hours, where half a day is a window. One that is [`RECENT`] seasons old is left to the models.

use crate::forecast::history::History;
use crate::forecast::profile::robust::{RobustProfile, usual_window};
use crate::forecast::scale::Scale;
use crate::stats::quantile::quantile_select;

/// A shift exceeds what is usual for the difference of two windows by so many robust standard deviations.
const CLEAR: f64 = 8.0;
/// A shift exceeds the spread of the series around its level by so many robust standard deviations.
const LARGE: f64 = 6.0;
/// The whole jump that must be there between the level of a season before and that since.
const LASTING: f64 = 0.7;
/// Windows since a shift that must lie on its side.
const FAITHFUL: f64 = 0.9;
/// Steps of the shortest window.
const SHORTEST: usize = 12;
/// Windows that a season holds at least: with fewer, what a season leaves of itself would look like a shift.
const WINDOWS_A_SEASON: usize = 8;
/// Windows without which nothing is looked for.
const LEAST_WINDOWS: usize = 8;
/// Steps that stand for a season where there is none, in windows.
const BEFORE: usize = 4;
/// Seasons after which a shift is left to the models, which have learnt it by then.
const RECENT: usize = 2;
/// Seasons of a week, if the season is a day.
const WEEK: usize = 7;

/// A lasting shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// First step of the new level.
    pub at: usize,
    /// New level less the old one.
    pub size: f64,
}

/// The last lasting shift of `values` (NaN for gaps), which repeat after `season` steps if they do.
#[must_use]
pub fn last(values: &[f64], season: Option<usize>) -> Option<Shift> {
    let window = season.map_or(2 * SHORTEST, |season| (season / 48).max(SHORTEST));
    let is_coarse = season.is_some_and(|season| season < WINDOWS_A_SEASON * window);
    if is_coarse || values.len() < LEAST_WINDOWS * window {
        return None;
    }
    let rest = without_season(values, season);
    let jumps = Jumps::of(&rest, window);
    let usual = jumps.usual()?;
    let before = season.unwrap_or(BEFORE * window).max(BEFORE * window);
    let recent = values.len().saturating_sub(RECENT * before);
    let clear = |at: &usize| jumps.at(*at).abs() >= CLEAR * usual && jumps.is_peak(*at);
    let newest_first = (0..jumps.sizes.len()).rev().take_while(|at| jumps.step(*at) >= recent);
    newest_first.filter(clear).find_map(|at| {
        let (step, jump) = (jumps.step(at), jumps.at(at));
        let old = median(&rest[step.saturating_sub(before)..step])?;
        let new = median(&rest[step..rest.len().min(step + before)])?;
        let size = new - old;
        let spread = deviation(rest[..step].iter().map(|value| (value - old).abs()).collect())?;
        let lasts = size * jump.signum() >= LASTING * jump.abs() && is_faithful(&rest[step..], window, old, new);
        let lasts = lasts && size.abs() >= LARGE * spread;
        let weekly = season.is_some_and(|season| came_before(&rest, step, WEEK * season, before, old, new));
        (lasts && !weekly).then_some(Shift { at: step, size })
    })
}

/// The values of `history` with everything before the last lasting shift on `scale` moved to the level since, the shape
/// of the season kept; `None` without such a shift.
#[must_use]
pub fn levelled(history: &History<'_>, scale: Scale, season: Option<usize>) -> Option<Vec<f64>> {
    let working: Vec<f64> = (0..history.len()).map(|step| scale.forward(history.observation(step))).collect();
    let shift = last(&working, season)?;
    let (before, since) = history.values.split_at_checked(shift.at)?;
    // The way back from a scale knows no gaps.
    let back = |value: &f64| if value.is_nan() { f64::NAN } else { scale.back(value + shift.size) };
    let moved = working.iter().take(before.len()).map(back);
    Some(moved.chain(since.iter().copied()).collect())
}

fn without_season(values: &[f64], season: Option<usize>) -> Vec<f64> {
    let profile = season.and_then(|season| RobustProfile::estimate(values, season, usual_window(season)));
    let Some(phases) = profile.map(|profile| profile.shrunk()) else { return values.to_vec() };
    values.iter().zip(phases.iter().cycle()).map(|(value, phase)| value - phase).collect()
}

/// Whether the level `back` steps before that of the `most` steps from `step` on was nearer to `new` than to `old`.
fn came_before(rest: &[f64], step: usize, back: usize, most: usize, old: f64, new: f64) -> bool {
    let Some(from) = step.checked_sub(back) else { return false };
    let since = rest.len().min(step + most) - step;
    median(&rest[from..from + since]).is_some_and(|level| (level - new).abs() < (level - old).abs())
}

/// Whether nearly all windows of `since` lie nearer to `new` than to `old`.
fn is_faithful(since: &[f64], window: usize, old: f64, new: f64) -> bool {
    let (mut all, mut faithful) = (0.0, 0.0);
    for level in since.chunks(window).filter_map(median) {
        all += 1.0;
        faithful += f64::from(u8::from((level - new).abs() < (level - old).abs()));
    }
    faithful >= FAITHFUL * all
}

/// Differences of the medians of neighbouring windows.
struct Jumps {
    /// NaN where one of both is a gap.
    sizes: Vec<f64>,
    /// The step before which the first one lies.
    first: usize,
    /// Steps from one to the next.
    stride: usize,
    /// How many of them lie within a window.
    reach: usize,
}

impl Jumps {
    fn of(rest: &[f64], window: usize) -> Self {
        let stride = (window / 6).max(1);
        let between = (window..=rest.len() - window).step_by(stride);
        let jump = |step: usize| Some(median(&rest[step..step + window])? - median(&rest[step - window..step])?);
        let sizes = between.map(|step| jump(step).unwrap_or(f64::NAN)).collect();
        Self { sizes, first: window, stride, reach: window / stride }
    }

    /// First step of the later window.
    const fn step(&self, at: usize) -> usize {
        self.first + at * self.stride
    }

    fn at(&self, at: usize) -> f64 {
        self.sizes[at]
    }

    /// The robust standard deviation of a difference; `None` if most are nothing at all.
    fn usual(&self) -> Option<f64> {
        deviation(self.sizes.iter().map(|size| size.abs()).collect()).filter(|usual| *usual > 0.0)
    }

    /// Whether no difference within a window is larger.
    fn is_peak(&self, at: usize) -> bool {
        let near = &self.sizes[at.saturating_sub(self.reach)..self.sizes.len().min(at + self.reach + 1)];
        near.iter().all(|other| other.is_nan() || other.abs() <= self.at(at).abs())
    }
}

/// The robust standard deviation of what is `away` so far from its middle.
fn deviation(mut away: Vec<f64>) -> Option<f64> {
    away.retain(|distance| distance.is_finite());
    quantile_select(&mut away, 0.5).map(|middle| 1.4826 * middle)
}

/// The median of what is known, if that is half of `values` at least.
fn median(values: &[f64]) -> Option<f64> {
    let mut known: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
    if 2 * known.len() < values.len() {
        return None;
    }
    quantile_select(&mut known, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::Grid;

    /// Five days of quarter hours with a daily wave and noise, times `factor` in the steps of `there`.
    fn days(there: std::ops::Range<u32>, factor: f64) -> Vec<f64> {
        let value = |t: u32| {
            let wave = 1.0 + 0.3 * (f64::from(t) * std::f64::consts::TAU / 96.0).sin();
            let noise = 1.0 + f64::from(t * 7_919 % 101) / 2_000.0;
            100.0 * wave * noise * if there.contains(&t) { factor } else { 1.0 }
        };
        (0..480).map(value).collect()
    }

    fn logs(values: &[f64]) -> Vec<f64> {
        values.iter().map(|value| value.ln()).collect()
    }

    #[test]
    fn a_lasting_shift_is_found_and_taken_back_with_the_season_kept() {
        let values = days(456..480, 2.0);
        let shift = last(&logs(&values), Some(96)).expect("twice the level");
        assert!(shift.at.abs_diff(456) <= 2 && (shift.size - 2f64.ln()).abs() < 0.05, "{shift:?}");
        let grid = Grid { start: Timestamp::from_seconds(0), step_s: 900 };
        let mut gappy = values.clone();
        gappy[7] = f64::NAN;
        let levelled = levelled(&History::new(grid, &gappy), Scale::Log { shift: 0.0 }, Some(96)).expect("a shift");
        assert!(levelled[7].is_nan() && levelled[470].to_bits() == values[470].to_bits());
        assert!((levelled[100] / values[100] - 2.0).abs() < 0.1);
    }

    #[test]
    fn neither_a_season_nor_an_incident_is_a_shift() {
        for (there, factor) in [(0..0, 1.0), (430..446, 3.0)] {
            assert_eq!(last(&logs(&days(there.clone(), factor)), Some(96)), None, "{there:?}");
        }
        // Three weeks of quarter hours that end with a weekend, and the same without the weekends before.
        let noise = |t: u32| 1.0 + f64::from(t * 7_919 % 101) / 2_000.0;
        let level = |t: u32, first: u32| if t / 96 % 7 >= 6 && t / 96 >= first { 40.0 } else { 100.0 };
        let weeks = |first| logs(&(0..21 * 96).map(|t| level(t, first) * noise(t)).collect::<Vec<f64>>());
        assert_eq!(last(&weeks(0), Some(96)), None, "it came a week ago too");
        assert!(last(&weeks(20), Some(96)).is_some(), "it came for the first time");
        assert_eq!(last(&[5.0; 400], Some(96)), None);
        assert_eq!(last(&[f64::NAN; 400], None), None);
        assert_eq!(last(&[], None), None);
    }
}
