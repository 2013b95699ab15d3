//! What a router has done to channels, other than sending them calls.

use crate::domain::time::Timestamp;

/// Something that is to be done about a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// Its name; unique in the run, and equal names meet equal luck.
    pub key: String,
    /// The channel, by its place in the scene.
    pub channel: usize,
    /// By what.
    pub means: Means,
}

/// By what something is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Means {
    /// A command of the scene.
    Command(String),
    /// Somebody else's program is told.
    Webhook,
    /// A person is called, comes when they can, and mends what can be mended.
    Person,
}

impl Means {
    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Command(name) => name,
            Self::Webhook => "webhook",
            Self::Person => "person",
        }
    }
}

/// What came of a deed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The deed.
    pub deed: Deed,
    /// When it began.
    pub began: Timestamp,
    /// When it ended.
    pub ended: Timestamp,
    /// Whether it went well, as far as whoever ordered it can tell.
    pub is_ok: bool,
    /// The faults that it ended, by the places of their spells on the channel.
    pub mended: Vec<usize>,
}
