//! Rate limits per client address and per token.
//!
//! The arithmetic is GCRA (a leaky bucket without a timer) from `governor`; here are the keys, the monotonic time
//! and the bound on how many keys are remembered.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU32, Ordering};

use governor::clock::Clock as LimiterClock;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::api::error::ApiError;
use crate::clock::Stopwatch;
use crate::config::valid::Server;

/// Keys that one limiter remembers. An address costs about a hundred bytes, so this is a few megabytes.
const MAX_KEYS: usize = 65_536;
/// Requests between two looks at the number of keys; at most so many keys come in between.
const LOOK_EVERY: u32 = 4_096;

/// Time since the limiter was made. Wall time would do harm when it is stepped.
#[derive(Debug, Clone)]
struct SinceStart(Stopwatch);

impl LimiterClock for SinceStart {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        Nanos::from(self.0.elapsed())
    }
}

/// Both limits of the interface.
#[derive(Debug)]
pub struct Throttle {
    addresses: Option<Limiter<IpAddr, SinceStart>>,
    tokens: Option<Limiter<String, SinceStart>>,
}

impl Throttle {
    /// Limiters as `server` says.
    #[must_use]
    pub fn new(server: &Server) -> Self {
        let clock = SinceStart(Stopwatch::start());
        let quota = |per_second| Quota::per_second(per_second).allow_burst(server.burst);
        Self {
            addresses: server.per_address_per_s.map(|rate| Limiter::new(quota(rate), clock.clone())),
            tokens: server.per_token_per_s.map(|rate| Limiter::new(quota(rate), clock.clone())),
        }
    }

    /// Counts one request of `address`.
    ///
    /// # Errors
    /// [`ApiError::Busy`] with the seconds until the next request would be let in.
    pub fn address(&self, address: IpAddr) -> Result<(), ApiError> {
        let Some(limiter) = &self.addresses else { return Ok(()) };
        let why = "too many requests from this address";
        limiter.count(&network_of(address)).map_err(|retry_after_s| ApiError::Busy { why, retry_after_s })
    }

    /// Counts one request of the token called `name`.
    ///
    /// # Errors
    /// [`ApiError::Busy`] with the seconds until the next request would be let in.
    pub fn token(&self, name: &String) -> Result<(), ApiError> {
        let Some(limiter) = &self.tokens else { return Ok(()) };
        let why = "too many requests with this token";
        limiter.count(name).map_err(|retry_after_s| ApiError::Busy { why, retry_after_s })
    }
}

/// The part of an address that one customer of a network cannot change: all of IPv4, the first 64 bits of IPv6.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// One limiter with one state per key.
#[derive(Debug)]
struct Limiter<K: std::hash::Hash + Eq + Clone, C: LimiterClock> {
    buckets: RateLimiter<K, DashMapStateStore<K>, C, governor::middleware::NoOpMiddleware<C::Instant>>,
    clock: C,
    seen: AtomicU32,
}

impl<K: std::hash::Hash + Eq + Clone, C: LimiterClock + Clone> Limiter<K, C> {
    fn new(quota: Quota, clock: C) -> Self {
        let buckets = RateLimiter::dashmap_with_clock(quota, clock.clone());
        Self { buckets, clock, seen: AtomicU32::new(0) }
    }

    /// Counts one request; the error is the whole seconds to wait, at least 1.
    fn count(&self, key: &K) -> Result<(), u32> {
        if self.seen.fetch_add(1, Ordering::Relaxed) % LOOK_EVERY == LOOK_EVERY - 1 {
            self.forget();
        }
        self.buckets.check_key(key).map_err(|refused| {
            let wait = refused.wait_time_from(self.clock.now());
            u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1)
        })
    }

    /// Forgets every key whose state is as good as new once there are too many.
    ///
    /// A flood from ever new addresses can hold more than [`MAX_KEYS`] within the time a bucket needs to refill, but
    /// only as many as connections can be opened in that time: memory stays bounded by the rate of the flood.
    fn forget(&self) {
        if self.buckets.len() > MAX_KEYS {
            self.buckets.retain_recent();
            self.buckets.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    fn quota(per_second: u32, burst: u32) -> Quota {
        let number = |n| NonZeroU32::new(n).expect("not zero");
        Quota::per_second(number(per_second)).allow_burst(number(burst))
    }

    #[test]
    fn a_burst_is_let_in_then_the_long_run_rate_holds() {
        let clock = FakeRelativeClock::default();
        let limiter: Limiter<&str, _> = Limiter::new(quota(2, 4), clock.clone());
        assert_eq!((0..6).filter(|_| limiter.count(&"a").is_ok()).count(), 4);
        assert_eq!(limiter.count(&"a"), Err(1));
        assert_eq!(limiter.count(&"b"), Ok(()), "another key has its own bucket");
        clock.advance(Duration::from_secs(1));
        assert_eq!((0..6).filter(|_| limiter.count(&"a").is_ok()).count(), 2);
    }

    #[test]
    fn old_keys_are_forgotten() {
        let clock = FakeRelativeClock::default();
        let limiter: Limiter<usize, _> = Limiter::new(quota(1_000, 1), clock.clone());
        for key in 0..MAX_KEYS + 10_000 {
            clock.advance(Duration::from_millis(1));
            assert_eq!(limiter.count(&key), Ok(()));
        }
        assert!(limiter.buckets.len() <= MAX_KEYS + LOOK_EVERY as usize, "{}", limiter.buckets.len());
    }

    #[test]
    fn one_ipv6_network_is_one_caller() {
        let network = |text: &str| network_of(text.parse().expect("address"));
        assert_eq!(network("2001:db8:1:2:3::4"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("::ffff:10.0.0.1"), network("10.0.0.1"));
    }
}
