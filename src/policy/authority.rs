//! Who may say yes: what the engine may do by itself, what waits for people, and when it loses that right.
//!
//! | mode | decisions | deliveries and playbooks |
//! |---|---|---|
//! | [`Mode::Observe`] | none | none |
//! | [`Mode::Advise`] | made and told to whoever asks | none |
//! | [`Mode::Approve`] | each change waits for a person, or for two | after a yes |
//! | [`Mode::Auto`] | made and told | by itself |
//!
//! A [`proposal::Proposal`] is a change that waits; [`conduct::Conduct`] counts the decisions that did harm, and takes the
//! engine back to advice when there are too many.

pub mod conduct;
pub mod proposal;

use serde::{Deserialize, Serialize};

/// What the engine may do about a route class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It watches and decides nothing.
    Observe,
    /// It decides and says so; whoever routes is free to follow.
    #[default]
    Advise,
    /// Each change waits for a person.
    Approve,
    /// It decides, delivers and heals by itself.
    Auto,
}

impl Mode {
    /// Every mode, from the least to the most that may be done.
    pub const ALL: [Self; 4] = [Self::Observe, Self::Advise, Self::Approve, Self::Auto];

    /// The name in files, tables and the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Observe => "observe",
            Self::Advise => "advise",
            Self::Approve => "approve",
            Self::Auto => "auto",
        }
    }

    /// The mode called `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }

    /// Whether what is decided is carried out: delivered to orchestrators, and healed.
    #[must_use]
    pub const fn acts(self) -> bool {
        matches!(self, Self::Approve | Self::Auto)
    }
}
