//! Samples and gauges on disk: write-ahead log, Parquet files, catalog, queries.

pub mod parquet;
pub mod query;
pub mod schema;
pub mod wal;
