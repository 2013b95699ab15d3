//! Votes to one score: how surprised are the detectors together, measured by the alarms that somebody wants?
//!
//! A probability becomes a surprise, its negative decimal logarithm: 3 is one in a thousand. Prompt detectors judge the value
//! by its neighbours and by its season; their mean is taken, so that what one of them says is believed only so far as the
//! others go along: a value that breaks the season without breaking with its neighbours is a day that runs late, and a
//! value that leaves its neighbours where the season always does is no news. Slow detectors judge stretches of
//! time. They say the same for many steps, rightly or wrongly, so they count by a part ([`SLOW`]) and only where they are
//! clearer. Opinions of others who know more than the series lift its surprise by at most [`OVER_OTHERS`], unless two
//! of them agree.
//!
//! A mean of surprises is seldom as large as the clearest of them, so a healthy series raises fewer alarms than are wanted
//! and not more.
//!
//! The score is s / (s + line), where the line is the surprise at which a healthy series would raise the wanted number of
//! alarms a day. So 0.5 is the line whatever the sensitivity, and twice the surprise of the line is 2/3.

use crate::anomaly::tail::LEAST_P;

/// Powers of ten by which one of the others may go beyond the second clearest.
pub const OVER_OTHERS: f64 = 1.0;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// The negative decimal logarithm of `p`, within 0 ..= 30.
#[must_use]
pub fn surprise(p: f64) -> f64 {
    // NaN becomes 0 as well.
    (-p.log10()).max(0.0).min(-LEAST_P.log10())
}

/// What a slow detector's surprise counts beside prompt ones.
pub const SLOW: f64 = 0.65;

/// What a prompt detector's surprise counts while it is the only one, in the first season: nobody goes along.
pub const ALONE: f64 = 0.8;

/// The surprise of the detectors of one series together: the mean of the prompt ones, or a part of the clearest slow one.
#[must_use]
pub fn own(prompt: &[f64], slow: &[f64]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "few")]
    let mean = prompt.iter().sum::<f64>() / prompt.len().max(1) as f64;
    let mean = if prompt.len() == 1 { ALONE * mean } else { mean };
    slow.iter().fold(mean, |most, surprise| most.max(SLOW * surprise))
}

/// The surprise of a series whose `own` detectors and `others` who know more have spoken: the clearest of all, at most
/// [`OVER_OTHERS`] above the second clearest, and never less than its own.
#[must_use]
pub fn with_others(own: f64, others: impl Iterator<Item = f64>) -> f64 {
    let (mut first, mut second) = (own, 0.0f64);
    for surprise in others {
        if surprise > first {
            (first, second) = (surprise, first);
        } else {
            second = second.max(surprise);
        }
    }
    first.min(second + OVER_OTHERS).max(own)
}

/// The surprise that a healthy series of steps of `step_s` seconds exceeds `alarms_per_day` times a day.
#[must_use]
pub fn line(alarms_per_day: f64, step_s: u32) -> f64 {
    surprise(alarms_per_day * f64::from(step_s.max(1)) / SECONDS_PER_DAY).max(0.1)
}

/// The score of `surprise`, 0 ..= 1, with 0.5 at the line.
#[must_use]
pub fn score(surprise: f64, line: f64) -> f64 {
    surprise / (surprise + line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_is_the_line_at_any_sensitivity() {
        // One alarm in a thousand minutes is 1.44 a day.
        assert!((line(1.44, 60) - 3.0).abs() < 1e-12);
        for wanted in [0.01, 0.1, 10.0] {
            let line = line(wanted, 60);
            assert!((score(line, line) - 0.5).abs() < 1e-12);
        }
        assert!(score(30.0, 3.0) < 1.0 && score(0.0, 3.0).abs() < 1e-12);
        assert!((surprise(1e-4) - 4.0).abs() < 1e-12 && surprise(0.0) <= 30.0 && surprise(f64::NAN).abs() < 1e-12);
    }

    #[test]
    fn prompt_detectors_have_to_agree_and_slow_ones_count_by_a_part() {
        assert!((own(&[6.0, 2.0], &[3.0]) - 4.0).abs() < 1e-12);
        assert!((own(&[1.0, 2.0], &[3.0, 10.0]) - 10.0 * SLOW).abs() < 1e-12);
        assert!((own(&[6.0], &[]) - 6.0 * ALONE).abs() < 1e-12 && own(&[], &[]).abs() < 1e-12);
    }

    #[test]
    fn others_lift_a_surprise_and_never_lower_it() {
        let with = |own, others: &[f64]| with_others(own, others.iter().copied());
        assert!((with(4.0, &[]) - 4.0).abs() < 1e-12 && (with(4.0, &[0.0, 1.0]) - 4.0).abs() < 1e-12);
        assert!((with(2.0, &[6.0]) - 3.0).abs() < 1e-12, "one of them alone");
        assert!((with(2.0, &[6.0, 5.5]) - 6.0).abs() < 1e-12, "two who agree");
    }
}
