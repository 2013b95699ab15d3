//! The write-ahead log: what was acknowledged but is not yet published.
//!
//! Limits and guarantees first.
//! - [`log::Log::append`] returns after one write and one `fdatasync`, however many frames it was given.
//! - A frame survives whole or not at all: it carries a CRC over its number and payload.
//! - A torn tail is cut back to the last good frame. Damage elsewhere is set aside in `quarantine/` and reported with
//!   file and offset; reading resumes at the next valid frame. Frames are numbered without gaps, so it is known which
//!   ones are missing.
//! - After a failed write or sync nothing is acknowledged before the log was cut back to what had been acknowledged,
//!   and the next frame goes to a new file: what the kernel did to the pages of the old one no longer matters.
//! - A frame has at most [`frame::MAX_PAYLOAD`] bytes.
//!
//! The log is always local; published data lives in the object store.

pub mod codec;
pub mod frame;
pub mod log;
pub mod segment;
