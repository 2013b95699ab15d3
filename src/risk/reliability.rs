//! How good probabilities were: the Brier score, its parts, and the diagram of what was called against what came.
//!
//! The Brier score is the mean squared distance between the call and what came true (1 or 0); 0 is perfect, and always
//! calling the mean rate scores the uncertainty. Over ten bins of calls it splits as Murphy did (*A new vector partition
//! of the probability score*, 1973), with the two terms within bins of Stephenson, Coelho and Jolliffe (*Two extra
//! components in the Brier score decomposition*, 2008) that make the sum exact:
//!
//! `brier = reliability - resolution + uncertainty + variance within - covariance within`
//!
//! Sums fade with a half-life, so the figures are of late. An outcome costs O(10).

use serde::{Deserialize, Serialize};

use crate::domain::parameter::ParameterError;

/// Bins of the diagram.
pub const BINS: usize = 10;

/// Sums of one bin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Sums {
    n: f64,
    p: f64,
    pp: f64,
    y: f64,
    py: f64,
}

/// A running score of probabilities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    keep: f64,
    outcomes: u64,
    bins: [Sums; BINS],
}

/// The Brier score and its parts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Brier {
    /// The score, 0 ..= 1; less is better.
    pub score: f64,
    /// How far calls are from what came true, by bins; 0 is honest.
    pub reliability: f64,
    /// How much more than the mean rate the calls tell; more is better.
    pub resolution: f64,
    /// The score of always calling the mean rate.
    pub uncertainty: f64,
    /// Variance of calls within bins, less twice their covariance with what came true.
    pub within: f64,
}

impl Brier {
    /// The share of the uncertainty that the calls take away: 1 is perfect, 0 no better than the mean rate, below 0
    /// worse. `None` if everything or nothing came true.
    #[must_use]
    pub fn skill(&self) -> Option<f64> {
        (self.uncertainty > 0.0).then(|| 1.0 - self.score / self.uncertainty)
    }
}

/// One bin of the reliability diagram.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Point {
    /// Lower edge of the bin.
    pub from: f64,
    /// Upper edge.
    pub to: f64,
    /// Calls in it, faded.
    pub weight: f64,
    /// What was called, on average.
    pub called: f64,
    /// What came true.
    pub came: f64,
}

impl Reliability {
    /// Nothing yet; an outcome counts half after `half_life` further ones, always wholly if that is infinite.
    ///
    /// # Errors
    /// If `half_life` is not at least 10.
    pub fn new(half_life: f64) -> Result<Self, ParameterError> {
        ParameterError::unless(half_life >= 10.0, "half_life", "at least 10 outcomes", &half_life)?;
        Ok(Self { keep: 0.5f64.powf(1.0 / half_life), outcomes: 0, bins: [Sums::default(); BINS] })
    }

    /// Adds that what was called `p` came true or not. What is not a probability is left out.
    pub fn add(&mut self, p: f64, came: bool) {
        if !(0.0..=1.0).contains(&p) {
            return;
        }
        self.outcomes = self.outcomes.saturating_add(1);
        for Sums { n, p, pp, y, py } in &mut self.bins {
            for sum in [n, p, pp, y, py] {
                *sum *= self.keep;
            }
        }
        let y = f64::from(u8::from(came));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "p lies in 0..=1")]
        let at = ((p * 10.0) as usize).min(BINS - 1);
        if let Some(bin) = self.bins.get_mut(at) {
            bin.n += 1.0;
            bin.p += p;
            bin.pp += p * p;
            bin.y += y;
            bin.py += p * y;
        }
    }

    /// Outcomes so far, all of them.
    #[must_use]
    pub const fn outcomes(&self) -> u64 {
        self.outcomes
    }

    /// The score and its parts, if there was an outcome.
    #[must_use]
    pub fn brier(&self) -> Option<Brier> {
        let filled = || self.bins.iter().filter(|bin| bin.n > 0.0);
        let n: f64 = filled().map(|bin| bin.n).sum();
        if n <= 0.0 {
            return None;
        }
        let rate = filled().map(|bin| bin.y).sum::<f64>() / n;
        let mean = |of: &dyn Fn(&Sums) -> f64| filled().map(of).sum::<f64>() / n;
        let reliability = mean(&|bin| (bin.p - bin.y).powi(2) / bin.n);
        let resolution = mean(&|bin| bin.n * (bin.y / bin.n - rate).powi(2));
        let variance = mean(&|bin| bin.pp - bin.p * bin.p / bin.n);
        let covariance = mean(&|bin| 2.0 * (bin.py - bin.p * bin.y / bin.n));
        let score = mean(&|bin| bin.pp - 2.0 * bin.py + bin.y);
        Some(Brier { score, reliability, resolution, uncertainty: rate * (1.0 - rate), within: variance - covariance })
    }

    /// The diagram: every bin that has calls, from 0 up.
    #[must_use]
    pub fn diagram(&self) -> Vec<Point> {
        let filled = (0u8..).zip(&self.bins).filter(|(_, bin)| bin.n > 0.0);
        let point = |(at, bin): (u8, &Sums)| {
            let from = f64::from(at) / 10.0;
            Point { from, to: from + 0.1, weight: bin.n, called: bin.p / bin.n, came: bin.y / bin.n }
        };
        filled.map(point).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A dozen calls and what came of them.
    const CALLS: [(f64, bool); 12] = [
        (0.05, false),
        (0.0, false),
        (0.12, false),
        (0.18, true),
        (0.33, false),
        (0.35, true),
        (0.52, true),
        (0.55, false),
        (0.71, true),
        (0.95, true),
        (1.0, true),
        (0.91, true),
    ];

    fn of(half_life: f64) -> Reliability {
        let mut reliability = Reliability::new(half_life).expect("valid");
        for (p, came) in CALLS {
            reliability.add(p, came);
        }
        reliability
    }

    #[test]
    fn the_parts_of_the_brier_score_are_those_of_numpy() {
        // numpy 2.4.6, with b = minimum((p * 10).astype(int), 9) and the formulas of the module's documentation:
        // ((p - y) ** 2).mean() and the sums over unique(b).
        let brier = of(f64::INFINITY).brier().expect("outcomes");
        let found = [brier.score, brier.reliability, brier.resolution, brier.uncertainty, brier.within];
        let within = 0.000_647_222_222_222_222_1 - 0.004_166_666_666_666_661;
        let expected =
            [0.154_025, 0.032_544_444_444_444_445, 0.118_055_555_555_555_58, 0.243_055_555_555_555_55, within];
        assert!(found.iter().zip(expected).all(|(found, expected)| (found - expected).abs() < 1e-12), "{found:?}");
        let sum = brier.reliability - brier.resolution + brier.uncertainty + brier.within;
        assert!((brier.score - sum).abs() < 1e-12);
        assert!(
            brier.skill().is_some_and(|skill| (skill - (1.0 - 0.154_025 / 0.243_055_555_555_555_55)).abs() < 1e-12)
        );
    }

    #[test]
    fn the_diagram_shows_bins_with_calls_and_the_past_fades() {
        let diagram = of(f64::INFINITY).diagram();
        assert_eq!(diagram.len(), 6);
        assert!((diagram[1].called - 0.15).abs() < 1e-12 && (diagram[1].came - 0.5).abs() < 1e-12);
        assert!(of(10.0).diagram()[0].weight < 2.0);
        let empty = Reliability::new(10.0).expect("valid");
        assert_eq!((empty.brier(), empty.diagram().len()), (None, 0));
        let mut wrong = empty.clone();
        wrong.add(f64::NAN, true);
        wrong.add(1.5, true);
        assert_eq!(wrong, empty);
        assert!(Reliability::new(f64::NAN).is_err());
    }
}
