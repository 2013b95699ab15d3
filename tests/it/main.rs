//! The one integration binary: every module is a topic, so that the tree is linked once.
#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on should say why and stop")]

mod alerting;
mod authority;
mod bad_input;
mod chatting;
mod cli;
mod config;
mod content;
mod crash;
mod deciding;
mod delivering;
mod demo;
mod detecting;
mod faults;
mod forecasting;
mod forecasts;
mod guides;
mod healing;
mod high_risk;
mod history;
mod http;
mod import;
mod incidents;
mod layers;
mod notebooks;
mod otel;
mod packaging;
mod readers;
mod reports;
mod scenarios;
mod site;
mod telemetry;
mod trouble;
mod work;
mod world;
