//! What makes two incidents the same trouble again.

use std::fmt;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::incident::kind::Kind;
use crate::incident::place::Place;

/// A stable 64-bit mark of trouble: its kind, where it is, and the columns to blame.
///
/// It is written to disk and into URLs and never changes: the XXH3-64 hash of the parts, each preceded by its length as
/// little-endian u32. Operators' notes hang on it, so a pinned test guards the value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// The mark of trouble of `kind` at `channel` in `place`, to blame on `columns` (in any order, each once).
    #[must_use]
    pub fn of<'a>(kind: Kind, channel: &str, place: &Place, columns: impl Iterator<Item = &'a str>) -> Self {
        let mut columns: Vec<&str> = columns.collect();
        columns.sort_unstable();
        columns.dedup();
        let path = [kind.name()].into_iter().chain(place.path()).chain([channel]);
        Self(hash(path.chain(columns)))
    }

    /// The mark that `text` shows: sixteen hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hex { u64::from_str_radix(text, 16).ok().map(Self) } else { None }
    }
}

/// The hash of `parts`, none of which runs into the next.
pub(super) fn hash<'a>(parts: impl Iterator<Item = &'a str>) -> u64 {
    let mut bytes = Vec::with_capacity(128);
    for part in parts {
        bytes.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    xxh3_64(&bytes)
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_pinned_and_do_not_depend_on_order() {
        let place = Place { provider: Some("openai".into()), ..Place::default() };
        let mark = |columns: [&str; 2]| Fingerprint::of(Kind::Latency, "openai-eu", &place, columns.into_iter());
        assert_eq!(mark(["latency_p50_ms", "latency_p95_ms"]), mark(["latency_p95_ms", "latency_p50_ms"]));
        assert_eq!(mark(["latency_p50_ms", "latency_p95_ms"]).to_string(), "eb5e9174c5a2bc09");
        let other = Fingerprint::of(Kind::Errors, "openai-eu", &place, ["error_ratio"].into_iter());
        assert_ne!(other, mark(["latency_p50_ms", "latency_p95_ms"]));
        assert_eq!(Fingerprint::parse(&other.to_string()), Some(other));
        assert_eq!(Fingerprint::parse("+123456789abcdef"), None);
    }
}
