//! What will be spent: forecasts of single channels, joined.

use std::collections::BTreeMap;

use crate::domain::column::Column;
use crate::domain::ids::ChannelId;
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::engine::Engine;
use crate::engine::spending::lines::Used;
use crate::forecast::budget::course::{Course, LEVELS};
use crate::forecast::output::Levels;
use crate::report::facts::{Expected, Limit};

/// Seconds for which a forecast of cost is gone on with.
const HOLDS_S: f64 = 600.0;
/// Minutes that are forecast: a day, and as long as it is gone on with.
const STEPS: usize = 1_500;
/// Share of what was spent that must have a forecast for the whole to have one.
const ENOUGH: f64 = 0.8;
/// Probabilities with which a budget has run out.
const CHANCES: [f64; 3] = [0.1, 0.5, 0.9];
/// Seconds after which a mean pace says something.
const LEAST_S: f64 = 3_600.0;

/// The forecast of one channel's cost.
#[derive(Debug, Clone)]
pub(in crate::engine) struct Ahead {
    asked: Timestamp,
    begin: Timestamp,
    /// By the hour from `begin` on; `None` while there is no forecast.
    course: Option<Course>,
}

/// A moment in its day and month.
#[derive(Debug, Clone, Copy)]
pub(super) struct Period {
    pub now: Timestamp,
    pub day_end: Timestamp,
    /// Days of the month after this one.
    pub days_left: usize,
}

impl Period {
    /// First instant of the next month.
    pub fn month_end(&self) -> Timestamp {
        self.day_end.plus_seconds(86_400 * i64::try_from(self.days_left).unwrap_or(0))
    }

    fn hours_left(&self) -> f64 {
        self.day_end.seconds_since(self.now).max(0.0) / 3_600.0
    }
}

/// What every channel will cost from now on.
pub(super) struct Outlook<'a> {
    courses: BTreeMap<ChannelId, Course>,
    /// What each channel used of late, by which they are weighed.
    used: &'a BTreeMap<ChannelId, Used>,
}

impl Engine {
    /// The cost of `channels` by the hour from `now` on; a channel without a forecast is left out.
    pub(super) fn courses<'a>(
        &self,
        channels: impl Iterator<Item = &'a ChannelId>,
        now: Timestamp,
    ) -> BTreeMap<ChannelId, Course> {
        let mut found = BTreeMap::new();
        for channel in channels {
            let known = self.0.spending.ahead().get(channel).cloned();
            let ahead = match known.filter(|ahead| now.seconds_since(ahead.asked) < HOLDS_S) {
                Some(ahead) => ahead,
                None => self.look_ahead(channel, now),
            };
            let hours = now.seconds_since(ahead.begin).max(0.0) / 3_600.0;
            found.extend(ahead.course.map(|course| (channel.clone(), course.since(hours))));
        }
        found
    }

    fn look_ahead(&self, channel: &ChannelId, now: Timestamp) -> Ahead {
        let levels = Levels::new(LEVELS.to_vec()).unwrap_or_default();
        let foreseen = self.forecast(channel, Target::Column(Column::Cost), STEPS, &levels).ok();
        let ahead = Ahead {
            asked: now,
            begin: foreseen.as_ref().map_or(now, |foreseen| foreseen.forecast.grid.start),
            course: foreseen.map(|foreseen| Course::of(&foreseen.forecast, foreseen.draw.persistence, 60)),
        };
        self.0.spending.ahead().insert(channel.clone(), ahead.clone());
        ahead
    }
}

impl<'a> Outlook<'a> {
    pub fn of(courses: BTreeMap<ChannelId, Course>, used: &'a BTreeMap<ChannelId, Used>) -> Self {
        Self { courses, used }
    }

    /// The cost of `parts` of channels together. Channels without a forecast are taken to go as the others do, as long as they
    /// are a small part; else `None`.
    pub fn course(&self, parts: &[(ChannelId, f64)]) -> Option<Course> {
        let (mut sum, mut all, mut known) = (None::<Course>, 0.0, 0.0);
        for (channel, part) in parts {
            let spent = self.used.get(channel).map_or(0.0, |used| used.usd * part);
            all += spent;
            let Some(course) = self.courses.get(channel) else { continue };
            known += spent;
            let course = course.times(*part);
            match &mut sum {
                None => sum = Some(course),
                Some(sum) => sum.add_apart(&course),
            }
        }
        let sum = sum.filter(|_| known >= ENOUGH * all)?;
        Some(if known > 0.0 { sum.times(all / known) } else { sum })
    }
}

/// What will have been spent at the end of the day or, with `monthly`, of the month, if `spent` is gone already.
pub(super) fn expected(course: &Course, spent: f64, period: Period, monthly: bool) -> Expected {
    let end = horizon(course, period, monthly);
    let end = end.at(steps(&end));
    let at = |level| Some(spent + end.quantile(level));
    Expected { usd: spent + end.mean, low_usd: at(0.05), high_usd: at(0.95) }
}

/// What becomes of a budget of `usd`, of which `spent` is gone.
pub(super) fn limit(course: Option<&Course>, usd: f64, spent: f64, period: Period, monthly: bool) -> Limit {
    let Some(course) = course else {
        // What is gone is gone, whatever comes.
        let gone = (spent >= usd).then_some(period.now);
        return Limit { usd, exceeds: gone.map(|_| 1.0), runs_out: [gone; 3] };
    };
    let end = horizon(course, period, monthly);
    let hours_left = period.hours_left();
    let when = |steps: f64| {
        // Of a month, the first step is what is left of today, and later ones are days; of a day, the last may be cut short.
        let whole = hours_left.floor();
        let (first, next) = if monthly { (hours_left, 24.0) } else { (whole, hours_left - whole) };
        let begun = if monthly { 1.0 } else { whole };
        let hours = if steps <= begun { first * steps / begun.max(1.0) } else { first + (steps - begun) * next };
        #[expect(clippy::cast_possible_truncation, reason = "hours of a month")]
        let seconds = (hours * 3_600.0) as i64;
        period.now.plus_seconds(seconds)
    };
    Limit {
        usd,
        exceeds: Some(end.at(steps(&end)).chance_of(usd - spent)),
        runs_out: CHANCES.map(|chance| end.reaches(usd - spent, chance).map(when)),
    }
}

/// The course up to the end of the day, or of the month by days.
fn horizon(course: &Course, period: Period, monthly: bool) -> Course {
    let left = period.hours_left();
    if monthly { course.days(left, period.days_left) } else { course.until(left) }
}

#[expect(clippy::cast_precision_loss, reason = "some steps")]
fn steps(course: &Course) -> f64 {
    course.len() as f64
}

/// What `spent` since `begin` will be at `end` if it goes on as on average so far; `None` if that is too short to tell.
pub(super) fn mean_pace(spent: f64, begin: Timestamp, now: Timestamp, end: Timestamp) -> Option<Expected> {
    let gone_s = now.seconds_since(begin);
    let usd = spent * end.seconds_since(begin) / gone_s;
    (gone_s >= LEAST_S).then_some(Expected { usd, low_usd: None, high_usd: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forecast::history::Grid;
    use crate::forecast::output::Forecast;

    fn noon() -> Period {
        let now = Timestamp::parse_rfc3339("2026-11-22T12:00:00Z").expect("valid RFC 3339");
        Period { now, day_end: now.plus_seconds(43_200), days_left: 8 }
    }

    /// A cent a minute, give or take.
    fn course() -> Course {
        let levels = Levels::new(LEVELS.to_vec()).expect("levels");
        let grid = Grid { start: noon().now, step_s: 60 };
        let quantiles = [0.005, 0.01, 0.015].repeat(STEPS);
        Course::of(&Forecast { grid, model: String::new(), mean: vec![0.01; STEPS], levels, quantiles }, 0.9, 60)
    }

    #[test]
    fn days_and_months_end_where_forecasts_say() {
        let day = expected(&course(), 5.0, noon(), false);
        assert!((day.usd - 12.2).abs() < 1e-9, "{day:?}");
        assert!(day.low_usd.is_some_and(|low| low < 12.2) && day.high_usd.is_some_and(|high| high > 12.2));
        let month = expected(&course(), 100.0, noon(), true);
        assert!((month.usd - (100.0 + 7.2 + 8.0 * 14.4)).abs() < 1e-9, "{month:?}");
    }

    #[test]
    fn a_budget_runs_out_in_its_day_or_not_at_all() {
        let tight = limit(Some(&course()), 8.6, 5.0, noon(), false);
        assert!(tight.exceeds.is_some_and(|chance| chance > 0.99), "{tight:?}");
        let half = tight.runs_out[1].expect("it runs out");
        assert!((half.seconds_since(noon().now) / 3_600.0 - 6.0).abs() < 0.01, "3.60 USD are six hours");
        assert!(tight.runs_out[0] < tight.runs_out[1] && tight.runs_out[1] < tight.runs_out[2]);
        let ample = limit(Some(&course()), 50.0, 5.0, noon(), false);
        assert_eq!(ample.runs_out, [None; 3]);
        let month = limit(Some(&course()), 100.0 + 7.2 + 14.4, 100.0, noon(), true);
        let half = month.runs_out[1].expect("it runs out");
        assert!((half.seconds_since(noon().day_end) / 3_600.0 - 24.0).abs() < 0.1, "at the end of tomorrow: {half}");
        let gone = limit(None, 1.0, 2.0, noon(), false);
        assert_eq!((gone.exceeds, gone.runs_out), (Some(1.0), [Some(noon().now); 3]));
        assert_eq!(limit(None, 3.0, 2.0, noon(), false).exceeds, None);
    }

    #[test]
    fn channels_without_a_forecast_are_a_small_part_or_nothing_is_known() {
        let id = |name: &str| ChannelId::new(name).expect("a name");
        let used = |usd| Used { usd, ..Used::default() };
        let month = BTreeMap::from([(id("a"), used(90.0)), (id("b"), used(10.0))]);
        let of = |known: &str| {
            let outlook = Outlook::of(BTreeMap::from([(id(known), course())]), &month);
            outlook.course(&[(id("a"), 1.0), (id("b"), 1.0)]).map(|course| course.at(1.0).mean)
        };
        assert!(of("a").is_some_and(|hour| (hour - 0.6 / 0.9).abs() < 1e-9), "as the others do");
        assert_eq!(of("b"), None);
    }

    #[test]
    fn a_mean_pace_needs_an_hour() {
        let begin = noon().now;
        let end = begin.plus_seconds(86_400);
        assert_eq!(mean_pace(1.0, begin, begin.plus_seconds(60), end), None);
        let later = mean_pace(1.0, begin, begin.plus_seconds(21_600), end).expect("six hours");
        assert_eq!((later.usd, later.low_usd), (4.0, None));
    }
}
