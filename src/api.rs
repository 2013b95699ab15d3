//! The HTTP interface: JSON under `/v1`, health, metrics, and a page that documents it.
//!
//! A handler extracts what was asked, hands it to the engine or to the store's queries, and shapes the answer. It
//! decides nothing about data: what is late, what counts twice and what is durable is the engine's business.
//!
//! Where to start reading: [`router`] lists every resource, [`error`] every way to fail, [`settings`] every limit.
//!
//! # What a request passes, from the outside in
//! 1. [`serve()`]: a limit on [`connections`], TLS, a time limit for headers, a limit on the head's size.
//! 2. [`layers::observe`]: metrics, security headers; a panic becomes a problem document.
//! 3. [`layers::in_time`]: a time limit for the request as a whole.
//! 4. [`layers::guard`]: rate limit of the address, the token and its role, rate limit of the token.
//! 5. The handler, with bodies received by [`body`] within size, time and memory.

pub mod ask;
pub mod auth;
pub mod body;
pub mod budget;
pub mod chat;
pub mod connections;
pub mod dashboard;
pub mod error;
pub mod gauges;
pub mod layers;
pub mod openapi;
pub mod params;
pub mod report;
pub mod routes;
pub mod series;
pub mod serve;
pub mod settings;
pub mod slack;
pub mod state;
pub mod throttle;
pub mod tls;

pub use routes::router;
pub use serve::serve;
pub use settings::Settings;
pub use state::ApiState;
