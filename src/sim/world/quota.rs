//! What a channel grants in each clock minute, and refuses beyond.
//!
//! Public providers count requests and tokens in fixed minutes and answer 429 with the seconds to the next one. Tokens
//! of the answer are counted with the prompt's when the request comes in, as providers do with the limit that the
//! caller states.

use crate::domain::time::{Minute, Timestamp};

/// What is granted in a clock minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Quota {
    /// Requests, if they are limited.
    pub requests: Option<u32>,
    /// Tokens of prompts and answers, if they are limited.
    pub tokens: Option<u64>,
}

/// What has been used of a quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Meter {
    minute: Minute,
    requests: u32,
    tokens: u64,
}

impl Meter {
    /// Takes one request of `tokens` at `now`; the seconds to wait if it is not granted. What is refused is not counted.
    ///
    /// # Errors
    /// The seconds until the quota is whole again, at least 1.
    pub fn take(&mut self, quota: Quota, now: Timestamp, tokens: u64) -> Result<(), u32> {
        let minute = now.minute();
        if minute != self.minute {
            *self = Self { minute, ..Self::default() };
        }
        let (requests, all) = (self.requests.saturating_add(1), self.tokens.saturating_add(tokens));
        if quota.requests.is_some_and(|most| requests > most) || quota.tokens.is_some_and(|most| all > most) {
            return Err(u32::from(60 - now.second_of_minute().min(59)));
        }
        (self.requests, self.tokens) = (requests, all);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_whole_again_with_the_next_minute() {
        let quota = Quota { requests: Some(3), tokens: Some(100) };
        let mut meter = Meter::default();
        let at = Timestamp::from_seconds;
        assert_eq!(meter.take(quota, at(600), 60), Ok(()));
        assert_eq!(meter.take(quota, at(615), 50), Err(45), "too many tokens");
        assert_eq!(meter.take(quota, at(620), 20), Ok(()), "what was refused is not counted");
        assert_eq!(meter.take(quota, at(630), 20), Ok(()));
        assert_eq!(meter.take(quota, at(659), 0), Err(1), "too many requests");
        assert_eq!(meter.take(quota, at(660), 100), Ok(()));
    }
}
