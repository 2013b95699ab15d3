//! L2: what is promised, how much of it is used up, and how likely it is to be broken soon.
//!
//! Everything here is pure: counts, forecasts and verdicts in, numbers out; `now` is an argument.
//!
//! - [`objective::Objective`] is what a route class promises; [`budget::Budget`] counts what was kept of one promise, and
//!   [`burn`] says by several windows at once whether what may fail is used up too fast.
//! - [`chance`] turns forecasts of the measures behind the promises into the probability that one is broken within 5, 15
//!   and 60 minutes, by the first passage of a correlated path over its limit ([`passage`]).
//! - [`outlook::Outlook`] adds the surprise, the present state and the load, calibrates on what came true ([`logistic`], then
//!   [`isotonic`]), and keeps score of itself as one does of probabilities: Brier score and reliability
//!   ([`reliability`]), and how long before the harm a warning stood ([`lead`]).
//!
//! What was said, and what came true, is a row of the table `risks` ([`rows`]).

pub mod budget;
pub mod burn;
pub mod chance;
pub mod isotonic;
pub mod lead;
pub mod logistic;
pub mod objective;
pub mod outlook;
pub mod passage;
pub mod reliability;
pub mod rows;

mod pending;
