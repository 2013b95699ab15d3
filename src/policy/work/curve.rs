//! How a model came along: one point for each day on which it did work.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::time::{Day, Timestamp};
use crate::policy::work::Done;

/// Days that are kept.
const DAYS: usize = 366;

/// One day of one model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// The day, in UTC.
    pub day: Day,
    /// Jobs that ended.
    pub jobs: u64,
    /// Jobs that succeeded.
    pub successes: u64,
    /// Sum of what they were worth.
    pub worth: f64,
    /// USD that they cost.
    pub usd: f64,
    /// Tokens that they took.
    pub tokens: u64,
}

/// The days of one model, in order.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve(pub Vec<Point>);

impl Curve {
    /// Hears of a job that ended at `now`.
    pub fn hear(&mut self, now: Timestamp, done: &Done) {
        let day = now.minute().day();
        if self.0.last().is_none_or(|point| point.day < day) {
            self.0.push(Point { day, jobs: 0, successes: 0, worth: 0.0, usd: 0.0, tokens: 0 });
            if self.0.len() > DAYS {
                self.0.remove(0);
            }
        }
        // A clock that steps back counts for the newest day.
        let Some(point) = self.0.last_mut() else { return };
        point.jobs += 1;
        point.successes += u64::from(done.success);
        point.worth += done.worth();
        point.usd += done.cost_usd;
        point.tokens = point.tokens.saturating_add(done.tokens);
    }
}

/// One day of one kind of work: what was reached with the shares, beside the static choice.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reached {
    /// The day, in UTC.
    pub day: Day,
    /// Jobs that ended on it, over all models.
    pub jobs: u64,
    /// Jobs that had ended by its end.
    pub jobs_so_far: u64,
    /// Mean worth of a job of the day, 0 ..= 1.
    pub worth: f64,
    /// USD of the day.
    pub usd: f64,
    /// Worth for a USD on this day; `None` if it cost nothing.
    pub per_usd: Option<f64>,
    /// Worth for a USD of the static choice, by its own jobs up to this day; `None` if it had none.
    pub fixed_per_usd: Option<f64>,
    /// The former over the latter, less 1.
    pub gain: Option<f64>,
}

/// How one kind of work came along day by day, by the curves of its models; `fixed` is the static choice.
#[must_use]
pub fn reached(curves: &BTreeMap<String, Curve>, fixed: &str) -> Vec<Reached> {
    let mut days: BTreeMap<Day, Vec<(&str, &Point)>> = BTreeMap::new();
    for (model, curve) in curves {
        for point in &curve.0 {
            days.entry(point.day).or_default().push((model, point));
        }
    }
    let ratio = |worth: f64, usd: f64| (usd > 0.0).then(|| worth / usd);
    let (mut jobs_so_far, mut of_fixed) = (0, (0.0, 0.0));
    let day = |(day, points): (Day, Vec<(&str, &Point)>)| {
        let (mut jobs, mut worth, mut usd) = (0, 0.0, 0.0);
        for (model, point) in points {
            jobs += point.jobs;
            worth += point.worth;
            usd += point.usd;
            if model == fixed {
                of_fixed = (of_fixed.0 + point.worth, of_fixed.1 + point.usd);
            }
        }
        jobs_so_far += jobs;
        let (per_usd, fixed_per_usd) = (ratio(worth, usd), ratio(of_fixed.0, of_fixed.1));
        let gain = per_usd.zip(fixed_per_usd.filter(|ratio| *ratio > 0.0)).map(|(ours, theirs)| ours / theirs - 1.0);
        #[expect(clippy::cast_precision_loss, reason = "jobs of a day")]
        let mean = worth / jobs.max(1) as f64;
        Reached { day, jobs, jobs_so_far, worth: mean, usd, per_usd, fixed_per_usd, gain }
    };
    days.into_iter().map(day).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_compared_with_what_the_static_choice_did_so_far() {
        let mut curves: BTreeMap<String, Curve> = BTreeMap::new();
        let day = |day: u32| Day(day).first_minute().start();
        let done = |cost_usd| Done { success: true, quality: Some(0.8), tokens: 1, cost_usd };
        curves.entry("dear".to_owned()).or_default().hear(day(5), &done(0.08));
        curves.entry("cheap".to_owned()).or_default().hear(day(6), &done(0.02));
        curves.entry("cheap".to_owned()).or_default().hear(day(6), &done(0.02));
        let points = reached(&curves, "dear");
        let told: Vec<_> = points.iter().map(|point| (point.day.0, point.jobs, point.jobs_so_far)).collect();
        assert_eq!(told, [(5, 1, 1), (6, 2, 3)]);
        assert!(points[0].gain.is_some_and(|gain| gain.abs() < 1e-9));
        assert!(points[1].gain.is_some_and(|gain| (gain - 3.0).abs() < 1e-9), "{:?}", points[1]);
        assert_eq!(reached(&curves, "nobody")[1].gain, None);
    }
}
