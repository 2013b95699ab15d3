//! What is told of a span of time: how promises were kept, what decisions were worth, and what it all cost.
//!
//! Pure: the engine gathers [`facts`] and [`figures`], from which [`finding`] sees what to look at. [`words`] makes a
//! [`document`] of them in English or Korean, and [`markdown`] or [`html`] writes it, with the curves of [`chart`].

pub mod chart;
pub mod document;
pub mod facts;
pub mod figures;
pub mod finding;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod html;
pub mod markdown;
mod shown;
pub mod words;
