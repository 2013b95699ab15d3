//! L2: what people asked to be told of, and telling them once.
//!
//! Everything here is pure: values and instants in, notices out; no clock and no delivery.
//!
//! A [`rule::Rule`] puts a condition on a series. [`life::Alerts`] follows every series of every rule from its first
//! breach to its end. What begins and ends is heard by a [`notice::Notifier`], which groups, waits, repeats and leaves
//! out what a [`silence::Silences`] covers, and says when it wants to be asked again.

pub mod life;
pub mod notice;
pub mod rule;
pub mod silence;
