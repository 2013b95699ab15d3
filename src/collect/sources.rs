//! The sources, one file each behind the trait of [`crate::collect::source`].

pub mod calls;
pub mod otlp;
pub mod probe;
pub mod prometheus;
pub mod tail;
