//! A parameter that is out of its range.

use thiserror::Error;

/// A parameter outside its range, named.
#[derive(Debug, Clone, PartialEq, Error)]
#[error("{parameter} must be {needed}, is {found}")]
pub struct ParameterError {
    /// The parameter's name.
    pub parameter: &'static str,
    /// Its range in words.
    pub needed: &'static str,
    /// What was given.
    pub found: String,
}

impl ParameterError {
    /// Refuses `found` for `parameter` unless `holds`.
    ///
    /// # Errors
    /// The parameter, what it needs and what was found.
    pub fn unless(
        holds: bool,
        parameter: &'static str,
        needed: &'static str,
        found: &impl ToString,
    ) -> Result<(), Self> {
        if holds { Ok(()) } else { Err(Self { parameter, needed, found: found.to_string() }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_the_parameter() {
        let error = ParameterError::unless(false, "depth", "at least 1", &0).expect_err("refused");
        assert_eq!(error.to_string(), "depth must be at least 1, is 0");
        assert_eq!(ParameterError::unless(true, "depth", "at least 1", &1), Ok(()));
    }
}
