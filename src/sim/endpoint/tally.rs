//! Counting what an endpoint serves, and who is being served.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::sim::endpoint::Channel;
use crate::sim::world::{Ask, Reply};

/// What an endpoint has served: the other side of the ledger to what a collector has been told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// Chat requests that reached the channel.
    pub calls: u64,
    /// Of these: answered with 429.
    pub throttled: u64,
    /// Of these: answered with 5xx.
    pub failed: u64,
    /// Prompt tokens of the answered ones, cached ones included.
    pub tokens_prompt: u64,
    /// Completion tokens.
    pub tokens_completion: u64,
    /// Prompt tokens that came from the cache.
    pub tokens_cached: u64,
}

/// A [`Tally`] that connections add to side by side. Each number is exact; together they are one instant's view only
/// when no call is being served.
#[derive(Debug, Default)]
pub(super) struct Counts {
    calls: AtomicU64,
    throttled: AtomicU64,
    failed: AtomicU64,
    tokens_prompt: AtomicU64,
    tokens_completion: AtomicU64,
    tokens_cached: AtomicU64,
}

impl Counts {
    pub(super) fn record(&self, ask: &Ask, reply: &Reply) {
        let add = |counter: &AtomicU64, n: u32| counter.fetch_add(u64::from(n), Ordering::Relaxed);
        add(&self.calls, 1);
        match reply {
            Reply::Refusal(refusal) if refusal.status == 429 => add(&self.throttled, 1),
            Reply::Refusal(_) => add(&self.failed, 1),
            Reply::Answer(answer) => {
                add(&self.tokens_prompt, ask.prompt_tokens);
                add(&self.tokens_cached, answer.cached_tokens);
                add(&self.tokens_completion, answer.completion_tokens)
            }
        };
    }

    pub(super) fn read(&self) -> Tally {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Tally {
            calls: get(&self.calls),
            throttled: get(&self.throttled),
            failed: get(&self.failed),
            tokens_prompt: get(&self.tokens_prompt),
            tokens_completion: get(&self.tokens_completion),
            tokens_cached: get(&self.tokens_cached),
        }
    }
}

/// A place among the requests in flight, given back when the response is done or its caller is gone.
#[derive(Debug)]
pub(super) struct Place {
    /// The channel that serves it.
    pub(super) channel: Arc<Channel>,
    /// Requests that were in flight before this one.
    pub(super) before: u32,
}

impl Place {
    pub(super) fn take(channel: Arc<Channel>) -> Self {
        let before = channel.in_flight.fetch_add(1, Ordering::Relaxed);
        Self { channel, before }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.channel.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}
