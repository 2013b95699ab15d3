//! Routers to compare with.
//!
//! | router | what it does |
//! |---|---|
//! | [`fixed::Fixed`] | fixed shares, as weights in a proxy's configuration; tries again elsewhere |
//! | [`round_robin::RoundRobin`] | each channel in turn |
//! | [`litellm::LiteLlm`] | LiteLLM's `simple-shuffle` and `latency-based-routing`, both with its cooldown |
//!
//! None of them looks ahead.

pub mod fixed;
pub mod litellm;
pub mod round_robin;
