//! Forecasts that something acted upon, kept until it is known what came.

use serde::{Deserialize, Serialize};

use crate::domain::ids::ChannelId;
use crate::domain::record::{Cell, FORECASTS, Record, RecordError};
use crate::domain::series::SeriesKey;
use crate::domain::target::Target;
use crate::domain::time::{Minute, Timestamp};
use crate::forecast::output::Forecast;

/// Minutes ahead that are kept of a forecast: enough to judge it, few enough to keep.
const HORIZONS: [usize; 6] = [1, 5, 15, 30, 60, 1_440];
/// Most forecasts of one channel that wait for their truth; further ones are not kept.
const MOST: usize = 2_000;

/// One value of a forecast on its way to its truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The minute that it is about.
    minute: u32,
    target: String,
    horizon_s: u32,
    purpose: String,
    /// First minute that was unknown when it was made.
    origin: Timestamp,
    model: String,
    mean: f64,
    quantiles: [f64; 3],
}

/// What waits for its truth, in no order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Ledger(Vec<Kept>);

impl Ledger {
    /// Keeps `forecast` of `target` at a few horizons. A forecast that is asked for again within its minute is kept
    /// once.
    pub(super) fn keep(&mut self, target: Target, purpose: &str, forecast: &Forecast) {
        let [Some(low), Some(median), Some(high)] = [0.05, 0.5, 0.95].map(|level| forecast.path(level)) else { return };
        for steps in HORIZONS.into_iter().filter(|steps| *steps <= forecast.horizon()) {
            let at = steps - 1;
            let kept = Kept {
                minute: forecast.grid.at(at).minute().0,
                target: target.name().to_owned(),
                horizon_s: u32::try_from(steps).unwrap_or(u32::MAX).saturating_mul(forecast.grid.step_s),
                purpose: purpose.to_owned(),
                origin: forecast.grid.start,
                model: forecast.model.clone(),
                mean: forecast.mean[at],
                quantiles: [low[at], median[at], high[at]],
            };
            let same = |known: &Kept| {
                (known.minute, known.horizon_s) == (kept.minute, kept.horizon_s)
                    && known.target == kept.target
                    && known.purpose == kept.purpose
            };
            if self.0.len() < MOST && !self.0.iter().any(same) {
                self.0.push(kept);
            }
        }
    }

    /// Takes out what is about minutes before `next`, with what came of `minute` if it is about that one.
    pub(super) fn settle(
        &mut self,
        channel: &ChannelId,
        minute: Minute,
        came: impl Fn(&str) -> f64,
    ) -> Vec<Result<Record, RecordError>> {
        let (over, waiting) = std::mem::take(&mut self.0).into_iter().partition(|kept: &Kept| kept.minute <= minute.0);
        self.0 = waiting;
        let record = |kept: Kept| {
            let actual = if kept.minute == minute.0 { came(&kept.target) } else { f64::NAN };
            kept.record(channel, actual)
        };
        over.into_iter().map(record).collect()
    }
}

impl Kept {
    fn record(self, channel: &ChannelId, actual: f64) -> Result<Record, RecordError> {
        let [low, median, high] = self.quantiles;
        let cells = vec![
            SeriesKey::of_channel("samples", channel, &self.target).to_string().into(),
            Cell::Integer(i64::from(self.horizon_s)),
            self.purpose.into(),
            channel.as_str().into(),
            self.target.into(),
            Cell::Time(self.origin),
            self.model.into(),
            self.mean.into(),
            low.into(),
            median.into(),
            high.into(),
            actual.into(),
        ];
        Record::new(&FORECASTS, Minute(self.minute).start(), cells)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::column::Column;
    use crate::forecast::history::Grid;
    use crate::forecast::output::Levels;

    #[test]
    fn a_kept_forecast_comes_back_with_what_came() {
        let levels = Levels::default();
        let forecast = Forecast {
            grid: Grid { start: Minute(100).start(), step_s: 60 },
            model: "naive".to_owned(),
            mean: vec![2.0; 10],
            quantiles: vec![2.0; 10 * levels.len()],
            levels,
        };
        let channel = ChannelId::new("c").expect("valid name");
        let mut ledger = Ledger::default();
        for _ in 0..2 {
            ledger.keep(Target::Column(Column::Requests), "quota", &forecast);
        }
        let settled = ledger.settle(&channel, Minute(100), |_| 7.0);
        assert_eq!(settled.len(), 1, "kept once, at one minute and at five");
        let record = settled[0].as_ref().expect("a record");
        assert_eq!((record.ts(), record.get("actual")), (Minute(100).start(), Some(&Cell::Float(7.0))));
        assert_eq!(record.get("horizon_s"), Some(&Cell::Integer(60)));
        let late = ledger.settle(&channel, Minute(120), |_| 7.0);
        assert_eq!(late[0].as_ref().expect("a record").get("actual"), Some(&Cell::Null), "its minute was a gap");
        assert_eq!(ledger, Ledger::default());
    }
}
