//! Facts for [`crate::chat`]: gathered from the running engine, or from a store beside it.

pub mod changes;
pub mod live;
pub mod look;
pub mod money;
pub mod outlook;
