//! One seed grows a tree of named generators, so that a new draw in one place does not shift the others.
//!
//! The idea is `typed-rng` of oxidecomputer/omicron. The generator is xoshiro256++ (Blackman and Vigna, 2019),
//! whose output is fixed for every platform and version; a child seed is the XXH3-64 hash of parent and name.

use rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// A node of the seed tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(u64);

impl Seed {
    /// The root of a tree.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Its number, for state that is saved.
    #[must_use]
    pub const fn value(self) -> u64 {
        self.0
    }

    /// The child called `name`. Equal names give equal children, whatever else was drawn.
    #[must_use]
    pub fn child(self, name: &str) -> Self {
        Self(xxh3_64_with_seed(name.as_bytes(), self.0))
    }

    /// The child with number `index`.
    #[must_use]
    pub fn nth(self, index: u64) -> Self {
        Self(xxh3_64_with_seed(&index.to_le_bytes(), self.0))
    }

    /// A fresh generator for this node.
    #[must_use]
    pub fn rng(self) -> Xoshiro256PlusPlus {
        Xoshiro256PlusPlus::seed_from_u64(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn children_are_repeatable_and_distinct() {
        let root = Seed::new(7);
        assert_eq!(root.child("jitter").rng().next_u64(), root.child("jitter").rng().next_u64());
        assert_ne!(root.child("jitter"), root.child("trees"));
        assert_ne!(root.nth(0), root.nth(1));
    }
}
