//! What channels will do, and how far that may be trusted.

use crate::api::chat::look::{Minutes, STEP_MINUTES};
use crate::api::routes::accuracy::summed;
use crate::chat::facts::{Ahead, Outlook, Trust};
use crate::chat::intent::Subject;
use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::record::FORECAST_ACCURACY;
use crate::domain::series::SeriesKey;
use crate::domain::target::Target;
use crate::domain::time::{MINUTES_PER_DAY, Timestamp};
use crate::engine::{Engine, View};
use crate::forecast::output::{Forecast, Levels};
use crate::store::query::{self, QueryError, RecordQuery};

/// Minutes ahead that are told in figures.
const AHEAD: [u32; 2] = [15, 60];
/// Minutes that are foreseen.
const STEPS: usize = 60;
/// Of one channel, what is told if no column is named.
const USUAL: [Target; 4] = [
    Target::Column(Column::LatencyP95),
    Target::ErrorRatio,
    Target::Column(Column::Requests),
    Target::Column(Column::Cost),
];
/// Channels that are told of if none is named.
const MOST_CHANNELS: usize = 8;
/// Minutes within which the last value is still the present one.
const FRESH_MINUTES: u32 = 5;
/// The horizon, in seconds, at which trust is told.
const TRUST_HORIZON_S: i64 = 900;
/// Hourly windows of accuracy that are read at most: a day of every horizon and model.
const MOST_WINDOWS: usize = 10_000;

/// The outlooks of what `about` and `column` name; those of channels without a forecast are left out. Blocks.
///
/// # Errors
/// [`QueryError`].
pub fn outlooks(
    engine: &Engine,
    view: &View,
    about: Option<&Subject>,
    column: Option<Target>,
    now: Timestamp,
) -> Result<Vec<Outlook>, QueryError> {
    let channels = match about {
        Some(Subject::Channel(name)) => ChannelId::new(name).into_iter().collect(),
        Some(Subject::Class(class)) => {
            engine.decision(class).map(|told| told.decision.plan.shares.keys().cloned().collect()).unwrap_or_default()
        }
        Some(Subject::Stranger(_)) => Vec::new(),
        None => engine.channels(),
    };
    let is_one = channels.len() == 1;
    let targets: Vec<Target> = match column {
        Some(column) => vec![column],
        None if is_one => USUAL.to_vec(),
        None => vec![Target::Column(Column::LatencyP95)],
    };
    let mut outlooks = Vec::new();
    for channel in channels.iter().take(MOST_CHANNELS) {
        for target in &targets {
            outlooks.extend(outlook(engine, view, channel, *target, now)?);
        }
    }
    Ok(outlooks)
}

/// The outlook of one series; `None` while there is no forecast.
fn outlook(
    engine: &Engine,
    view: &View,
    channel: &ChannelId,
    target: Target,
    now: Timestamp,
) -> Result<Option<Outlook>, QueryError> {
    let Ok(levels) = Levels::new(vec![0.05, 0.5, 0.95]) else { return Ok(None) };
    let Ok(foreseen) = engine.forecast(channel, target, STEPS, &levels) else { return Ok(None) };
    let minute = now.minute();
    let minutes = Minutes::from(view);
    let last = query::samples(minutes.snapshot, minutes.fresh, channel, minute.minus(FRESH_MINUTES), minute)?;
    let present = last.iter().rev().map(|sample| target.observe(sample).0).find(|value| value.is_finite());
    Ok(Some(Outlook {
        channel: channel.to_string(),
        column: target,
        now: present,
        ahead: AHEAD.iter().filter_map(|minutes| ahead(&foreseen.forecast, *minutes)).collect(),
        last_hour: minutes.course(channel, target, minute)?,
        next_hour: foreseen.forecast.mean.chunks(STEP_MINUTES as usize).map(mean).collect(),
        trust: trust(view, channel, target, now)?,
    }))
}

/// The minute that is `minutes` from now.
fn ahead(forecast: &Forecast, minutes: u32) -> Option<Ahead> {
    let step = (minutes as usize).checked_sub(1)?;
    let mean = *forecast.mean.get(step)?;
    let at = |level: f64| forecast.levels.position(level).and_then(|at| forecast.at(step).get(at).copied());
    Some(Ahead { minutes, mean, low: at(0.05)?, high: at(0.95)? })
}

#[expect(clippy::cast_precision_loss, reason = "a mean of a few values")]
fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// How right the forecasts served have been in the last day, at the horizon that trust is told at; `None` if nobody knows.
fn trust(view: &View, channel: &ChannelId, target: Target, now: Timestamp) -> Result<Option<Trust>, QueryError> {
    let series = SeriesKey::of_channel("samples", channel, target.name()).to_string();
    let to = now.minute().plus(1);
    let asked = RecordQuery {
        table: &FORECAST_ACCURACY,
        from: to.minus(MINUTES_PER_DAY).start(),
        to: to.start(),
        first: Some(series.into()),
        limit: MOST_WINDOWS,
    };
    let records = query::records(&view.snapshot, &view.fresh_records, &asked)?;
    let rows = summed(&records, Some(channel), Some(target.name()));
    let served = rows.into_iter().filter(|row| row.role == "champion" && row.horizon_s == TRUST_HORIZON_S);
    let most = served.max_by_key(|row| row.n);
    Ok(most.map(|row| Trust { coverage_90: row.coverage_90, mape: row.mape, outcomes: row.n }))
}
