//! What is told of a span of time: how promises were kept, what decisions were worth, and what it all cost.
//!
//! Pure: the engine gathers [`facts`], and here they become words and pictures.

pub mod facts;
