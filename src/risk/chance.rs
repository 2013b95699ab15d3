//! The probability that a promise is broken within a horizon, from the forecast of the measure behind it.

use serde::{Deserialize, Serialize};

use crate::forecast::marginal::Marginal;
use crate::forecast::output::Forecast;
use crate::risk::passage::Panel;

/// Horizons of risk, in minutes.
pub const HORIZONS: [u32; 3] = [5, 15, 60];

/// How many minutes in a row must be beyond the limit: one alone, of a dozen calls, is mostly noise.
pub const RUN: usize = 2;

/// A probability for each of [`HORIZONS`].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Chances(pub [f64; HORIZONS.len()]);

impl Chances {
    /// The probability that the measure which `forecast` is of stays above `limit` for [`RUN`] minutes in a row, within
    /// each horizon. `None` without steps or where quantiles are not finite. Steps beyond the forecast keep its last
    /// probability; they are minutes.
    #[must_use]
    pub fn above(limit: f64, forecast: &Forecast, panel: &Panel) -> Option<Self> {
        let steps = forecast.horizon().min(panel.steps());
        let known = forecast.quantiles.iter().take(steps * forecast.levels.len());
        if steps == 0 || !known.into_iter().all(|quantile| quantile.is_finite()) {
            return None;
        }
        let levels = forecast.levels.as_slice();
        let scores = Marginal::scores(levels);
        let of = |step| Marginal::scored(levels, &scores, forecast.at(step)).score(limit);
        let mut chances = vec![0.0; steps];
        panel.passages((0..steps).map(of), RUN, &mut chances);
        let within = |minutes: u32| chances.get((minutes as usize).min(steps) - 1).copied().unwrap_or(0.0);
        Some(Self(HORIZONS.map(within)))
    }

    /// The probability that one of several promises is broken, which is at least the largest of them: trouble that breaks
    /// one tends to break the others, so they are taken as one, and calibration sees to the rest. Multiplying what is
    /// kept would count one outage several times.
    #[must_use]
    pub fn either(self, other: Self) -> Self {
        let mut both = self.0;
        for (own, others) in both.iter_mut().zip(other.0) {
            *own = own.max(others);
        }
        Self(both)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::Grid;
    use crate::forecast::output::Levels;
    use crate::forecast::paths::{Draw, draw};
    use crate::stats::normal;
    use crate::stats::seed::Seed;

    fn forecast(centre: impl Fn(f64) -> f64) -> Forecast {
        let levels = Levels::default();
        let means: Vec<f64> = (0..60u32).map(|step| centre(f64::from(step))).collect();
        let row = |mean: &f64| {
            let mean = *mean;
            levels.as_slice().iter().map(move |level| mean + 100.0 * normal::quantile(*level)).collect::<Vec<_>>()
        };
        Forecast {
            grid: Grid { start: Timestamp::from_seconds(0), step_s: 60 },
            model: "test".to_owned(),
            quantiles: means.iter().flat_map(row).collect(),
            mean: means,
            levels,
        }
    }

    #[test]
    fn it_agrees_with_paths_drawn_from_the_forecast() {
        let panel = Panel::new(4_096, 60, 0.7, Seed::new(5)).expect("valid");
        let forecast = forecast(|step| 1_000.0 + 3.0 * step);
        let chances = Chances::above(1_250.0, &forecast, &panel).expect("known");
        let drawn = draw(&forecast, Draw { paths: 4_096, persistence: 0.7, floor: 0.0 }, Seed::new(6));
        for (horizon, chance) in HORIZONS.iter().zip(chances.0) {
            let broken =
                |path: &[f64]| path[..*horizon as usize].windows(RUN).any(|run| run.iter().all(|v| *v > 1_250.0));
            #[expect(clippy::cast_precision_loss, reason = "a few thousand paths")]
            let share = drawn.chunks(60).filter(|path| broken(path)).count() as f64 / 4_096.0;
            assert!((share - chance).abs() < 0.03, "{horizon}: {share} {chance}");
        }
        assert!(chances.0.is_sorted() && chances.0[2] > chances.0[0] + 0.1, "{chances:?}");
    }

    #[test]
    fn what_is_far_away_does_not_come_and_what_is_here_does() {
        let panel = Panel::new(256, 60, 0.7, Seed::new(5)).expect("valid");
        let calm = Chances::above(5_000.0, &forecast(|_| 1_000.0), &panel).expect("known");
        let bad = Chances::above(500.0, &forecast(|_| 1_000.0), &panel).expect("known");
        assert_eq!((calm.0, calm.either(bad).0), ([0.0; 3], [1.0; 3]));
        assert_eq!(Chances::above(500.0, &forecast(|_| f64::NAN), &panel), None);
    }
}
