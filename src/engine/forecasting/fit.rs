//! Fits: on a schedule, away from the minute path, within a share of one core.
//!
//! A channel that has no fit yet, or whose champion was dropped, is fitted as soon as it is its turn; a round over all
//! channels begins at each tick of the schedule and is spread over an hour, or longer where the share of the core asks for it.
//! First come the pools, from which all fits of the round start.

use std::time::Duration;

use tokio::sync::watch;

use crate::collect::schedule::Schedule;
use crate::domain::ids::ChannelId;
use crate::domain::sample::Sample;
use crate::domain::target::Target;
use crate::domain::time::{MINUTES_PER_DAY, Minute, Timestamp};
use crate::engine::Engine;
use crate::engine::forecasting::channel::{GAP, Row, SERIES, row_of};
use crate::engine::forecasting::{ForecastRefusal, locked, pace};
use crate::forecast::catalogue::{self, CATALOGUE, Setting};
use crate::forecast::champion::{self, Champion, HORIZON, MINIMUM};
use crate::forecast::global::Pools;
use crate::forecast::history::{Grid, History, Span};
use crate::forecast::live::{Shape, Tracker};
use crate::forecast::season;
use crate::store::query;
use crate::store::schema::SAMPLES;

/// How often new channels are looked for.
const LOOK_EVERY_S: i64 = 15;
/// How long a channel without enough history waits for its next try.
const PATIENCE_S: i64 = 300;

impl Engine {
    /// Fits every series of `channel` to its history and puts the fits in place. Blocks for as long as that takes.
    fn fit_channel(&self, channel: &ChannelId, now: Timestamp) -> bool {
        let forecasts = self.0.forecasting.channel(channel);
        let known = locked(&forecasts).next;
        let history_minutes = self.0.settings.forecast.history_days.saturating_mul(MINUTES_PER_DAY);
        let snapshot = self.0.store.snapshot();
        // Before the first sealed minute there is an imported history at most. It may have ended long ago, and may be of
        // years: the newest days of it are enough, and fit into memory.
        let newest = snapshot.files(&SAMPLES).iter().map(|file| file.last_minute.plus(1)).max();
        let Some(to) = known.or(newest) else { return false };
        let samples = match query::samples(&snapshot, &[], channel, to.minus(history_minutes), to) {
            Ok(samples) => samples,
            Err(error) => {
                tracing::warn!(%channel, %error, "no history to fit to");
                return false;
            }
        };
        let Some((start, rows)) = rows_of(&samples, history_minutes) else { return false };
        let end = start.plus(u32::try_from(rows.len()).unwrap_or(u32::MAX));
        let trouble = self.trouble(channel, start, end);
        let fitted =
            fit_rows(start, &rows, |target| trouble.of(target, start, end), |target| self.0.forecasting.pools(target));
        let mut forecasts = locked(&forecasts);
        let taken = fitted.iter().any(Option::is_some) && forecasts.take_over(fitted, end);
        if taken {
            forecasts.fitted_at = Some(now);
            forecasts.fitted_from = Some(start);
        }
        taken
    }
}

/// The last `most` minutes of `samples` as a regular table, gaps included, and its first minute.
pub(super) fn rows_of(samples: &[Sample], most: u32) -> Option<(Minute, Vec<Row>)> {
    let last = samples.last()?.minute;
    let start = samples.iter().map(|sample| sample.minute).find(|minute| last.0 - minute.0 < most)?;
    let mut rows = vec![GAP; (last.0 - start.0 + 1) as usize];
    for sample in samples.iter().filter(|sample| sample.minute >= start) {
        if let Some(row) = rows.get_mut((sample.minute.0 - start.0) as usize) {
            *row = row_of(sample);
        }
    }
    Some((start, rows))
}

/// A tracker of `target` by the model called `model`, fitted to `samples`.
///
/// # Errors
/// [`ForecastRefusal`] if there is no such model or it cannot be fitted.
pub(super) fn one_series(
    samples: &[Sample],
    target: Target,
    model: &str,
    abnormal: &[Span],
) -> Result<Tracker, ForecastRefusal> {
    let entry = catalogue::find(model).ok_or_else(|| {
        let names: Vec<&str> = CATALOGUE.iter().map(|entry| entry.name).collect();
        ForecastRefusal::Model(format!("there is no model `{model}`; there are champion, {}", names.join(", ")))
    })?;
    let (start, rows) = rows_of(samples, u32::MAX).unwrap_or((Minute(0), Vec::new()));
    let slot = Target::ALL.into_iter().position(|known| known == target).unwrap_or(0);
    let (values, counts) = column(start, &rows, slot, abnormal);
    let history = History::new(Grid { start: start.start(), step_s: 60 }, &values).with_counts(&counts);
    // Models that are nothing without a season get the day's.
    let found = season::working(&history);
    let seasons: &[usize] = if found.is_empty() { &[MINUTES_PER_DAY as usize] } else { &found };
    let setting = Setting { seasons, step_s: 60, horizon: HORIZON, pools: None, holidays: &[] };
    let model = entry.build(&setting).map_err(|error| ForecastRefusal::Model(error.to_string()))?;
    Ok(Tracker::start(&*model, Shape::of_minutes(target.quantity()), &history)?)
}

/// A tracker for each series that has enough values outside of the `abnormal` stretches.
fn fit_rows(
    start: Minute,
    rows: &[Row],
    abnormal: impl Fn(Target) -> Vec<Span>,
    pools: impl Fn(Target) -> Pools,
) -> [Option<Champion>; SERIES] {
    let mut slot = 0;
    Target::ALL.map(|target| {
        let (values, counts) = column(start, rows, slot, &abnormal(target));
        slot += 1;
        let history = History::new(Grid { start: start.start(), step_s: 60 }, &values).with_counts(&counts);
        if history.observed() < MINIMUM {
            return None;
        }
        champion::choose(target, &history, &pools(target))
            .inspect_err(|error| tracing::debug!(%target, %error, "no fit"))
            .ok()
    })
}

/// Values and counts of one series, with gaps in place of what is known to be abnormal.
pub(super) fn column(start: Minute, rows: &[Row], slot: usize, abnormal: &[Span]) -> (Vec<f64>, Vec<f64>) {
    let (values, counts): (Vec<f64>, Vec<f64>) = rows.iter().map(|row| (row[slot].value, row[slot].count)).unzip();
    (History::new(Grid { start: start.start(), step_s: 60 }, &values).without(abnormal), counts)
}

/// One step of a round.
#[derive(Debug)]
enum Work {
    Pools(Target),
    Channel(ChannelId),
}

/// Fits until `stop`. One channel after the other, on a thread that may block.
pub async fn refits(engine: Engine, mut stop: watch::Receiver<bool>) {
    let settings = engine.settings().forecast.clone();
    let mut schedule = Schedule::new(settings.refit.clone(), engine.clock().now());
    let mut queue: Vec<Work> = Vec::new();
    let mut tried: std::collections::BTreeMap<ChannelId, Timestamp> = std::collections::BTreeMap::new();
    let mut round = 1;
    loop {
        let now = engine.clock().now();
        if schedule.on_time(now).due.is_some() {
            let channels = engine.oldest_last();
            round = channels.len().max(1);
            let pools = Target::ALL.into_iter().rev().map(Work::Pools);
            queue = channels.into_iter().map(Work::Channel).chain(pools).collect();
            schedule.finished();
        }
        let urgent = engine.first_unfitted(&tried, now);
        let is_urgent = urgent.is_some();
        let rest_s = match urgent.map(Work::Channel).or_else(|| queue.pop()) {
            Some(work) => {
                let is_spread = !is_urgent && matches!(work, Work::Channel(_));
                match work {
                    Work::Pools(target) => engine.pool(target).await,
                    Work::Channel(channel) => {
                        let _fitted = engine.refit(&channel).await;
                        tried.insert(channel, now);
                    }
                }
                let took_s = engine.clock().now().seconds_since(now).max(0.0);
                pace::rest_s(took_s, settings.cpu_share, round, if is_spread { 3_600.0 } else { 0.0 })
            }
            None => f64::from(i32::try_from(LOOK_EVERY_S).unwrap_or(15)),
        };
        let rest = Duration::from_secs_f64(rest_s.clamp(0.05, 60.0));
        let until = engine.clock().now().plus_micros(i64::try_from(rest.as_micros()).unwrap_or(i64::MAX));
        tokio::select! {
            () = engine.clock().sleep_until(until) => {}
            _ = stop.wait_for(|stop| *stop) => break,
        }
    }
    // What was learnt since the last save is worth a moment at the end.
    let saving = engine.clone();
    let _saved = tokio::task::spawn_blocking(move || saving.save_models()).await;
}

impl Engine {
    /// Every channel, the one with the oldest fit last: a round that is not done when the next begins is gone on with.
    fn oldest_last(&self) -> Vec<ChannelId> {
        let fitted_at = |channel: &ChannelId| self.0.forecasting.known(channel).and_then(|it| locked(&it).fitted_at);
        let mut channels = self.channels();
        channels.sort_by_cached_key(|channel| std::cmp::Reverse(fitted_at(channel)));
        channels
    }

    /// A channel that waits for a fit and was not tried lately.
    fn first_unfitted(
        &self,
        tried: &std::collections::BTreeMap<ChannelId, Timestamp>,
        now: Timestamp,
    ) -> Option<ChannelId> {
        let is_due = |channel: &ChannelId| tried.get(channel).is_none_or(|at| now >= at.plus_seconds(PATIENCE_S));
        let wants = |channel: &ChannelId| {
            self.0.forecasting.known(channel).is_none_or(|forecasts| {
                let forecasts = locked(&forecasts);
                forecasts.fitted_at.is_none() || forecasts.wants_fit
            })
        };
        self.channels().into_iter().find(|channel| is_due(channel) && wants(channel))
    }

    /// Fits every series of `channel` to its published history now, borrows from a sibling what cannot be fitted yet, and
    /// saves the result. Whether there was any.
    pub async fn refit(&self, channel: &ChannelId) -> bool {
        let (engine, name, now) = (self.clone(), channel.clone(), self.clock().now());
        let work = move || {
            let fitted = engine.fit_channel(&name, now);
            let borrowed = engine.borrow(&name);
            if fitted || borrowed {
                engine.save_channel(&name);
            }
            if fitted {
                engine.rehearse(&name);
            }
            fitted || borrowed
        };
        tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| {
            tracing::error!(%channel, "a fit broke off; the old one goes on");
            false
        })
    }
}
