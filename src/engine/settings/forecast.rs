//! Settings of the forecasts.

use crate::collect::schedule::CronExpr;
use crate::config::Config;
use crate::forecast::history::Span;

/// Settings of the forecasts.
#[derive(Debug, Clone)]
pub struct ForecastSettings {
    /// Whether there are any.
    pub enabled: bool,
    /// When a round of fits begins.
    pub refit: CronExpr,
    /// Days of history that models are fitted to.
    pub history_days: u32,
    /// Stretches that are left out of every history.
    pub skip: Vec<Span>,
    /// Share of one core that fits may take, above 0 and at most 1.
    pub cpu_share: f64,
    /// Whether the program's own metrics show forecasts.
    pub metrics: bool,
}

impl Default for ForecastSettings {
    fn default() -> Self {
        Self::of(&Config::default())
    }
}

impl ForecastSettings {
    /// The settings that `config` asks for.
    #[must_use]
    pub fn of(config: &Config) -> Self {
        let forecast = &config.forecast;
        Self {
            enabled: forecast.enabled,
            // The configuration has read it already.
            refit: CronExpr::parse(forecast.refit.as_str()).unwrap_or_else(|_| CronExpr::every_minute()),
            history_days: u32::try_from(forecast.history.as_secs() / 86_400).unwrap_or(u32::MAX).max(1),
            skip: forecast.skip.iter().map(|stretch| Span { from: stretch.from, to: stretch.to }).collect(),
            cpu_share: forecast.cpu_share,
            metrics: forecast.metrics,
        }
    }
}
