//! Has orchestrators do what was decided, each in its own way.
//!
//! An [`Adapter`] is told what should be ([`Pool`]: the shares of one route class, by the names that are used over there)
//! and makes it so, once; when to try again is the caller's affair. It may be told the same any number of times.
//!
//! | adapter | what it does | when nobody tells it anything any more |
//! |---|---|---|
//! | [`webhook`] | posts the decision, signed | the receiver sees when the decision ends |
//! | [`redis_litellm`] | leases channels without a share out of LiteLLM | leases end after seconds |
//! | [`haproxy`] | sets weights over the runtime socket | weights stay |
//! | [`nginx`] | writes the servers of an `upstream`, has nginx read them | weights stay |
//! | [`manifest`] | writes a JSON patch for Kubernetes | weights stay |
//!
//! Where weights stay, the caller puts them back. No adapter ever empties a pool: one that gives nothing to anybody is
//! taken as even shares ([`Pool::shares`]).

mod file;
pub mod haproxy;
pub mod manifest;
pub mod nginx;
pub mod redis_litellm;
mod run;
pub mod webhook;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::act::courier::DeliveryError;
use crate::domain::time::Timestamp;

/// Shares below this are none.
const NOTHING: f64 = 1e-9;

/// What one route class should get.
#[derive(Debug, Clone, PartialEq)]
pub struct Pool {
    /// The route class.
    pub class: String,
    /// Number of the decision behind it.
    pub generation: u64,
    /// When it was decided.
    pub issued: Timestamp,
    /// Until when it holds.
    pub valid_until: Timestamp,
    /// Shares by the names that are used over there; at least 0.
    pub weights: BTreeMap<String, f64>,
    /// The decision as consumers get it.
    pub json: Bytes,
}

impl Pool {
    /// The same for every try of the same decision.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}-{}-{}", self.class, self.generation, self.issued.micros())
    }

    /// Shares that give something to somebody: those of [`Self::weights`] that are numbers, or even ones if none is more
    /// than nothing.
    #[must_use]
    pub fn shares(&self) -> BTreeMap<&str, f64> {
        let is_share = |share: f64| share.is_finite() && share > NOTHING;
        let is_empty = !self.weights.values().any(|share| is_share(*share));
        let share = |share: f64| {
            if is_empty {
                1.0
            } else if is_share(share) {
                share
            } else {
                0.0
            }
        };
        self.weights.iter().map(|(name, weight)| (name.as_str(), share(*weight))).collect()
    }
}

/// Why something is not as it should be. Holds no secret.
#[derive(Debug, thiserror::Error)]
pub enum AdapterError {
    /// A request did not arrive.
    #[error("{error}")]
    Request {
        /// Why.
        error: DeliveryError,
        /// Whether another try may help.
        may_help: bool,
        /// Seconds after which the receiver wants to be asked again.
        asked_s: Option<f64>,
    },
    /// No connection, or a broken one.
    #[error("{0} cannot be reached: {1}")]
    Unreachable(&'static str, String),
    /// It was reached, and did not do it.
    #[error("{0} answered: {1}")]
    Answer(&'static str, String),
    /// A file could not be written.
    #[error("the file {} cannot be written: {error}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A command did not do what it should.
    #[error("the command `{command}` {problem}")]
    Command {
        /// Its first words.
        command: String,
        /// What came of it.
        problem: String,
    },
    /// It took too long.
    #[error("not done within the time limit")]
    Timeout,
}

impl AdapterError {
    /// Whether another try may help.
    #[must_use]
    pub const fn may_help(&self) -> bool {
        !matches!(self, Self::Request { may_help: false, .. })
    }

    /// Seconds after which another try is welcome, if that was said.
    #[must_use]
    pub const fn asked_s(&self) -> Option<f64> {
        match self {
            Self::Request { asked_s, .. } => *asked_s,
            _ => None,
        }
    }
}

/// Has one orchestrator do what was decided.
#[async_trait]
pub trait Adapter: Send {
    /// Makes it as `pools` say: the shares of each route class about which a decision holds. May be broken off anywhere.
    ///
    /// # Errors
    /// [`AdapterError`]; then it is unknown how much of it was done, and telling it again is safe.
    async fn apply(&mut self, pools: &[Pool], now: Timestamp) -> Result<(), AdapterError>;

    /// How often it must be told the same, because what it does ends by itself or is lost when the other side starts anew;
    /// `None` if once is enough.
    fn again_after(&self) -> Option<Duration>;
}

/// `shares` as whole numbers with the largest at `most`; what has a share gets at least 1.
fn scaled(shares: &BTreeMap<&str, f64>, most: u32) -> BTreeMap<String, u32> {
    let largest = shares.values().copied().fold(f64::MIN_POSITIVE, f64::max);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ..= most")]
    let whole = |share: f64| (share / largest * f64::from(most)).round() as u32;
    let of = |share: f64| if share > 0.0 { whole(share).clamp(1, most) } else { 0 };
    shares.iter().map(|(name, share)| ((*name).to_owned(), of(*share))).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A pool of the class `chat` with these shares.
    pub fn pool(weights: &[(&str, f64)]) -> Pool {
        let issued = Timestamp::from_seconds(1_795_000_000);
        Pool {
            class: "chat".to_owned(),
            generation: 7,
            issued,
            valid_until: issued.plus_seconds(120),
            weights: weights.iter().map(|(name, share)| ((*name).to_owned(), *share)).collect(),
            json: Bytes::from_static(b"{}"),
        }
    }

    #[test]
    fn a_pool_is_never_emptied_and_a_small_share_is_not_lost() {
        let empty = pool(&[("a", 0.0), ("b", f64::NAN)]);
        assert_eq!(empty.shares(), BTreeMap::from([("a", 1.0), ("b", 1.0)]));
        let odd = pool(&[("a", 0.999), ("b", 0.001), ("c", 0.0)]);
        let whole = scaled(&odd.shares(), 256);
        assert_eq!(whole.into_values().collect::<Vec<_>>(), [256, 1, 0]);
        assert_eq!(odd.key(), "chat-7-1795000000000000");
    }
}
