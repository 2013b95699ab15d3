//! The channels of the demo: four made-up deployments with the figures of real ones.
//!
//! Figures and where they come from:
//! - `kestrel-70b` is the measured profile of llama2-70b on one eight-way H100 node in `Mutinifni/splitwise-sim`
//!   (`data/perf_model.csv`): prompts of 512 to 8,192 tokens take 56 to 848 ms, a token takes 30 ms alone and 50 ms
//!   in a batch of 64.
//! - The other three take time to first token and per token from runs against commercial APIs in
//!   `ray-project/llmperf-leaderboard` (end of 2023): first token 200 to 930 ms, then 5 to 46 ms a token.
//! - Daily demand swings by a fifth to a half around its mean in the production traces of `alibaba/ServeGen`
//!   (Table `m-large` .. `m-small`); `kestrel-70b` is a night batch and swings more.
//! - Prices are of the order of public list prices in 2026: a flagship, a small model, a hosted open model, spot.

use crate::sim::world::day::Shape;

/// What a channel costs, in USD per million tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ListPrice {
    /// Prompt tokens.
    pub prompt: f64,
    /// Completion tokens.
    pub completion: f64,
    /// Prompt tokens read from a cache.
    pub cached: f64,
}

/// Everything that makes a channel what it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Profile {
    /// The channel's name, also in reports to the collector.
    pub name: &'static str,
    /// The model it serves, as `/v1/models` and requests name it.
    pub model: &'static str,
    /// Who is supposed to run it; invented.
    pub provider: &'static str,
    /// List price.
    pub price: ListPrice,
    /// Milliseconds before the first token that do not depend on the prompt: network, routing, scheduling.
    pub base_ms: f64,
    /// Milliseconds of prefill per prompt token.
    pub prefill_ms_per_token: f64,
    /// Milliseconds per completion token on an idle channel.
    pub decode_ms_per_token: f64,
    /// Relative slowdown of decoding when `batch` requests are being served: 0.67 means 1.67 times as slow.
    pub contention: f64,
    /// Requests served at once at full speed of admission; more of them wait for a place.
    pub batch: u32,
    /// Requests in flight at which everything more is throttled.
    pub max_in_flight: u32,
    /// Standard deviation of the logarithm of prefill and decode times.
    pub noise: f64,
    /// Share of requests throttled (429) although there was room, on daily average.
    pub throttle_rate: f64,
    /// Share of requests that fail (5xx), on daily average.
    pub failure_rate: f64,
    /// Load by the channel's other customers, which slows everything and brings failures.
    pub background: Shape,
    /// Share of all demand that goes here, on daily average.
    pub demand_share: f64,
    /// Daily curve of that demand.
    pub demand: Shape,
}

/// The four channels. Demand shares add up to 1.
#[must_use]
pub fn cast() -> Vec<Profile> {
    vec![harbor_large(), harbor_mini(), kestrel_70b(), basalt_spot()]
}

/// A flagship model: dear, steady, busiest in European and American office hours.
const fn harbor_large() -> Profile {
    Profile {
        name: "harbor-large",
        model: "harbor-large-2",
        provider: "harbor",
        price: ListPrice { prompt: 3.0, completion: 15.0, cached: 0.3 },
        base_ms: 300.0,
        prefill_ms_per_token: 0.12,
        decode_ms_per_token: 13.0,
        contention: 0.3,
        batch: 128,
        max_in_flight: 256,
        noise: 0.18,
        throttle_rate: 0.004,
        failure_rate: 0.002,
        background: Shape { peak_hour: 15.0, swing: 0.45, second: 0.1 },
        demand_share: 0.3,
        demand: Shape { peak_hour: 14.5, swing: 0.45, second: 0.15 },
    }
}

/// A small model of the same provider: quick and cheap, evening traffic of end users.
const fn harbor_mini() -> Profile {
    Profile {
        name: "harbor-mini",
        model: "harbor-mini-2",
        provider: "harbor",
        price: ListPrice { prompt: 0.25, completion: 1.25, cached: 0.025 },
        base_ms: 180.0,
        prefill_ms_per_token: 0.05,
        decode_ms_per_token: 6.0,
        contention: 0.3,
        batch: 256,
        max_in_flight: 512,
        noise: 0.15,
        throttle_rate: 0.003,
        failure_rate: 0.001,
        background: Shape { peak_hour: 20.0, swing: 0.35, second: 0.05 },
        demand_share: 0.4,
        demand: Shape { peak_hour: 20.5, swing: 0.5, second: 0.1 },
    }
}

/// An open model on the operator's own node: few places, so load shows; batch work at night.
const fn kestrel_70b() -> Profile {
    Profile {
        name: "kestrel-70b",
        model: "llama2-70b",
        provider: "own-h100",
        price: ListPrice { prompt: 0.9, completion: 0.9, cached: 0.9 },
        base_ms: 25.0,
        prefill_ms_per_token: 0.07,
        decode_ms_per_token: 30.0,
        contention: 0.67,
        batch: 64,
        max_in_flight: 128,
        noise: 0.08,
        throttle_rate: 0.0,
        failure_rate: 0.002,
        background: Shape { peak_hour: 2.0, swing: 0.2, second: 0.0 },
        demand_share: 0.15,
        demand: Shape { peak_hour: 2.0, swing: 0.6, second: 0.2 },
    }
}

/// Rented spot machines: the cheapest, the noisiest, the least reliable.
const fn basalt_spot() -> Profile {
    Profile {
        name: "basalt-spot",
        model: "basalt-8x7b",
        provider: "basalt",
        price: ListPrice { prompt: 0.2, completion: 0.4, cached: 0.2 },
        base_ms: 650.0,
        prefill_ms_per_token: 0.2,
        decode_ms_per_token: 23.0,
        contention: 0.8,
        batch: 48,
        max_in_flight: 96,
        noise: 0.4,
        throttle_rate: 0.02,
        failure_rate: 0.012,
        background: Shape { peak_hour: 10.0, swing: 0.5, second: 0.25 },
        demand_share: 0.15,
        demand: Shape { peak_hour: 10.0, swing: 0.25, second: 0.0 },
    }
}

/// A stand-in that answers after `ms` milliseconds give or take a twentieth, whatever it is asked and however often;
/// it never fails and costs next to nothing.
#[must_use]
pub const fn mock(ms: f64) -> Profile {
    let steady = Shape { peak_hour: 12.0, swing: 0.0, second: 0.0 };
    Profile {
        name: "mock",
        model: "mock-1",
        provider: "mock",
        price: ListPrice { prompt: 0.1, completion: 0.1, cached: 0.1 },
        base_ms: ms,
        prefill_ms_per_token: 0.0,
        decode_ms_per_token: 0.0,
        contention: 0.0,
        batch: u32::MAX - 1,
        max_in_flight: u32::MAX,
        noise: 0.05,
        throttle_rate: 0.0,
        failure_rate: 0.0,
        background: steady,
        demand_share: 0.0,
        demand: steady,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ChannelId;

    #[test]
    fn the_cast_is_consistent() {
        let cast = cast();
        assert!((cast.iter().map(|profile| profile.demand_share).sum::<f64>() - 1.0).abs() < 1e-12);
        for profile in &cast {
            assert!(ChannelId::new(profile.name).is_ok());
            assert!(profile.batch < profile.max_in_flight, "{} must queue before it throttles", profile.name);
            for shape in [profile.background, profile.demand] {
                assert!(shape.swing + shape.second <= 1.0, "{} has a curve below zero", profile.name);
            }
        }
    }
}
