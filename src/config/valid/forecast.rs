//! `[forecast]` as meant.

use std::time::Duration;

use crate::config::check::Checker;
use crate::config::document::Path;
use crate::config::elements::cron::Cron;
use crate::config::elements::duration;
use crate::config::elements::stretch::{self, Stretch};
use crate::config::raw;

/// Forecasts of every channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Forecast {
    /// Whether forecasts are made at all.
    pub enabled: bool,
    /// When a round of fits begins.
    pub refit: Cron,
    /// How much history models are fitted to.
    pub history: Duration,
    /// Stretches that are left out of the history.
    pub skip: Vec<Stretch>,
    /// The share of one core that fits may take.
    pub cpu_share: f64,
    /// Whether `/metrics` shows forecasts.
    pub metrics: bool,
}

impl Default for Forecast {
    fn default() -> Self {
        Self {
            enabled: true,
            refit: Cron::every_six_hours(),
            history: Duration::from_hours(15 * 24),
            skip: Vec::new(),
            cpu_share: 0.25,
            metrics: false,
        }
    }
}

impl Forecast {
    pub(super) fn check(raw: &raw::Forecast, path: &Path, checker: &mut Checker<'_>) -> Self {
        let default = Self::default();
        let history = duration::parse_within(&raw.history, "2h", "60d");
        let taken = raw
            .skip
            .iter()
            .enumerate()
            .filter_map(|(at, text)| checker.take(&path.key("skip").at(at), stretch::of_dates(text)));
        let skip = taken.collect();
        if !(0.01..=1.0).contains(&raw.cpu_share) {
            checker.fail(&path.key("cpu_share"), format!("expected a share from 0.01 to 1, found {}", raw.cpu_share));
        }
        Self {
            enabled: raw.enabled,
            refit: checker.take_or(&path.key("refit"), Cron::parse(&raw.refit), default.refit),
            history: checker.take_or(&path.key("history"), history, default.history),
            skip,
            cpu_share: raw.cpu_share,
            metrics: raw.metrics,
        }
    }
}
