//! Fixed shares for each class: weights in the configuration of a proxy, which nobody changes.

use rand_xoshiro::Xoshiro256PlusPlus;

use crate::domain::time::Timestamp;
use crate::sim::replay::router::{Router, draw};
use crate::sim::replay::scene::Scene;

/// Fixed shares; what failed is tried on another channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Fixed {
    name: String,
    /// Per class, the share of each channel of the scene.
    shares: Vec<Vec<f64>>,
}

impl Fixed {
    /// The same share for every channel that may serve a class.
    #[must_use]
    pub fn even(scene: &Scene) -> Self {
        let shares = |channels: &Vec<usize>| {
            let has = |channel: usize| if channels.contains(&channel) { 1.0 } else { 0.0 };
            (0..scene.channels.len()).map(has).collect()
        };
        Self::new("static", scene.classes.iter().map(|class| shares(&class.channels)).collect())
    }

    /// These shares, per class and channel; they need not add up to 1.
    #[must_use]
    pub fn new(name: &str, shares: Vec<Vec<f64>>) -> Self {
        Self { name: name.to_owned(), shares }
    }

    /// The shares, per class and channel.
    #[must_use]
    pub fn shares(&self) -> &[Vec<f64>] {
        &self.shares
    }
}

impl Router for Fixed {
    fn name(&self) -> &str {
        &self.name
    }

    fn pick(&mut self, _: Timestamp, class: usize, tried: &[usize], rng: &mut Xoshiro256PlusPlus) -> Option<usize> {
        draw(self.shares.get(class)?, tried, rng)
    }
}
