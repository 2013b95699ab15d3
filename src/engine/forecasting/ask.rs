//! Questions about the future.

use crate::domain::ids::ChannelId;
use crate::domain::target::Target;
use crate::domain::time::{MINUTES_PER_DAY, Minute, Timestamp};
use crate::engine::Engine;
use crate::engine::forecasting::channel::{GAP, LONGEST_GAP, Row, row_of};
use crate::engine::forecasting::{fit, locked};
use crate::forecast::champion::{Champion, MINIMUM};
use crate::forecast::live::Tracker;
use crate::forecast::model::FitError;
use crate::forecast::output::{Forecast, Levels};
use crate::forecast::paths::Draw;
use crate::forecast::select::SelectionReport;
use crate::store::query::{self, QueryError};

/// Seconds after the end of a minute before a forecast counts on having seen its calls.
const GRACE_S: i64 = 2;

/// A forecast, and how whole paths are drawn from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Foreseen {
    /// The forecast.
    pub forecast: Forecast,
    /// How its steps hang together.
    pub draw: Draw,
}

/// Why there is no forecast.
#[derive(Debug, thiserror::Error)]
pub enum ForecastRefusal {
    /// There is no such model.
    #[error("{0}")]
    Model(String),
    /// The model cannot be fitted to this series.
    #[error("{0}")]
    Fit(#[from] FitError),
    /// The history cannot be read.
    #[error("the history cannot be read")]
    History(#[from] QueryError),
    /// Nobody ever heard of the channel.
    #[error("there is no channel `{0}`")]
    NoChannel(ChannelId),
    /// Too little is known, or the first fit is still to come.
    #[error(
        "there is no forecast of `{target}` for `{channel}` yet: it needs {needed} minutes with a value, \
         and the first fit follows within some minutes"
    )]
    NotYet {
        /// The channel.
        channel: ChannelId,
        /// The series.
        target: Target,
        /// Minutes with a value that the least demanding models need.
        needed: usize,
    },
}

/// How a series stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The series.
    pub target: Target,
    /// The model whose forecasts are served.
    pub model: String,
    /// How it was chosen: the candidates, their errors and their shares.
    pub report: SelectionReport,
    /// When the parameters were fitted.
    pub fitted_at: Option<Timestamp>,
    /// First minute of the history they were fitted to.
    pub fitted_from: Option<Minute>,
    /// The minute up to which everything sealed has been learnt.
    pub next: Minute,
}

impl Engine {
    /// The next `steps` minutes of `target` of `channel` from now on, as far as the minutes are known.
    ///
    /// # Errors
    /// [`ForecastRefusal`].
    pub fn forecast(
        &self,
        channel: &ChannelId,
        target: Target,
        steps: usize,
        levels: &Levels,
    ) -> Result<Foreseen, ForecastRefusal> {
        let (mut tracker, next) = self.tracker(channel, target)?;
        let slot = Target::ALL.into_iter().position(|known| known == target).unwrap_or(0);
        for row in self.open_rows(channel, next) {
            tracker.update(row[slot]);
        }
        Ok(Foreseen { forecast: tracker.forecast(steps, levels), draw: tracker.draw() })
    }

    /// The same by the model called `model`, fitted for this answer to the history that fits are made of. Blocks for
    /// as long as that takes.
    ///
    /// # Errors
    /// [`ForecastRefusal`].
    pub fn forecast_with(
        &self,
        channel: &ChannelId,
        target: Target,
        model: &str,
        steps: usize,
        levels: &Levels,
    ) -> Result<Foreseen, ForecastRefusal> {
        let now = self.0.clock.now().plus_seconds(-GRACE_S).minute();
        let from = now.minus(self.0.settings.forecast.history_days.saturating_mul(MINUTES_PER_DAY));
        let view = self.view(Some(channel), from, now);
        let samples = query::samples(&view.snapshot, &view.fresh, channel, from, now)?;
        let abnormal = self.trouble(channel, from, now).of(target, from, now);
        let tracker = fit::one_series(&samples, target, model, &abnormal)?;
        Ok(Foreseen { forecast: tracker.forecast(steps, levels), draw: tracker.draw() })
    }

    /// Keeps `forecast`, because something acted upon it, until it is known what came; then it is a row of the table
    /// `forecasts`. `purpose` says what acted: `quota`, `asked`. It is on disk when this returns, unless the
    /// log says why not. Blocks.
    pub fn keep_forecast(&self, channel: &ChannelId, target: Target, purpose: &str, forecast: &Forecast) {
        if let Some(forecasts) = self.0.forecasting.known(channel) {
            locked(&forecasts).ledger.keep(target, purpose, forecast);
            self.save_channel(channel);
        }
    }

    /// How every series of `channel` stands.
    #[must_use]
    pub fn standings(&self, channel: &ChannelId) -> Vec<Standing> {
        let Some(forecasts) = self.0.forecasting.known(channel) else { return Vec::new() };
        let forecasts = locked(&forecasts);
        let standing = |(fitted, target): (&Option<Champion>, Target)| {
            let Champion { tracker, report } = fitted.as_ref()?;
            Some(Standing {
                target,
                model: tracker.model().to_owned(),
                report: report.clone(),
                fitted_at: forecasts.fitted_at,
                fitted_from: forecasts.fitted_from,
                next: tracker.next().start.minute(),
            })
        };
        forecasts.series.iter().zip(Target::ALL).filter_map(standing).collect()
    }

    /// A copy of a tracker, and the minute it waits for.
    fn tracker(&self, channel: &ChannelId, target: Target) -> Result<(Tracker, Minute), ForecastRefusal> {
        let not_yet = || ForecastRefusal::NotYet { channel: channel.clone(), target, needed: MINIMUM };
        let forecasts = self.0.forecasting.known(channel).ok_or_else(|| {
            let known = self.0.known.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            if known.contains(channel) { not_yet() } else { ForecastRefusal::NoChannel(channel.clone()) }
        })?;
        let forecasts = locked(&forecasts);
        let fitted = forecasts.series.iter().zip(Target::ALL).find(|(_, known)| *known == target);
        let saved = fitted.and_then(|(fitted, _)| fitted.as_ref()).map(|fitted| fitted.tracker.save());
        let saved = saved.ok_or_else(not_yet)?;
        let tracker = saved.restore().ok_or_else(not_yet)?;
        let next = tracker.next().start.minute();
        Ok((tracker, next))
    }

    /// The minutes of `channel` from `next` on that are over but not sealed, gaps included. After a long silence there
    /// are none: the forecast then begins where the history ends.
    fn open_rows(&self, channel: &ChannelId, next: Minute) -> Vec<Row> {
        let now = self.0.clock.now().plus_seconds(-GRACE_S).minute();
        let view = self.view(Some(channel), next, now);
        let mut rows = Vec::new();
        let recent = |minute: Minute| minute.0.saturating_sub(next.0) <= LONGEST_GAP;
        for amendment in view.fresh.iter().filter(|amendment| recent(amendment.sample.minute)) {
            let at = amendment.sample.minute.0.saturating_sub(next.0) as usize;
            rows.resize(at.max(rows.len()), GAP);
            rows.push(row_of(&amendment.sample));
        }
        rows
    }
}
