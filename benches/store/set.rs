//! The generated set: 1,000 channels x 1,440 minutes x 12 values, the same for every run and every reader.
//!
//! Each channel has its own level (lognormal across channels), a daily curve, AR(1) noise, and stretches of
//! degradation that cover about 2 % of its minutes: latency rises two- to sixfold and errors appear. Values have a
//! collector's precision: 0.1 ms and a millionth of a dollar. The twelve are requests, errors, timeouts, latency mean,
//! p50, p95, p99, first-token p50, prompt tokens, completion tokens, cost and calls in flight.
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "values are small and not negative")]

use foreroute::domain::ids::ChannelId;
use foreroute::domain::sample::{Distribution, Sample, Summary};
use foreroute::domain::time::{Minute, Timestamp};
use foreroute::domain::units::MicroUsd;
use foreroute::stats::ddsketch::DdSketch;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution as _, Exp1, LogNormal, Poisson, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Values per row that are counted as data.
pub const VALUES: u64 = COLUMNS.len() as u64;

/// Their columns.
pub const COLUMNS: [&str; 12] = [
    "requests",
    "errors",
    "timeouts",
    "latency_mean_ms",
    "latency_p50_ms",
    "latency_p95_ms",
    "latency_p99_ms",
    "ttft_p50_ms",
    "tokens_prompt",
    "tokens_completion",
    "cost_usd",
    "in_flight_max",
];

/// What the latency columns come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Stated summaries: exactly the twelve values, nothing else.
    TwelveValues,
    /// Single calls, so that every row also carries two sketches (and the percentiles that follow from them).
    Sketches,
}

/// First minute of the set: 2026-11-20T00:00Z.
pub fn first_minute() -> Minute {
    Timestamp::from_seconds(1_795_132_800).minute()
}

/// Name of channel number `n`; names sort like numbers.
pub fn channel(n: u32) -> ChannelId {
    ChannelId::new(&format!("provider-{:02}/model-{:02}/{n:04}", n % 20, n % 37)).expect("a valid name")
}

/// All samples, sorted by channel and minute, handed to `each` one at a time.
pub fn generate(channels: u32, minutes: u32, detail: Detail, mut each: impl FnMut(Sample)) {
    let mut order: Vec<(ChannelId, u32)> = (0..channels).map(|n| (channel(n), n)).collect();
    order.sort();
    for (id, n) in order {
        let mut state = State::new(n, detail);
        for minute in 0..minutes {
            each(state.next(&id, minute));
        }
    }
}

struct State {
    rng: Xoshiro256PlusPlus,
    detail: Detail,
    level_ms: f64,
    calls: f64,
    prompt: f64,
    completion: f64,
    price: (u64, u64),
    phase: f64,
    ar: [f64; 2],
    bad_until: u32,
    badness: f64,
}

impl State {
    fn new(n: u32, detail: Detail) -> Self {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(42_000_000 + u64::from(n));
        let mut spread = |median: f64, sigma: f64| {
            LogNormal::new(median.ln(), sigma).expect("a valid distribution").sample(&mut rng)
        };
        let (level_ms, calls) = (spread(700.0, 0.6), spread(20.0, 0.8));
        let (prompt, completion) = (spread(900.0, 0.5), spread(250.0, 0.5));
        let price = [(150, 600), (2_500, 10_000), (800, 4_000), (3_000, 15_000)][n as usize % 4];
        let phase = rng.random::<f64>();
        Self {
            rng,
            detail,
            level_ms,
            calls,
            prompt,
            completion,
            price,
            phase,
            ar: [0.0; 2],
            bad_until: 0,
            badness: 1.0,
        }
    }

    fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.rng)
    }

    fn next(&mut self, id: &ChannelId, minute: u32) -> Sample {
        // A degradation starts every 1,500 minutes or so and lasts 30: about 2 % of the time.
        if minute >= self.bad_until && self.rng.random::<f64>() < 1.0 / 1_500.0 {
            let length: f64 = Exp1.sample(&mut self.rng);
            self.bad_until = minute + 5 + (length * 25.0) as u32;
            self.badness = 2.0 + 4.0 * self.rng.random::<f64>();
        }
        let bad = minute < self.bad_until;
        let day = (f64::from(minute) / 1_440.0 + self.phase).fract();
        let daily = 1.0 + 0.3 * (std::f64::consts::TAU * day).sin();
        for at in 0..2 {
            self.ar[at] = 0.9 * self.ar[at] + 0.04 * self.normal();
        }
        let mean_ms = self.level_ms * (0.8 + 0.2 * daily) * self.ar[0].exp() * if bad { self.badness } else { 1.0 };
        let wanted = (self.calls * daily * self.ar[1].exp()).max(0.1);
        let requests = Poisson::new(wanted).expect("a valid distribution").sample(&mut self.rng) as u64;
        let failing = if bad { 0.2 } else { 0.004 };
        let errors = (0..requests).filter(|_| self.rng.random::<f64>() < failing).count() as u64;
        let timeouts = (0..errors).filter(|_| self.rng.random::<f64>() < 0.3).count() as u64;
        let mut sample = Sample::new(id.clone(), first_minute().plus(minute));
        sample.coverage_s = 60;
        (sample.counts.requests, sample.counts.errors, sample.counts.timeouts) = (requests, errors, timeouts);
        if self.detail == Detail::Sketches {
            sample.counts.errors_server = errors - timeouts;
        }
        let served = (requests - errors) as f64;
        let prompt = (served * self.prompt * (0.05 * self.normal()).exp()) as u64;
        let completion = (served * self.completion * (0.05 * self.normal()).exp()) as u64;
        (sample.tokens_prompt, sample.tokens_completion) = (Some(prompt), Some(completion));
        // Prices are micro-dollars per thousand tokens.
        let cost = (prompt * self.price.0 + completion * self.price.1) / 1_000;
        sample.cost = Some(MicroUsd(cost.cast_signed()));
        let in_flight = wanted * mean_ms / 60_000.0 * 2.0 + self.rng.random::<f64>();
        sample.in_flight_max = Some(in_flight.ceil() as u32);
        self.latency(&mut sample, requests - errors, mean_ms);
        sample
    }

    fn latency(&mut self, sample: &mut Sample, calls: u64, mean_ms: f64) {
        match self.detail {
            Detail::TwelveValues => {
                let mut near = |ratio: f64, sigma: f64| Some(tenth(mean_ms * ratio * (sigma * self.normal()).exp()));
                let (mean, p50) = (near(1.0, 0.0), near(0.9, 0.02));
                let (p95, p99) = (near(1.8, 0.05), near(2.4, 0.08));
                let ttft = near(0.25, 0.03);
                sample.latency = Distribution::Stated(Box::new(Summary { mean, p50, p95, p99, ..Summary::default() }));
                sample.ttft = Distribution::Stated(Box::new(Summary { p50: ttft, ..Summary::default() }));
            }
            Detail::Sketches => {
                let (mut latency, mut ttft) = (DdSketch::new(), DdSketch::new());
                for _ in 0..calls {
                    let ms = mean_ms * 0.9 * (0.4 * self.normal()).exp();
                    latency.insert(ms);
                    ttft.insert(ms * 0.25);
                }
                (sample.latency, sample.ttft) = (Distribution::Sketch(latency), Distribution::Sketch(ttft));
            }
        }
    }
}

fn tenth(ms: f64) -> f64 {
    (ms * 10.0).round() / 10.0
}
