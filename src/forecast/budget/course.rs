//! The course of a running sum, without drawing paths: for many series at once.
//!
//! Whole futures ([`crate::forecast::paths`]) answer everything about one series and take a tenth of a second each. Where a
//! thousand channels are asked what they will have spent by midnight, two numbers for each hour do: mean and standard
//! deviation of the sum so far, taken as normal. The steps hang together as they do on drawn paths: their errors follow an
//! AR(1) process, so with `s` the deviation of a step and `p` its persistence, the variance of the sum grows by
//! `s^2 + 2 s c`, where `c` is what is left of the errors before, `c <- p (c + s)`.

use crate::forecast::output::Forecast;
use crate::stats::normal;

/// The levels that a forecast needs for [`Course::of`].
pub const LEVELS: [f64; 3] = [0.05, 0.5, 0.95];
/// Part of the error of a day that is of the level and stays on the days after it: what makes the interval of a month wider
/// than that of days that have nothing to do with each other.
const LEVEL_STAYS: f64 = 0.5;

/// A running sum at the end of each of its steps.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Course(Vec<Point>);

/// Mean and standard deviation of a sum.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Point {
    /// Expected value.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
}

impl Course {
    /// The sums of `forecast` after every `every` steps, where the errors of neighbouring steps are correlated by
    /// `persistence`. Steps that are not finite count as nothing. The forecast must have the quantiles at [`LEVELS`]; without
    /// them every step is taken as certain.
    #[must_use]
    pub fn of(forecast: &Forecast, persistence: f64, every: usize) -> Self {
        let spread = normal::quantile(0.95) - normal::quantile(0.05);
        let edges = forecast.levels.position(0.05).zip(forecast.levels.position(0.95));
        let (mut mean, mut variance, mut carried) = (0.0, 0.0_f64, 0.0);
        let mut points = vec![Point::default()];
        for (step, value) in forecast.mean.iter().enumerate() {
            let row = forecast.at(step);
            let width = edges.and_then(|(low, high)| Some(row.get(high)?.max(0.0) - row.get(low)?.max(0.0)));
            let sd = width.filter(|width| width.is_finite()).map_or(0.0, |width| width.max(0.0) / spread);
            mean += if value.is_finite() { value.max(0.0) } else { 0.0 };
            variance += sd * sd + 2.0 * sd * carried;
            carried = persistence.clamp(0.0, 1.0) * (carried + sd);
            if (step + 1) % every.max(1) == 0 {
                points.push(Point { mean, sd: variance.sqrt() });
            }
        }
        Self(points)
    }

    /// Steps that are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len().saturating_sub(1)
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The sum after `steps`, which may be a part of one; after the last step it stays.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "some steps"
    )]
    pub fn at(&self, steps: f64) -> Point {
        let steps = steps.clamp(0.0, self.len() as f64);
        let point = |at: usize| self.0.get(at).or(self.0.last()).copied().unwrap_or_default();
        let (below, above, part) = (point(steps as usize), point(steps as usize + 1), steps.fract());
        let between = |low: f64, high: f64| low + (high - low) * part;
        Point { mean: between(below.mean, above.mean), sd: between(below.sd, above.sd) }
    }

    /// The same from `from` steps on: what is added to the sum from there. What is added before the last step only is known.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "some steps")]
    pub fn since(&self, from: f64) -> Self {
        let gone = self.at(from);
        let left = (0..=self.len()).map(|step| step as f64).take_while(|step| from + step <= self.len() as f64);
        let added = |step: f64| {
            let point = self.at(from + step);
            let variance = point.sd * point.sd - gone.sd * gone.sd;
            Point { mean: (point.mean - gone.mean).max(0.0), sd: variance.max(0.0).sqrt() }
        };
        Self(left.map(added).collect())
    }

    /// The same up to `steps`, which may end within one.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "some steps")]
    pub fn until(&self, steps: f64) -> Self {
        let before = (0..).map(f64::from).take_while(|step| *step < steps.min(self.len() as f64));
        Self(before.chain([steps]).map(|step| self.at(step)).collect())
    }

    /// Adds a series that rises and falls with this one: prompt and completion tokens of one channel.
    pub fn add_together(&mut self, other: &Self) {
        self.add(other, |one, other| one + other);
    }

    /// Adds a series whose errors have nothing to do with those of this one: another channel.
    pub fn add_apart(&mut self, other: &Self) {
        self.add(other, f64::hypot);
    }

    fn add(&mut self, other: &Self, join: impl Fn(f64, f64) -> f64) {
        if self.0.len() < other.0.len() {
            let last = self.0.last().copied().unwrap_or_default();
            self.0.resize(other.0.len(), last);
        }
        for (at, point) in self.0.iter_mut().enumerate() {
            let added = other.0.get(at).or(other.0.last()).copied().unwrap_or_default();
            *point = Point { mean: point.mean + added.mean, sd: join(point.sd, added.sd) };
        }
    }

    /// The same, `factor` times as large.
    #[must_use]
    pub fn times(&self, factor: f64) -> Self {
        Self(self.0.iter().map(|point| Point { mean: point.mean * factor, sd: point.sd * factor }).collect())
    }

    /// From hours of a day ahead to days: the rest of today, whose `left` of the 24 steps are still to come, then `days` days
    /// like the coming 24 hours. Half of what is wrong about a day is taken to be wrong about every later one too, so the
    /// spread of `n` days grows between the root of `n` and `n`. Weekdays and growth are left out.
    #[must_use]
    pub fn days(&self, left: f64, days: usize) -> Self {
        let (rest, whole) = (self.at(left), self.at(24.0));
        let mut points = vec![Point::default(), rest];
        for n in 1..=days {
            #[expect(clippy::cast_precision_loss, reason = "days of a month")]
            let n = n as f64;
            let own = whole.sd * whole.sd * (n + LEVEL_STAYS * n * (n - 1.0));
            let shared = 2.0 * LEVEL_STAYS * n * whole.sd * rest.sd;
            points.push(Point { mean: rest.mean + n * whole.mean, sd: (rest.sd * rest.sd + own + shared).sqrt() });
        }
        Self(points)
    }

    /// Steps after which the sum has reached `limit` with the probability `chance`; `None` if that is not within the course.
    #[must_use]
    pub fn reaches(&self, limit: f64, chance: f64) -> Option<f64> {
        if limit <= 0.0 {
            return Some(0.0);
        }
        let has = |steps: f64| self.at(steps).chance_of(limit) >= chance;
        #[expect(clippy::cast_precision_loss, reason = "some steps")]
        let step = (1..=self.len()).find(|&step| has(step as f64))? as f64;
        let (mut before, mut after) = (step - 1.0, step);
        for _ in 0..12 {
            let middle = f64::midpoint(before, after);
            if has(middle) { after = middle } else { before = middle }
        }
        Some(after)
    }
}

impl Point {
    /// Probability that the sum is at least `limit`, 0 ..= 1.
    #[must_use]
    pub fn chance_of(&self, limit: f64) -> f64 {
        if limit <= 0.0 || self.mean.total_cmp(&limit).is_eq() {
            return if limit <= 0.0 { 1.0 } else { 0.5 };
        }
        if self.sd > 0.0 {
            return normal::probability((self.mean - limit) / self.sd);
        }
        if self.mean > limit { 1.0 } else { 0.0 }
    }

    /// The value that is not exceeded with probability `level`; a sum of what cannot be negative is none itself.
    #[must_use]
    pub fn quantile(&self, level: f64) -> f64 {
        if self.sd > 0.0 { (self.mean + self.sd * normal::quantile(level)).max(0.0) } else { self.mean }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use crate::forecast::history::Grid;
    use crate::forecast::output::Levels;
    use crate::forecast::paths::{Draw, draw};
    use crate::stats::seed::Seed;

    fn forecast(steps: usize) -> Forecast {
        let levels = Levels::new(LEVELS.to_vec()).expect("levels");
        let row: Vec<f64> = levels.as_slice().iter().map(|level| 100.0 + 10.0 * normal::quantile(*level)).collect();
        let grid = Grid { start: Timestamp::from_seconds(0), step_s: 60 };
        Forecast { grid, model: "test".to_owned(), mean: vec![100.0; steps], quantiles: row.repeat(steps), levels }
    }

    #[test]
    fn sums_spread_as_those_of_drawn_paths() {
        for persistence in [0.0, 0.7, 0.95] {
            let course = Course::of(&forecast(60), persistence, 30);
            let drawn = draw(&forecast(60), Draw { paths: 8_000, persistence, floor: 0.0 }, Seed::new(3));
            let mut sums: Vec<f64> = drawn.chunks(60).map(|path| path.iter().sum()).collect();
            sums.sort_by(f64::total_cmp);
            let end = course.at(2.0);
            let (low, high) = (sums[400], sums[7_600]);
            assert!((end.mean - 6_000.0).abs() < 1e-6, "{end:?}");
            let width = end.quantile(0.95) - end.quantile(0.05);
            assert!((width / (high - low) - 1.0).abs() < 0.08, "{persistence}: {width} and {}", high - low);
        }
    }

    #[test]
    fn a_limit_is_reached_between_steps() {
        let course = Course::of(&forecast(120), 0.5, 60);
        assert_eq!((course.len(), course.at(1.5).mean), (2, 9_000.0));
        let half = course.reaches(9_000.0, 0.5).expect("within two hours");
        assert!((half - 1.5).abs() < 0.01, "{half}");
        assert!(course.reaches(9_000.0, 0.9).is_some_and(|late| late > half));
        assert_eq!((course.reaches(1e9, 0.1), course.reaches(0.0, 0.9)), (None, Some(0.0)));
        let later = course.since(0.5);
        assert_eq!((later.len(), later.at(0.0)), (1, Point::default()));
        assert!((later.at(1.0).mean - 6_000.0).abs() < 1e-6 && later.at(1.0).sd > 0.0);
        assert_eq!(Course::default().reaches(1.0, 0.1), None);
    }

    #[test]
    fn what_goes_together_spreads_more_than_what_does_not() {
        let one = Course::of(&forecast(1_440), 0.9, 60);
        let (mut together, mut apart) = (one.clone(), one.clone());
        together.add_together(&one);
        apart.add_apart(&one);
        assert!((together.at(24.0).sd / one.at(24.0).sd - 2.0).abs() < 1e-9);
        assert!((apart.at(24.0).sd / one.at(24.0).sd - 2.0_f64.sqrt()).abs() < 1e-9);
        assert!((together.at(24.0).mean - apart.at(24.0).mean).abs() < 1e-9);
        let month = one.days(6.0, 9);
        let (first, last) = (month.at(2.0), month.at(10.0));
        assert!((last.mean - 9.25 * 144_000.0).abs() < 1e-6, "{last:?}");
        assert!(last.sd > first.sd * 3.0 && last.sd < first.sd * 9.0, "wider than apart, narrower than all together");
    }

    #[test]
    fn what_is_certain_has_no_interval() {
        let certain = Point { mean: 5.0, sd: 0.0 };
        assert_eq!((certain.chance_of(4.0), certain.chance_of(6.0), certain.quantile(0.95)), (1.0, 0.0, 5.0));
    }
}
