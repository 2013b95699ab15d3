//! The stable identity of a series.

use std::collections::BTreeMap;
use std::fmt;

use xxhash_rust::xxh3::xxh3_64;

use crate::domain::ids::ChannelId;

/// A 64-bit key of one series: table + channel + column, or metric + labels.
///
/// The key is written to disk and into URLs, so it must never change: it is the XXH3-64 hash of the parts, each
/// preceded by its length as little-endian u32. `std::hash::Hash` is not used because its encoding is unspecified.
/// A pinned test guards the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeriesKey(pub u64);

impl SeriesKey {
    /// Key of one column of one channel in `table`.
    #[must_use]
    pub fn of_channel(table: &str, channel: &ChannelId, column: &str) -> Self {
        Self::of_parts([table, channel.as_str(), column].into_iter())
    }

    /// Key of a gauge: its metric and its labels in name order.
    #[must_use]
    pub fn of_gauge(metric: &str, labels: &BTreeMap<String, String>) -> Self {
        let pairs = labels.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]);
        Self::of_parts(["gauges", metric].into_iter().chain(pairs))
    }

    fn of_parts<'a>(parts: impl Iterator<Item = &'a str>) -> Self {
        let mut bytes = Vec::with_capacity(96);
        for part in parts {
            // Names are bounded by the parsers; saturation only keeps the cast honest.
            bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        Self(xxh3_64(&bytes))
    }
}

impl fmt::Display for SeriesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_pinned_for_ever() {
        let channel = ChannelId::new("openai-eu").expect("valid name");
        let key = SeriesKey::of_channel("samples", &channel, "latency_p95_ms");
        assert_eq!(key.to_string(), "f4c27544d23e0035");
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        let one = BTreeMap::from([("a".to_owned(), "bc".to_owned())]);
        let other = BTreeMap::from([("ab".to_owned(), "c".to_owned())]);
        assert_ne!(SeriesKey::of_gauge("m", &one), SeriesKey::of_gauge("m", &other));
    }
}
