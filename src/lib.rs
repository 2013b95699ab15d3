//! Foreroute keeps LLM and agent traffic on healthy, affordable channels before anything breaks.
//!
//! This page is the map of the house. Read the layers from the inside out; an arrow always points inwards.
//!
//! | layer | modules | what it may know |
//! |---|---|---|
//! | L0 words and kernels | [`domain`], [`stats`] | nothing: plain values, no I/O, no clock, no async |
//! | L1 models | [`forecast`], [`anomaly`] | L0, and `anomaly` what was forecast; pure: slices in, values out |
//! | L2 conclusions | [`incident`], [`risk`], [`alert`] | L0, what L1 says, and `alert` how grave incidents are; pure as well |
//! | L3 policy | [`policy`] | L0 and L2; who should carry what, and why; pure |
//! | reports | [`report`] | L0 to L3; what is told of a day and of a fortnight; pure |
//! | answers | [`chat`] | L0 and L3; phrases in, answers out; pure |
//! | shell | [`config`], [`telemetry`], [`clock`], [`collect`], [`store`], [`act`] | L0; of each other only `telemetry`, `collect` and `act` the clock, and `act` what L2 has to tell and how Slack writes |
//! | wiring | [`engine`] | all of the above; owns the truth while the program runs |
//! | doors | [`api`], [`cli`] | `api` talks to the engine and the store's queries; `cli` to everything |
//! | worlds | [`sim`] | simulated channels for the demo, for replays and for tests; named by `cli` only |
//! | notes | [`docs`] | decisions, and the known gaps |
//!
//! The test `tests/it/layers.rs` reads every `use crate::` line and keeps the arrows true.
//!
//! # The path of a call
//! A source in [`collect`] parses bytes into a [`domain::batch::Batch`]. The [`engine`] appends the batch to the
//! write-ahead log of the [`store`], syncs, acknowledges, and applies it to the minute accumulator. When a minute is
//! complete it is published to Parquet through an atomic catalog change. Queries read the catalog's files plus the
//! minutes still in memory.
//!
//! # Promises
//! 1. An acknowledged batch is on disk, is counted once, and is counted whole.
//! 2. The order of calls within a minute does not matter.
//! 3. Percentiles over any span come from merged sketches.
//! 4. A minute nobody watched is a gap, not a zero.
//! 5. Nothing reads the clock but [`clock`]; nothing reads the environment but [`config`].

pub mod act;
pub mod alert;
pub mod anomaly;
pub mod api;
pub mod chat;
pub mod cli;
pub mod clock;
pub mod collect;
pub mod config;
pub mod docs;
pub mod domain;
pub mod engine;
pub mod forecast;
pub mod incident;
pub mod policy;
pub mod report;
pub mod risk;
pub mod sim;
pub mod stats;
pub mod store;
pub mod telemetry;
