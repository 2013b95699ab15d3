//! Whether a model has tokens left for the work of a class.

use serde::{Deserialize, Serialize};

use crate::domain::time::{Day, Timestamp};
use crate::policy::work::book::Model;

/// What the jobs of one class took of one model today, and what clients said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Purse {
    /// The day, in UTC.
    day: Day,
    /// Tokens that were taken on that day.
    tokens: u64,
    /// Until when it is passed over because a client said that its tokens are used up.
    shut_until: Option<Timestamp>,
}

impl Default for Purse {
    fn default() -> Self {
        Self { day: Day(0), tokens: 0, shut_until: None }
    }
}

/// Why a model is passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "why")]
pub enum Shut {
    /// The tokens that it may take in a day are used up.
    Limit {
        /// Tokens that it may take.
        limit: u64,
        /// When it gets new ones.
        until: Timestamp,
    },
    /// A client said that its tokens are used up.
    Said {
        /// Until when that is believed.
        until: Timestamp,
    },
}

impl Shut {
    /// Until when.
    #[must_use]
    pub const fn until(self) -> Timestamp {
        match self {
            Self::Limit { until, .. } | Self::Said { until } => until,
        }
    }

    /// Why, in plain words.
    #[must_use]
    pub fn told(self) -> String {
        match self {
            Self::Limit { limit, until } => format!("its {limit} tokens of today are used up until {until}"),
            Self::Said { until } => {
                format!("a client said that its tokens are used up; it is tried again from {until}")
            }
        }
    }
}

impl Purse {
    /// Counts `tokens` that were taken at `at`.
    pub fn take(&mut self, at: Timestamp, tokens: u64) {
        let day = at.minute().day();
        // A clock that steps back counts for the newest day.
        if day > self.day {
            (self.day, self.tokens) = (day, 0);
        }
        self.tokens = self.tokens.saturating_add(tokens);
    }

    /// Believes that no tokens are left until `until`.
    pub fn shut(&mut self, until: Timestamp) {
        self.shut_until = self.shut_until.max(Some(until));
    }

    /// Tokens that were taken on the day of `now`.
    #[must_use]
    pub fn today(&self, now: Timestamp) -> u64 {
        if self.day >= now.minute().day() { self.tokens } else { 0 }
    }

    /// Why `model`, whose purse it is, cannot work at `now`; `None` if it can.
    #[must_use]
    pub fn shuts(&self, model: &Model, now: Timestamp) -> Option<Shut> {
        if let Some(limit) = model.tokens_per_day.filter(|limit| self.today(now) >= *limit) {
            let until = Day(self.day.0 + 1).first_minute().start();
            return Some(Shut::Limit { limit, until });
        }
        self.shut_until.filter(|until| *until > now).map(|until| Shut::Said { until })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_used_up_for_a_day_and_what_clients_say_for_a_while() {
        let model = Model { name: "a".to_owned(), tokens_per_day: Some(100), usd_per_job: None };
        let at = |day: u32, s: i64| Day(day).first_minute().start().plus_seconds(s);
        let mut purse = Purse::default();
        purse.take(at(9, 5), 99);
        assert_eq!(purse.shuts(&model, at(9, 6)), None);
        purse.take(at(9, 7), 1);
        assert_eq!(purse.shuts(&model, at(9, 8)), Some(Shut::Limit { limit: 100, until: at(10, 0) }));
        assert_eq!((purse.today(at(10, 0)), purse.shuts(&model, at(10, 0))), (0, None));
        purse.shut(at(10, 60));
        assert_eq!(purse.shuts(&model, at(10, 59)).map(Shut::until), Some(at(10, 60)));
        assert_eq!(purse.shuts(&model, at(10, 60)), None);
    }
}
