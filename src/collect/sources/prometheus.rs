//! Scrapes of Prometheus text pages: counters become partial minutes of channels.

pub mod mapping;
pub mod presets;
pub mod text;
