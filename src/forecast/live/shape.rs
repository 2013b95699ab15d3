//! What is known of a series before any model sees it.

use serde::{Deserialize, Serialize};

use crate::domain::target::Quantity;
use crate::forecast::history::History;
use crate::forecast::scale::{Domain, Scale};

/// What is known of a series before any model sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// The values it can take.
    pub domain: Domain,
    /// Steps after which it repeats, if it does: a day of minutes is 1,440.
    pub season: Option<usize>,
    /// Farthest step ahead whose intervals are followed.
    pub horizon: usize,
}

impl Shape {
    /// The shape of a minute series of `quantity`: a day's season, a day ahead.
    #[must_use]
    pub const fn of_minutes(quantity: Quantity) -> Self {
        let domain = match quantity {
            Quantity::Duration | Quantity::Money => Domain::NonNegative,
            Quantity::Ratio => Domain::Ratio,
            Quantity::Count => Domain::Count,
        };
        Self { domain, season: Some(1_440), horizon: 1_440 }
    }

    /// The scale on which errors of this series are even.
    #[must_use]
    pub fn scale(&self, history: &History<'_>) -> Scale {
        Scale::of(self.domain, history)
    }
}
