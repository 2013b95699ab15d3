//! L1: how odd the newest minute is, and why.
//!
//! Everything here is pure and streams: one value in, one judgement out, at a bounded cost each minute.
//!
//! 1. A [`detector::Detector`] compares a value with what it expected from the past alone, says how far off it is
//!    ([`detector::Reading`]) and learns it. Detectors measure in units of their own.
//! 2. A tail turns readings into probabilities: how rarely was the series this odd while it was healthy?
//! 3. The probabilities of all detectors are fused into one score, the votes are kept, and the controls of operators
//!    have their say: the outcome is a [`verdict::Verdict`].
//!
//! [`forest`] looks at many values of a channel at once, the row of [`features`].
pub mod bounds;
pub mod catalogue;
pub mod change;
pub mod channel;
pub mod controls;
pub mod counts;
pub mod detector;
pub mod features;
pub mod forest;
pub mod fuse;
pub mod iqr;
pub mod level;
pub mod peers;
pub mod rolling;
pub mod saved;
pub mod seasonal;
pub mod series;
pub mod spot;
mod spread;
pub mod surprise;
pub mod sustained;
pub mod tail;
pub mod verdict;
pub mod voice;
pub mod zscore;
