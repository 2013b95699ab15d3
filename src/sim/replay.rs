//! Replays: the same past, the same demand and the same luck under different ways to pick a channel.
//!
//! | part | what it is |
//! |---|---|
//! | [`scene`] | everything that is the same for all: channels, what goes wrong, route classes, demand, the client |
//! | [`router`] | what picks channels, and what it is told: [`router::Router`] |
//! | [`deed`] | what is done to channels other than sending them calls, and what came of it |
//! | [`run`] | the event loop: arrivals, ends of calls, minutes and wake-ups in order of time |
//! | [`trail`] | what happened in a run |
//! | [`baseline`] | routers to compare with: fixed shares, round robin, LiteLLM's |
//! | [`truth`] | what calls may expect on each channel, drawn from the world with other luck |
//! | [`score`] | what a run is worth: harm, cost, time to leave and to come back |
//!
//! The world is simulated and says so wherever figures are printed. Everything here is pure: simulated time only, one
//! seed, and equal seeds give equal runs to the last bit. Call number n of a class meets the same luck on a channel
//! whoever sent it there, so that two routers differ by what they do and by nothing else.

pub mod baseline;
pub mod deed;
pub mod demand;
pub mod mix;
pub mod ours;
pub mod router;
pub mod run;
pub mod scene;
pub mod score;
#[cfg(test)]
mod toy;
pub mod trail;
pub mod truth;
