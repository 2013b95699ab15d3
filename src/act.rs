//! Shell: what is done in the world: telling people, having orchestrators do what was decided ([`adapters`]), and running
//! commands that operators allow ([`command`]).
//!
//! A [`receiver::Receiver`] turns an [`crate::alert::notice::Notice`] into the request that is understood at its address:
//! [`webhook`] our own JSON, [`slack`] the form of Slack's incoming webhooks, [`alertmanager`] that of Prometheus'
//! Alertmanager. A [`courier::Courier`] brings the request there, in bounded time and with few tries. Addresses, tokens
//! and keys are secrets: nothing here prints them.

pub mod adapters;
pub mod alertmanager;
pub mod command;
pub mod courier;
pub mod receiver;
pub mod report;
pub mod sign;
pub mod slack;
pub mod webhook;
