//! Votes to one score: how surprised are the detectors together, measured by the alarms that somebody wants?
//!
//! A probability becomes a surprise, its negative decimal logarithm: 3 is one in a thousand. The clearest vote leads, but
//! is believed only so far as others go along ([`OVER_OTHERS`]): a value that breaks the season without breaking with its
//! neighbours is a day that runs late, and a value that leaves its neighbours where the season always does is no news.
//! The largest of several surprises is large more often than one of them, and by how much depends on how they hang
//! together. That is not derived, but measured: what comes out passes a tail of its own.
//!
//! The score is s / (s + line), where the line is the surprise at which a healthy series would raise the wanted number of
//! alarms a day. So 0.5 is the line whatever the sensitivity, and twice the surprise of the line is 2/3.

use crate::anomaly::tail::LEAST_P;

/// Powers of ten by which the clearest vote may go beyond the second clearest.
pub const OVER_OTHERS: f64 = 1.0;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// The negative decimal logarithm of `p`, within 0 ..= 30.
#[must_use]
pub fn surprise(p: f64) -> f64 {
    // NaN becomes 0 as well.
    (-p.log10()).max(0.0).min(-LEAST_P.log10())
}

/// The surprise of several detectors together: that of the clearest vote, at most [`OVER_OTHERS`] above the second; of
/// one detector its own; of none 0.
#[must_use]
pub fn together(surprises: impl Iterator<Item = f64>) -> f64 {
    let (mut first, mut second) = (f64::NEG_INFINITY, f64::NEG_INFINITY);
    for surprise in surprises {
        if surprise > first {
            (first, second) = (surprise, first);
        } else if surprise > second {
            second = surprise;
        }
    }
    if second.is_finite() { first.min(second + OVER_OTHERS) } else { first.max(0.0) }
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
    fn the_clearest_vote_needs_another() {
        assert!((together([6.0, 2.0, 1.0].into_iter()) - 3.0).abs() < 1e-12);
        assert!((together([6.0, 5.5].into_iter()) - 6.0).abs() < 1e-12);
        assert!((together([6.0].into_iter()) - 6.0).abs() < 1e-12);
        assert!(together(std::iter::empty()).abs() < 1e-12);
    }
}
