//! Where the search for initial states begins, after Hyndman et al. (2008), section 2.6.1: a seasonal profile by
//! decomposition, then a line through the first seasonally adjusted values.

use super::filter::{LEAST_FACTOR, States};
use super::form::{Form, Season, Trend};
use super::search::LONGEST_SEARCHED;
use crate::forecast::decompose::{self, Centre, Joined};

/// The profiles a history has, in the unit of `values`; a kind that it does not have is not among the candidates.
#[derive(Debug, Default)]
pub struct Profiles {
    additive: Option<Vec<f64>>,
    multiplicative: Option<Vec<f64>>,
}

impl Profiles {
    /// Profiles over a season of `period` steps by medians, so that one bad day is not learnt as a season.
    #[must_use]
    pub fn of(values: &[f64], period: usize, positive: bool) -> Self {
        let profile = |joined| {
            if period > LONGEST_SEARCHED {
                decompose::robust_profile(values, period, joined)
            } else {
                decompose::profile(values, period, joined, Centre::Median)
            }
        };
        let additive = profile(Joined::Sum);
        let multiplicative = positive.then(|| profile(Joined::Product)).flatten();
        let multiplicative = multiplicative.filter(|factors| factors.iter().all(|factor| *factor > LEAST_FACTOR));
        Self { additive, multiplicative }
    }

    /// The states before the first step for `form`; `None` if its season is unknown.
    #[must_use]
    pub fn states(&self, form: Form, values: &[f64]) -> Option<States> {
        let season = match form.season {
            Season::None => Vec::new(),
            Season::Additive => self.additive.clone()?,
            Season::Multiplicative => self.multiplicative.clone()?,
        };
        let enough = (2 * season.len()).max(10);
        let adjusted = values.iter().enumerate().map(|(at, value)| {
            let slot = if season.is_empty() { 0.0 } else { season[at % season.len()] };
            if form.season == Season::Multiplicative { value / slot } else { value - slot }
        });
        #[expect(clippy::cast_precision_loss, reason = "series are far shorter than 2^52")]
        let points = adjusted.enumerate().map(|(at, value)| (at as f64 + 1.0, value));
        let (level, slope) = line(points.filter(|(_, value)| value.is_finite()).take(enough));
        Some(match form.trend {
            Trend::None => States { level: level.at_mean, trend: 0.0, season, next: 0 },
            Trend::Additive | Trend::Damped => States { level: level.at_zero, trend: slope, season, next: 0 },
        })
    }
}

/// Heights of a fitted line.
struct Heights {
    at_mean: f64,
    at_zero: f64,
}

/// Least squares line through `points`: its height at the mean and at zero, and its slope.
fn line(points: impl Iterator<Item = (f64, f64)> + Clone) -> (Heights, f64) {
    let (count, x, y) = points.clone().fold((0.0, 0.0, 0.0), |(n, x, y), point| (n + 1.0, x + point.0, y + point.1));
    let count = f64::max(count, 1.0);
    let (x, y) = (x / count, y / count);
    let (mixed, square) = points.fold((0.0, 0.0), |(mixed, square), point| {
        (mixed + (point.0 - x) * (point.1 - y), square + (point.0 - x) * (point.0 - x))
    });
    let slope = if square > 0.0 { mixed / square } else { 0.0 };
    (Heights { at_mean: y, at_zero: y - slope * x }, slope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::ets::form::ErrorKind;

    #[test]
    fn a_line_with_a_season_is_found_exactly() {
        let season = [3.0, -1.0, -2.0, 0.0];
        let values: Vec<f64> = (0u8..24).map(|at| 12.0 + 2.0 * f64::from(at) + season[usize::from(at % 4)]).collect();
        let form = Form { error: ErrorKind::Additive, trend: Trend::Additive, season: Season::Additive };
        let states = Profiles::of(&values, 4, true).states(form, &values).expect("six seasons");
        assert!((states.level - 10.0).abs() < 1e-9 && (states.trend - 2.0).abs() < 1e-9, "{states:?}");
        assert!(states.season.iter().zip(season).all(|(found, true_)| (found - true_).abs() < 1e-9));
        assert!(Profiles::of(&values[..7], 4, true).states(form, &values[..7]).is_none());
    }
}
