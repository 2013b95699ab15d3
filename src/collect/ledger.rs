//! Which batches were counted already: idempotency keys with a limit on number and age.

use std::collections::{HashSet, VecDeque};

use crate::domain::batch::CountedKey;
use crate::domain::ids::IdempotencyKey;
use crate::domain::time::Timestamp;

/// Keys remembered at most. A client that sends a batch a second and retries within a day stays inside.
const MAX_KEYS: usize = 100_000;

/// How long a key is remembered, in seconds of the receiver's clock.
const MAX_AGE_S: i64 = 86_400;

/// A bounded set of counted keys, oldest first.
#[derive(Debug, Clone, Default)]
pub struct KeyLedger {
    order: VecDeque<CountedKey>,
    known: HashSet<IdempotencyKey>,
}

impl KeyLedger {
    /// The record of `key`, if it was counted and is still remembered.
    #[must_use]
    pub fn get(&self, key: &IdempotencyKey) -> Option<&CountedKey> {
        // The set answers the common case, a new key, without a walk; re-sent batches are rare enough to search for.
        if !self.known.contains(key) {
            return None;
        }
        self.order.iter().rev().find(|counted| counted.key == *key)
    }

    /// Remembers `key`, and forgets what is too old or too many.
    pub fn insert(&mut self, key: IdempotencyKey, received_at: Timestamp, calls: u64) {
        if !self.known.insert(key.clone()) {
            return;
        }
        self.order.push_back(CountedKey { key, received_at, calls });
        let oldest = received_at.plus_seconds(-MAX_AGE_S);
        while self.order.len() > MAX_KEYS || self.order.front().is_some_and(|first| first.received_at < oldest) {
            if let Some(forgotten) = self.order.pop_front() {
                self.known.remove(&forgotten.key);
            }
        }
    }

    /// The keys, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &CountedKey> {
        self.order.iter()
    }
}

impl FromIterator<CountedKey> for KeyLedger {
    fn from_iter<I: IntoIterator<Item = CountedKey>>(keys: I) -> Self {
        let mut ledger = Self::default();
        for counted in keys {
            ledger.insert(counted.key, counted.received_at, counted.calls);
        }
        ledger
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_forgotten_after_a_day() {
        let key = |name: &str| IdempotencyKey::new(name).expect("valid key");
        let mut ledger = KeyLedger::default();
        ledger.insert(key("a"), Timestamp::from_seconds(0), 3);
        assert_eq!(ledger.get(&key("a")).map(|counted| counted.calls), Some(3));
        ledger.insert(key("b"), Timestamp::from_seconds(MAX_AGE_S + 1), 1);
        assert_eq!(ledger.get(&key("a")), None);
        assert!(ledger.get(&key("b")).is_some());
    }
}
