//! The twelve series of one channel.

use std::collections::VecDeque;

use crate::domain::sample::Sample;
use crate::domain::target::Target;
use crate::domain::time::{MINUTES_PER_DAY, Minute, Timestamp};
use crate::engine::forecasting::expect::Notes;
use crate::engine::forecasting::kept::Ledger;
use crate::forecast::champion::Champion;
use crate::forecast::history::Observation;

/// Number of series.
pub(super) const SERIES: usize = Target::ALL.len();

/// Sealed minutes that are remembered, so that a fit that took a while can catch up.
const REMEMBERED: usize = 240;

/// A channel that was silent for longer begins anew: two days of gaps say nothing about the third.
pub(super) const LONGEST_GAP: u32 = 2 * MINUTES_PER_DAY;

/// One minute of every series.
pub(super) type Row = [Observation; SERIES];

/// What `sample` says of every series.
pub(super) fn row_of(sample: &Sample) -> Row {
    Target::ALL.map(|target| {
        let (value, count) = target.observe(sample);
        Observation { value, count }
    })
}

/// A minute about which nothing is known.
pub(super) const GAP: Row = [Observation::of(f64::NAN); SERIES];

/// The forecasts of one channel.
#[derive(Debug, Default)]
pub(super) struct ChannelForecasts {
    /// One for each of [`Target::ALL`]; `None` until a fit succeeds.
    pub(super) series: [Option<Champion>; SERIES],
    /// The minute that the trackers wait for; `None` before the first.
    pub(super) next: Option<Minute>,
    /// The newest minutes they were told of, oldest first.
    recent: VecDeque<(Minute, Row)>,
    /// When the newest fit was made.
    pub(super) fitted_at: Option<Timestamp>,
    /// First minute of the history it was made of.
    pub(super) fitted_from: Option<Minute>,
    /// Forecasts that were acted upon and wait for their truth.
    pub(super) ledger: Ledger,
    /// What is expected of the minutes to come.
    pub(super) notes: Notes,
    /// Whether a champion was dropped since, so that a fit is wanted early.
    pub(super) wants_fit: bool,
}

impl ChannelForecasts {
    /// Tells the trackers of one sealed minute. Minutes left out on the way are gaps; a minute that they know is
    /// ignored: what is amended after it was sealed is kept aside, and forecasts do not depend on it.
    pub(super) fn feed(&mut self, minute: Minute, row: Row) {
        let next = *self.next.get_or_insert(minute);
        if minute < next {
            return;
        }
        if minute.0 - next.0 > LONGEST_GAP {
            *self = Self::default();
        } else {
            for gap in next.0..minute.0 {
                self.step(Minute(gap), GAP);
            }
        }
        self.step(minute, row);
    }

    /// Takes the minutes before `next` that nobody told of as gaps.
    pub(super) fn skip_to(&mut self, next: Minute) {
        for gap in self.next.map_or(0..0, |own| own.0..next.0) {
            self.step(Minute(gap), GAP);
        }
    }

    fn step(&mut self, minute: Minute, row: Row) {
        for (fitted, news) in self.series.iter_mut().zip(row) {
            let Some(Champion { tracker, .. }) = fitted else { continue };
            tracker.update(news);
            if let Some(baseline) = tracker.better_baseline() {
                tracker.fall_back(baseline);
                self.wants_fit = true;
            }
        }
        self.recent.push_back((minute, row));
        if self.recent.len() > REMEMBERED {
            self.recent.pop_front();
        }
        self.next = Some(minute.plus(1));
    }

    /// Puts freshly fitted trackers in place, which were fitted up to `from`, after telling them of what came since.
    /// `false` if that is no longer remembered.
    pub(super) fn take_over(&mut self, mut fitted: [Option<Champion>; SERIES], from: Minute) -> bool {
        let next = *self.next.get_or_insert(from);
        if from < next && self.recent.front().is_none_or(|(oldest, _)| *oldest > from) {
            return false;
        }
        for (minute, row) in self.recent.iter().filter(|(minute, _)| *minute >= from) {
            debug_assert!(*minute < next, "what is remembered was told");
            for (fitted, news) in fitted.iter_mut().zip(row) {
                if let Some(fitted) = fitted {
                    fitted.tracker.update(*news);
                }
            }
        }
        for (place, fitted) in self.series.iter_mut().zip(fitted).filter(|(_, fitted)| fitted.is_some()) {
            *place = fitted;
        }
        self.wants_fit = false;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Minute;
    use crate::forecast::history::{Grid, History};
    use crate::forecast::live::{Shape, Tracker};
    use crate::forecast::naive::NaiveModel;
    use crate::forecast::output::Levels;
    use crate::forecast::select::SelectionReport;

    fn row(value: f64) -> Row {
        [Observation::of(value); SERIES]
    }

    fn fitted(values: &[f64], from: Minute) -> [Option<Champion>; SERIES] {
        let grid = Grid { start: from.start(), step_s: 60 };
        let report = SelectionReport {
            start: grid.start,
            steps: values.len(),
            seasons: Vec::new(),
            origins: Vec::new(),
            horizon: 1,
            seed: 0,
            candidates: Vec::new(),
        };
        Target::ALL.map(|target| {
            let shape = Shape::of_minutes(target.quantity());
            let tracker = Tracker::start(&NaiveModel, shape, &History::new(grid, values)).expect("long enough");
            Some(Champion { tracker, report: report.clone() })
        })
    }

    fn last(channel: &ChannelForecasts) -> f64 {
        let tracker = &channel.series[1].as_ref().expect("fitted").tracker;
        tracker.forecast(1, &Levels::default()).path(0.5).expect("default level")[0]
    }

    #[test]
    fn a_fit_catches_up_with_what_came_meanwhile() {
        let mut channel = ChannelForecasts::default();
        for minute in 100..110 {
            channel.feed(Minute(minute), row(f64::from(minute)));
        }
        assert!(channel.take_over(fitted(&[1.0, 2.0, 3.0], Minute(102)), Minute(105)));
        assert_eq!(channel.next, Some(Minute(110)));
        assert!((last(&channel) - 109.0).abs() < 10.0, "{}", last(&channel));
        let tracker = &channel.series[1].as_ref().expect("fitted").tracker;
        assert_eq!(tracker.next().start, Minute(110).start());
        assert!(!channel.take_over(fitted(&[1.0], Minute(49)), Minute(50)), "too long ago");
    }

    #[test]
    fn minutes_count_once_and_gaps_move_time_on() {
        let mut channel = ChannelForecasts::default();
        assert!(channel.take_over(fitted(&[7.0; 3], Minute(7)), Minute(10)));
        channel.feed(Minute(10), row(8.0));
        channel.feed(Minute(10), row(9_000.0));
        channel.feed(Minute(14), row(8.0));
        assert_eq!(channel.next, Some(Minute(15)));
        let tracker = &channel.series[1].as_ref().expect("fitted").tracker;
        assert_eq!(tracker.next().start, Minute(15).start());
        assert!(last(&channel) < 100.0);
        channel.feed(Minute(14 + LONGEST_GAP + 2), row(8.0));
        assert!(channel.series[1].is_none(), "after days of silence everything begins anew");
    }
}
