//! How likely a path is to stay over its limit for a few steps in a row, by any step ahead.
//!
//! The probabilities of single steps do not say: with one step in ten over the limit, an hour holds a bad minute nearly
//! for certain if minutes are independent, and one time in ten if they move together. Paths of normal scores that follow
//! an AR(1) process in time, as in [`crate::forecast::paths`], are compared with the score of the limit at each step. As
//! only scores are compared, the same panel of paths serves every channel, is drawn once, and no value is ever computed.
//! Paths come in pairs of opposite sign, which takes most of the noise of the draw out of probabilities near one half.
//!
//! The paths of each step are kept in the order of their scores, so that one search tells how many are above the limit;
//! who they are is known of every 64th rank, and at most half as many are added or taken away. A calm hour costs next
//! to nothing, and trouble that every path meets ends the count.

use rand_distr::{Distribution, StandardNormal};

use crate::domain::parameter::ParameterError;
use crate::stats::seed::Seed;

/// Paths of normal scores, drawn once.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    paths: usize,
    steps: Vec<Step>,
}

/// One step of all paths.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    /// The scores, the highest first.
    scores: Vec<f64>,
    /// Whose they are.
    paths: Vec<u32>,
    /// The sets of the highest 64, 128, 192 .. paths, a bit for each path.
    highest: Vec<u64>,
}

/// Paths of a panel: probabilities are known to about one and a half points.
pub const PATHS: usize = 1_024;

impl Panel {
    /// `paths` paths of `steps` steps whose neighbours have the correlation `persistence`.
    ///
    /// # Errors
    /// If `paths` is odd or below 2, there is no step, or `persistence` is not in 0 ..= 0.9999.
    pub fn new(paths: usize, steps: usize, persistence: f64, seed: Seed) -> Result<Self, ParameterError> {
        ParameterError::unless(paths >= 2 && paths.is_multiple_of(2), "paths", "an even number from 2", &paths)?;
        ParameterError::unless(steps >= 1, "steps", "at least 1", &steps)?;
        let is_correlation = (0.0..=0.999_9).contains(&persistence);
        ParameterError::unless(is_correlation, "persistence", "0 to 0.9999", &persistence)?;
        let mut rng = seed.child("passage").rng();
        let fresh = (1.0 - persistence * persistence).sqrt();
        let mut drawn: Vec<Vec<(f64, u32)>> = (0..steps).map(|_| Vec::with_capacity(paths)).collect();
        for number in (0..=u32::MAX).step_by(2).take(paths / 2) {
            let mut score: f64 = StandardNormal.sample(&mut rng);
            for step in &mut drawn {
                step.extend([(score, number), (-score, number + 1)]);
                let noise: f64 = StandardNormal.sample(&mut rng);
                score = persistence * score + fresh * noise;
            }
        }
        Ok(Self { paths, steps: drawn.into_iter().map(Step::of).collect() })
    }

    /// Steps of a path.
    #[must_use]
    pub const fn steps(&self) -> usize {
        self.steps.len()
    }

    /// Writes for each step of `chances` the probability that by then a path was above its limit for `run` steps in a row.
    /// `limits` are the normal scores of the limit at each step, and are asked for no longer than they matter. Steps beyond
    /// the panel's and beyond `limits` keep the last probability. A limit that is NaN is never passed.
    pub fn passages(&self, limits: impl IntoIterator<Item = f64>, run: usize, chances: &mut [f64]) {
        let mut marks = Marks::new(self.paths, run.max(1));
        let mut limits = limits.into_iter();
        #[expect(clippy::cast_precision_loss, reason = "a few thousand paths")]
        let share = |passed: usize| passed as f64 / self.paths as f64;
        let mut passed = 0;
        for (at, chance) in chances.iter_mut().enumerate() {
            if passed < self.paths
                && let Some((step, limit)) = self.steps.get(at).and_then(|step| Some((step, limits.next()?)))
            {
                passed = marks.pass(step, limit);
            }
            *chance = share(passed);
        }
    }
}

impl Step {
    fn of(mut drawn: Vec<(f64, u32)>) -> Self {
        drawn.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let (scores, paths): (Vec<f64>, Vec<u32>) = drawn.into_iter().unzip();
        let (mut highest, mut known) = (Vec::new(), vec![0; paths.len().div_ceil(WORD)]);
        for block in paths.chunks_exact(WORD) {
            turn(&mut known, block);
            highest.extend_from_slice(&known);
        }
        Self { scores, paths, highest }
    }

    /// How many scores are above `limit`, looked for around `guess`: what was found at the step before is mostly near, and
    /// far fewer lines of memory are read than by halving all scores.
    fn count(&self, limit: f64, guess: usize) -> usize {
        let is_above = |at: usize| self.scores[at] > limit;
        let (mut low, mut high) = (guess.min(self.scores.len()), guess.min(self.scores.len()));
        let mut stride = 1;
        while low > 0 && !is_above(low - 1) {
            low = low.saturating_sub(stride);
            stride *= 2;
        }
        stride = 1;
        while high < self.scores.len() && is_above(high) {
            high = (high + stride).min(self.scores.len());
            stride *= 2;
        }
        low + self.scores[low..high].partition_point(|score| *score > limit)
    }

    /// Writes the `count` highest paths into `above`.
    fn mark(&self, count: usize, above: &mut [u64]) {
        let words = above.len();
        let nearest = ((count + WORD / 2) / WORD).min(self.highest.len() / words);
        match nearest.checked_sub(1) {
            None => above.fill(0),
            Some(row) => above.copy_from_slice(&self.highest[row * words..(row + 1) * words]),
        }
        let known = nearest * WORD;
        turn(above, &self.paths[known.min(count)..known.max(count)]);
    }
}

/// Turns the bits of `paths`.
fn turn(marks: &mut [u64], paths: &[u32]) {
    for path in paths {
        if let Some(word) = marks.get_mut(*path as usize / WORD) {
            *word ^= 1 << (*path as usize % WORD);
        }
    }
}

/// Bits of a word.
const WORD: usize = u64::BITS as usize;

/// Sets of paths, a bit for each.
struct Marks {
    /// Above the limit at each of the newest steps, in turn: as many as make a run.
    above: Vec<Vec<u64>>,
    turn: usize,
    /// How many are above it at the newest step.
    newest: usize,
    /// Above it for a whole run by now, and how many they are.
    passed: Vec<u64>,
    count: usize,
}

impl Marks {
    fn new(paths: usize, run: usize) -> Self {
        let nobody = vec![0; paths.div_ceil(WORD)];
        Self { above: vec![nobody.clone(); run], turn: 0, newest: 0, passed: nobody, count: 0 }
    }

    /// Moves on by `step`; how many paths have passed `limit` by then.
    fn pass(&mut self, step: &Step, limit: f64) -> usize {
        self.newest = step.count(limit, self.newest);
        step.mark(self.newest, &mut self.above[self.turn]);
        self.turn = (self.turn + 1) % self.above.len();
        if self.newest > 0 {
            for (at, passed) in self.passed.iter_mut().enumerate() {
                let run = self.above.iter().fold(u64::MAX, |all, above| all & above[at]);
                let fresh = run & !*passed;
                if fresh != 0 {
                    *passed |= fresh;
                    self.count += fresh.count_ones() as usize;
                }
            }
        }
        self.count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::normal;

    fn chance(persistence: f64, p: f64, steps: usize, run: usize) -> f64 {
        let panel = Panel::new(4_096, steps, persistence, Seed::new(3)).expect("valid");
        let mut chances = vec![0.0; steps];
        panel.passages(vec![normal::quantile(1.0 - p); steps], run, &mut chances);
        assert!(chances.is_sorted(), "probabilities grow with the horizon");
        chances[steps - 1]
    }

    #[test]
    fn independent_and_common_steps_are_the_known_extremes() {
        let near = |value: f64, expected: f64| assert!((value - expected).abs() < 0.025, "{value} {expected}");
        near(chance(0.0, 0.1, 10, 1), 1.0 - 0.9f64.powi(10));
        near(chance(0.999_9, 0.1, 10, 1), 0.1);
        // Two in a row of ten independent steps of probability 0.3: 1 - P(no run of two), by the recursion
        // a(n) = 0.7 a(n - 1) + 0.3 * 0.7 a(n - 2) with a(0) = a(1) = 1.
        let mut none = [1.0, 1.0];
        for _ in 2..=10 {
            none = [none[1], 0.7 * none[1] + 0.21 * none[0]];
        }
        near(chance(0.0, 0.3, 10, 2), 1.0 - none[1]);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "none and all of the paths are exact")]
    fn limits_out_of_reach_and_unknown_ones_are_never_passed() {
        let panel = Panel::new(2, 3, 0.5, Seed::new(1)).expect("valid");
        let mut chances = [9.0; 4];
        panel.passages([f64::INFINITY, f64::NAN, f64::INFINITY], 1, &mut chances);
        assert_eq!(chances, [0.0; 4]);
        panel.passages([f64::NEG_INFINITY; 3], 2, &mut chances);
        assert_eq!(chances, [0.0, 1.0, 1.0, 1.0]);
        assert_eq!(panel, Panel::new(2, 3, 0.5, Seed::new(1)).expect("valid"));
        assert!(Panel::new(3, 3, 0.5, Seed::new(1)).is_err_and(|error| error.parameter == "paths"));
        assert!(Panel::new(2, 0, 0.5, Seed::new(1)).is_err_and(|error| error.parameter == "steps"));
        assert!(Panel::new(2, 3, f64::NAN, Seed::new(1)).is_err_and(|error| error.parameter == "persistence"));
    }
}
