//! What the program tells about itself: logs, and metrics under the names of [`names`].

pub mod logging;
pub mod names;
pub mod page;
pub mod recorder;
