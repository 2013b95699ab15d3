//! Which seasons models are told of.

use crate::forecast::history::History;
use crate::forecast::season::{LEAST_PERIOD, Season, detect, detect_up_to};

/// Seconds of an hour, a day and a week.
const HOUR_S: u32 = 3_600;
const DAY_S: u32 = 86_400;
const WEEK_S: u32 = 604_800;

/// So many seasons the models use at most.
const MOST: usize = 2;

/// Strength that a period of no calendar unit must have beside a day.
const CLEAR: f64 = 0.7;

/// The seasons in steps that models are told of, ascending, at most two.
///
/// A day that came twice is always among them: models and their selection are better judges of it than a test
/// (latency of virtual machines at three hours: MASE 0.959 with the day, 0.980 without it where none was detected).
/// Beside it stands the strongest of what [`detect`] finds: an hour, a week, or a shorter period than a day if it is
/// very clear. Weaker ones and those longer than a day wander: with them PetShop went from MASE 0.869 to 0.889. Where
/// no day came twice, or steps are no part of a day, all finds count, the shortest first.
#[must_use]
pub fn working(history: &History<'_>) -> Vec<usize> {
    let unit = |seconds: u32| steps_of(seconds, history.grid.step_s);
    let Some(day) = unit(DAY_S).filter(|day| 2 * day <= history.len()) else {
        return detect(history).iter().map(|season| season.period).take(MOST).collect();
    };
    let found = detect_up_to(history, day);
    let is_calendar = |season: &Season| [HOUR_S, WEEK_S].map(unit).contains(&Some(season.period));
    let beside = found.iter().filter(|season| {
        season.period != day && (is_calendar(season) || season.period < day && season.strength >= CLEAR)
    });
    let strongest = beside.max_by(|one, other| one.strength.total_cmp(&other.strength));
    let mut seasons: Vec<usize> = strongest.map(|season| season.period).into_iter().chain([day]).collect();
    seasons.sort_unstable();
    seasons
}

/// Steps of a calendar unit; `None` if the step is no whole part of it or too long.
fn steps_of(seconds: u32, step_s: u32) -> Option<usize> {
    let whole = step_s > 0 && seconds.is_multiple_of(step_s);
    whole.then(|| usize::try_from(seconds / step_s).ok()).flatten().filter(|steps| *steps >= LEAST_PERIOD)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::Grid;

    fn seasons(values: &[f64], step_s: u32) -> Vec<usize> {
        working(&History::new(Grid { start: Timestamp::from_seconds(0), step_s }, values))
    }

    /// Waves of these periods, and a remainder that repeats nowhere near them.
    fn waves(length: u32, periods: &[u32]) -> Vec<f64> {
        let wave = |t: u32, period: u32| (std::f64::consts::TAU * f64::from(t) / f64::from(period)).sin();
        let value = |t: u32| periods.iter().map(|period| wave(t, *period)).sum::<f64>();
        (0..length).map(|t| 10.0 + value(t) + f64::from(t * 7_919 % 211) / 211.0).collect()
    }

    #[test]
    fn a_day_is_tried_once_it_came_twice_and_a_week_once_it_shows() {
        assert_eq!(seasons(&waves(500, &[24, 168]), 3_600), [24, 168]);
        assert_eq!(seasons(&waves(500, &[24]), 3_600), [24]);
        assert_eq!(seasons(&[5.0; 48], 3_600), [24], "whether it is of use is for the selection to say");
        assert_eq!(seasons(&[5.0; 47], 3_600), [0; 0]);
        assert_eq!(seasons(&[], 3_600), [0; 0]);
    }

    #[test]
    fn other_periods_count_where_no_day_does() {
        assert_eq!(seasons(&waves(150, &[10]), 60), [10], "minutes of less than two days");
        assert_eq!(seasons(&waves(500, &[24]), 1), [24], "numbered steps");
        assert_eq!(seasons(&waves(500, &[24, 37]), 3_600), [24], "half of the variance is not clear enough");
    }
}
