//! Sealed minutes to trackers, and what turned out to records.

use crate::domain::batch::Amendment;
use crate::domain::ids::ChannelId;
use crate::domain::record::{Cell, FORECAST_ACCURACY, Record, RecordError};
use crate::domain::series::SeriesKey;
use crate::domain::target::Target;
use crate::domain::time::Minute;
use crate::engine::forecasting::channel::{ChannelForecasts, Row, row_of};
use crate::engine::forecasting::{Forecasting, locked};
use crate::forecast::live::WindowScore;
use crate::forecast::measure::Measures;

impl Forecasting {
    /// Tells the trackers of minutes that are sealed, ordered by minute. Returns what came of earlier forecasts.
    pub(in crate::engine) fn feed(&self, rows: &[Amendment]) -> Vec<Record> {
        let mut records = Vec::new();
        for row in rows {
            let channel = self.channel(&row.sample.channel);
            let mut forecasts = locked(&channel);
            let (name, minute, news) = (&row.sample.channel, row.sample.minute, row_of(&row.sample));
            records.extend(settle(&mut forecasts, name, minute, &news));
            forecasts.feed(minute, news);
            forecasts.note(&self.lead);
            records.extend(take_scores(&mut forecasts, name));
        }
        records
    }
}

/// What came of the forecasts that were acted upon.
pub(super) fn settle(forecasts: &mut ChannelForecasts, channel: &ChannelId, minute: Minute, news: &Row) -> Vec<Record> {
    let came = |name: &str| {
        let slot = Target::ALL.into_iter().position(|target| target.name() == name);
        slot.and_then(|slot| news.get(slot)).map_or(f64::NAN, |news| news.value)
    };
    let settled = forecasts.ledger.settle(channel, minute, came);
    settled.into_iter().filter_map(|record| record.map_err(|error| not_kept(channel, &error)).ok()).collect()
}

fn not_kept(channel: &ChannelId, error: &RecordError) {
    tracing::warn!(%channel, %error, "what came of a forecast was not kept");
}

/// The accuracy of the windows that are over.
pub(super) fn take_scores(forecasts: &mut ChannelForecasts, channel: &ChannelId) -> Vec<Record> {
    let mut records = Vec::new();
    for (fitted, target) in forecasts.series.iter_mut().zip(Target::ALL) {
        for score in fitted.iter_mut().flat_map(|fitted| fitted.tracker.take_scores()) {
            match accuracy(channel, target, &score) {
                Ok(record) => records.push(record),
                Err(error) => not_kept(channel, &error),
            }
        }
    }
    records
}

/// The row of `forecast_accuracy` for `score`.
fn accuracy(channel: &ChannelId, target: Target, score: &WindowScore) -> Result<Record, RecordError> {
    let measures = &score.measures;
    let ratio = |percent: Option<f64>| Cell::from(percent.map_or(f64::NAN, |percent| percent / 100.0));
    let number = |value: Option<f64>| Cell::from(value.unwrap_or(f64::NAN));
    let points = i64::try_from(measures.points).unwrap_or(i64::MAX);
    let cells = vec![
        SeriesKey::of_channel("samples", channel, target.name()).to_string().into(),
        Cell::Integer(i64::from(score.horizon_s)),
        score.model.as_str().into(),
        channel.as_str().into(),
        target.name().into(),
        score.role.name().into(),
        Cell::Integer(points),
        ratio(measures.mape),
        ratio(measures.smape),
        number(measures.mase),
        number(measures.rmse),
        number(measures.pinball),
        number(measures.crps),
        number(coverage(measures, 0.5)),
        number(coverage(measures, 0.8)),
        number(coverage(measures, 0.9)),
        number(measures.intervals.first().map(|interval| interval.width)),
        Cell::Integer(crate::forecast::live::WINDOW_S),
    ];
    Record::new(&FORECAST_ACCURACY, score.start, cells)
}

/// Coverage of the central interval that should hold `nominal`.
fn coverage(measures: &Measures, nominal: f64) -> Option<f64> {
    measures.intervals.iter().find(|i| (i.nominal - nominal).abs() < 1e-9).map(|interval| interval.coverage)
}
