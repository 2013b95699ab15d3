//! Pools that were trained as time went on.

use std::sync::Arc;

use crate::domain::time::Timestamp;
use crate::forecast::global::{Cycles, Pool};

/// Pools of one kind of series, each with the instant up to which it was told of them. Who fits a model to a history
/// meets the newest pool that knows nothing behind the end of that history; so a model that is judged at an instant of
/// the past knows nothing of what came after it, by way of other series neither.
///
/// A clone is cheap, because all share the pools.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pools(Arc<[(Timestamp, Arc<Pool>)]>);

impl Pools {
    /// `pools` in any order, each with the end of what it was trained on.
    #[must_use]
    pub fn new(pools: impl IntoIterator<Item = (Timestamp, Arc<Pool>)>) -> Self {
        let mut pools: Vec<_> = pools.into_iter().collect();
        pools.sort_by_key(|(until, _)| *until);
        Self(pools.into())
    }

    /// The newest pool that was trained on nothing from `end` on.
    #[must_use]
    pub fn known_at(&self, end: Timestamp) -> Option<&Arc<Pool>> {
        let known = self.0.partition_point(|(until, _)| *until <= end);
        self.0[..known].last().map(|(_, pool)| pool)
    }

    /// Those pools that were trained with `cycles`.
    pub(super) fn with(&self, cycles: Cycles) -> Self {
        Self(self.0.iter().filter(|(_, pool)| pool.cycles() == cycles).cloned().collect())
    }

    /// All of them, oldest first.
    #[must_use]
    pub fn as_slice(&self) -> &[(Timestamp, Arc<Pool>)] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_meets_the_newest_pool_that_ends_before_it_does() {
        let pool = Arc::new(Pool::train(Cycles::MINUTES, &[]));
        let at = Timestamp::from_seconds;
        let other = Arc::new(Pool::train(Cycles::new(96, 4).expect("valid"), &[]));
        let pools = Pools::new([(at(200), Arc::clone(&other)), (at(100), Arc::clone(&pool))]);
        assert!(pools.known_at(at(99)).is_none());
        assert!(pools.known_at(at(100)).is_some_and(|known| Arc::ptr_eq(known, &pool)));
        assert!(pools.known_at(at(500)).is_some_and(|known| Arc::ptr_eq(known, &other)));
        assert_eq!(pools.with(Cycles::MINUTES).as_slice().len(), 1);
        assert!(Pools::default().known_at(at(500)).is_none());
    }
}
