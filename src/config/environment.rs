//! The one place that reads the environment.

/// The environment variable `name`; `None` if it is not set or is not UTF-8.
pub(super) fn variable(name: &str) -> Option<String> {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    std::env::var(name).ok()
}

/// Whether the user asked every program for plain text (`NO_COLOR`, see <https://no-color.org>).
#[must_use]
pub fn no_color() -> bool {
    variable("NO_COLOR").is_some_and(|value| !value.is_empty())
}

/// The token with which commands ask a server (`FOREROUTE_TOKEN`).
#[must_use]
pub fn token() -> Option<String> {
    variable("FOREROUTE_TOKEN")
}

/// The name of the user who runs the program (`USER`).
#[must_use]
pub fn user() -> Option<String> {
    variable("USER")
}
