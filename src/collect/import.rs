//! Backfill: files of calls or of whole minutes, read row by row and made into minutes.
//!
//! The way of a row: [`read`] turns CSV, JSONL or Parquet into [`cell::Cell`]s, a [`mapping::Mapping`] says which
//! column feeds which field (a [`preset`] is nothing but a ready-made mapping), [`row`] makes a call, a minute or a
//! rejected row of it, and [`fold`] gathers minutes until they can be published.
//!
//! Everything but [`read`] is plain computing on values; publishing and remembering how far an import got is the
//! engine's work.

pub mod cell;
pub mod fold;
pub mod mapping;
pub mod preset;
pub mod read;
pub mod row;
