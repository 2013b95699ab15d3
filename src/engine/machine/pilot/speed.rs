//! Whether a channel that got slow is as quick as usual again, told by its calls.
//!
//! Minutes of trouble stay in the memory for ten minutes, and a channel that is out gets only a call every few seconds. Whether
//! such a call keeps its limit says little: most calls of a slow channel do. How long it took says much more, because a channel
//! that is three times slower shows that in every call. So the logarithms of latencies are put to a sequential test between
//! what is usual and half of the way to what was found (the cumulative sum of Page, Biometrika 41, 1954, for
//! normal laws): of a channel that was ten times slower a handful of quick calls is enough, of one that was three times slower it takes some dozen, and
//! one that is still slow practically never passes. Less than half as slow again as usual is not told apart.
//!
//! A call costs O(1).

use crate::domain::sample::Sample;

/// How much likelier the usual must be, as a logarithm.
const LINE: f64 = 4.0;
/// The most that one call adds to it.
const MOST: f64 = 2.0;
/// The least slowness that is told from the usual, as a logarithm: half as slow again.
const LEAST: f64 = 0.4;
/// The weight of a call in what was found.
const FOUND: f64 = 1.0 / 20.0;
/// The weight of a minute in what is usual: some hours.
const USUAL: f64 = 1.0 / 120.0;
/// Calls below which a minute does not show what is usual.
const ENOUGH: u64 = 10;
/// What the spread of the logarithms of single calls may be.
const SPREADS: (f64, f64) = (0.3, 1.5);

/// The speed of one channel.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Speed {
    /// Logarithms of a usual call: the middle and the spread.
    usual: Option<(f64, f64)>,
    /// The level of the latest calls that were not found usual.
    found: f64,
    sum: f64,
}

impl Speed {
    /// Learns a minute in which the channel was well.
    pub fn learn(&mut self, sample: &Sample) {
        let Some(sketch) = sample.latency.sketch().filter(|sketch| sketch.count() >= ENOUGH) else { return };
        let log = |level| sketch.quantile(level).map(f64::ln).filter(|log| log.is_finite());
        let (Some(low), Some(middle), Some(high)) = (log(0.16), log(0.5), log(0.84)) else { return };
        let spread = ((high - low) / 2.0).clamp(SPREADS.0, SPREADS.1);
        let (usual, its_spread) = self.usual.get_or_insert((middle, spread));
        *usual += USUAL * (middle - *usual);
        *its_spread += USUAL * (spread - *its_spread);
    }

    /// Whether the latest calls took longer than usual by more than chance.
    #[must_use]
    pub const fn is_slow(&self) -> bool {
        self.found >= LEAST
    }

    /// Hears a call that was answered after `ms`; whether it shows that the channel is as usual again.
    pub fn hear(&mut self, ms: f64) -> bool {
        let Some((usual, spread)) = self.usual.filter(|_| ms > 0.0 && ms.is_finite()) else { return false };
        let beyond = ms.ln() - usual;
        let step = self.found / 2.0;
        if self.found >= LEAST {
            self.sum = (self.sum + (step * (step / 2.0 - beyond) / (spread * spread)).min(MOST)).max(0.0);
        }
        if self.sum <= 0.0 {
            self.found += FOUND * (beyond - self.found);
        }
        let is_usual = self.sum >= LINE;
        if is_usual {
            (self.found, self.sum) = (0.0, 0.0);
        }
        is_usual
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ChannelId;
    use crate::domain::sample::Distribution;
    use crate::domain::time::Minute;
    use crate::stats::ddsketch::DdSketch;
    use crate::stats::seed::Seed;
    use rand_distr::{Distribution as _, LogNormal};

    /// How many of `runs` channels that were `slower` are found usual within `calls` calls, were they then `now` times slower.
    fn found(slower: f64, now: f64, calls: u32, runs: u64) -> usize {
        let law = LogNormal::new(6.5, 0.7).expect("a law");
        let is_found = |run: &u64| {
            let mut rng = Seed::new(*run).rng();
            let mut sketch = DdSketch::new();
            (0..2_000).for_each(|_| sketch.insert(law.sample(&mut rng)));
            let mut sample = Sample::new(ChannelId::new("eu").expect("valid"), Minute(0));
            sample.latency = Distribution::Sketch(sketch);
            let mut speed = Speed::default();
            speed.learn(&sample);
            (0..300).for_each(|_| {
                speed.hear(slower * law.sample(&mut rng));
            });
            (0..calls).any(|_| speed.hear(now * law.sample(&mut rng)))
        };
        (0..runs).filter(is_found).count()
    }

    #[test]
    fn a_recovered_channel_is_found_within_few_calls_and_a_slow_one_is_not() {
        let all = [
            found(10.0, 1.0, 15, 100),
            found(3.0, 1.0, 60, 100),
            found(10.0, 10.0, 600, 100),
            found(3.0, 3.0, 600, 100),
        ];
        assert!(all[0] >= 95 && all[1] >= 90 && all[2] <= 2 && all[3] <= 5, "{all:?}");
        assert_eq!(found(1.0, 1.0, 600, 1), 0, "it was never slow");
        assert!(!Speed::default().hear(100.0), "nothing is usual yet");
    }
}
