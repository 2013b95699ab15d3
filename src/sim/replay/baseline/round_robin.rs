//! Each channel in turn.

use rand_xoshiro::Xoshiro256PlusPlus;

use crate::domain::time::Timestamp;
use crate::sim::replay::router::Router;
use crate::sim::replay::scene::Scene;

/// Each channel of a class in turn, whatever comes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoundRobin {
    /// Per class, its channels and whose turn it is.
    classes: Vec<(Vec<usize>, usize)>,
}

impl RoundRobin {
    /// For the classes of `scene`.
    #[must_use]
    pub fn new(scene: &Scene) -> Self {
        Self { classes: scene.classes.iter().map(|class| (class.channels.clone(), 0)).collect() }
    }
}

impl Router for RoundRobin {
    fn name(&self) -> &'static str {
        "round-robin"
    }

    fn pick(&mut self, _: Timestamp, class: usize, _: &[usize], _: &mut Xoshiro256PlusPlus) -> Option<usize> {
        let (channels, turn) = self.classes.get_mut(class)?;
        let channel = channels.get(*turn % channels.len().max(1)).copied();
        *turn = turn.wrapping_add(1);
        channel
    }
}
