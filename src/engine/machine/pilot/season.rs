//! How slow a channel usually gets at this time of the day.
//!
//! A line through the last minutes sees a peak when it has begun; that it comes every day at this hour is known before.
//! The forecasts know it as well, where their champion has a season, but a champion is chosen for its error over the whole
//! day, and one without a season often wins. So the last days are kept in bins of ten minutes, each with the mean logarithm of its
//! minutes' latencies, and what is said of the next minutes is how much slower the channel got in it on those
//! days, from the same time on: two standard errors are taken off, and of the days the middle one counts, so that a
//! day on which something went wrong is no season. Nothing is said by fewer than two days.
//!
//! A minute costs O(1), and what is foreseen O(days).

use std::collections::VecDeque;

use crate::domain::time::{MINUTES_PER_DAY, Minute};

/// Minutes of a bin.
const BIN: u32 = 10;
/// Bins of a day.
const BINS: usize = (MINUTES_PER_DAY / BIN) as usize;
/// Days before today that are kept.
pub const DAYS: u32 = 3;
/// Days that must be known at a time of the day.
const LEAST_DAYS: usize = 2;
/// Calls of a bin below which it says nothing.
const LEAST_CALLS: f32 = 10.0;
/// Standard errors that are taken off.
const DOUBT: f64 = 2.0;
/// Relative spread of single calls around their mean.
const SPREAD: f64 = 0.8;
/// Minutes ahead: calls move in steps of a minute, and should have moved some minutes before.
const AHEAD: u32 = 25;
/// Minutes between two looks ahead.
const STRIDE: u32 = 5;

/// The calls of ten minutes: the sum of the logarithms, each weighted by its calls, and the calls.
type Bin = (f32, f32);

/// The last days of one channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Season(VecDeque<(u32, Vec<Bin>)>);

impl Season {
    /// Learns `minute`: its mean latency and its calls. Minutes come in order.
    pub fn learn(&mut self, minute: Minute, mean_ms: f64, calls: f64) {
        if !(mean_ms > 0.0 && mean_ms.is_finite() && calls > 0.0 && calls.is_finite()) {
            return;
        }
        let today = minute.day().0;
        if self.0.back().is_none_or(|(day, _)| *day < today) {
            self.0.push_back((today, vec![(0.0, 0.0); BINS]));
        }
        while self.0.front().is_some_and(|(day, _)| day + DAYS < today) {
            self.0.pop_front();
        }
        let bin = self.0.iter_mut().rev().find(|(day, _)| *day == today);
        if let Some((sum, weight)) = bin.and_then(|(_, bins)| bins.get_mut(place(minute))) {
            #[expect(clippy::cast_possible_truncation, reason = "logarithms and calls of ten minutes")]
            let (log, calls) = (mean_ms.ln() as f32, calls as f32);
            *sum += calls * log;
            *weight += calls;
        }
    }

    /// How many times longer calls took soon after this time of the day than at it, on the middle one of the last days;
    /// 1 if that is not known.
    #[must_use]
    pub fn slower(&self, now: Minute) -> f64 {
        let past = self.0.iter().filter(|(day, _)| *day < now.day().0);
        let mut growths: Vec<f64> = past.filter_map(|(_, bins)| growth(bins, now)).collect();
        growths.sort_by(f64::total_cmp);
        if growths.len() < LEAST_DAYS { 1.0 } else { growths[(growths.len() - 1) / 2].exp() }
    }
}

fn place(minute: Minute) -> usize {
    ((minute.0 % MINUTES_PER_DAY) / BIN) as usize
}

/// The largest growth of the logarithm from the time of the day of `now` on that is beyond doubt.
fn growth(bins: &[Bin], now: Minute) -> Option<f64> {
    let (level, doubt) = level(bins, now)?;
    let steps = (1..=AHEAD / STRIDE).filter_map(|step| {
        let (then, its_doubt) = self::level(bins, now.plus(step * STRIDE))?;
        Some(then - level - DOUBT * (doubt + its_doubt).sqrt())
    });
    Some(steps.fold(0.0, f64::max))
}

/// The logarithm of the latency at the time of the day of `at`, on the line between the middles of two bins, and its
/// variance.
fn level(bins: &[Bin], at: Minute) -> Option<(f64, f64)> {
    let before = at.minus(BIN / 2);
    let part = f64::from(before.0 % BIN) / f64::from(BIN);
    let of = |minute: Minute| {
        let (sum, calls) = *bins.get(place(minute))?;
        (calls >= LEAST_CALLS).then(|| (f64::from(sum / calls), SPREAD * SPREAD / f64::from(calls)))
    };
    let ((left, doubt), (right, its_doubt)) = (of(before)?, of(before.plus(BIN))?);
    Some((left + (right - left) * part, doubt + (its_doubt - doubt) * part))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is foreseen at `hour` of the fourth day, if each day is as `course` says.
    fn foreseen(course: impl Fn(u32, f64) -> f64, hour: f64) -> f64 {
        let mut season = Season::default();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "minutes of a day")]
        let now = 3 * MINUTES_PER_DAY + (hour * 60.0) as u32;
        for minute in 0..now {
            let ms = course(minute / MINUTES_PER_DAY, f64::from(minute % MINUTES_PER_DAY) / 60.0);
            season.learn(Minute(minute), ms, 100.0);
        }
        season.slower(Minute(now))
    }

    fn peak(hour: f64) -> f64 {
        500.0 * (1.0 + 5.0 * (1.0 - (hour - 15.0).abs() / 1.5).max(0.0))
    }

    #[test]
    fn a_daily_peak_is_foreseen_before_it_begins_and_its_end_is_no_growth() {
        assert!((foreseen(|_, hour| peak(hour), 10.0) - 1.0).abs() < 1e-9);
        assert!(foreseen(|_, hour| peak(hour), 13.4) > 1.3);
        assert!((foreseen(|_, hour| peak(hour), 15.2) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn one_bad_day_is_no_season() {
        let once = |day: u32, hour: f64| if day == 1 { peak(hour) } else { 500.0 };
        assert!((foreseen(once, 13.4) - 1.0).abs() < 1e-9);
        let mut season = Season::default();
        (0..MINUTES_PER_DAY).for_each(|minute| season.learn(Minute(minute), peak(f64::from(minute) / 60.0), 100.0));
        assert!((season.slower(Minute(MINUTES_PER_DAY + 13 * 60 + 24)) - 1.0).abs() < 1e-9, "one day says nothing");
        season.learn(Minute(7), f64::NAN, 5.0);
    }
}
