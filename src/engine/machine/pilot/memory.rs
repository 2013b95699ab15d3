//! What one channel was like lately: the shape of its latencies, what a call needs, and how much it has carried.

use std::collections::VecDeque;

use crate::domain::sample::Sample;
use crate::domain::time::Minute;
use crate::engine::machine::pilot::season::Season;
use crate::engine::machine::pilot::speed::Speed;
use crate::engine::machine::pilot::trend::Trend;
use crate::stats::ddsketch::DdSketch;

/// Minutes whose latencies are kept.
const SKETCHES: usize = 10;
/// Calls from which a distribution is known well enough; older minutes are not asked then.
const ENOUGH: u64 = 400;
/// Calls of a stretch that shows what is usual.
const USUAL: u64 = 1_500;
/// Standard errors that are added to a share.
const DOUBT: f64 = 0.5;
/// Weight of a minute's calls in what a usual call needs: some hours.
const RATE: f64 = 1.0 / 120.0;
/// Minutes behind the calls a minute of now.
const NOW: usize = 3;
/// Length of a stretch over which carried calls are averaged, and how many of them are kept: a day.
const STRETCH: u32 = 5;
const STRETCHES: usize = 288;

/// The last day of one channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Memory {
    latencies: VecDeque<DdSketch>,
    trend: Trend,
    speed: Speed,
    /// What was usual: two stretches of many calls, the older one complete.
    usual: (DdSketch, DdSketch),
    season: Season,
    /// The newest minute.
    newest: Minute,
    calls: VecDeque<f64>,
    /// The stretch that runs, and the calls of its minutes so far.
    stretch: (u32, f64, u32),
    /// Calls a minute of the stretches in which the channel was well.
    carried: VecDeque<f64>,
    tokens_prompt: Option<f64>,
    tokens_completion: Option<f64>,
    cost_usd: Option<f64>,
}

impl Memory {
    /// Learns `sample`, of a minute in which the channel was well or not.
    pub fn learn(&mut self, sample: &Sample, is_well: bool) {
        #[expect(clippy::cast_precision_loss, reason = "calls of a minute")]
        let calls = sample.counts.requests as f64;
        if let Some(sketch) = sample.latency.sketch() {
            push(&mut self.latencies, sketch.clone(), SKETCHES);
            self.learn_usual(sketch);
        }
        let mean_ms = sample.latency.mean().unwrap_or(f64::NAN);
        self.trend.learn(mean_ms, calls);
        self.season.learn(sample.minute, mean_ms, calls);
        self.newest = sample.minute;
        if is_well {
            self.speed.learn(sample);
        }
        push(&mut self.calls, calls, NOW);
        self.carry(sample.minute, calls, is_well);
        let per_call = |sum: Option<u64>| {
            #[expect(clippy::cast_precision_loss, reason = "tokens of a minute")]
            let sum = sum? as f64;
            (calls > 0.0).then(|| sum / calls)
        };
        follow(&mut self.tokens_prompt, per_call(sample.tokens_prompt), calls);
        follow(&mut self.tokens_completion, per_call(sample.tokens_completion), calls);
        let cost = sample.cost.map(crate::domain::units::MicroUsd::usd).filter(|_| calls > 0.0);
        follow(&mut self.cost_usd, cost.map(|usd| usd / calls), calls);
    }

    fn learn_usual(&mut self, sketch: &DdSketch) {
        if self.speed.is_slow() {
            return;
        }
        self.usual.1.merge(sketch);
        if self.usual.1.count() >= USUAL {
            self.usual.0 = std::mem::take(&mut self.usual.1);
        }
    }

    fn carry(&mut self, minute: Minute, calls: f64, is_well: bool) {
        let number = minute.0 / STRETCH;
        if self.stretch.0 != number {
            let (_, sum, minutes) = self.stretch;
            if minutes > 0 {
                push(&mut self.carried, sum / f64::from(minutes), STRETCHES);
            }
            self.stretch = (number, 0.0, 0);
        }
        if is_well {
            self.stretch.1 += calls;
            self.stretch.2 += 1;
        }
    }

    /// Forgets how long calls took: the channel is another one since.
    pub fn forget_latencies(&mut self) {
        self.latencies.clear();
        self.trend.forget();
    }

    /// Share of calls that usually take longer than `limit_ms`; `None` if that is not known.
    #[must_use]
    pub fn usually_slow(&self, limit_ms: f64) -> Option<f64> {
        let (seen, usually, _) = self.usually(limit_ms);
        (seen > 0.0).then_some(usually)
    }

    /// Hears a call that was answered after `ms`; whether it shows that the channel is as quick as usual again.
    pub fn hear(&mut self, ms: f64) -> bool {
        self.speed.hear(ms)
    }

    /// How many times longer calls will take soon: within `minutes` by the course of the last ones, or as they did on the last
    /// days at this time.
    #[must_use]
    pub fn slower(&self, minutes: f64) -> f64 {
        self.trend.slower(minutes).max(self.season.slower(self.newest))
    }

    /// Calls a minute of now; 0 if nothing was heard.
    #[must_use]
    pub fn calls_per_min(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a few minutes")]
        let minutes = self.calls.len().max(1) as f64;
        self.calls.iter().sum::<f64>() / minutes
    }

    /// Calls a minute of the busiest stretch of the last day in which it was well, the one that runs included; 0 if there was
    /// none.
    #[must_use]
    pub fn tried_per_min(&self) -> f64 {
        let (_, sum, minutes) = self.stretch;
        let running = (minutes > 0).then(|| sum / f64::from(minutes));
        self.carried.iter().copied().chain(running).fold(0.0, f64::max)
    }

    /// Share of calls that take longer than `limit_ms`, as large as it may be by how few were seen (half of a standard error
    /// is added), and their mean latency; `None` if nothing is known. What the latest calls lack of being enough is filled up with
    /// what is usual, unless the channel has got slower than that.
    #[must_use]
    pub fn latency(&self, limit_ms: f64) -> Option<(f64, f64)> {
        let (mut count, mut above, mut sum) = (0, 0, 0.0);
        for sketch in self.latencies.iter().rev() {
            count += sketch.count();
            above += sketch.count_above(limit_ms);
            sum += sketch.sum();
            if count >= ENOUGH {
                break;
            }
        }
        let (seen, usually, milliseconds) = self.usually(limit_ms);
        #[expect(clippy::cast_precision_loss, reason = "calls of an hour")]
        let (calls, slow) = (count as f64, above as f64);
        #[expect(clippy::cast_precision_loss, reason = "some hundred calls")]
        let missing = (ENOUGH as f64 - calls).max(0.0);
        let lent = if self.speed.is_slow() { 0.0 } else { missing.min(seen) };
        let weight = calls + lent;
        let share = (slow + lent * usually + 0.5) / (weight + 1.0);
        let doubt = DOUBT * (share * (1.0 - share) / weight.max(1.0)).sqrt();
        (weight > 0.0).then(|| ((share + doubt).min(1.0), (sum + lent * milliseconds) / weight))
    }

    /// Calls that show what is usual, the share of them that took longer than `limit_ms`, and their mean latency.
    fn usually(&self, limit_ms: f64) -> (f64, f64, f64) {
        let (old, new) = &self.usual;
        let count = old.count() + new.count();
        let above = old.count_above(limit_ms) + new.count_above(limit_ms);
        #[expect(clippy::cast_precision_loss, reason = "some thousand calls")]
        let (calls, slow) = (count as f64, above as f64);
        if count > 0 { (calls, slow / calls, (old.sum() + new.sum()) / calls) } else { (0.0, 0.0, 0.0) }
    }

    /// Prompt and completion tokens of a usual call, and what it costs, as far as they are known.
    #[must_use]
    pub const fn usual(&self) -> (Option<f64>, Option<f64>, Option<f64>) {
        (self.tokens_prompt, self.tokens_completion, self.cost_usd)
    }
}

fn push<T>(queue: &mut VecDeque<T>, value: T, most: usize) {
    if queue.len() >= most {
        queue.pop_front();
    }
    queue.push_back(value);
}

/// Follows `news` of so many `calls`: of many calls at once, of a single one hardly.
fn follow(usual: &mut Option<f64>, news: Option<f64>, calls: f64) {
    let Some(news) = news.filter(|news| news.is_finite()) else { return };
    let known = usual.get_or_insert(news);
    *known += (news - *known) * RATE * (calls / (calls + 10.0));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ChannelId;
    use crate::domain::sample::Distribution;
    use crate::domain::units::MicroUsd;

    fn sample(minute: u32, calls: u32, ms: f64) -> Sample {
        let mut sample = Sample::new(ChannelId::new("eu").expect("valid"), Minute(minute));
        sample.counts.requests = u64::from(calls);
        let mut sketch = DdSketch::new();
        sketch.insert_n(ms, calls);
        sample.latency = Distribution::Sketch(sketch);
        sample.tokens_completion = Some(u64::from(calls) * 100);
        sample.cost = Some(MicroUsd(i64::from(calls) * 500));
        sample
    }

    #[test]
    fn it_knows_the_newest_calls_that_are_enough_and_the_busiest_minutes_that_were_well() {
        let mut memory = Memory::default();
        assert_eq!((memory.latency(1.0), memory.tried_per_min()), (None, 0.0));
        memory.learn(&sample(0, 60, 500.0), true);
        assert!((memory.tried_per_min() - 60.0).abs() < 1e-9, "its first minute tells");
        for minute in 1..100 {
            memory.learn(&sample(minute, 60, 500.0), true);
        }
        for minute in 100..110 {
            memory.learn(&sample(minute, 600, 2_000.0), false);
        }
        let (slow, mean) = memory.latency(1_000.0).expect("known");
        assert!((slow - 1.0).abs() < 1e-2 && (mean - 2_000.0).abs() < 1e-6, "the last 600 calls are enough");
        assert!((memory.tried_per_min() - 60.0).abs() < 1e-9, "it was not well with more");
        assert!((memory.calls_per_min() - 600.0).abs() < 1e-9);
        let (prompt, completion, cost) = memory.usual();
        assert_eq!(prompt, None);
        assert!(completion.is_some_and(|tokens| (tokens - 100.0).abs() < 1e-9));
        assert!(cost.is_some_and(|usd| (usd - 0.000_5).abs() < 1e-12));
    }
}
