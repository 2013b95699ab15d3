//! How noisy a series is right now.

use serde::{Deserialize, Serialize};

/// Weight of the newest error in the slow average: about a day of minutes.
const SLOW: f64 = 1.0 / 1_440.0;
/// Weight of the newest error in the fast average: about twenty steps.
const FAST: f64 = 0.05;
/// Share of the fast average in the geometric mean of both.
const FAST_SHARE: f64 = 0.6;
/// Errors beyond this many spreads count as this many: an outlier is no change of noise.
const CLIP: f64 = 6.0;
/// Calls at which the noise that falls with their number is as large as the noise that does not.
const STEADY_CALLS: f64 = 100.0;
/// Parts into which a season is cut for its profile of noise.
const BINS: usize = 96;
/// Weight of the newest error in its part of the season: parts of a day see fifteen errors a day.
const BIN_WEIGHT: f64 = 0.01;

/// The typical absolute one-step error on the working scale: a geometric mean of a slow and a fast average, times
/// the square root of a profile over the season, times what the number of calls says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    seen: u32,
    slow: f64,
    fast: f64,
    /// The geometric mean of both.
    level: f64,
    /// Noise of each part of the season relative to the slow average; empty without a season.
    profile: Vec<f32>,
    /// Steps in a season, and the position of the next step in it.
    season: usize,
    phase: usize,
    /// Running geometric mean of calls a step, which is what the next ones are expected to have; NaN while unknown.
    calls: f64,
}

impl Spread {
    /// A spread that has seen nothing, with a profile over `season` steps if noise may depend on the time.
    #[must_use]
    pub fn new(season: Option<usize>) -> Self {
        let season = season.unwrap_or(0);
        let bins = if season >= 2 { BINS.min(season) } else { 0 };
        Self { seen: 0, slow: 0.0, fast: 0.0, level: 0.0, profile: vec![1.0; bins], season, phase: 0, calls: f64::NAN }
    }

    /// The spread now, at the number of calls that is ordinary; above zero.
    #[must_use]
    pub fn now(&self) -> f64 {
        self.of_many() * Self::of_calls(self.calls)
    }

    /// The spread of a step of very many calls.
    fn of_many(&self) -> f64 {
        (self.level * self.season().sqrt()).max(1e-9)
    }

    /// The profile around the coming step, over three parts so that it has no edges; 1 without a season.
    fn season(&self) -> f64 {
        let bins = self.profile.len();
        if bins == 0 {
            return 1.0;
        }
        let bin = self.bin();
        let around = [if bin == 0 { bins - 1 } else { bin - 1 }, bin, if bin + 1 == bins { 0 } else { bin + 1 }];
        around.iter().map(|bin| f64::from(self.profile[*bin])).sum::<f64>() / 3.0
    }

    /// How much noisier a step of `calls` calls is than one of very many: a part of the noise falls with the number of
    /// calls, a part does not. 1 where the number is unknown.
    #[must_use]
    pub fn of_calls(calls: f64) -> f64 {
        if calls >= 1.0 { (1.0 + STEADY_CALLS / calls).sqrt() } else { 1.0 }
    }

    /// Makes the spread `factor` times as wide; what is learnt from now on brings it back to what is true.
    pub(super) fn widen(&mut self, factor: f64) {
        self.slow *= factor;
        self.fast *= factor;
        // A day of errors counts as an hour of them, so that the own ones soon outweigh them.
        self.seen = self.seen.min(60);
    }

    /// Learns a one-step error on the working scale of a step with `calls` calls.
    pub(super) fn learn(&mut self, error: f64, calls: f64) {
        self.seen = self.seen.saturating_add(1);
        let bound = if self.seen > 8 { CLIP * self.of_many() } else { f64::INFINITY };
        let size = (error.abs() / Self::of_calls(calls)).min(bound);
        let early = 1.0 / f64::from(self.seen);
        self.slow += SLOW.max(early) * (size - self.slow);
        self.fast += FAST.max(early) * (size - self.fast);
        self.level = if self.slow > 0.0 { self.slow * (self.fast / self.slow).powf(FAST_SHARE) } else { 0.0 };
        if !self.profile.is_empty() && self.slow > 0.0 {
            let bin = self.bin();
            let relative = (size / self.slow).min(6.0);
            let known = f64::from(self.profile[bin]);
            #[expect(clippy::cast_possible_truncation, reason = "a ratio near one")]
            let moved = (known + BIN_WEIGHT * (relative - known)) as f32;
            self.profile[bin] = moved;
        }
    }

    /// Moves on by one step of `calls` calls.
    pub(super) fn advance(&mut self, calls: f64) {
        if calls >= 1.0 {
            let known = if self.calls.is_finite() { self.calls } else { calls };
            self.calls = known * (calls / known).powf(FAST);
        }
        self.phase += 1;
        if self.phase >= self.season {
            self.phase = 0;
        }
    }

    fn bin(&self) -> usize {
        self.phase * self.profile.len() / self.season.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spread_follows_the_noise_and_not_an_outlier() {
        let mut spread = Spread::new(None);
        for _ in 0..100 {
            spread.learn(1.0, f64::NAN);
            spread.advance(f64::NAN);
        }
        assert!((spread.now() - 1.0).abs() < 1e-9);
        spread.learn(1e12, f64::NAN);
        assert!(spread.now() < 1.2, "{}", spread.now());
        for _ in 0..200 {
            spread.learn(4.0, f64::NAN);
        }
        assert!(spread.now() > 1.4, "{}", spread.now());
    }

    #[test]
    fn few_calls_are_noisy_and_are_expected_to_be() {
        assert!((Spread::of_calls(f64::NAN) - 1.0).abs() < 1e-12);
        assert!(Spread::of_calls(4.0) > 3.0 * Spread::of_calls(1_000.0));
        let mut spread = Spread::new(None);
        for _ in 0..100 {
            spread.learn(1.0, 1e6);
            spread.advance(1e6);
        }
        let busy = spread.now();
        for _ in 0..100 {
            spread.learn(3.0, 12.5);
            spread.advance(12.5);
        }
        assert!((2.7..3.3).contains(&(spread.now() / busy)), "the errors are those of fewer calls");
    }
}
