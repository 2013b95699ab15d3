//! L0: the words of the product as types. No I/O, no clock, no async.
//!
//! Start with [`call::Call`] (one request), [`sample::Sample`] (one channel's minute) and
//! [`column::Column`] (what a sample shows to SQL, the API and the CLI).

pub mod batch;
pub mod call;
pub mod column;
pub mod gauge;
pub mod ids;
pub mod language;
pub mod parameter;
pub mod price;
pub mod record;
pub mod sample;
pub mod series;
pub mod tally;
pub mod target;
pub mod time;
pub mod units;
