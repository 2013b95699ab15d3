//! What can be done about channels in trouble, and what it brings.

use crate::policy::healing::healer::Setting;
use crate::sim::world::person;
use crate::stats::seed::Seed;

/// What a fault can be ended by before its time. People can end every fault that has a remedy.
#[derive(Debug, Clone, PartialEq)]
pub struct Remedy {
    /// Which of the channel's spells it is for, by its place.
    pub spell: usize,
    /// The command that may end it; `None` if only people can.
    pub by: Option<String>,
    /// Probability that one run of the command ends it, 0 ..= 1.
    pub helps: f64,
}

/// A command that playbooks may run.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    /// Its name.
    pub name: String,
    /// Seconds that one run takes, and until what it can end is ended.
    pub takes_s: f64,
    /// Seconds of these, from the beginning, in which the channel refuses all calls: a restarted process is away at first.
    pub down_s: f64,
    /// Probability that a run fails and does nothing, 0 ..= 1.
    pub fails: f64,
    /// Probability that a run which did not help says so by its exit code, 0 ..= 1.
    pub tells: f64,
}

/// The webhooks of playbooks, which change nothing in the world.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Webhooks {
    /// Seconds until one is delivered.
    pub takes_s: f64,
    /// Probability that one try fails, 0 ..= 1.
    pub fails: f64,
}

impl Default for Webhooks {
    /// A fifth of a second, and one in fifty fails.
    fn default() -> Self {
        Self { takes_s: 0.2, fails: 0.02 }
    }
}

/// What can be done about channels in trouble.
#[derive(Debug, Clone, PartialEq)]
pub struct Care {
    /// The playbooks, with their budget; none if `None`.
    pub playbooks: Option<Setting>,
    /// The commands that there are.
    pub commands: Vec<Command>,
    /// How webhooks fare.
    pub webhooks: Webhooks,
    /// The time that people take, as a multiple of what [`person`] draws.
    pub person_times: f64,
}

impl Default for Care {
    /// No playbooks, no commands, and people as the law has them.
    fn default() -> Self {
        Self { playbooks: None, commands: Vec::new(), webhooks: Webhooks::default(), person_times: 1.0 }
    }
}

impl Care {
    /// Seconds that a person takes from an alert to a fix, drawn by `luck`.
    #[must_use]
    pub fn person_s(&self, luck: Seed) -> f64 {
        person::minutes(luck) * 60.0 * self.person_times
    }
}
