//! Exit codes, the same for every command, and the error that carries one.

use std::process::ExitCode;

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

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
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

    /// A failure with `exit` that explains `error` and what caused it, outermost first.
    #[must_use]
    pub fn from_error(exit: Exit, error: &dyn std::error::Error) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            message.push_str(": ");
            message.push_str(&inner.to_string());
            cause = inner.source();
        }
        Self { exit, message }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot read the catalog")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn a_failure_tells_the_whole_chain_once() {
        let error = Outer(std::io::Error::other("disk is gone"));
        assert_eq!(Failure::from_error(Exit::Partial, &error).message, "cannot read the catalog: disk is gone");
    }
}
