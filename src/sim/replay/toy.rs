//! Small scenes for tests.

use crate::domain::ids::ChannelId;
use crate::domain::time::Minute;
use crate::sim::replay::scene::{Care, Channel, Class, Client, Demand, Scene};
use crate::sim::world::day::Shape;
use crate::sim::world::profile::mock;
use crate::sim::world::quota::Quota;
use crate::stats::seed::Seed;

/// Three mocks that take 50, 60 and 70 ms, with 20 tokens in each answer and even demand: what LiteLLM was measured on.
pub(super) fn mocks(rate: f64, length_min: u32) -> Scene {
    let channel = |name: &str, ms| Channel {
        id: ChannelId::new(name).expect("a valid name"),
        profile: mock(ms),
        spells: Vec::new(),
        remedies: Vec::new(),
        quota: Quota::default(),
        round_trip_ms: 0.0,
    };
    let shape = Shape { peak_hour: 12.0, swing: 0.0, second: 0.0 };
    let demand = Demand::Poisson { rate, shape, prompt_tokens: 100.0, answer_tokens: Some(20) };
    Scene {
        seed: Seed::new(7),
        channels: vec![channel("a", 50.0), channel("b", 60.0), channel("c", 70.0)],
        classes: vec![Class {
            name: "chat".to_owned(),
            limit_ms: 1_000.0,
            slow: 0.05,
            failing: 0.01,
            channels: vec![0, 1, 2],
            demand,
        }],
        client: Client::default(),
        care: Care::default(),
        start: Minute(29_900_000),
        past_min: 30,
        length_min,
    }
}
