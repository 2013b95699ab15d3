//! `foreroute.toml`: read once, checked as a whole, turned into types that cannot hold a wrong value.
//!
//! The way of a file: text -> a document that remembers positions ([`document`]) -> compared with the published JSON
//! Schema ([`shape`]: unknown keys, wrong types) -> [`raw`] settings as written -> [`valid`] settings as meant.
//! Every step collects all of its problems, each with line, column and key path, so that one run of `check-config`
//! tells everything. The schema that editors use is the schema that is enforced: there is no second list of keys.
//!
//! Secrets come from the environment or from files only, and nothing else is taken from the environment. This is the
//! only module of the program that reads it.
//!
#![doc = include_str!("docs/configuration.md")]

mod check;
mod document;
pub mod elements;
pub mod environment;
mod load;
mod problem;
mod raw;
mod schema;
mod shape;
pub mod valid;

pub use environment::no_color;
pub use load::{Checked, DEFAULT_FILE, check_file, check_rules, load, load_without_secrets, parse, parse_rules};
pub use problem::{ConfigError, Problem};
pub use schema::{rules_schema_text, schema_text};
pub use valid::Config;
