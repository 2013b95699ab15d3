//! What nobody wants to hear of for a while.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::alert::rule::Labels;
use crate::domain::time::Timestamp;

/// A silence, which ends by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// Its number, never used again.
    pub id: u64,
    /// Labels that all have to match: a value, or the beginning of one before a `*`.
    pub matching: Labels,
    /// First instant at which it does not hold any more.
    pub until: Timestamp,
    /// Who set it.
    pub by: String,
    /// Why.
    pub reason: String,
}

impl Silence {
    /// Whether it covers what has these labels at `now`.
    #[must_use]
    pub fn covers(&self, now: Timestamp, labels: &Labels) -> bool {
        now < self.until && labels.fit(&self.matching)
    }
}

/// Why a silence is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SilenceError {
    /// It would silence everything for ever.
    #[error("a silence needs a label to match; `rule = \"*\"` stands for everything")]
    Everything,
    /// It would end before it begins.
    #[error("a silence must end in the future")]
    Expired,
}

/// All silences that hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silences {
    next: u64,
    all: BTreeMap<u64, Silence>,
}

impl Silences {
    /// Adds a silence at `now`; its number.
    ///
    /// # Errors
    /// [`SilenceError`] if it has no labels or is over already.
    pub fn add(
        &mut self,
        now: Timestamp,
        matching: Labels,
        until: Timestamp,
        by: &str,
        reason: &str,
    ) -> Result<u64, SilenceError> {
        if matching.0.is_empty() {
            return Err(SilenceError::Everything);
        }
        if until <= now {
            return Err(SilenceError::Expired);
        }
        self.expire(now);
        let id = self.next;
        self.next += 1;
        self.all.insert(id, Silence { id, matching, until, by: by.to_owned(), reason: reason.to_owned() });
        Ok(id)
    }

    /// Ends the silence `id`; it, if it was there.
    pub fn remove(&mut self, id: u64) -> Option<Silence> {
        self.all.remove(&id)
    }

    /// Forgets what is over.
    pub fn expire(&mut self, now: Timestamp) {
        self.all.retain(|_, silence| now < silence.until);
    }

    /// Everything that holds, oldest first.
    pub fn all(&self) -> impl Iterator<Item = &Silence> {
        self.all.values()
    }

    /// The oldest silence that covers what has these labels at `now`.
    #[must_use]
    pub fn covering(&self, now: Timestamp, labels: &Labels) -> Option<&Silence> {
        self.all.values().find(|silence| silence.covers(now, labels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    #[test]
    fn a_silence_covers_what_matches_until_it_ends() {
        let mut silences = Silences::default();
        let matching = Labels::new([("channel", "azure-*"), ("rule", "slow")]);
        let id = silences.add(second(0), matching, second(100), "kim", "known outage").expect("fine");
        let of = |channel, rule| Labels::new([("channel", channel), ("rule", rule)]);
        assert_eq!(silences.covering(second(99), &of("azure-eu", "slow")).map(|silence| silence.id), Some(id));
        assert_eq!(silences.covering(second(99), &of("openai-eu", "slow")), None);
        assert_eq!(silences.covering(second(99), &of("azure-eu", "dear")), None);
        assert_eq!(silences.covering(second(100), &of("azure-eu", "slow")), None);
        let again = silences.add(second(200), of("a", "b"), second(300), "kim", "").expect("fine");
        assert!(again > id && silences.all().count() == 1, "what is over is forgotten, its number stays taken");
        assert!(silences.remove(again).is_some() && silences.remove(again).is_none());
    }

    #[test]
    fn a_silence_of_everything_or_of_the_past_is_refused() {
        let mut silences = Silences::default();
        let anything = Labels::default();
        assert_eq!(silences.add(second(0), anything, second(9), "kim", ""), Err(SilenceError::Everything));
        let all = Labels::new([("rule", "*")]);
        assert_eq!(silences.add(second(9), all.clone(), second(9), "kim", ""), Err(SilenceError::Expired));
        assert!(silences.add(second(0), all, second(9), "kim", "").is_ok());
        assert!(silences.covering(second(1), &Labels::new([("rule", "slow")])).is_some());
    }
}
