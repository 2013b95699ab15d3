//! Exit codes, the same for every command, and the error that carries one.

/// How a command ended. The numbers are a contract with scripts and cron.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All of the work is done.
    Done = 0,
    /// The configuration or the arguments are wrong; nothing was done.
    Usage = 1,
    /// Some of the work failed.
    Partial = 2,
    /// The time limit was reached.
    TimedOut = 3,
    /// Refused by policy or authorisation.
    Refused = 4,
}

/// Why a command did not end with [`Exit::Done`]: the code for scripts, the sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What happened and what to do about it.
    pub message: String,
}

impl Failure {
    /// A failure with `exit` and its explanation.
    #[must_use]
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }
}
