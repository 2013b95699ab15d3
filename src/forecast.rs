//! L1: what a series will do next, and how sure that is.
//!
//! Everything here is pure: slices in, forecasts out, no clock and no I/O. Time enters as the start of a history,
//! chance as a seed.
//!
//! - [`history::History`] is what a model sees: a regular, gap-aware stretch of one series.
//! - [`model::Fit`] turns a history into a fitted [`model::Predict`], which is then updated once a step in O(1) and
//!   asked for the path ahead. A fitted model is saved as one [`saved::Saved`] value and restored bit for bit.
//! - [`output::Forecast`] is what people and the planner read: mean and quantiles for each step ahead.

pub mod aggregate;
pub mod align;
pub mod arima;
pub mod backtest;
pub mod band;
pub mod budget;
pub mod catalogue;
pub mod champion;
#[cfg(test)]
mod classics;
pub mod combine;
pub mod decompose;
pub mod ets;
pub mod global;
pub mod history;
pub mod holt_winters;
pub mod interval;
pub mod lag_ridge;
pub mod live;
pub mod marginal;
pub mod measure;
pub mod model;
pub mod mstl;
pub mod naive;
pub mod output;
pub mod paths;
pub mod profile;
pub mod saved;
pub mod scale;
pub mod season;
pub mod select;
pub mod shift;
pub mod standard;
pub mod structural;
pub mod taylor;
pub mod theta;
pub mod unit;
