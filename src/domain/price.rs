//! What a call costs where the source does not say: list prices per million tokens, each valid from a date.

use std::collections::BTreeMap;

use crate::domain::ids::ChannelId;
use crate::domain::time::Timestamp;
use crate::domain::units::MicroUsd;

/// Prices of one channel from one instant on, in USD per million tokens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// First instant at which these prices hold.
    pub valid_from: Timestamp,
    /// Per million prompt tokens that were not cached.
    pub prompt_usd_per_mtok: f64,
    /// Per million completion tokens.
    pub completion_usd_per_mtok: f64,
    /// Per million cached prompt tokens; where a provider states none, the prompt price.
    pub cached_usd_per_mtok: f64,
}

/// Token counts of one call or one minute, as far as they are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Prompt tokens, cached ones included.
    pub prompt: Option<u64>,
    /// Completion tokens.
    pub completion: Option<u64>,
    /// Cached prompt tokens.
    pub cached: Option<u64>,
}

/// The price history of every channel.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PriceList {
    /// Per channel, ascending by `valid_from`.
    by_channel: BTreeMap<ChannelId, Vec<Price>>,
}

impl PriceList {
    /// Adds one price of `channel`; order of insertion does not matter.
    pub fn add(&mut self, channel: ChannelId, price: Price) {
        let prices = self.by_channel.entry(channel).or_default();
        let at = prices.partition_point(|known| known.valid_from <= price.valid_from);
        prices.insert(at, price);
    }

    /// The prices of `channel` that hold at `at`, if any did yet.
    #[must_use]
    pub fn at(&self, channel: &ChannelId, at: Timestamp) -> Option<&Price> {
        let prices = self.by_channel.get(channel)?;
        let next = prices.partition_point(|price| price.valid_from <= at);
        prices.get(next.checked_sub(1)?)
    }

    /// What `usage` on `channel` at `at` costs; `None` without a price or without any token count.
    #[must_use]
    pub fn cost(&self, channel: &ChannelId, at: Timestamp, usage: Usage) -> Option<MicroUsd> {
        if usage.prompt.is_none() && usage.completion.is_none() {
            return None;
        }
        let price = self.at(channel, at)?;
        let prompt = usage.prompt.unwrap_or(0);
        let cached = usage.cached.unwrap_or(0).min(prompt);
        #[expect(clippy::cast_precision_loss, reason = "token counts of a call are far below 2^52")]
        // USD per million tokens is micro-USD per token.
        let micro = (prompt - cached) as f64 * price.prompt_usd_per_mtok
            + cached as f64 * price.cached_usd_per_mtok
            + usage.completion.unwrap_or(0) as f64 * price.completion_usd_per_mtok;
        #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
        Some(MicroUsd(micro.round() as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_price_of_the_day_is_used_and_cached_tokens_are_cheaper() {
        let channel = ChannelId::new("c").expect("valid name");
        let mut prices = PriceList::default();
        let from = |s| Timestamp::from_seconds(s);
        let price = |at, prompt| Price {
            valid_from: from(at),
            prompt_usd_per_mtok: prompt,
            completion_usd_per_mtok: 10.0,
            cached_usd_per_mtok: 0.25,
        };
        prices.add(channel.clone(), price(200, 5.0));
        prices.add(channel.clone(), price(100, 2.5));
        let usage = Usage { prompt: Some(1_000), completion: Some(100), cached: Some(400) };
        assert_eq!(prices.cost(&channel, from(99), usage), None);
        assert_eq!(prices.cost(&channel, from(150), usage), Some(MicroUsd(1_500 + 100 + 1_000)));
        assert_eq!(prices.cost(&channel, from(200), usage), Some(MicroUsd(3_000 + 100 + 1_000)));
        assert_eq!(prices.cost(&channel, from(200), Usage::default()), None);
    }
}
