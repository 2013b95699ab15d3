//! What the forecasts of one channel say of the next quarter of an hour, in the few figures that a plan needs.

use crate::forecast::output::Forecast;

/// Minutes ahead that a plan looks.
pub const MINUTES: usize = 15;

/// The next quarter of an hour of one channel; NaN where there is no forecast.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ahead {
    /// The highest latency over that of now: 2 means that calls will take twice as long.
    pub slower: f64,
    /// Share of calls that fail now as forecast, 0 ..= 1.
    pub failing_now: f64,
    /// The largest share of calls that will fail, 0 ..= 1.
    pub failing: f64,
    /// Calls a minute as they are expected now.
    pub calls_now: f64,
    /// The most calls a minute that are expected.
    pub calls_most: f64,
}

impl Default for Ahead {
    fn default() -> Self {
        Self { slower: f64::NAN, failing_now: f64::NAN, failing: f64::NAN, calls_now: f64::NAN, calls_most: f64::NAN }
    }
}

impl Ahead {
    /// What these forecasts of minutes say, each of which may be missing.
    #[must_use]
    pub fn of(latency: Option<&Forecast>, failing: Option<&Forecast>, calls: Option<&Forecast>) -> Self {
        let ends = |forecast: Option<&Forecast>| {
            let means = forecast.map(|forecast| forecast.mean.as_slice()).unwrap_or_default();
            let next = means.iter().take(MINUTES).copied().filter(|mean| mean.is_finite());
            (means.first().copied().unwrap_or(f64::NAN), next.reduce(f64::max).unwrap_or(f64::NAN))
        };
        let (now_ms, most_ms) = ends(latency);
        let (calls_now, calls_most) = ends(calls);
        let slower = if now_ms > 0.0 { most_ms / now_ms } else { f64::NAN };
        let (failing_now, failing) = ends(failing);
        Self { slower, failing_now, failing: failing.clamp(0.0, 1.0), calls_now, calls_most }
    }

    /// By how much the share of failing calls will grow, 0 ..= 1; 0 without a forecast. What a forecast says of the present is
    /// left out: calls that were heard know better, and an outage that is over is not to be expected for hours.
    #[must_use]
    pub fn failing_growth(&self) -> f64 {
        let growth = self.failing - self.failing_now;
        if growth.is_finite() { growth.clamp(0.0, 1.0) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::Grid;
    use crate::forecast::output::Levels;

    fn forecast(mean: Vec<f64>) -> Forecast {
        let levels = Levels::default();
        let quantiles = mean.iter().flat_map(|mean| std::iter::repeat_n(*mean, levels.len())).collect();
        let grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };
        Forecast { grid, model: "test".to_owned(), mean, levels, quantiles }
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "ratios of small whole numbers")]
    fn it_looks_a_quarter_of_an_hour_ahead_and_no_further() {
        let ramp = forecast((0..60).map(|step| 100.0 + 10.0 * f64::from(step)).collect());
        let ahead = Ahead::of(Some(&ramp), None, Some(&ramp));
        assert_eq!((ahead.slower, ahead.calls_now, ahead.calls_most), (2.4, 100.0, 240.0));
        assert!(ahead.failing.is_nan());
        assert!(Ahead::of(None, Some(&forecast(vec![0.1, f64::NAN])), None).failing == 0.1);
        assert!(Ahead::of(Some(&forecast(vec![0.0; 3])), None, None).slower.is_nan());
    }
}
