//! Routers to compare with.
//!
//! | router | what it does |
//! |---|---|
//! | [`fixed::Fixed`] | fixed shares, as weights in a proxy's configuration; tries again elsewhere |
//! | [`round_robin::RoundRobin`] | each channel in turn |
//! | [`litellm::LiteLlm`] | LiteLLM's `simple-shuffle` and `latency-based-routing`, both with its cooldown |
//! | [`cheapest::Cheapest`] | the cheapest fixed shares that would have kept the promises in the past |
//! | [`oracle::Oracle`] | knows what a call may expect on each channel at each instant |
//!
//! None but the oracle looks ahead.

pub mod cheapest;
pub mod fixed;
pub mod litellm;
pub mod oracle;
pub mod round_robin;
