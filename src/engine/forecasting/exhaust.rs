//! When a channel's limit or budget runs out.

use chrono::{Datelike, NaiveDate};

use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::target::Target;
use crate::domain::time::{Day, MINUTES_PER_DAY, Minute};
use crate::engine::Engine;
use crate::engine::forecasting::{ForecastRefusal, Foreseen};
use crate::forecast::budget::{self, Exhaustion, Limit};
use crate::forecast::history::Grid;
use crate::forecast::output::Levels;
use crate::forecast::paths::draw;
use crate::stats::seed::Seed;
use crate::store::query;

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// Calls.
    Requests,
    /// Prompt and completion tokens together.
    Tokens,
    /// Money.
    Cost,
}

/// Over what time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Per {
    /// Every single minute of the coming hour.
    Minute,
    /// From midnight to midnight, UTC.
    Day,
    /// A calendar month, UTC.
    Month,
}

impl Resource {
    /// The series that add up to it.
    const fn targets(self) -> &'static [Target] {
        match self {
            Self::Requests => &[Target::Column(Column::Requests)],
            Self::Tokens => &[Target::Column(Column::TokensPrompt), Target::Column(Column::TokensCompletion)],
            Self::Cost => &[Target::Column(Column::Cost)],
        }
    }
}

/// When a limit runs out, and from what that follows.
#[derive(Debug, Clone, PartialEq)]
pub struct Outlook {
    /// Used in the period before the forecast begins; 0 for a limit on minutes.
    pub used: f64,
    /// Where the steps of `exhaustion` lie: minutes, or days for a month.
    pub grid: Grid,
    /// What becomes of the limit.
    pub exhaustion: Exhaustion,
}

impl Engine {
    /// When `limit` of `resource` on `channel` runs out, with the probabilities `chances`. The forecasts behind the
    /// answer are kept, to be compared with what came.
    ///
    /// # Errors
    /// [`ForecastRefusal`] if the channel has no forecast of one of the series.
    pub fn exhaustion(
        &self,
        channel: &ChannelId,
        resource: Resource,
        limit: f64,
        per: Per,
        chances: &[f64],
    ) -> Result<Outlook, ForecastRefusal> {
        let steps = if per == Per::Minute { 60 } else { MINUTES_PER_DAY as usize };
        let (grid, paths) = self.paths(channel, resource, steps)?;
        let begin = grid.start.minute();
        let day = begin.day();
        let left = (day.first_minute().plus(MINUTES_PER_DAY).0 - begin.0) as usize;
        let seed = Seed::new(0);
        let (used, grid, rows, width, limited) = match per {
            Per::Minute => (0.0, grid, paths, steps, Limit::Rate { limit }),
            Per::Day => {
                let used = self.used(channel, resource, day.first_minute(), begin)?;
                let today = paths.chunks_exact(steps).flat_map(|path| &path[..left]).copied().collect();
                (used, grid, today, left, Limit::Total { limit, spent: used })
            }
            Per::Month => {
                let (first, days) = month_of(day);
                let used = self.used(channel, resource, first.first_minute(), begin)?;
                let rows = budget::daily(&paths, steps, left, days, seed);
                let grid = Grid { start: day.first_minute().start(), step_s: 86_400 };
                (used, grid, rows, days + 1, Limit::Total { limit, spent: used })
            }
        };
        Ok(Outlook { used, grid, exhaustion: budget::exhaustion(&rows, grid, width, limited, chances) })
    }

    /// Whole futures of `resource`: those of its series drawn with one seed, so that they rise and fall together.
    fn paths(
        &self,
        channel: &ChannelId,
        resource: Resource,
        steps: usize,
    ) -> Result<(Grid, Vec<f64>), ForecastRefusal> {
        let mut sum: Option<(Grid, Vec<f64>)> = None;
        for &target in resource.targets() {
            let Foreseen { forecast, draw: how } = self.forecast(channel, target, steps, &Levels::default())?;
            self.keep_forecast(channel, target, "quota", &forecast);
            let paths = draw(&forecast, how, Seed::new(0));
            sum = Some(match sum {
                None => (forecast.grid, paths),
                Some((grid, sum)) => (grid, sum.iter().zip(&paths).map(|(one, other)| one + other).collect()),
            });
        }
        // Every resource has a series.
        Ok(sum.unwrap_or((Grid { start: self.0.clock.now(), step_s: 60 }, Vec::new())))
    }

    /// What `channel` used of `resource` in `[from, to)`.
    fn used(&self, channel: &ChannelId, resource: Resource, from: Minute, to: Minute) -> Result<f64, ForecastRefusal> {
        let view = self.view(Some(channel), from, to);
        let samples = query::samples(&view.snapshot, &view.fresh, channel, from, to)?;
        let of = |sample| resource.targets().iter().map(move |target| target.observe(sample).0);
        Ok(samples.iter().flat_map(of).filter(|value| value.is_finite()).sum())
    }
}

/// First day of the month of `day`, and the days of it that come after `day`.
pub(in crate::engine) fn month_of(day: Day) -> (Day, usize) {
    let date = NaiveDate::from_epoch_days(i32::try_from(day.0).unwrap_or(i32::MAX)).unwrap_or_default();
    let passed = date.day0();
    let length = u32::from(date.num_days_in_month());
    (day.minus(passed), (length - 1 - passed) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    #[test]
    fn months_have_their_own_lengths() {
        let day = |text: &str| Timestamp::parse_rfc3339(text).expect("valid RFC 3339").minute().day();
        let leap = day("2028-02-27T12:00:00Z");
        assert_eq!(month_of(leap), (day("2028-02-01T00:00:00Z"), 2));
        assert_eq!(month_of(day("2026-12-31T00:00:00Z")), (day("2026-12-01T00:00:00Z"), 0));
    }
}
