//! L3: which channel should carry which share of a route class, and why.
//!
//! Everything here is pure: a [`input::PolicyInput`] in, a [`plan::Plan`] and a [`report::Report`] out; `now` is part of
//! the input. Nothing here acts: a plan that was checked becomes a [`decision::Decision`] where it is adopted.
//!
//! [`planner`] makes the plan of an instant by a linear programme; [`steering`] decides over time which plans are worth a
//! change, and how fast; [`check`] vets what comes out, knowing neither. [`pareto`] shows what other mixes would cost.
//!
//! [`authority`] says what may be done by itself and what waits for people; [`healing`] runs playbooks; [`worth`] measures what
//! decisions were worth.
//!
//! Two lanes ask the same planner. Each minute forecasts, risks and incidents are new; and whenever the fast lane
//! ([`fast`]) sees a channel fail or recover, the plan is made again at once.

pub mod authority;
pub mod check;
pub mod decision;
pub mod fast;
pub mod healing;
pub mod input;
pub mod pareto;
pub mod plan;
pub mod planner;
pub mod report;
pub mod steering;
pub mod work;
pub mod worth;

#[cfg(test)]
mod fixtures;
mod offer;
mod programme;
pub mod rows;
